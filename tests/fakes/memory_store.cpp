// SPDX-License-Identifier: Apache-2.0
#include "tests/fakes/memory_store.hpp"

#include "gateway/domain/words.hpp"
#include "gateway/store/timeline_json.hpp"
#include "tests/fakes/memory_store_later.hpp"

#include <algorithm>

namespace gw::fakes {

using boost::asio::awaitable;

namespace {

bool passes(const Call& call, const ports::ProjectScope& scope, const ports::CallFilter& filter) {
    const auto owns = [&call](ProjectId project) { return call.project_id == project; };
    return std::ranges::any_of(scope.projects, owns) &&
           (!filter.agent_id || call.agent_id == filter.agent_id) &&
           (!filter.status || call.status == *filter.status) &&
           (!filter.disposition || call.disposition == filter.disposition) &&
           (!filter.created_from || call.created_at >= *filter.created_from) &&
           (!filter.created_before || call.created_at < *filter.created_before);
}

template <class T, class Same>
T& insert_or_update(std::vector<T>& rows, const T& row, Same same) {
    const auto found = std::ranges::find_if(rows, [&](const T& other) { return same(other, row); });
    if (found == rows.end()) {
        return rows.emplace_back(row);
    }
    *found = row;
    return *found;
}

}  // namespace

void MemoryStore::fail_write(std::uint64_t nth, WriteFault fault) {
    planned_[writes_ + nth] = fault;
}

void MemoryStore::set_write_faults(std::function<std::optional<WriteFault>(std::uint64_t)> source) {
    fault_source_ = std::move(source);
}

void MemoryStore::reopen() {
    last_call_ = calls_.empty() ? 0 : calls_.rbegin()->first.value();
    last_delivery_ = last_delivery_used_;
    last_attempt_ = attempts_.empty() ? 0 : attempts_.rbegin()->first.value();
}

std::optional<WriteFault> MemoryStore::fault_of_next_write() {
    ++writes_;
    if (const auto planned = planned_.find(writes_); planned != planned_.end()) {
        const WriteFault fault = planned->second;
        planned_.erase(planned);
        return fault;
    }
    return fault_source_ ? fault_source_(writes_) : std::nullopt;
}

awaitable<Result<void>> MemoryStore::commit(std::shared_ptr<const ports::CallCommit> commit) {
    return write<void>([this, commit = std::move(commit)] { return apply_commit(*commit); });
}

Result<void> MemoryStore::check(const ports::CallCommit& commit) const {
    const Call& call = commit.call;
    const auto known = calls_.find(call.id);
    const std::uint64_t version = known == calls_.end() ? 0 : known->second.version;
    if (version != commit.expected_version ||
        (commit.expected_version == 0 && known != calls_.end())) {
        return Error(Errc::conflict, to_public(call.id) + " was changed by another first");
    }
    const auto leg = legs_.find(call.call_control_id);
    if (leg != legs_.end() && leg->second != call.id) {
        return Error(Errc::conflict, "the leg of " + to_public(call.id) + " has a call already");
    }
    std::set<EventId> fresh;
    for (const auto& entry : commit.entries) {
        const CarrierEvent* event = carrier_event_of(entry.input);
        if (event != nullptr && (events_.contains(event->id) || !fresh.insert(event->id).second)) {
            return Error(Errc::duplicate, "event " + event->id.value() + " is on record already");
        }
    }
    return {};
}

Result<void> MemoryStore::apply_commit(const ports::CallCommit& commit) {
    if (auto checked = check(commit); !checked) {
        return checked;
    }
    const CallId id = commit.call.id;
    calls_[id] = commit.call;
    if (!commit.call.call_control_id.value().empty()) {
        legs_[commit.call.call_control_id] = id;
    }
    if (commit.call.transfer && !commit.call.transfer->leg.value().empty()) {
        legs_.try_emplace(commit.call.transfer->leg, id);
    }
    auto& rows = timelines_[id];
    for (const auto& entry : commit.entries) {
        std::string scratch;
        ports::TimelineRow row;
        row.seq = entry.seq;
        row.at = entry.input.at;
        row.kind = store::kind_of(entry.input);
        row.verdict = word_of(entry.verdict);
        row.data_json = store::data_of(entry.input, scratch);
        row.effects_json = store::effects_json(entry.effects);
        if (const CarrierEvent* event = carrier_event_of(entry.input)) {
            events_[event->id] = {id, rows.size()};
            seen_[id].push_back(event->id);
        }
        rows.push_back(std::move(row));
    }
    for (const auto& command : commit.finished_commands) {
        commands_.erase(command);
    }
    for (const auto& command : commit.commands) {
        commands_.try_emplace(command.command_id, ports::OwedCommand{id, command});
    }
    for (const auto& event : commit.webhooks) {
        tell(commit, event);
    }
    for (const auto& event : commit.unparked) {
        parked_.erase(event);
    }
    return {};
}

void MemoryStore::tell(const ports::CallCommit& commit, const ports::OutboundEvent& event) {
    sent_[event.event.id] = {std::string(word_of(event.event.type)), event.body};
    const UtcTime due = commit.entries.empty() ? event.event.at : commit.entries.back().input.at;
    for (const auto& [delivery, endpoint] : event.deliveries) {
        ports::PendingDelivery pending;
        pending.id = delivery;
        pending.endpoint_id = endpoint;
        pending.call_id = commit.call.id;
        pending.event_id = event.event.id;
        pending.next_at = due;
        pending.created_at = due;
        deliveries_[delivery] = {pending, std::nullopt};
        last_delivery_used_ = std::max(last_delivery_used_, delivery.value());
    }
}

ports::LoadedCall MemoryStore::loaded(const Call& call) const {
    const auto seen = seen_.find(call.id);
    return {call, seen == seen_.end() ? std::vector<EventId>() : seen->second};
}

awaitable<Result<std::optional<ports::LoadedCall>>> MemoryStore::load_by_leg(CallControlId leg) {
    using Found = std::optional<ports::LoadedCall>;
    return read<Found>([this, leg = std::move(leg)]() -> Result<Found> {
        const auto found = legs_.find(leg);
        return found == legs_.end() ? Found() : Found(loaded(calls_.at(found->second)));
    });
}

awaitable<Result<std::optional<Call>>> MemoryStore::load(CallId id) {
    return read<std::optional<Call>>([this, id]() -> Result<std::optional<Call>> {
        const auto found = calls_.find(id);
        return found == calls_.end() ? std::nullopt : std::optional(found->second);
    });
}

awaitable<Result<std::vector<ports::LoadedCall>>> MemoryStore::load_live() {
    using Found = std::vector<ports::LoadedCall>;
    return read<Found>([this]() -> Result<Found> {
        Found live;
        for (const auto& [id, call] : calls_) {
            if (!call.is_final()) {
                live.push_back(loaded(call));
            }
        }
        return live;
    });
}

ports::CallPage MemoryStore::page_of(const ports::ProjectScope& scope,
                                     const ports::CallFilter& filter,
                                     const std::optional<ports::CallCursor>& after,
                                     std::size_t limit) const {
    ports::CallPage page;
    for (const auto& [id, call] : calls_) {
        const bool follows =
            !after || std::pair(call.created_at, id) < std::pair(after->created_at, after->id);
        if (follows && passes(call, scope, filter)) {
            page.calls.push_back(call);
        }
    }
    std::ranges::sort(page.calls, [](const Call& a, const Call& b) {
        return std::pair(a.created_at, a.id) > std::pair(b.created_at, b.id);
    });
    if (page.calls.size() > limit) {
        page.calls.resize(limit);
        if (limit > 0) {
            page.next = ports::CallCursor{page.calls.back().created_at, page.calls.back().id};
        }
    }
    return page;
}

awaitable<Result<ports::CallPage>> MemoryStore::list(ports::ProjectScope scope,
                                                     ports::CallFilter filter,
                                                     std::optional<ports::CallCursor> after,
                                                     std::size_t limit) {
    return read<ports::CallPage>(
        [this, scope = std::move(scope), filter, after, limit]() -> Result<ports::CallPage> {
            return page_of(scope, filter, after, limit);
        });
}

awaitable<Result<ports::CallSummary>> MemoryStore::summarize(ports::ProjectScope scope,
                                                             ports::SummaryFilter filter) {
    return read<ports::CallSummary>(
        [this, scope = std::move(scope), filter]() -> Result<ports::CallSummary> {
            ports::CallSummary sum;
            ports::CallFilter chosen;
            chosen.agent_id = filter.agent_id;
            chosen.status = filter.status;
            chosen.disposition = filter.disposition;
            for (const auto& [id, call] : calls_) {
                const auto day = std::chrono::floor<std::chrono::days>(call.created_at);
                if (!passes(call, scope, chosen) || (filter.from_day && day < *filter.from_day) ||
                    (filter.to_day && day > *filter.to_day)) {
                    continue;
                }
                ++sum.total_calls;
                sum.completed_calls += call.status == CallStatus::completed ? 1 : 0;
                sum.failed_calls += call.status == CallStatus::failed ? 1 : 0;
                sum.answered_calls += call.disposition == Disposition::answered ? 1 : 0;
                sum.no_answer_calls += call.disposition == Disposition::no_answer ? 1 : 0;
                if (call.is_final()) {
                    sum.total_duration_seconds += call.duration_seconds;
                    sum.total_minutes_used.hundredths += call.minutes_used.hundredths;
                    sum.total_cost.micros += call.costs.total_cost.micros;
                    sum.total_recording_cost.micros += call.costs.recording_cost.micros;
                    sum.total_llm_discount.micros += call.costs.llm_discount.micros;
                }
            }
            return sum;
        });
}

awaitable<Result<std::vector<ports::TimelineRow>>> MemoryStore::timeline(CallId id,
                                                                         std::uint32_t after_seq,
                                                                         std::size_t limit) {
    using Rows = std::vector<ports::TimelineRow>;
    return read<Rows>([this, id, after_seq, limit]() -> Result<Rows> {
        Rows rows;
        if (const auto found = timelines_.find(id); found != timelines_.end()) {
            for (const auto& row : found->second) {
                if (row.seq > after_seq && rows.size() < limit) {
                    rows.push_back(row);
                }
            }
        }
        return rows;
    });
}

awaitable<Result<std::vector<ports::OwedCommand>>> MemoryStore::owed_commands() {
    using Owed = std::vector<ports::OwedCommand>;
    return read<Owed>([this]() -> Result<Owed> {
        Owed owed;
        for (const auto& [id, command] : commands_) {
            owed.push_back(command);
        }
        const auto key = [](const ports::OwedCommand& owed_command) {
            const SendCommand& command = owed_command.command;
            return std::tuple(command.issued_at, owed_command.call_id, command.command_id);
        };
        std::ranges::sort(owed, {}, key);
        return owed;
    });
}

awaitable<Result<void>> MemoryStore::park(ports::ParkedEvent event) {
    return write<void>([this, event = std::move(event)]() -> Result<void> {
        const EventId& id = event.event.id;
        if (events_.contains(id) || !parked_.try_emplace(id, event).second) {
            return Error(Errc::duplicate, "event " + id.value() + " is on record already");
        }
        return {};
    });
}

awaitable<Result<std::vector<ports::ParkedEvent>>> MemoryStore::parked() {
    using Events = std::vector<ports::ParkedEvent>;
    return read<Events>([this]() -> Result<Events> {
        Events events;
        for (const auto& [id, event] : parked_) {
            events.push_back(event);
        }
        std::ranges::sort(events, {}, [](const ports::ParkedEvent& parked) {
            return std::pair(parked.parked_at, parked.event.id);
        });
        return events;
    });
}

awaitable<Result<void>> MemoryStore::discard_parked(std::vector<EventId> events) {
    return write<void>([this, events = std::move(events)]() -> Result<void> {
        for (const auto& event : events) {
            parked_.erase(event);
        }
        return {};
    });
}

void MemoryStore::note_repeat(EventId id, UtcTime /*occurred_at*/) {
    if (const auto place = events_.find(id); place != events_.end()) {
        ++timelines_.at(place->second.call).at(place->second.index).repeats;
    }
}

awaitable<Result<void>> MemoryStore::ping() {
    return write<void>([]() -> Result<void> { return {}; });
}

// The number it has, or a new one: by owner and URL, an agent's own also under another URL.
EndpointId MemoryStore::endpoint_id_of(const ports::Endpoint& endpoint) {
    const auto is_own = [&](const ports::Endpoint& known) {
        return endpoint.agents_own && known.agents_own && known.agent_id == endpoint.agent_id;
    };
    const auto is_same = [&](const ports::Endpoint& known) {
        return known.org_id == endpoint.org_id && known.project_id == endpoint.project_id &&
               known.agent_id == endpoint.agent_id && known.url == endpoint.url;
    };
    auto known = std::ranges::find_if(directory_.endpoints, is_own);
    if (known == directory_.endpoints.end()) {
        known = std::ranges::find_if(directory_.endpoints, is_same);
    }
    return known == directory_.endpoints.end() ? EndpointId(++last_endpoint_) : known->id;
}

void MemoryStore::seed(const ports::DirectoryContent& content) {
    const auto same_id = [](const auto& a, const auto& b) { return a.id == b.id; };
    for (const auto& org : content.orgs) {
        insert_or_update(directory_.orgs, org, same_id);
    }
    for (const auto& project : content.projects) {
        insert_or_update(directory_.projects, project, same_id);
    }
    for (const auto& agent : content.agents) {
        for (auto& other : directory_.agents) {  // a number has one agent: the last that claims it
            std::erase_if(other.phone_numbers, [&agent](const std::string& number) {
                return std::ranges::find(agent.phone_numbers, number) != agent.phone_numbers.end();
            });
        }
        insert_or_update(directory_.agents, agent, same_id);
    }
    std::set<EndpointId> named;
    for (ports::Endpoint endpoint : content.endpoints) {
        endpoint.id = endpoint_id_of(endpoint);
        named.insert(endpoint.id);
        insert_or_update(directory_.endpoints, endpoint, same_id);
    }
    std::erase_if(directory_.endpoints,
                  [&named](const ports::Endpoint& known) { return !named.contains(known.id); });
    for (const auto& key : content.keys) {
        insert_or_update(directory_.keys, key,
                         [](const auto& a, const auto& b) { return a.hash == b.hash; });
    }
    std::ranges::sort(directory_.orgs, {}, &ports::Org::id);
    std::ranges::sort(directory_.projects, {}, &ports::Project::id);
    std::ranges::sort(directory_.agents, {}, &ports::Agent::id);
    std::ranges::sort(directory_.keys, {}, &ports::ApiKey::hash);
}

}  // namespace gw::fakes
