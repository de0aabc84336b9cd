#include "telnyx/command_client.hpp"

#include "tests/fakes/counting_metrics.hpp"
#include "tests/fakes/instant_clock.hpp"
#include "tests/fakes/run_awaitable.hpp"
#include "tests/fakes/scripted_http.hpp"
#include "tests/unit/telnyx/fixtures.hpp"

#include <boost/asio/error.hpp>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gw::telnyx {
namespace {

using std::chrono::milliseconds;
using Waits = std::vector<milliseconds>;

// The field `code` of each line.
class CodeLog final : public ports::Log {
public:
    void write(ports::LogLevel, std::string_view,
               std::span<const ports::LogField> fields) noexcept override {
        for (const ports::LogField& field : fields) {
            if (field.key() == "code") {
                codes.emplace_back(field.text());
            }
        }
    }
    [[nodiscard]] bool enabled(ports::LogLevel) const noexcept override { return true; }
    std::vector<std::string> codes;
};

class CommandClientTest : public testing::Test {
protected:
    CommandResult send(CommandKind kind = CommandKind::hangup) {
        SendCommand command;
        command.command_id = CommandId("c1");
        command.kind = kind;
        command.call_control_id = CallControlId("v3:abc");
        const auto client = make_command_client(http, clock, log, metrics, options);
        return fakes::run_awaitable(
            client->send(CallId(1), command, [this] { return wanted == 0 || asked++ < wanted; }));
    }
    CarrierStatus status() {
        const auto client = make_command_client(http, clock, log, metrics, options);
        return fakes::run_awaitable(client->status(CallControlId("v3:abc")));
    }
    double counted(const std::string& kind, const std::string& outcome) const {
        return metrics.value("telnyx_commands_total{kind=" + kind + ",outcome=" + outcome + "}");
    }
    static std::string rest(const char* name) {
        return fixtures::read("rest/" + std::string(name) + ".json");
    }

    fakes::ScriptedHttp http;
    fakes::InstantClock clock;
    CodeLog log;
    fakes::CountingMetrics metrics;
    CommandClientOptions options{.api_base = "https://api.example/v2", .api_key = "KEY-1"};
    int wanted = 0;  // how often the command is still wanted; 0: always
    int asked = 0;
};

TEST_F(CommandClientTest, a_command_is_one_authenticated_request) {
    http.answer(200, rest("action.200"));
    const CommandResult result = send(CommandKind::answer);
    EXPECT_EQ(result.outcome, CommandOutcome::accepted);
    EXPECT_EQ(result.command_id, CommandId("c1"));
    EXPECT_EQ(result.kind, CommandKind::answer);
    EXPECT_EQ(result.attempts, 1U);
    EXPECT_EQ(result.detail, "");
    ASSERT_EQ(http.requests.size(), 1U);
    EXPECT_EQ(http.requests[0].method, "POST");
    EXPECT_EQ(http.requests[0].url, "https://api.example/v2/calls/v3%3Aabc/actions/answer");
    EXPECT_EQ(http.requests[0].headers.find("Authorization"), "Bearer KEY-1");
    EXPECT_EQ(http.requests[0].headers.find("Content-Type"), "application/json");
    EXPECT_NE(http.requests[0].body.find("\"command_id\":\"c1\""), std::string::npos);
    EXPECT_EQ(http.requests[0].timeout, milliseconds{2'000});
    EXPECT_EQ(counted("answer", "accepted"), 1);
    EXPECT_EQ(metrics.value("telnyx_request_seconds"), 1);
}

TEST_F(CommandClientTest, a_lost_answer_is_asked_for_again_with_the_same_bytes) {
    for (int i = 0; i < 3; ++i) {
        http.fail(Errc::timeout);
    }
    http.fail(Errc::reset);
    http.answer(200, rest("action.200"));
    const CommandResult result = send();
    EXPECT_EQ(result.outcome, CommandOutcome::accepted);
    EXPECT_EQ(result.attempts, 5U);
    EXPECT_EQ(clock.sleeps, (Waits{milliseconds{500}, milliseconds{1000}, milliseconds{2000},
                                   milliseconds{4000}}));
    for (const net::ClientRequest& request : http.requests) {
        EXPECT_EQ(request.body, http.requests[0].body);
        EXPECT_EQ(request.url, http.requests[0].url);
    }
    EXPECT_EQ(metrics.value("telnyx_request_repeats_total"), 4);
}

TEST_F(CommandClientTest, the_first_repetition_after_a_server_error_is_at_once) {
    http.answer(503, rest("error.503.10007"));
    http.answer(500, "<html>");
    http.answer(200, rest("action.200"));
    EXPECT_EQ(send().outcome, CommandOutcome::accepted);
    EXPECT_EQ(clock.sleeps, (Waits{milliseconds{1000}}));
}

TEST_F(CommandClientTest, without_an_answer_in_the_budget_the_outcome_is_unknown) {
    http.on_send = [this] { clock.advance(http.requests.back().timeout); };
    for (int i = 0; i < 10; ++i) {
        http.fail(Errc::timeout, "no answer");
    }
    const MonoTime begin = clock.mono_now;
    const CommandResult result = send();
    EXPECT_EQ(result.outcome, CommandOutcome::unknown);
    // Requests of 2 s with waits of 0.5, 1 and 2 s between; after the fourth 11.5 s would have
    // passed.
    EXPECT_EQ(result.attempts, 4U);
    EXPECT_EQ(http.requests[3].timeout, milliseconds{500});
    EXPECT_LE(clock.mono_now - begin, milliseconds{10'000});
    EXPECT_NE(result.detail.find("timeout: no answer"), std::string::npos);
    EXPECT_EQ(counted("hangup", "unknown"), 1);
}

TEST_F(CommandClientTest, a_rate_limit_is_waited_for_and_one_beyond_the_budget_is_not) {
    http.answer(429, rest("error.429.10011"), {{"x-ratelimit-reset", "3"}});
    http.answer(200, rest("action.200"));
    EXPECT_EQ(send().outcome, CommandOutcome::accepted);
    EXPECT_EQ(clock.sleeps, (Waits{milliseconds{3000}}));

    http.answer(429, rest("error.429.10011"), {{"Retry-After", "3600"}});
    const CommandResult result = send(CommandKind::gather);
    EXPECT_EQ(result.outcome, CommandOutcome::unknown);
    EXPECT_EQ(result.attempts, 1U);
    EXPECT_EQ(clock.sleeps.size(), 1U);
}

TEST_F(CommandClientTest, what_is_repeated_when_it_fails_fails_no_sooner_than_its_budget_ends) {
    for (const CommandKind kind :
         {CommandKind::hangup, CommandKind::hangup_target, CommandKind::reject}) {
        http.answer(429, rest("error.429.10011"), {{"Retry-After", "3600"}});
        const MonoTime begin = clock.mono_now;
        const CommandResult result = send(kind);
        EXPECT_EQ(result.outcome, CommandOutcome::unknown);
        EXPECT_EQ(result.attempts, 1U);
        EXPECT_EQ(clock.mono_now - begin, options.budget);
    }
}

TEST_F(CommandClientTest, a_call_that_is_gone_is_no_fault) {
    http.answer(422, rest("error.422.90018"));
    CommandResult result = send();
    EXPECT_EQ(result.outcome, CommandOutcome::call_gone);
    EXPECT_EQ(result.detail.find("Call has already ended: "), 0U);
    EXPECT_EQ(log.codes, std::vector<std::string>{"90018"}) << "for the operator, not the customer";
    http.answer(422, rest("error.422.90015"));
    EXPECT_EQ(send().outcome, CommandOutcome::call_gone);
    http.answer(404, rest("error.404.10005"));
    EXPECT_EQ(send().outcome, CommandOutcome::call_gone);
    EXPECT_TRUE(clock.sleeps.empty());
}

TEST_F(CommandClientTest, a_refusal_is_final) {
    http.answer(401, rest("error.401.10009"));
    EXPECT_EQ(send().outcome, CommandOutcome::refused);
    http.answer(422, rest("error.422.10004"));
    EXPECT_EQ(send().outcome, CommandOutcome::refused);
    http.fail(Errc::denied_address);
    const CommandResult result = send();
    EXPECT_EQ(result.outcome, CommandOutcome::refused);
    EXPECT_EQ(result.detail, "denied_address");
    EXPECT_EQ(http.requests.size(), 3U);
}

TEST_F(CommandClientTest, a_command_that_is_too_early_is_tried_three_times) {
    for (int i = 0; i < 3; ++i) {
        http.answer(422, rest("error.422.90034"));
    }
    const CommandResult result = send(CommandKind::answer);
    EXPECT_EQ(result.outcome, CommandOutcome::refused);
    EXPECT_EQ(result.attempts, 3U);
    EXPECT_EQ(clock.sleeps, (Waits{milliseconds{500}, milliseconds{1000}}));
}

TEST_F(CommandClientTest, what_is_no_longer_wanted_is_not_sent) {
    asked = 1;
    wanted = 1;
    CommandResult result = send();
    EXPECT_EQ(result.outcome, CommandOutcome::superseded);
    EXPECT_EQ(result.attempts, 0U);
    EXPECT_TRUE(http.requests.empty());

    asked = 0;  // wanted for the first request only
    http.fail(Errc::timeout);
    result = send();
    EXPECT_EQ(result.outcome, CommandOutcome::superseded);
    EXPECT_EQ(result.attempts, 1U);
    EXPECT_EQ(counted("hangup", "superseded"), 2);
}

TEST_F(CommandClientTest, cancellation_leaves_the_outcome_unknown) {
    http.fail(Errc::canceled);
    EXPECT_EQ(send().outcome, CommandOutcome::unknown);

    http.fail(Errc::timeout);
    clock.cancels = [] { return true; };
    EXPECT_EQ(send().outcome, CommandOutcome::unknown);

    http.fail(Errc::timeout);
    clock.cancels = []() -> bool {
        throw boost::system::system_error(boost::asio::error::operation_aborted);
    };
    const CommandResult result = send();
    EXPECT_EQ(result.outcome, CommandOutcome::unknown);
    EXPECT_EQ(result.attempts, 1U);
    EXPECT_EQ(http.unused(), 0U);
}

TEST_F(CommandClientTest, the_state_of_a_call_is_asked_for_once) {
    http.answer(200, rest("call_status.alive.200"));
    EXPECT_EQ(status().view, CarrierView::alive);
    EXPECT_EQ(http.requests[0].method, "GET");
    EXPECT_EQ(http.requests[0].url, "https://api.example/v2/calls/v3%3Aabc");
    EXPECT_EQ(http.requests[0].headers.find("Authorization"), "Bearer KEY-1");
    EXPECT_EQ(http.requests[0].body, "");
    http.answer(200, rest("call_status.ended.200"));
    CarrierStatus answer = status();
    EXPECT_EQ(answer.view, CarrierView::gone);
    EXPECT_TRUE(answer.end_time);
    http.answer(422, rest("error.422.90015"));
    EXPECT_EQ(status().view, CarrierView::gone);
    http.answer(404, rest("error.404.10005"));
    EXPECT_EQ(status().view, CarrierView::gone);
    const std::size_t before = http.requests.size();
    http.answer(404, "");
    EXPECT_EQ(status().view, CarrierView::gone);
    http.answer(404, "<html>not here</html>");
    EXPECT_EQ(status().view, CarrierView::unknown);
    http.answer(200, "{}");
    EXPECT_EQ(status().view, CarrierView::unknown);
    http.answer(503, rest("error.503.10007"));
    EXPECT_EQ(status().view, CarrierView::unknown);
    http.answer(401, rest("error.401.10009"));
    EXPECT_EQ(status().view, CarrierView::unknown);
    http.fail(Errc::connect_failed, "refused");
    answer = status();
    EXPECT_EQ(answer.view, CarrierView::unknown);
    EXPECT_EQ(answer.detail, "connect_failed: refused");
    EXPECT_EQ(http.requests.size(), before + 6);
}

}  // namespace
}  // namespace gw::telnyx
