#include "telnyx/wire/command_json.hpp"

#include "gateway/domain/base64.hpp"
#include "gateway/domain/time.hpp"
#include "telnyx/wire/client_state.hpp"
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
    CommandRequest request = command_request(CallId(7), command(CommandKind::answer), "conn");
    EXPECT_EQ(request.path, "/calls/v3%3A2EC-70_x/actions/answer");
    EXPECT_EQ(request.body, R"({"client_state":")" + std::string(state_of_call_7) +
                                R"(","command_id":"11111111-2222-8333-8444-555555555555"})");
    request = command_request(CallId(7), command(CommandKind::hangup), "conn");
    EXPECT_EQ(request.path, "/calls/v3%3A2EC-70_x/actions/hangup");
    SendCommand reject = command(CommandKind::reject);
    reject.reject_cause = "USER_BUSY";
    request = command_request(CallId(7), reject, "conn");
    EXPECT_EQ(request.path, "/calls/v3%3A2EC-70_x/actions/reject");
    EXPECT_EQ(request.body, R"({"cause":"USER_BUSY","client_state":")" +
                                std::string(state_of_call_7) +
                                R"(","command_id":"11111111-2222-8333-8444-555555555555"})");
}

TEST(CommandJson, an_id_cannot_leave_its_path_segment) {
    EXPECT_EQ(status_path(CallControlId("../a b/?x=1&#%\xc3\xa9~")),
              "/calls/..%2Fa%20b%2F%3Fx%3D1%26%23%25%C3%A9~");
}

TEST(CommandJson, what_starts_something_carries_its_order) {
    SendCommand transfer = command(CommandKind::transfer);
    transfer.order =
        TransferOrder{.to = "+31850099999", .number = 2, .ring = std::chrono::seconds{30}};
    CommandRequest request = command_request(CallId(7), transfer, "conn");
    EXPECT_EQ(request.path, "/calls/v3%3A2EC-70_x/actions/transfer");
    const std::string target = to_base64(client_state_of({.call = CallId(7), .transfer = 2}));
    EXPECT_EQ(request.body,
              R"({"to":"+31850099999","timeout_secs":30,"target_leg_client_state":")" + target +
                  R"(","client_state":")" + std::string(state_of_call_7) +
                  R"(","command_id":"11111111-2222-8333-8444-555555555555"})");
    SendCommand gather = command(CommandKind::gather);
    GatherOrder order{.spec = {}, .number = 3};
    order.spec.prompt = "Key";
    order.spec.max_digits = 8;
    gather.order = order;
    request = command_request(CallId(7), gather, "conn");
    EXPECT_EQ(request.path, "/calls/v3%3A2EC-70_x/actions/gather_using_speak");
    EXPECT_EQ(request.body,
              R"({"payload":"Key","voice":"female","language":"en-US","minimum_digits":1,)"
              R"("maximum_digits":8,"maximum_tries":1,"timeout_millis":15000,)"
              R"("terminating_digit":"#","client_state":")" +
                  to_base64(client_state_of({.call = CallId(7), .gather = 3})) +
                  R"(","command_id":"11111111-2222-8333-8444-555555555555"})");
    SendCommand dial = command(CommandKind::dial);
    dial.order = DialOrder{.to = "+1555",
                           .from = "+1444",
                           .ring = std::chrono::seconds{30},
                           .machine_detection = "detect"};
    request = command_request(CallId(7), dial, "conn");
    EXPECT_EQ(request.path, "/calls");
    EXPECT_EQ(request.body,
              R"({"to":"+1555","from":"+1444","connection_id":"conn","timeout_secs":30,)"
              R"("answering_machine_detection":"detect","client_state":")" +
                  std::string(state_of_call_7) +
                  R"(","command_id":"11111111-2222-8333-8444-555555555555"})");
    SendCommand target_hangup = command(CommandKind::hangup_target);
    request = command_request(CallId(7), target_hangup, "conn");
    EXPECT_EQ(request.body, R"({"command_id":"11111111-2222-8333-8444-555555555555"})");
}

TEST(CommandJson, the_ids_of_a_dialled_leg_are_read) {
    CommandResult result;
    read_dialled(R"({"data":{"call_control_id":"v3:a","call_leg_id":"l","call_session_id":"s"}})",
                 result);
    EXPECT_EQ(result.leg.value(), "v3:a");
    EXPECT_EQ(result.call_leg_id.value(), "l");
    EXPECT_EQ(result.call_session_id.value(), "s");
    for (const char* odd : {"", "[]", "{}", R"({"data":[]})", R"({"data":{"call_leg_id":7}})"}) {
        CommandResult none;
        read_dialled(odd, none);
        EXPECT_EQ(none.leg.value() + none.call_leg_id.value(), "") << odd;
    }
}

TEST(ClientState, names_the_call_and_what_the_leg_is_to_it) {
    EXPECT_EQ(from_base64(state_of_call_7), client_state_of({.call = CallId(7)}));
    for (const ClientTag& tag :
         {ClientTag{.call = CallId(123'456'789'012)}, ClientTag{.call = CallId(1), .transfer = 12},
          ClientTag{.call = CallId(1), .gather = 4'000'000'000}}) {
        const ClientTag read = parse_client_state(client_state_of(tag));
        EXPECT_EQ(read.call, tag.call);
        EXPECT_EQ(read.transfer, tag.transfer);
        EXPECT_EQ(read.gather, tag.gather);
    }
    for (const char* foreign :
         {"", "call=01HZ", "[]", "{}", R"({"v":2,"call":"call_00000001"})", R"({"v":1,"call":1})",
          R"({"v":1})", R"({"v":1,"call":"x"})", R"({"v":1,"call":"call_00000001","transfer":0})",
          R"({"v":1,"call":"call_00000001","transfer":2)", R"({"v":1,"call":"call_00000001"} )",
          R"({"v":1,"call":"call_00000001","gather":-1})", R"({"v":1,"call":"7"})",
          R"({"v":1,"call":"call_00000001","gather":99999999999})"}) {
        const ClientTag read = parse_client_state(foreign);
        EXPECT_FALSE(read.call || read.transfer || read.gather) << foreign;
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
    EXPECT_EQ(describe(parse_errors(fixtures::read("rest/error.422.90018.json"))),
              "Call has already ended: This call is no longer active and can't receive commands.");
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
