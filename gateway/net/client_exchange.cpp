// SPDX-License-Identifier: Apache-2.0
#include "gateway/net/client_exchange.hpp"

#include "gateway/net/ascii.hpp"
#include "gateway/net/message_parser.hpp"
#include "gateway/net/tokens.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>

#include <array>
#include <optional>

namespace gw::net {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

constexpr std::size_t read_bytes = 8 * 1024;
constexpr std::uint32_t header_bytes_max = 16 * 1024;
constexpr std::size_t fields_max = 200;
constexpr int interim_responses_max = 8;

// Reads one response out of the connection's buffer, step by step.
class ResponseReader {
public:
    explicit ResponseReader(const ClientRequest& request) : request_(request) { start(); }

    enum class Step : std::uint8_t { more, done, failed };
    // Takes what it can from `buffer`.
    Step take(ReadBuffer& buffer);
    // The peer has ended its direction: cleanly (a TLS close_notify, a FIN) or not.
    Step take_end(bool clean);

    [[nodiscard]] bool at_header() const {
        return parser_->is_header_done() && response.status >= 200;
    }
    [[nodiscard]] bool keep_alive() const { return parser_->is_done() && parser_->keep_alive(); }

    ClientResponse response;
    Error failure;

private:
    void start();
    Step fail(Errc code, std::string why) {
        failure = Error(code, std::move(why));
        return Step::failed;
    }
    [[nodiscard]] bool plain_framing() const;

    const ClientRequest& request_;
    std::optional<MessageParser<false>> parser_;
    int interims_ = 0;
};

void ResponseReader::start() {
    response = ClientResponse();
    parser_.emplace(response.headers, response.body, fields_max);
    parser_->header_limit(header_bytes_max);
    parser_->body_limit(boost::none);
    parser_->skip(request_.method == "HEAD");
}

// Beast reads the last coding only; with another before it the body would not be what was meant.
bool ResponseReader::plain_framing() const {
    const auto coding = response.headers.find("transfer-encoding");
    return !coding ||
           (response.headers.count("transfer-encoding") == 1 && ascii_iequals(*coding, "chunked"));
}

ResponseReader::Step ResponseReader::take(ReadBuffer& buffer) {
    while (!buffer.empty()) {
        const bool before_body = !parser_->is_header_done();
        error_code bad;
        const std::string_view data = buffer.data();
        const std::size_t used = parser_->put(asio::buffer(data.data(), data.size()), bad);
        buffer.consume(used);
        response.status = parser_->status();
        // The parser judges lengths that are declared; this judges what came.
        if (response.body.size() > request_.response_bytes_max) {
            return fail(Errc::too_large, "response body");
        }
        if (bad == http::error::need_more) {
            // What is left is a header line, chunk header or trailer without an end.
            return buffer.size() > header_bytes_max ? fail(Errc::protocol, "header block too large")
                                                    : Step::more;
        }
        if (bad == http::error::body_limit) {
            return fail(Errc::too_large, "response body");
        }
        if (bad) {
            return fail(Errc::protocol, bad.message());
        }
        if (before_body && parser_->is_header_done()) {
            if (response.status == 101 || !plain_framing()) {
                return fail(Errc::protocol,
                            "response with an upgrade or an unknown transfer coding");
            }
            if (response.status < 200) {
                if (++interims_ > interim_responses_max) {
                    return fail(Errc::protocol, "too many interim responses");
                }
                start();
                continue;
            }
            if (!request_.decide_at_header) {
                const auto length = parser_->content_length();
                if (length && *length > request_.response_bytes_max && request_.method != "HEAD") {
                    return fail(Errc::too_large, "response body");
                }
                parser_->body_limit(request_.response_bytes_max);
            }
            parser_->eager(true);
        }
        if (parser_->is_done()) {
            return Step::done;
        }
    }
    return Step::more;
}

ResponseReader::Step ResponseReader::take_end(bool clean) {
    if (clean && at_header() && parser_->need_eof()) {
        error_code bad;
        parser_->put_eof(bad);
        if (!bad) {
            return Step::done;
        }
    }
    return fail(Errc::reset, "the peer closed in the middle of the response");
}

// `begun` becomes true with the first bytes that the peer may read. Over TLS a write that fails has
// sent at most a part of its record, and nobody can read a part.
asio::awaitable<error_code> write_request(AnyStream& stream, std::string_view head,
                                          std::string_view body, bool& begun) {
    std::array<asio::const_buffer, 2> parts{asio::buffer(head.data(), head.size()),
                                            asio::buffer(body.data(), body.size())};
    while (parts[0].size() + parts[1].size() != 0) {
        const auto [failed, sent] = co_await stream.async_write_some(parts, as_result);
        if (failed) {
            co_return failed;
        }
        begun = true;
        const std::size_t of_first = std::min(sent, parts[0].size());
        parts[0] += of_first;
        parts[1] += sent - of_first;
    }
    co_return error_code();
}

bool is_abort(const error_code& failed) {
    return failed == asio::error::operation_aborted;
}

}  // namespace

asio::awaitable<ExchangeOutcome> exchange(ClientConnection& connection, const std::string& head,
                                          const ClientRequest& request, Watch& watch) {
    using Step = ResponseReader::Step;
    AnyStream& stream = connection.stream;
    const Watch::Abort abort(watch, [&stream] { stream.close(); });
    ResponseReader reader(request);
    ExchangeOutcome outcome{Error(Errc::reset, "no response"), false, false, false};

    // A peer may answer and close before it has read everything: the answer counts, so a failed
    // write is no failure yet.
    bool begun = false;
    const error_code not_written = co_await write_request(stream, head, request.body, begun);
    bool heard = false;
    bool decided = false;
    Step step = is_abort(not_written) ? Step::failed : Step::more;
    reader.failure = Error(Errc::canceled, "sending the request");
    while (step == Step::more && !watch.cut()) {
        const auto [failed, bytes] =
            co_await stream.async_read_some(connection.buffer.room(read_bytes), as_result);
        connection.buffer.commit(bytes);
        heard = heard || bytes != 0;
        if (!failed) {
            step = reader.take(connection.buffer);
            if (step == Step::more && request.decide_at_header && reader.at_header() && !decided) {
                decided = true;  // the rest is a courtesy to the connection
                watch.begin_stage(request.body_patience);
            }
        } else if (is_abort(failed)) {
            reader.failure = Error(Errc::canceled, "waiting for the response");
            step = Step::failed;
        } else {
            step = reader.take_end(failed == asio::error::eof);
            outcome.unheard = !heard;
            outcome.unsent = !heard && !begun;
        }
    }
    if (step != Step::done && reader.at_header() && request.decide_at_header) {
        // The answer was complete at its header block; this is what came of the body.
        reader.response.body.resize(
            std::min(reader.response.body.size(), request.response_bytes_max));
        outcome.response = std::move(reader.response);
    } else if (watch.cut() && step != Step::done) {
        outcome.response = Error(*watch.cut(), "exchange cut");
        outcome.unheard = false;
        outcome.unsent = false;
    } else if (step == Step::failed) {
        outcome.response = reader.failure;
    } else {
        outcome.response = std::move(reader.response);
        outcome.reusable = !not_written && reader.keep_alive() && connection.buffer.empty();
    }
    co_return outcome;
}

}  // namespace gw::net
