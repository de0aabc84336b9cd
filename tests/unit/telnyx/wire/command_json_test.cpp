#include "telnyx/wire/command_json.hpp"

#include "gateway/domain/base64.hpp"
#include "gateway/domain/time.hpp"
#include "tests/unit/telnyx/fixtures.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>

namespace gw::telnyx {
namespace {

SendCommand command(CommandKind kind) {
    SendCommand command;
    command.command_id = CommandId("11111111-2222-8333-8444-555555555555");
    command.kind = kind;
    command.call_control_id = CallControlId("v3:2EC-70_x");
    return command;
}

constexpr std::string_view state_of_call_7 = "eyJ2IjoxLCJjYWxsIjoiY2FsbF8wMDAwMDAwNyJ9";

TEST(CommandJson, each_command_is_these_bytes) {
    CommandRequest request = command_request(CallId(7), command(CommandKind::answer));
    EXPECT_EQ(request.path, "/calls/v3%3A2EC-70_x/actions/answer");
    EXPECT_EQ(request.body, R"({"client_state":")" + std::string(state_of_call_7) +
                                R"(","command_id":"11111111-2222-8333-8444-555555555555"})");
    request = command_request(CallId(7), command(CommandKind::hangup));
    EXPECT_EQ(request.path, "/calls/v3%3A2EC-70_x/actions/hangup");
    SendCommand reject = command(CommandKind::reject);
    reject.reject_cause = "USER_BUSY";
    request = command_request(CallId(7), reject);
    EXPECT_EQ(request.path, "/calls/v3%3A2EC-70_x/actions/reject");
    EXPECT_EQ(request.body, R"({"cause":"USER_BUSY","client_state":")" +
                                std::string(state_of_call_7) +
                                R"(","command_id":"11111111-2222-8333-8444-555555555555"})");
}

TEST(CommandJson, an_id_cannot_leave_its_path_segment) {
    EXPECT_EQ(status_path(CallControlId("../a b/?x=1&#%\xc3\xa9~")),
              "/calls/..%2Fa%20b%2F%3Fx%3D1%26%23%25%C3%A9~");
}

TEST(CommandJson, the_client_state_names_the_call) {
    EXPECT_EQ(from_base64(state_of_call_7), client_state_of(CallId(7)));
    EXPECT_EQ(call_of_client_state(client_state_of(CallId(123'456'789'012))),
              CallId(123'456'789'012));
    for (const char* foreign : {"", "call=01HZ", "[]", "{}", R"({"v":2,"call":"call_00000001"})",
                                R"({"v":1,"call":1})", R"({"v":1})", R"({"v":1,"call":"x"})"}) {
        EXPECT_FALSE(call_of_client_state(foreign)) << foreign;
    }
}

TEST(CommandJson, the_errors_of_every_recorded_answer_are_read) {
    int read = 0;
    for (const std::string& file : fixtures::names_in("rest")) {
        if (!file.starts_with("rest/error.")) {
            continue;
        }
        SCOPED_TRACE(file);
        const std::vector<ApiError> errors = parse_errors(fixtures::read(file));
        ASSERT_FALSE(errors.empty());
        EXPECT_NE(file.find("." + errors[0].code + "."), std::string::npos);
        EXPECT_NE(errors[0].title, "");
        ++read;
    }
    EXPECT_GE(read, 14);
    EXPECT_EQ(
        describe(parse_errors(fixtures::read("rest/error.422.90018.json"))),
        "90018 Call has already ended: This call is no longer active and can't receive commands.");
}

TEST(CommandJson, an_answer_that_is_no_telnyx_error_has_none) {
    for (const char* body : {"", "<html>502 Bad Gateway</html>", "{", "[]", "null", "{}",
                             R"({"errors":{}})", R"({"errors":[1,null,{},{"detail":"x"}]})"}) {
        EXPECT_TRUE(parse_errors(body).empty()) << body;
    }
    EXPECT_TRUE(parse_errors(std::string(60'000, '[')).empty());
    EXPECT_EQ(describe({}), "");
}

TEST(CommandJson, odd_errors_are_read_as_far_as_they_go) {
    const auto errors = parse_errors(R"({"errors":[{"code":90018,"title":null},{"title":"T"},7]})");
    ASSERT_EQ(errors.size(), 2U);
    EXPECT_EQ(errors[0].code, "90018");
    EXPECT_EQ(describe(errors), "90018; T");
    std::string eacute;
    for (int i = 0; i < 200; ++i) {
        eacute += "\xc3\xa9";
    }
    const std::string text = describe({{"1", eacute, ""}});
    EXPECT_LE(text.size(), 300U);
    EXPECT_NO_THROW((void)nlohmann::json(text).dump());  // cut between characters
}

TEST(CommandJson, a_call_is_alive_or_gone_only_when_it_says_so) {
    EXPECT_EQ(parse_status(fixtures::read("rest/call_status.alive.200.json")).view,
              CarrierView::alive);
    const CarrierStatus ended = parse_status(fixtures::read("rest/call_status.ended.200.json"));
    EXPECT_EQ(ended.view, CarrierView::gone);
    ASSERT_TRUE(ended.end_time);
    EXPECT_EQ(to_rfc3339_micros(*ended.end_time), "2025-11-23T03:30:30.816307Z");
    for (const char* body : {"", "x", "{}", "[]", R"({"data":[]})", R"({"data":{}})",
                             R"({"data":{"is_alive":"true"}})", R"({"data":{"is_alive":null}})",
                             R"({"data":{"is_alive":0,"end_time":"2025-11-23T03:30:30Z"}})"}) {
        const CarrierStatus status = parse_status(body);
        EXPECT_EQ(status.view, CarrierView::unknown) << body;
        EXPECT_NE(status.detail, "") << body;
    }
}

TEST(CommandJson, a_call_that_is_not_alive_is_gone_even_when_nobody_says_since_when) {
    for (const char* body :
         {R"({"data":{"is_alive":false}})", R"({"data":{"is_alive":false,"end_time":null}})",
          R"({"data":{"is_alive":false,"end_time":"soon"}})"}) {
        const CarrierStatus status = parse_status(body);
        EXPECT_EQ(status.view, CarrierView::gone) << body;
        EXPECT_FALSE(status.end_time) << body;
    }
}

TEST(Base64, is_strict_and_complete) {
    EXPECT_EQ(to_base64(""), "");
    EXPECT_EQ(to_base64("f"), "Zg==");
    EXPECT_EQ(to_base64("fo"), "Zm8=");
    EXPECT_EQ(to_base64("foo"), "Zm9v");
    EXPECT_EQ(to_base64("foob"), "Zm9vYg==");
    std::string all;
    for (int i = 0; i < 256; ++i) {
        all += static_cast<char>(i);
        EXPECT_EQ(from_base64(to_base64(all)), all);
    }
    EXPECT_EQ(from_base64(""), "");
    for (const char* bad : {"Z", "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "====", "=",
                            "Z===", "Zg==Zg==", "Zm9v\n", " Zm9v", "Zm-v", "Zm_v", "Zm9v===="}) {
        EXPECT_FALSE(from_base64(bad)) << bad;
    }
}

}  // namespace
}  // namespace gw::telnyx
