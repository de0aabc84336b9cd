// SPDX-License-Identifier: Apache-2.0
// The keys of a voice agent, which seed the database.
#include "config/binding.hpp"
#include "config/definition.hpp"

#include <array>

namespace gw::config {
namespace {

using S = Settings;
using binding::into;
using binding::make;
using enum Kind;
using enum Need;

// Each in the order of its enumeration in settings.hpp.
constexpr std::array<std::string_view, 2> voice_words{"female", "male"};
constexpr std::array<std::string_view, 6> voice_format_words{
    "passthrough", "PCMU", "PCMA", "L16/8000", "L16/16000", "L16/24000"};
constexpr std::array<std::string_view, 2> on_voicemail_words{"continue", "hangup"};
constexpr std::array<std::string_view, 3> fallback_words{"hangup", "transfer", "speak"};

constexpr std::int64_t id_max =
    9'007'199'254'740'991;  // what a JSON number holds exactly everywhere
constexpr Range id_range{1, id_max};
constexpr Range name_length{1, 255};
constexpr Range url_length{1, 2'048};
constexpr Range public_id_length{1, 80};
constexpr Range secret_length{1, 128};
constexpr Range many{0, 100'000};
constexpr Range event_count{1, 32};

std::vector<Row> main_rows() {
    constexpr auto agents = &S::agents;
    using A = AgentSettings;
    return {
        {"agents[]",
         objects,
         make<agents>,
         "Voice agents.",
         {},
         "[]",
         optional,
         false,
         false,
         many},
        {"agents[].id", integer, into<agents, &A::id>, "Number, unique.", id_range, {}, required},
        {"agents[].public_id",
         agent_id,
         into<agents, &A::public_id>,
         "Public id, unique.",
         public_id_length,
         {},
         required},
        {"agents[].project_id",
         integer,
         into<agents, &A::project_id>,
         "Its project.",
         id_range,
         {},
         required},
        {"agents[].name", text, into<agents, &A::name>, "Name.", name_length, {}, required},
        {"agents[].phone_numbers[]",
         phone,
         into<agents, &A::phone_numbers>,
         "Numbers it answers; each belongs to one agent.",
         {1, 16},
         "[]",
         optional,
         false,
         false,
         {0, 10'000}},
        {"agents[].language",
         language,
         into<agents, &A::language>,
         "Language of the call.",
         {2, 35},
         R"("en-US")"},
        {"agents[].voice",
         choice,
         into<agents, &A::voice>,
         "Voice of spoken texts.",
         {},
         R"("female")",
         optional,
         false,
         false,
         {},
         voice_words},
        {"agents[].server_url", http_url, into<agents, &A::server_url>,
         "Asked for the call's configuration and its tool calls. Left out: the agent's own "
         "settings hold. No effect yet.",
         url_length},
        {"agents[].voice_url", ws_url, into<agents, &A::voice_url>,
         "WebSocket of the voice agent. Left out: call control only. No effect yet.", url_length},
        {"agents[].voice_format",
         choice,
         into<agents, &A::voice_format>,
         "Audio on that WebSocket. No effect yet.",
         {},
         R"("passthrough")",
         optional,
         false,
         false,
         {},
         voice_format_words},
        {"agents[].webhook_url", http_url, into<agents, &A::webhook_url>,
         "Receives the agent's events. Needs `webhook_secret`.", url_length},
        {"agents[].webhook_secret",
         webhook_secret,
         into<agents, &A::webhook_secret>,
         "Signs requests to `webhook_url`, `server_url` and `voice_url`.",
         secret_length,
         {},
         optional,
         true},
        {"agents[].webhook_events[]",
         choice,
         into<agents, &A::webhook_events>,
         "Events sent to `webhook_url`.",
         {},
         R"(["*"])",
         optional,
         false,
         false,
         event_count,
         event_words()},
        {"agents[].answer_after_server_url",
         boolean,
         into<agents, &A::answer_after_server_url>,
         "Answer only when `server_url` has (at most 5 s), so that it can reject the call. No "
         "effect yet.",
         {},
         "false"},
        {"agents[].max_duration",
         seconds,
         into<agents, &A::max_duration>,
         "Longest call, in seconds.",
         {1, 86'400},
         "1800"},
        {"agents[].silence_timeout_seconds",
         seconds,
         into<agents, &A::silence_timeout>,
         "The call ends after this long without speech.",
         {1, 3'600},
         "30"},
        {"agents[].recording",
         boolean,
         into<agents, &A::recording>,
         "Record calls. No effect yet.",
         {},
         "false"},
        {"agents[].on_voicemail",
         choice,
         into<agents, &A::on_voicemail>,
         "What to do when a machine answered an outbound call.",
         {},
         R"("continue")",
         optional,
         false,
         false,
         {},
         on_voicemail_words},
    };
}

std::vector<Row> detail_rows() {
    constexpr auto agents = &S::agents;
    constexpr auto fallback = &AgentSettings::fallback;
    constexpr auto rates = &AgentSettings::rates;
    constexpr Range money_range{0, 1'000};
    return {
        {"agents[].fallback", object, make<agents, fallback>,
         "What becomes of a call whose voice agent is lost."},
        {"agents[].fallback.action",
         choice,
         into<agents, fallback, &FallbackSettings::action>,
         "What to do.",
         {},
         R"("hangup")",
         optional,
         false,
         false,
         {},
         fallback_words},
        {"agents[].fallback.destination",
         phone,
         into<agents, fallback, &FallbackSettings::destination>,
         "Where to transfer to. Required for `transfer`.",
         {1, 16}},
        {"agents[].fallback.text",
         text,
         into<agents, fallback, &FallbackSettings::text>,
         "What to say before hanging up. Required for `speak`.",
         {1, 3'000}},
        {"agents[].rates", object, make<agents, rates>, "Prices a minute."},
        {"agents[].rates.rate_per_minute", money,
         into<agents, rates, &RatesSettings::rate_per_minute_micro>, "Whole price.", money_range,
         "0"},
        {"agents[].rates.call_rate_per_minute", money,
         into<agents, rates, &RatesSettings::call_rate_per_minute_micro>, "The call's part of it.",
         money_range, "0"},
        {"agents[].rates.recording_rate_per_minute", money,
         into<agents, rates, &RatesSettings::recording_rate_per_minute_micro>,
         "Added when recorded.", money_range, "0"},
        {"agents[].rates.transfer_rate_per_minute", money,
         into<agents, rates, &RatesSettings::transfer_rate_per_minute_micro>,
         "Added while transferred.", money_range, "0"},
        {"agents[].rates.llm_discount_per_minute", money,
         into<agents, rates, &RatesSettings::llm_discount_per_minute_micro>, "Taken off.",
         money_range, "0"},
    };
}

}  // namespace

std::vector<Row> agent_rows() {
    auto rows = main_rows();
    const auto details = detail_rows();
    rows.insert(rows.end(), details.begin(), details.end());
    return rows;
}

}  // namespace gw::config
