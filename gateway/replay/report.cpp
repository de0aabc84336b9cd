// SPDX-License-Identifier: Apache-2.0
// What people read of a replay.
#include "gateway/domain/words.hpp"
#include "gateway/replay/replay.hpp"

#include <iomanip>
#include <ostream>
#include <string_view>

namespace gw::replay {
namespace {

std::string text_of(const std::vector<EffectMark>& effects) {
    std::string out;
    for (const EffectMark& effect : effects) {
        out += out.empty() ? "" : ", ";
        out += effect.what;
        if (effect.sequence != 0) {
            out += "#" + std::to_string(effect.sequence);
        }
    }
    return out.empty() ? "-" : out;
}

template <class E>
std::string_view word_or_dash(const std::optional<E>& value) {
    return value ? word_of(*value) : std::string_view("-");
}

std::string shown(const std::string& text) {
    return text.empty() ? "-" : text;
}
std::string shown(std::int64_t number) {
    return std::to_string(number);
}
std::string shown(MicroMoney money) {
    return std::to_string(money.micros) + " millionths";
}
std::string shown(const std::optional<UtcTime>& time) {
    return time ? to_rfc3339_micros(*time) : "-";
}
std::string shown(std::string_view word) {
    return std::string(word);
}

template <class T>
void compare(std::vector<std::string>& out, std::string_view name, const T& recorded,
             const T& now) {
    if (shown(recorded) != shown(now)) {
        out.push_back(std::string(name) + ": " + shown(recorded) + " recorded, " + shown(now) +
                      " now");
    }
}

}  // namespace

std::vector<std::string> differences(const Call& recorded, const Call& now) {
    std::vector<std::string> out;
    compare(out, "status", word_of(recorded.status), word_of(now.status));
    compare(out, "disposition", word_or_dash(recorded.disposition), word_or_dash(now.disposition));
    compare(out, "ended_reason", word_or_dash(recorded.ended_reason),
            word_or_dash(now.ended_reason));
    compare(out, "closed_by", word_or_dash(recorded.closed_by), word_or_dash(now.closed_by));
    compare(out, "created_at", std::optional(recorded.created_at), std::optional(now.created_at));
    compare(out, "started_at", recorded.started_at, now.started_at);
    compare(out, "ended_at", recorded.ended_at, now.ended_at);
    compare(out, "duration_seconds", recorded.duration_seconds, now.duration_seconds);
    compare(out, "transferred_to", recorded.transferred_to, now.transferred_to);
    compare(out, "transfer_duration_seconds", recorded.transfer_duration_seconds,
            now.transfer_duration_seconds);
    compare(out, "total_cost", recorded.costs.total_cost, now.costs.total_cost);
    return out;
}

void print(const Replayed& replayed, std::ostream& out) {
    for (const ReplayedRow& row : replayed.rows) {
        const bool differs = row.verdict_differs || row.effects_differ;
        out << (differs ? "! " : "  ") << std::right << std::setw(4) << row.seq << "  " << std::left
            << std::setw(24) << row.kind << ' ' << std::setw(9) << row.verdict << "  "
            << word_of(row.status) << '/' << word_or_dash(row.disposition) << '/'
            << word_or_dash(row.ended_reason) << "  " << text_of(row.effects) << '\n';
        if (row.verdict_differs) {
            out << "        recorded verdict: " << row.recorded_verdict << '\n';
        }
        if (row.effects_differ) {
            const std::string was = text_of(row.recorded_effects);
            out << "        recorded effects: " << was
                << (was == text_of(row.effects) ? " (under other ids)" : "") << '\n';
        }
    }
}

}  // namespace gw::replay
