// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/telnyx_api.hpp"

#include "tests/unit/simulator/rig.hpp"

#include <gtest/gtest.h>

namespace gw::simulator {
namespace {

struct Api : Rig {
    explicit Api(std::uint64_t seed = 1)
        : Rig(seed), faults(seed), api(schedule, world, faults, history, "KEY") {}

    Reply request(const std::string& method, const std::string& target,
                  const std::string& body = "", const std::string& key = "Bearer KEY") {
        net::HttpRequest request;
        request.method = method;
        request.target = target;
        request.body = body;
        if (!key.empty()) {
            request.headers.add("Authorization", key);
        }
        return api.handle(request);
    }
    Reply command(const std::string& id, const std::string& name,
                  const json& body = json::object()) {
        return request("POST", "/v2/calls/" + id + "/actions/" + name, body.dump());
    }
    void set(const json& settings) { faults.set(merged({}, settings)); }
    json last_command() { return history.read(0, "command", 1000).back(); }

    Faults faults;
    History history;
    TelnyxApi api;
};

std::string code_in(const Reply& reply) {
    return json::parse(reply.response.body)["errors"][0]["code"].get<std::string>();
}

TEST(TelnyxApi, RefusesAMissingOrWrongKeyBeforeAnythingElse) {
    Api api;
    for (const char* key : {"", "Bearer WRONG", "Bearer ", "KEY", "Basic KEY"}) {
        const Reply reply = api.request("POST", "/v2/calls", "{}", key);
        EXPECT_EQ(reply.response.status, 401U);
        EXPECT_EQ(code_in(reply), "10009");
    }
    EXPECT_EQ(api.request("GET", "/no/such", "", "").response.status, 401U);
}

TEST(TelnyxApi, KnowsTheSchemeOfTheKeyInAnyCase) {
    Api api;
    const std::string target = "/v2/calls/" + api.ring();
    for (const char* key : {"Bearer KEY", "bearer KEY", "BEARER KEY"}) {
        EXPECT_EQ(api.request("GET", target, "", key).response.status, 200U) << key;
    }
    EXPECT_EQ(api.request("GET", target, "", "bearer key").response.status, 401U);
}

TEST(TelnyxApi, FindsNoCallEndedThatIsOnlyDialled) {
    Api api;
    api.set({{"commands", {{"ended", 1}}},
             {"targets", {{{"command", "*"}, {"fault", "ended"}, {"count", 100}}}}});
    const std::string body =
        R"({"to":"+31612340300","from":"+31612340100","connection_id":"2811212257810187001"})";
    EXPECT_EQ(api.request("POST", "/v2/calls", body).response.status, 200U);
    EXPECT_EQ(code_in(api.command(api.ring(), "answer")), "90018");
}

TEST(TelnyxApi, AnswersUnknownPathsAndMethodsWith404) {
    Api api;
    const auto id = api.ring();
    const std::pair<const char*, std::string> requests[] = {
        {"GET", "/v2/nothing"},
        {"POST", "/v2/calls/" + id + "/actions/no_such_command"},
        {"POST", "/v2/calls/" + id + "/actions/dial"},
        {"GET", "/v2/calls/" + id + "/actions/answer"},
        {"POST", "/v2/calls/" + id + "/actions/client_state_update"},
        {"POST", "/calls"},
        {"DELETE", "/v2/calls/" + id},
    };
    for (const auto& [method, target] : requests) {
        const Reply reply = api.request(method, target, "{}");
        EXPECT_EQ(reply.response.status, 404U) << method << " " << target;
        EXPECT_EQ(code_in(reply), "10005");
    }
    EXPECT_EQ(api.request("PUT", "/v2/calls/" + id + "/actions/client_state_update",
                          R"({"client_state":"aGk="})")
                  .response.status,
              200U);
}

TEST(TelnyxApi, DecodesCallControlIdsInThePath) {
    Api api;
    auto id = api.ring();
    id.replace(2, 1, "%3A");
    EXPECT_EQ(api.command(id, "answer").response.status, 200U);
}

TEST(TelnyxApi, RefusesABodyThatIsNoJsonObject) {
    Api api;
    const std::string target = "/v2/calls/" + api.ring() + "/actions/answer";
    for (const char* body : {"", "{", "[]", "1", "null"}) {
        const Reply reply = api.request("POST", target, body);
        EXPECT_EQ(reply.response.status, 400U) << body;
        EXPECT_EQ(code_in(reply), "10015");
    }
    EXPECT_EQ(api.request("POST", target, "{}").response.status, 200U);
}

TEST(TelnyxApi, RefusesABodyTooDeepToBeCopied) {
    Api api;
    const std::string deep =
        R"({"assistant":)" + std::string(100'000, '[') + std::string(100'000, ']') + "}";
    const Reply reply = api.request("POST", "/v2/calls/" + api.ring() + "/actions/answer", deep);
    EXPECT_EQ(reply.response.status, 400U);
    EXPECT_EQ(code_in(reply), "10015");
    EXPECT_NE(reply.response.body.find("64 levels"), std::string::npos);
}

TEST(TelnyxApi, DoesNotExecuteWhatItAnswersWithAFault) {
    const std::tuple<const char*, unsigned, const char*> cases[] = {
        {"server_error", 503, "10007"}, {"rate_limited", 429, "10011"}, {"ended", 422, "90018"}};
    for (const auto& [fault, status, code] : cases) {
        Api api;
        api.set({{"commands", {{fault, 1}}}});
        const auto id = api.ring();
        const Reply reply = api.command(id, "answer", {{"command_id", "c"}});
        EXPECT_EQ(reply.response.status, status);
        EXPECT_EQ(code_in(reply), code);
        EXPECT_EQ(reply.hold.count(), 0);
        EXPECT_EQ(api.last_command()["executed"], false);
        EXPECT_EQ(api.last_command()["fault"], fault);
        api.set(json::object());
        EXPECT_EQ(api.command(id, "answer", {{"command_id", "c"}}).response.status, 200U);
        EXPECT_EQ(api.last_command()["executed"], true)
            << "a faulted command leaves no command_id behind";
    }
}

TEST(TelnyxApi, SaysWhenToComeBackWith429) {
    Api api;
    api.set({{"commands", {{"rate_limited", 1}, {"rate_limit_reset_s", 7}}}});
    const Reply reply = api.command(api.ring(), "answer");
    EXPECT_EQ(reply.response.headers.find("x-ratelimit-reset"), "7");
    EXPECT_EQ(reply.response.headers.find("x-ratelimit-remaining"), "0");
}

TEST(TelnyxApi, ExecutesACommandWhoseReplyIsLostOnce) {
    Api api;
    api.set({{"commands", {{"stall_ms", 9000}}},
             {"targets", {{{"command", "answer"}, {"fault", "reply_lost"}}}}});
    const auto id = api.ring();
    const Reply lost = api.command(id, "answer", {{"command_id", "c"}});
    EXPECT_EQ(lost.hold, milliseconds{9000});
    EXPECT_FALSE(lost.then);
    EXPECT_EQ(api.told().back(), "call.answered");
    EXPECT_EQ(api.command(id, "answer", {{"command_id", "c"}}).response.status, 200U);
    EXPECT_EQ(api.last_command()["duplicate"], true);
    EXPECT_EQ(std::ranges::count(api.told(), "call.answered"), 1);
}

TEST(TelnyxApi, ExecutesAStalledCommandNeverOrLate) {
    Api api;
    api.set({{"commands", {{"stall", 1}}}});
    const auto id = api.ring();
    const Reply never = api.command(id, "answer");
    EXPECT_EQ(never.hold, milliseconds{30'000});
    EXPECT_FALSE(never.then);
    EXPECT_EQ(api.told().back(), "call.initiated");
    api.set({{"commands", {{"stall", 1}, {"stall_executes", true}}}});
    const Reply late = api.command(id, "answer");
    EXPECT_EQ(api.told().back(), "call.initiated");
    EXPECT_EQ(late.then().response.status, 200U);
    EXPECT_EQ(api.told().back(), "call.answered");
}

TEST(TelnyxApi, AimsAtTheNthCommandOfAKind) {
    Api api;
    api.set({{"targets",
              {{{"command", "speak"}, {"nth", 2}, {"count", 2}, {"fault", "server_error"}}}}});
    const auto id = api.ring();
    api.command(id, "answer");
    std::vector<unsigned> statuses;
    for (int i = 0; i < 4; ++i) {
        statuses.push_back(
            api.command(id, "speak", {{"payload", "x"}, {"voice", "female"}}).response.status);
    }
    EXPECT_EQ(statuses, (std::vector<unsigned>{200, 503, 503, 200}));
}

TEST(TelnyxApi, DrawsTheSameFaultsForTheSameSeedWhateverOtherCallsDo) {
    const auto run = [](std::uint64_t seed, bool disturbed) {
        Api api{seed};
        api.set({{"commands", {{"server_error", 0.3}, {"rate_limited", 0.2}}}});
        const auto id = api.ring();
        const auto other = api.ring();
        std::string statuses;
        for (int i = 0; i < 40; ++i) {
            if (disturbed) {
                api.command(other, "answer");
            }
            statuses += std::to_string(api.command(id, "answer").response.status) + " ";
        }
        return statuses;
    };
    EXPECT_EQ(run(5, false), run(5, true));
    EXPECT_NE(run(5, false), run(6, false));
}

TEST(TelnyxApi, FailsReadsAsCommandsWhenTold) {
    Api api;
    api.set({{"targets",
              {{{"read", "call"}, {"nth", 2}, {"fault", "server_error"}},
               {{"read", "active_calls"}, {"fault", "rate_limited"}},
               {{"read", "application"}, {"fault", "stall"}},
               {{"read", "recording_file"}, {"fault", "server_error"}}}}});
    const std::string connection = api.world.options().connection_id;
    const auto id = api.ring();
    EXPECT_EQ(api.request("GET", "/v2/calls/" + id).response.status, 200U);
    EXPECT_EQ(api.request("GET", "/v2/calls/" + id).response.status, 503U);
    EXPECT_EQ(api.request("GET", "/v2/calls/" + id).response.status, 200U);
    const std::string list = "/v2/connections/" + connection + "/active_calls?page[limit]=1";
    const Reply limited = api.request("GET", list);
    EXPECT_EQ(limited.response.status, 429U);
    EXPECT_EQ(limited.response.headers.find("x-ratelimit-reset"), "1");
    EXPECT_EQ(api.request("GET", list).response.status, 200U);
    EXPECT_EQ(api.history.read(0, "request", 100).back()["target"], list)
        << "with what was asked for";
    const Reply stalled = api.request("GET", "/v2/call_control_applications/" + connection);
    EXPECT_EQ(stalled.hold, milliseconds{30'000});
    EXPECT_EQ(api.request("GET", "/recordings/x.mp3?X-Amz-Signature=s", "", "").response.status,
              503U);
    EXPECT_EQ(api.history.read(0, "download", 100).back()["fault"], "server_error");
    EXPECT_EQ(api.command(id, "answer").response.status, 200U) << "commands are left alone";
}

TEST(TelnyxApi, FailsReadsByProbabilityAndAnswersStalledOnesLateWhenTold) {
    Api api;
    api.set({{"reads", {{"server_error", 1}}}, {"commands", {{"server_error_status", 500}}}});
    const std::string call = "/v2/calls/" + api.ring();
    EXPECT_EQ(api.request("GET", call).response.status, 500U);
    EXPECT_EQ(api.request("GET", "/v2/nothing").response.status, 404U);
    api.set({{"reads", {{"stall", 1}}}, {"commands", {{"stall_executes", true}}}});
    EXPECT_EQ(api.request("GET", call).then().response.status, 200U);
}

TEST(TelnyxApi, WritesDownloadsIntoTheHistoryAndWhetherAKeyCameWithThem) {
    Api api;
    const auto id = api.ring();
    api.command(id, "answer", {{"record", "record-from-answer"}});
    api.command(id, "hangup", json::object());
    api.pass(1500);
    const auto target =
        "/recordings" +
        api.last("call.recording.saved").payload["recording_urls"]["mp3"].get<std::string>();
    api.request("GET", target, "", "");
    api.request("GET", target);
    const json downloads = api.history.read(0, "download", 100);
    ASSERT_EQ(downloads.size(), 2U);
    EXPECT_EQ(downloads[0]["target"], target);
    EXPECT_EQ(downloads[0]["headers"]["authorization"], false);
    EXPECT_EQ(downloads[0]["status"], 200);
    EXPECT_EQ(downloads[1]["headers"]["authorization"], true);
    EXPECT_EQ(downloads[1]["status"], 400);
}

TEST(TelnyxApi, KeepsTheKeyOutOfTheHistory) {
    Api api;
    api.command(api.ring(), "answer", {{"command_id", "c"}});
    EXPECT_EQ(api.last_command()["headers"]["authorization"], true);
    EXPECT_EQ(api.last_command()["body"]["command_id"], "c");
    EXPECT_EQ(api.history.read(0, "", 100).dump().find("Bearer"), std::string::npos);
}

TEST(TelnyxApi, ServesRecordingsByTheirLinkOnly) {
    Api api;
    const auto id = api.ring();
    api.command(id, "answer", {{"record", "record-from-answer"}});
    api.command(id, "hangup");
    api.pass(1500);
    const auto url =
        api.last("call.recording.saved").payload["recording_urls"]["mp3"].get<std::string>();
    const auto target = "/recordings" + url;
    const Reply served = api.request("GET", target, "", "");
    EXPECT_EQ(served.response.status, 200U) << target;
    EXPECT_EQ(served.response.headers.find("content-type"), "audio/mpeg");
    EXPECT_EQ(api.request("GET", target).response.status, 400U) << "with the API key as well";
    EXPECT_EQ(api.request("GET", "/recordings/x.mp3?X-Amz-Signature=guess", "", "").response.status,
              403U);
    EXPECT_EQ(api.request("GET", "/v2/recordings/none").response.status, 404U);
}

TEST(TelnyxApi, TellsTheSettingsOfItsApplicationAlone) {
    Api api;
    api.world.options().webhook_url = [] { return std::string("https://gw.example.com/hooks"); };
    const std::string id = api.world.options().connection_id;
    const Reply known = api.request("GET", "/v2/call_control_applications/" + id);
    EXPECT_EQ(known.response.status, 200U);
    const auto data = nlohmann::json::parse(known.response.body)["data"];
    EXPECT_EQ(data["id"], id);
    EXPECT_EQ(data["webhook_api_version"], "2");
    EXPECT_EQ(data["webhook_event_url"], "https://gw.example.com/hooks");
    EXPECT_EQ(api.request("GET", "/v2/call_control_applications/1").response.status, 404U);
}

}  // namespace
}  // namespace gw::simulator
