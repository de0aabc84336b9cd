// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/faults.hpp"

#include "tests/simulator/command_table.hpp"
#include "tests/simulator/json_members.hpp"
#include "tests/simulator/validate.hpp"

#include <algorithm>
#include <utility>

namespace gw::simulator {
namespace {

using nlohmann::json;

constexpr std::int64_t hour_ms = 3'600'000;

constexpr std::pair<CommandFault, std::string_view> command_words[] = {
    {CommandFault::none, "none"},
    {CommandFault::server_error, "server_error"},
    {CommandFault::stall, "stall"},
    {CommandFault::reply_lost, "reply_lost"},
    {CommandFault::rate_limited, "rate_limited"},
    {CommandFault::ended, "ended"},
};
constexpr std::pair<WebhookFault, std::string_view> webhook_words[] = {
    {WebhookFault::none, "none"},           {WebhookFault::lose, "lose"},
    {WebhookFault::duplicate, "duplicate"}, {WebhookFault::reorder, "reorder"},
    {WebhookFault::delay, "delay"},
};

template <class Fault, std::size_t Size>
Fault fault_from(const std::string& word, const std::pair<Fault, std::string_view> (&words)[Size]) {
    std::string known;
    for (const auto& [fault, name] : words) {
        if (name == word) {
            return fault;
        }
        known += " " + std::string{name};
    }
    fail("targets", "unknown fault '" + word.substr(0, 100) + "', known are:" + known);
}

template <class Fault, std::size_t Size>
std::string_view word_for(Fault fault, const std::pair<Fault, std::string_view> (&words)[Size]) {
    return std::ranges::find(words, fault, &std::pair<Fault, std::string_view>::first)->second;
}

void read_chance(const json& object, const char* name, double& out) {
    if (object.contains(name)) {
        if (!object[name].is_number() || object[name].get<double>() < 0 ||
            object[name].get<double>() > 1) {
            fail(name, "must be a probability from 0 to 1");
        }
        out = object[name].get<double>();
    }
}

void read_number(const json& object, const char* name, std::int64_t& out, std::int64_t low,
                 std::int64_t high) {
    if (object.contains(name)) {
        out = whole_number(object, name, low, low, high);
    }
}

void read_time(const json& object, const char* name, milliseconds& out) {
    std::int64_t value = out.count();
    read_number(object, name, value, 0, hour_ms);
    out = milliseconds{value};
}

void read_webhooks(const json& object, FaultSettings& settings) {
    expect_members(object,
                   "duplicate|duplicate_count|reorder|reorder_window|reorder_hold_ms|delay_min_ms|"
                   "delay_max_ms|loss",
                   "webhooks");
    read_chance(object, "duplicate", settings.duplicate);
    read_number(object, "duplicate_count", settings.duplicate_count, 1, 100);
    read_chance(object, "reorder", settings.reorder);
    read_number(object, "reorder_window", settings.reorder_window, 1, 1000);
    read_time(object, "reorder_hold_ms", settings.reorder_hold);
    read_time(object, "delay_min_ms", settings.delay_min);
    read_time(object, "delay_max_ms", settings.delay_max);
    read_chance(object, "loss", settings.loss);
    if (settings.delay_max < settings.delay_min) {
        if (object.contains("delay_max_ms")) {
            fail("delay_max_ms", "must not be below delay_min_ms");
        }
        settings.delay_max = settings.delay_min;
    }
}

void read_redelivery(const json& object, FaultSettings& settings) {
    expect_members(object, "attempts|backoff_ms|timeout_ms", "redelivery");
    read_number(object, "attempts", settings.attempts, 1, 1000);
    read_time(object, "timeout_ms", settings.timeout);
    if (object.contains("backoff_ms")) {
        const json& list = object["backoff_ms"];
        const bool good =
            list.is_array() && !list.empty() && std::ranges::all_of(list, [](const json& item) {
                return item.is_number_integer() && item.get<std::int64_t>() >= 0 &&
                       item.get<std::int64_t>() <= hour_ms;
            });
        if (!good) {
            fail("backoff_ms", "must be an array of milliseconds, each at most an hour");
        }
        settings.backoff_ms = list.get<std::vector<std::int64_t>>();
    }
}

void read_commands(const json& object, FaultSettings& settings) {
    expect_members(
        object,
        "server_error|server_error_status|stall|stall_ms|stall_executes|reply_lost|rate_limited|"
        "rate_limit_reset_s|ended",
        "commands");
    read_chance(object, "server_error", settings.server_error);
    read_number(object, "server_error_status", settings.server_error_status, 500, 599);
    read_chance(object, "stall", settings.stall);
    read_time(object, "stall_ms", settings.stall_time);
    read_chance(object, "reply_lost", settings.reply_lost);
    read_chance(object, "rate_limited", settings.rate_limited);
    read_number(object, "rate_limit_reset_s", settings.rate_limit_reset_s, 0, 3600);
    read_chance(object, "ended", settings.ended);
    read(object, "stall_executes", settings.stall_executes);
}

void read_reads(const json& object, FaultSettings& settings) {
    expect_members(object, "server_error|stall|rate_limited", "reads");
    read_chance(object, "server_error", settings.read_server_error);
    read_chance(object, "stall", settings.read_stall);
    read_chance(object, "rate_limited", settings.read_rate_limited);
}

// The kind of a target: the one of these members it has.
std::string kind_of(const json& item) {
    std::string kind;
    for (const char* name : {"command", "event", "read"}) {
        if (item.contains(name)) {
            kind = kind.empty() ? name : "two";
        }
    }
    if (kind.empty() || kind == "two" || !item.contains("fault")) {
        fail("targets", "each needs a fault, and either a command, an event or a read");
    }
    return kind;
}

// A name nothing has would never be hit, and nobody would know why.
void expect_known(const std::string& kind, const std::string& name) {
    const auto reads = split_words(read_names);
    const bool known = name == "*" || (kind == "command" && find_command(name) != nullptr) ||
                       (kind == "event" && is_call_event(name)) ||
                       (kind == "read" && std::ranges::find(reads, name) != reads.end());
    if (!known) {
        fail("targets", "there is no " + kind + " '" + name.substr(0, 100) + "'");
    }
}

void add_target(const json& item, FaultSettings& settings) {
    expect_members(item, "command|event|read|nth|count|fault", "targets");
    const std::string kind = kind_of(item);
    std::int64_t nth = 1;
    std::int64_t count = 1;
    read_number(item, "nth", nth, 1, 1'000'000'000);
    read_number(item, "count", count, 1, 1'000'000'000);
    Target target{.name = text_member(item, kind.c_str()),
                  .nth = static_cast<std::uint64_t>(nth),
                  .count = static_cast<std::uint64_t>(count)};
    expect_known(kind, target.name);
    const std::string word = text_member(item, "fault");
    if (kind == "event") {
        settings.webhook_targets.push_back({std::move(target), fault_from(word, webhook_words)});
        return;
    }
    const CommandFault fault = fault_from(word, command_words);
    if (kind == "command") {
        if (fault == CommandFault::ended && target.name == "dial") {
            fail("targets", "a call that is only dialled has not ended");
        }
        settings.command_targets.push_back({std::move(target), fault});
        return;
    }
    if (fault == CommandFault::reply_lost || fault == CommandFault::ended) {
        fail("targets", "a read knows the faults server_error, stall and rate_limited");
    }
    settings.read_targets.push_back({std::move(target), fault});
}

void read_targets(const json& list, FaultSettings& settings) {
    if (!list.is_array()) {
        fail("targets", "must be an array");
    }
    settings.command_targets.clear();
    settings.read_targets.clear();
    settings.webhook_targets.clear();
    for (const json& item : list) {
        add_target(item, settings);
    }
}

json target_json(const char* kind, const Target& target, std::string_view fault) {
    return {{kind, target.name}, {"nth", target.nth}, {"count", target.count}, {"fault", fault}};
}

bool hits(const Target& target, const std::string& name, std::uint64_t of_name,
          std::uint64_t of_all) {
    const std::uint64_t number = target.name == "*" ? of_all : of_name;
    return (target.name == "*" || target.name == name) && number >= target.nth &&
           number < target.nth + target.count;
}

}  // namespace

std::string_view name_of(CommandFault fault) {
    return word_for(fault, command_words);
}

json to_json(const FaultSettings& settings) {
    json targets = json::array();
    for (const CommandTarget& target : settings.command_targets) {
        targets.push_back(target_json("command", target, word_for(target.fault, command_words)));
    }
    for (const ReadTarget& target : settings.read_targets) {
        targets.push_back(target_json("read", target, word_for(target.fault, command_words)));
    }
    for (const WebhookTarget& target : settings.webhook_targets) {
        targets.push_back(target_json("event", target, word_for(target.fault, webhook_words)));
    }
    return {{"webhooks",
             {{"duplicate", settings.duplicate},
              {"duplicate_count", settings.duplicate_count},
              {"reorder", settings.reorder},
              {"reorder_window", settings.reorder_window},
              {"reorder_hold_ms", settings.reorder_hold.count()},
              {"delay_min_ms", settings.delay_min.count()},
              {"delay_max_ms", settings.delay_max.count()},
              {"loss", settings.loss}}},
            {"redelivery",
             {{"attempts", settings.attempts},
              {"backoff_ms", settings.backoff_ms},
              {"timeout_ms", settings.timeout.count()}}},
            {"commands",
             {{"server_error", settings.server_error},
              {"server_error_status", settings.server_error_status},
              {"stall", settings.stall},
              {"stall_ms", settings.stall_time.count()},
              {"stall_executes", settings.stall_executes},
              {"reply_lost", settings.reply_lost},
              {"rate_limited", settings.rate_limited},
              {"rate_limit_reset_s", settings.rate_limit_reset_s},
              {"ended", settings.ended}}},
            {"reads",
             {{"server_error", settings.read_server_error},
              {"stall", settings.read_stall},
              {"rate_limited", settings.read_rate_limited}}},
            {"targets", std::move(targets)}};
}

FaultSettings merged(FaultSettings settings, const json& object) {
    expect_members(object, "webhooks|redelivery|commands|reads|targets", "faults");
    if (object.contains("webhooks")) {
        read_webhooks(object["webhooks"], settings);
    }
    if (object.contains("redelivery")) {
        read_redelivery(object["redelivery"], settings);
    }
    if (object.contains("commands")) {
        read_commands(object["commands"], settings);
    }
    if (object.contains("reads")) {
        read_reads(object["reads"], settings);
    }
    if (object.contains("targets")) {
        read_targets(object["targets"], settings);
    }
    return settings;
}

void Faults::set(FaultSettings settings) {
    settings_ = std::move(settings);
    command_counts_.clear();
    webhook_counts_.clear();
}

template <class Targets>
CommandFault Faults::decide(const std::string& kind, const std::string& name,
                            const std::string& scope, const Targets& targets, Chances chances) {
    const std::uint64_t of_name = ++command_counts_[kind + name];
    const std::uint64_t of_all = ++command_counts_[kind + "*"];
    const std::string key = scope + " " + name;
    Random random{seed_, kind + key + " " + std::to_string(++scope_counts_[kind + key])};
    const auto possible = [&](CommandFault fault) {  // no call has ended before it is dialled
        return fault != CommandFault::ended || name != "dial";
    };
    for (const auto& target : targets) {
        if (hits(target, name, of_name, of_all) && possible(target.fault)) {
            return target.fault;
        }
    }
    for (const auto& [probability, fault] : chances) {
        if (random.chance(probability) && possible(fault)) {
            return fault;
        }
    }
    return CommandFault::none;
}

CommandFault Faults::for_command(const std::string& name, const std::string& scope) {
    return decide("command ", name, scope, settings_.command_targets,
                  {{settings_.server_error, CommandFault::server_error},
                   {settings_.stall, CommandFault::stall},
                   {settings_.reply_lost, CommandFault::reply_lost},
                   {settings_.rate_limited, CommandFault::rate_limited},
                   {settings_.ended, CommandFault::ended}});
}

CommandFault Faults::for_read(const std::string& name, const std::string& scope) {
    return decide("read ", name, scope, settings_.read_targets,
                  {{settings_.read_server_error, CommandFault::server_error},
                   {settings_.read_stall, CommandFault::stall},
                   {settings_.read_rate_limited, CommandFault::rate_limited}});
}

WebhookPlan Faults::for_webhook(const std::string& event_type, const std::string& event_id) {
    const std::uint64_t of_name = ++webhook_counts_[event_type];
    const std::uint64_t of_all = ++webhook_counts_["*"];
    Random random{seed_, "webhook " + event_id};
    WebhookPlan plan;
    plan.lost = random.chance(settings_.loss);
    plan.reordered = random.chance(settings_.reorder);
    plan.copies = random.chance(settings_.duplicate) ? settings_.duplicate_count : 0;
    milliseconds delay_min = settings_.delay_min;
    milliseconds delay_max = settings_.delay_max;
    for (const WebhookTarget& target : settings_.webhook_targets) {
        if (!hits(target, event_type, of_name, of_all)) {
            continue;
        }
        plan.lost = plan.lost || target.fault == WebhookFault::lose;
        plan.reordered = plan.reordered || target.fault == WebhookFault::reorder;
        if (target.fault == WebhookFault::duplicate) {
            plan.copies = std::max(plan.copies, settings_.duplicate_count);
        }
        if (target.fault == WebhookFault::delay) {
            delay_min = delay_max = std::max(delay_max, milliseconds{500});
        }
    }
    for (std::int64_t i = 0; i <= plan.copies; ++i) {
        plan.delays.emplace_back(random.between(delay_min.count(), delay_max.count()));
    }
    return plan;
}

}  // namespace gw::simulator
