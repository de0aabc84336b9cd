// SPDX-License-Identifier: Apache-2.0
// What the store writes of an input is read back as the same input.
#include "gateway/replay/decode.hpp"

#include "gateway/store/timeline_json.hpp"
#include "telnyx/wire/event_json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace gw::replay {
namespace {

using ::testing::HasSubstr;

const UtcTime now = utc_from_micros(1'790'000'000'123'456);

ports::TimelineRow row_of(const Input& input, std::uint32_t seq = 1) {
    std::string scratch;
    ports::TimelineRow row;
    row.seq = seq;
    row.at = input.at;
    row.kind = store::kind_of(input);
    row.verdict = "noted";
    row.data_json = store::data_of(input, scratch);
    row.effects_json = "[]";
    return row;
}

using What = decltype(Input::what);

std::vector<What> every_input() {
    const std::string body = R"({"data":{"event_type":"call.dtmf.received","id":"e-1",)"
                             R"("occurred_at":"2026-11-23T10:00:00.000001Z",)"
                             R"("payload":{"call_control_id":"v3:a","digit":"5"}}})";
    std::vector<What> all;
    all.emplace_back(telnyx::parse_event(body, now).value());
    for (const auto kind :
         {CommandKind::answer, CommandKind::reject, CommandKind::hangup, CommandKind::hangup_target,
          CommandKind::transfer, CommandKind::gather, CommandKind::dial}) {
        all.emplace_back(CommandResult{.command_id = CommandId("c-1"),
                                       .kind = kind,
                                       .outcome = CommandOutcome::refused,
                                       .detail = "90018 \"gone\"\n",
                                       .attempts = 3});
    }
    all.emplace_back(CommandResult{.command_id = CommandId("c-2"),
                                   .kind = CommandKind::dial,
                                   .outcome = CommandOutcome::accepted,
                                   .detail = {},
                                   .attempts = 1,
                                   .leg = CallControlId("v3:b"),
                                   .call_leg_id = CallLegId("l"),
                                   .call_session_id = CallSessionId("s")});
    CommandResult second = {};
    second.command_id = CommandId("c-3");
    second.kind = CommandKind::transfer;
    second.number = 2;
    all.emplace_back(second);
    all.emplace_back(CarrierStatus{});
    all.emplace_back(CarrierStatus{.view = CarrierView::gone,
                                   .end_time = now,
                                   .detail = "timeout",
                                   .leg = CallControlId("v3:b")});
    for (const auto timer :
         {TimerKind::settle, TimerKind::max_duration, TimerKind::deadline, TimerKind::check,
          TimerKind::transfer, TimerKind::gather, TimerKind::silence}) {
        all.emplace_back(TimerFired{timer});
    }
    all.emplace_back(EndRequested{"req-1"});
    all.emplace_back(TransferRequested{.request_id = "req-2", .destination = "+31850099999"});
    all.emplace_back(GatherRequested{.request_id = "req-3",
                                     .spec = {.prompt = "Zeg „ja”",
                                              .max_digits = 4,
                                              .terminator = "",
                                              .timeout = std::chrono::seconds{9},
                                              .voice = "male",
                                              .language = "nl-NL"}});
    all.emplace_back(DialRequested{"req-4"});
    all.emplace_back(SpeechHeard{});
    all.emplace_back(Restarted{});
    return all;
}

TEST(Decode, ReadsEveryInputAsItWasWritten) {
    std::set<std::size_t> kinds;
    for (const What& what : every_input()) {
        const auto row = row_of({.at = now, .what = what});
        const auto read = input_of(row);
        ASSERT_TRUE(read) << read.error().context();
        EXPECT_EQ(read->what.index(), what.index()) << row.kind;
        const auto again = row_of(*read);
        EXPECT_EQ(again.at, row.at);
        EXPECT_EQ(again.kind, row.kind);
        EXPECT_EQ(again.data_json, row.data_json);
        kinds.insert(what.index());
    }
    EXPECT_EQ(kinds.size(), std::variant_size_v<What>) << "an input without a case here";
}

TEST(Decode, NamesTheRowThatCannotBeRead) {
    struct Case {
        const char* kind;
        const char* data;
        const char* says;
    };
    for (const Case& bad : std::vector<Case>{
             {"command.answer", R"({"outcome":"accepted"})", "command_id"},
             {"command.answer", R"({"command_id":"c","outcome":"perhaps","attempts":1})",
              "perhaps"},
             {"command.juggle", "{}", "command.juggle"},
             {"carrier.status", R"({"view":"gone","end_time":"soon"})", "end_time"},
             {"timer.lunch", "{}", "timer.lunch"},
             {"api.gather", R"({"request_id":"r"})", "prompt"},
             {"api.transfer", "[]", "api.transfer"},
             {"call.answered", R"({"data":{"event_type":"call.hangup","id":"e"}})", "call.hangup"},
             {"call.answered", "{", "call.answered"},
         }) {
        ports::TimelineRow row;
        row.seq = 7;
        row.kind = bad.kind;
        row.data_json = bad.data;
        const auto read = input_of(row);
        ASSERT_FALSE(read) << bad.kind << bad.data;
        EXPECT_EQ(read.error().code(), Errc::invalid);
        EXPECT_THAT(read.error().context(), HasSubstr("row 7"));
        EXPECT_THAT(read.error().context(), HasSubstr(bad.says));
    }
}

TEST(Decode, ReadsEffectsAsMarks) {
    const std::vector<Effect> effects = {
        SendCommand{.command_id = CommandId("c"),
                    .kind = CommandKind::dial,
                    .call_control_id = {},
                    .reject_cause = {},
                    .issued_at = now,
                    .order = DialOrder{.to = "+31612345678",
                                       .from = "+31850012345",
                                       .ring = std::chrono::seconds{25},
                                       .machine_detection = "detect"}},
        AskCarrier{CallControlId("v3:a")},
        PublicEvent{.id = WebhookEventId("whe_1"),
                    .type = PublicEventType::transfer_failed,
                    .sequence = 4,
                    .at = now,
                    .digit = {}},
        Refused{Refusal::over_capacity}};
    ports::TimelineRow row;
    row.effects_json = store::effects_json(effects);
    const auto recorded = recorded_marks(row);
    ASSERT_TRUE(recorded) << recorded.error().context();
    const auto made = marks_of(effects);
    ASSERT_EQ(recorded->size(), made.size());
    for (std::size_t i = 0; i < made.size(); ++i) {
        EXPECT_EQ((*recorded)[i].what, made[i].what);
        EXPECT_EQ((*recorded)[i].id, made[i].id);
        EXPECT_EQ((*recorded)[i].sequence, made[i].sequence);
    }
    ASSERT_TRUE(recorded->front().dial);
    EXPECT_EQ(recorded->front().dial->ring, std::chrono::seconds{25});
    EXPECT_EQ(recorded->front().dial->machine_detection, "detect");
    for (const char* bad : {"{}", "[{}]", "[7]", R"([{"webhook":"call.started"}])", "["}) {
        row.effects_json = bad;
        EXPECT_FALSE(recorded_marks(row)) << bad;
    }
}

}  // namespace
}  // namespace gw::replay
