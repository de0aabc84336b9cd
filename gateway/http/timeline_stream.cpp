// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/timeline_stream.hpp"

#include "gateway/http/call_json.hpp"
#include "gateway/net/ascii.hpp"

#include <algorithm>
#include <ranges>

namespace gw::http {
namespace {

namespace asio = boost::asio;

// A piece is held until the reader has taken it, and a row may hold a body of some KiB.
constexpr std::size_t rows_per_piece = 32;
// The first piece: shows at once that the stream is open, and how soon to come back when it breaks.
constexpr std::string_view greeting = "retry: 2000\n\n";
constexpr std::string_view heartbeat = ": still here\n\n";

constexpr std::chrono::seconds look_for_the_end{1};

// A line break would end the field. In JSON as received it can only stand between values.
void append_one_line(std::string& out, std::string_view text) {
    for (const char c : text) {
        out += c == '\n' || c == '\r' ? ' ' : c;
    }
}

class TimelineStream final : public net::BodySource {
public:
    explicit TimelineStream(TimelineStreamParts parts)
        : parts_(std::move(parts)), heartbeat_at_(parts_.clock.mono() + stream_heartbeat) {}

    asio::awaitable<std::optional<std::string>> next() override {
        if (!greeted_) {
            greeted_ = true;
            co_return std::string(greeting);
        }
        while (!stopped_) {
            // Before reading: when it is over now, what we read is all there is.
            const app::CallLife life = parts_.life();
            if (!parts_.allowed()) {
                break;
            }
            auto rows = co_await parts_.read(parts_.after_seq, rows_per_piece);
            if (!rows || stopped_) {
                break;
            }
            if (!rows->empty()) {
                co_return piece_of(*rows);
            }
            if (is_done(life)) {
                break;
            }
            // When the call ended is known elsewhere: looked at now and then.
            const MonoTime again = late_until_ == MonoTime::max()
                                       ? MonoTime::max()
                                       : parts_.clock.mono() + look_for_the_end;
            const MonoTime until = std::min({heartbeat_at_, late_until_, again});
            co_await parts_.place->wait(until);
            if (!stopped_ && parts_.clock.mono() >= heartbeat_at_) {
                heartbeat_at_ = parts_.clock.mono() + stream_heartbeat;
                co_return std::string(heartbeat);
            }
        }
        co_return std::nullopt;
    }

    void stop() noexcept override {
        stopped_ = true;
        parts_.place->wake();
    }

private:
    std::string piece_of(const std::vector<ports::TimelineRow>& rows) {
        std::string piece;
        for (const ports::TimelineRow& row : rows) {
            piece += to_server_sent_event(row);
        }
        parts_.after_seq = rows.back().seq;
        heartbeat_at_ = parts_.clock.mono() + stream_heartbeat;
        return piece;
    }

    bool is_done(app::CallLife life) {
        if (life == app::CallLife::over) {
            return true;
        }
        if (life == app::CallLife::ended && late_until_ == MonoTime::max()) {
            late_until_ = parts_.clock.mono() + app::late_rows;
        }
        return parts_.clock.mono() >= late_until_;
    }

    TimelineStreamParts parts_;
    MonoTime heartbeat_at_;
    MonoTime late_until_ = MonoTime::max();
    bool greeted_ = false;
    bool stopped_ = false;
};

// "q=0", with up to three more noughts: not wanted at all.
bool is_refused(std::string_view parameters) {
    for (const auto part : std::views::split(parameters, ';')) {
        const std::string_view parameter = net::trim_ows({part.begin(), part.end()});
        if (parameter.size() >= 3 && (parameter[0] == 'q' || parameter[0] == 'Q') &&
            parameter[1] == '=') {
            return parameter.find_first_not_of("0.", 2) == std::string_view::npos;
        }
    }
    return false;
}

}  // namespace

std::shared_ptr<net::BodySource> make_timeline_stream(TimelineStreamParts parts) {
    return std::make_shared<TimelineStream>(std::move(parts));
}

std::string to_server_sent_event(const ports::TimelineRow& row) {
    std::string out = "id: " + std::to_string(row.seq) + "\nevent: ";
    append_one_line(out, row.kind);
    out += "\ndata: ";
    append_one_line(out, to_json(row));
    return out + "\n\n";
}

bool accepts_event_stream(const net::Headers& headers) {
    for (const net::Header& field : headers) {
        if (!net::ascii_iequals(field.name, "accept")) {
            continue;
        }
        std::string_view rest = field.value;
        while (!rest.empty()) {
            const std::size_t comma = rest.find(',');
            std::string_view range = rest.substr(0, comma);
            rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
            const std::size_t semicolon = range.find(';');
            if (net::ascii_iequals(net::trim_ows(range.substr(0, semicolon)),
                                   "text/event-stream") &&
                (semicolon == std::string_view::npos || !is_refused(range.substr(semicolon + 1)))) {
                return true;
            }
        }
    }
    return false;
}

}  // namespace gw::http
