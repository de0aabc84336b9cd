#include "telnyx/command_client.hpp"

#include "gateway/domain/fault_point.hpp"
#include "gateway/domain/words.hpp"
#include "telnyx/failure.hpp"
#include "telnyx/wire/command_json.hpp"

#include <boost/system/system_error.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace gw::telnyx {
namespace {

using boost::asio::awaitable;
using std::chrono::milliseconds;

constexpr milliseconds first_wait{500};
constexpr milliseconds wait_max{4'000};
constexpr std::array kinds = {
    CommandKind::answer,   CommandKind::reject, CommandKind::hangup, CommandKind::hangup_target,
    CommandKind::transfer, CommandKind::gather, CommandKind::dial};
constexpr std::array outcomes = {CommandOutcome::accepted, CommandOutcome::call_gone,
                                 CommandOutcome::refused, CommandOutcome::unknown,
                                 CommandOutcome::superseded};

// The wait before request `attempt` + 1: 0.5, 1, 2, 4, 4 s ... after the answer, or the lack of
// one.
milliseconds wait_after(std::uint32_t attempt, const Judgement& judgement) {
    if (judgement.wait) {
        return *judgement.wait;
    }
    if (judgement.at_once && attempt == 1) {
        return milliseconds{0};
    }
    const std::uint32_t doublings = std::min<std::uint32_t>(attempt - 1, 3);
    return std::min(first_wait * (1U << doublings), wait_max);
}

// What ends a leg is owed until the carrier has answered it; nobody waits for its result.
bool is_owed_until_done(CommandKind kind) {
    return kind == CommandKind::hangup || kind == CommandKind::hangup_target ||
           kind == CommandKind::reject;
}

class CommandClient final : public ports::TelnyxCommands {
public:
    CommandClient(net::HttpClient& http, ports::Clock& clock, ports::Log& log,
                  ports::Metrics& metrics, CommandClientOptions options)
        : http_(http),
          clock_(clock),
          log_(log),
          options_(std::move(options)),
          request_seconds_(metrics.histogram(
              {"telnyx_request_seconds", "One request to Telnyx, from sending to its answer."})) {
        const ports::MetricName name{"telnyx_commands_total", "Commands by kind and outcome."};
        for (std::size_t k = 0; k < kinds.size(); ++k) {
            for (std::size_t o = 0; o < outcomes.size(); ++o) {
                commands_[k][o] = &metrics.counter(
                    name, {{"kind", word_of(kinds[k])}, {"outcome", word_of(outcomes[o])}});
            }
        }
        repeats_ = &metrics.counter(
            {"telnyx_request_repeats_total", "Requests that repeated a command."}, {});
    }

    awaitable<CommandResult> send(CallId call, SendCommand command,
                                  std::function<bool()> still_wanted) override {
        CommandResult result;
        result.command_id = command.command_id;
        result.kind = command.kind;
        std::string code;
        try {
            co_await carry_out(call, std::move(command), std::move(still_wanted), result, code);
        } catch (const boost::system::system_error& error) {
            // Cancelled between two waits: the request may be on its way.
            result.outcome = CommandOutcome::unknown;
            result.detail = "canceled: " + error.code().message();
        }
        commands_[static_cast<std::size_t>(result.kind)][static_cast<std::size_t>(result.outcome)]
            ->increment();
        log_.write(
            level_of(result.outcome), "telnyx_command",
            std::array{ports::LogField("call_id", to_public(call)),
                       ports::LogField("kind", word_of(result.kind)),
                       ports::LogField("command_id", result.command_id.value()),
                       ports::LogField("outcome", word_of(result.outcome)),
                       ports::LogField("attempts", result.attempts), ports::LogField("code", code),
                       ports::LogField("detail", result.detail)});
        co_return result;
    }

    awaitable<CarrierStatus> status(CallControlId leg) override {
        CarrierStatus unknown;
        unknown.leg = leg;
        try {
            const std::string path = status_path(leg);
            Result<net::ClientResponse> answer =
                co_await request("GET", path, std::string(), options_.attempt_timeout);
            if (!answer) {
                unknown.detail = describe_transport(answer.error());
            } else if (answer->status == 200) {
                CarrierStatus told = parse_status(answer->body);
                told.leg = std::move(leg);
                co_return told;
            } else {
                const std::vector<ApiError> errors = parse_errors(answer->body);
                // LIFECYCLE: a 404 says that the leg is gone, also without Telnyx's words; a web
                // page behind a wrong api_base says nothing.
                const bool plain_404 =
                    answer->status == 404 && (answer->body.empty() || answer->body.front() == '{');
                if (plain_404 ||
                    judge(answer->status, errors, answer->headers).next == Next::gone) {
                    unknown.view = CarrierView::gone;
                }
                unknown.detail = describe_answer(*answer, errors);
            }
        } catch (const boost::system::system_error& error) {
            unknown.detail = "canceled: " + error.code().message();
        }
        co_return unknown;
    }

private:
    static ports::LogLevel level_of(CommandOutcome outcome) {
        return outcome == CommandOutcome::refused || outcome == CommandOutcome::unknown
                   ? ports::LogLevel::warn
                   : ports::LogLevel::debug;
    }

    awaitable<Result<net::ClientResponse>> request(std::string method, std::string path,
                                                   std::string body, milliseconds timeout) {
        net::ClientRequest request;
        request.method = std::move(method);
        request.url = options_.api_base + path;
        request.headers.add("Authorization", "Bearer " + options_.api_key);
        request.headers.add("Accept", "application/json");
        if (!body.empty()) {
            request.headers.add("Content-Type", "application/json");
        }
        request.body = std::move(body);
        request.timeout = timeout;
        const MonoTime begin = clock_.mono();
        Result<net::ClientResponse> answer = co_await http_.send(std::move(request));
        request_seconds_.observe(std::chrono::duration<double>(clock_.mono() - begin).count());
        co_return answer;
    }

    // Fills in outcome, detail and attempts of `result` as it goes, so that they stand when it is
    // cut; and Telnyx's error code of its last answer, for the log: `detail` is shown to customers.
    // NOLINTBEGIN(cppcoreguidelines-avoid-reference-coroutine-parameters): awaited in place.
    awaitable<void> carry_out(CallId call, SendCommand command, std::function<bool()> still_wanted,
                              CommandResult& result, std::string& code) {
        // NOLINTEND(cppcoreguidelines-avoid-reference-coroutine-parameters)
        const CommandRequest wire = command_request(call, command, options_.connection_id);
        const MonoTime end = clock_.mono() + options_.budget;
        while (true) {
            if (!still_wanted()) {
                result.outcome = CommandOutcome::superseded;
                co_return;
            }
            const auto left = std::chrono::floor<milliseconds>(end - clock_.mono());
            if (left <= milliseconds{0}) {
                co_return;  // unknown
            }
            ++result.attempts;
            if (result.attempts > 1) {
                repeats_->increment();
            }
            fault_point("command.before_send");
            Result<net::ClientResponse> answer = co_await request(
                "POST", wire.path, wire.body, std::min(left, options_.attempt_timeout));
            fault_point("command.after_send");
            const Judgement judgement = judge_answer(answer, result, code);
            if (judgement.next == Next::accepted && command.kind == CommandKind::dial) {
                read_dialled(answer->body, result);
            }
            if (judgement.alarm) {
                log_.error("telnyx_api_alarm", {{"code", code}, {"detail", result.detail}});
            }
            if (!wants_repeat(judgement, result)) {
                co_return;
            }
            const MonoTime next = clock_.mono() + wait_after(result.attempts, judgement);
            if (next >= end) {
                result.detail += " (no time left to repeat it)";
                // Who owes these repeats them at once: not sooner than the budget allows.
                if (is_owed_until_done(command.kind)) {
                    co_await clock_.sleep_until(end);
                }
                co_return;  // unknown
            }
            if (!co_await clock_.sleep_until(next)) {
                co_return;  // cancelled: unknown
            }
        }
    }

    static Judgement judge_answer(const Result<net::ClientResponse>& answer, CommandResult& result,
                                  std::string& code) {
        code.clear();
        if (!answer) {
            result.detail = describe_transport(answer.error());
            return judge(answer.error().code());
        }
        const std::vector<ApiError> errors = parse_errors(answer->body);
        const Judgement judgement = judge(answer->status, errors, answer->headers);
        code = errors.empty() ? std::string() : errors.front().code;
        result.detail = judgement.next == Next::accepted ? "" : describe_answer(*answer, errors);
        return judgement;
    }

    // Whether to go on; else the outcome is set.
    static bool wants_repeat(const Judgement& judgement, CommandResult& result) {
        switch (judgement.next) {
            case Next::accepted:
                result.outcome = CommandOutcome::accepted;
                return false;
            case Next::gone:
                result.outcome = CommandOutcome::call_gone;
                return false;
            case Next::refused:
                result.outcome = CommandOutcome::refused;
                return false;
            case Next::give_up:
                result.outcome = CommandOutcome::unknown;
                return false;
            case Next::retry:
                break;
        }
        if (judgement.tries_max != 0 && result.attempts >= judgement.tries_max) {
            result.outcome = CommandOutcome::refused;
            return false;
        }
        return true;
    }

    // Shown to customers: what Telnyx says of our own access is not for them.
    static std::string describe_answer(const net::ClientResponse& answer,
                                       const std::vector<ApiError>& errors) {
        if (answer.status == 401 || answer.status == 403) {
            return "the carrier refuses the gateway's access";
        }
        std::string text = describe(errors);
        return text.empty() ? "HTTP " + std::to_string(answer.status) : text;
    }
    static std::string describe_transport(const Error& error) {
        std::string text(name_of(error.code()));
        return error.context().empty() ? text : text + ": " + error.context();
    }

    net::HttpClient& http_;
    ports::Clock& clock_;
    ports::Log& log_;
    CommandClientOptions options_;
    ports::Histogram& request_seconds_;
    ports::Counter* repeats_ = nullptr;
    std::array<std::array<ports::Counter*, outcomes.size()>, kinds.size()> commands_{};
};

}  // namespace

std::unique_ptr<ports::TelnyxCommands> make_command_client(net::HttpClient& http,
                                                           ports::Clock& clock, ports::Log& log,
                                                           ports::Metrics& metrics,
                                                           CommandClientOptions options) {
    return std::make_unique<CommandClient>(http, clock, log, metrics, std::move(options));
}

}  // namespace gw::telnyx
