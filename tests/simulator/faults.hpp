#pragma once
// SPDX-License-Identifier: Apache-2.0
// The fault switches: what goes wrong with webhooks on the way, with commands and with reads, by
// probability or for the n-th of a kind. Settings are plain values with one JSON form, used by the
// control API, the scenario file and the command line; decisions come from the seed alone.
#include "tests/simulator/random.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gw::simulator {

using std::chrono::milliseconds;

enum class CommandFault : std::uint8_t {
    none,
    server_error,  // 5xx, not executed
    stall,         // no answer for stall_ms
    reply_lost,    // executed, and no answer for stall_ms
    rate_limited,  // 429 with the reset time, not executed
    ended,         // 422 90018, not executed: the other side was faster
};
std::string_view name_of(CommandFault fault);

enum class WebhookFault : std::uint8_t { none, lose, duplicate, reorder, delay };

// The n-th to the (n+count-1)-th command or event of a name ("*": any), counted since the faults
// were set.
struct Target {
    std::string name;
    std::uint64_t nth = 1;
    std::uint64_t count = 1;
};
struct CommandTarget : Target {
    CommandFault fault = CommandFault::none;
};
struct ReadTarget : Target {
    CommandFault fault = CommandFault::none;  // not reply_lost, nor ended
};
struct WebhookTarget : Target {
    WebhookFault fault = WebhookFault::none;
};

struct FaultSettings {
    // webhooks
    double duplicate = 0;
    std::int64_t duplicate_count = 1;  // further copies
    double reorder = 0;
    std::int64_t reorder_window = 2;  // how many later events may overtake
    milliseconds reorder_hold{500};   // and how long it waits for them at most
    milliseconds delay_min{0};
    milliseconds delay_max{0};
    double loss = 0;  // the event is never delivered
    // redelivery
    std::int64_t attempts = 8;
    std::vector<std::int64_t> backoff_ms{500,  1000, 2000,
                                         4000, 8000, 10000};  // the last one repeats
    milliseconds timeout{2000};  // Telnyx's own (webhook fundamentals, read 2026-11)
    // commands
    double server_error = 0;
    std::int64_t server_error_status = 503;
    double stall = 0;
    milliseconds stall_time{30'000};
    bool stall_executes = false;  // true: a stalled command is executed when its time is over
    double reply_lost = 0;
    double rate_limited = 0;
    std::int64_t rate_limit_reset_s = 1;
    double ended = 0;
    // reads: their statuses and times are those of commands
    double read_server_error = 0;
    double read_stall = 0;
    double read_rate_limited = 0;
    std::vector<CommandTarget> command_targets;
    std::vector<ReadTarget> read_targets;
    std::vector<WebhookTarget> webhook_targets;
};

// What can be read: a call, the list of calls, the application, a recording, its file.
inline constexpr std::string_view read_names =
    "call|active_calls|application|recording|recording_file";

nlohmann::json to_json(const FaultSettings& settings);
// Changes the members `json` names and leaves the others. Throws std::invalid_argument naming the
// fault.
FaultSettings merged(FaultSettings settings, const nlohmann::json& json);

struct WebhookPlan {
    bool lost = false;
    bool reordered = false;
    std::int64_t copies = 0;
    std::vector<milliseconds> delays;  // of the event itself, then of each copy
};

class Faults {
public:
    explicit Faults(std::uint64_t seed) : seed_(seed) {}
    [[nodiscard]] const FaultSettings& settings() const { return settings_; }
    void set(FaultSettings settings);  // also starts the counts of targets again
    // `scope` names what the decision hangs on besides the count: a call, so that calls do not
    // disturb each other's chance.
    CommandFault for_command(const std::string& name, const std::string& scope);
    // `name` is one of read_names.
    CommandFault for_read(const std::string& name, const std::string& scope);
    WebhookPlan for_webhook(const std::string& event_type, const std::string& event_id);

private:
    using Chances = std::initializer_list<std::pair<double, CommandFault>>;
    template <class Targets>
    CommandFault decide(const std::string& kind, const std::string& name, const std::string& scope,
                        const Targets& targets, Chances chances);

    std::uint64_t seed_;
    FaultSettings settings_;
    std::map<std::string, std::uint64_t> command_counts_;
    std::map<std::string, std::uint64_t> scope_counts_;
    std::map<std::string, std::uint64_t> webhook_counts_;
};

}  // namespace gw::simulator
