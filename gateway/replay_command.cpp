// SPDX-License-Identifier: Apache-2.0
#include "gateway/replay_command.hpp"

#include "gateway/app/inbound_terms.hpp"
#include "gateway/directory_seed.hpp"
#include "gateway/domain/e164.hpp"
#include "gateway/options.hpp"
#include "gateway/replay/replay.hpp"
#include "gateway/replay/timeline_file.hpp"
#include "gateway/store/call_file.hpp"

#include <fstream>
#include <ostream>
#include <stdexcept>
#include <utility>

namespace gw {
namespace {

constexpr int exit_agrees = 0;
constexpr int exit_differs = 1;
constexpr int exit_unreadable = 2;

int unreadable(const std::string& what, const std::string& why, std::ostream& err) {
    err << what << ": " << why << '\n';
    return exit_unreadable;
}

// The numbers of the call's first row: who is called and who calls.
std::vector<std::string> numbers_of(const ports::TimelineRow& row) {
    const auto input = replay::input_of(row);
    const auto marks = replay::recorded_marks(row);
    std::vector<std::string> numbers;
    if (input) {
        if (const auto* event = carrier_event_of(*input)) {
            numbers = {event->to, event->from};
        }
    }
    if (marks) {
        for (const auto& mark : *marks) {
            if (mark.dial) {
                numbers.push_back(mark.dial->from);
            }
        }
    }
    return numbers;
}

InboundTerms terms_of(const config::Settings& settings, const ports::TimelineRow& first) {
    const app::CallDefaults defaults = registry_options(settings).defaults;
    const app::Directory directory(directory_seed(settings));
    for (const std::string& number : numbers_of(first)) {
        const auto e164 = e164_of(number);
        if (const ports::Agent* agent = e164 ? directory.agent_by_number(*e164) : nullptr) {
            return app::terms_of_agent(directory, defaults, *agent);
        }
    }
    return {};
}

int verdict_of(const replay::Replayed& replayed, const std::vector<std::string>& record,
               std::ostream& out) {
    replay::print(replayed, out);
    for (const std::string& difference : record) {
        out << "! the call's " << difference << '\n';
    }
    const bool agrees = replayed.agrees() && record.empty();
    out << replayed.rows.size() << " rows: "
        << (agrees ? "all as recorded" : "this program decides otherwise where marked with !")
        << '\n';
    return agrees ? exit_agrees : exit_differs;
}

}  // namespace

int replay_stored(const config::Settings& settings, CallId id, std::ostream& out,
                  std::ostream& err) {
    try {
        const auto stored = store::read_stored_call(sqlite_path(settings), id);
        if (!stored) {
            return unreadable(to_public(id), "there is no such call", err);
        }
        const auto replayed = replay::replay(stored->timeline, replay::birth_of(stored->call));
        if (!replayed) {
            return unreadable(to_public(id), replayed.error().context(), err);
        }
        return verdict_of(*replayed, replay::differences(stored->call, replayed->call), out);
    } catch (const std::runtime_error& error) {
        return unreadable(to_public(id), error.what(), err);
    }
}

int replay_file(const std::string& path, const std::optional<config::Settings>& settings,
                std::ostream& out, std::ostream& err) {
    std::ifstream text(path);
    if (!text) {
        return unreadable(path, "cannot be opened", err);
    }
    const auto file = replay::read_timeline(text);
    if (!file) {
        return unreadable(path, file.error().context(), err);
    }
    replay::Birth birth;
    birth.id = file->call_id.value_or(birth.id);
    if (settings) {
        birth.terms = terms_of(*settings, file->rows.front());
    }
    birth.terms.policy = file->policy.value_or(birth.terms.policy);
    const auto replayed = replay::replay(file->rows, birth);
    if (!replayed) {
        return unreadable(path, replayed.error().context(), err);
    }
    return verdict_of(*replayed, {}, out);
}

}  // namespace gw
