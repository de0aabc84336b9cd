// SPDX-License-Identifier: Apache-2.0
#include "tests/contract/store_subject.hpp"

#include "gateway/domain/words.hpp"
#include "gateway/store/sqlite_store.hpp"
#include "tests/fakes/memory_store.hpp"

#include <cstdlib>
#include <sstream>

namespace gw::contract {
namespace {

class MemorySubject final : public StoreSubject {
public:
    ports::CallStore& calls() override { return store_; }
    ports::Outbox& outbox() override { return store_; }
    ports::DirectoryStore& directory() override { return store_; }
    void reopen() override { store_.reopen(); }

private:
    fakes::MemoryStore store_;
};

class SqliteSubject final : public StoreSubject {
public:
    ports::CallStore& calls() override { return *store_; }
    ports::Outbox& outbox() override { return *store_; }
    ports::DirectoryStore& directory() override { return *store_; }
    void reopen() override {
        store_.reset();
        store_ = store::open_sqlite_store(folder_.file("gateway.db"));
    }

private:
    TempFolder folder_;
    std::unique_ptr<store::SqliteStore> store_ =
        store::open_sqlite_store(folder_.file("gateway.db"));
};

template <class T>
std::string shown(const std::optional<T>& value) {
    if (!value) {
        return "-";
    }
    std::ostringstream out;
    if constexpr (requires { word_of(*value); }) {
        out << word_of(*value);
    } else if constexpr (requires { micros_of(*value); }) {
        out << micros_of(*value);
    } else {
        out << value->value();
    }
    return out.str();
}

void show_money(std::ostream& out, const Call& c) {
    const auto line = [&out](const char* name, MicroMoney money) {
        out << name << ' ' << money.micros << '\n';
    };
    line("rate", c.rates.rate);
    line("call_rate", c.rates.call_rate);
    line("recording_rate", c.rates.recording_rate);
    line("transfer_rate", c.rates.transfer_rate);
    line("llm_discount rate", c.rates.llm_discount);
    line("call_cost", c.costs.call_cost);
    line("recording_cost", c.costs.recording_cost);
    line("transfer_cost", c.costs.transfer_cost);
    line("llm_discount", c.costs.llm_discount);
    line("total_cost", c.costs.total_cost);
    line("carrier_cost", c.carrier_cost.value_or(MicroMoney{-1}));
}

void show_in_call(std::ostream& out, const Call& c) {
    out << "gathers " << c.gathers << " machine " << c.machine_awaited << c.machine_answered
        << "\ntimers " << shown(c.timers.transfer) << ' ' << shown(c.timers.gather) << ' '
        << shown(c.timers.silence) << '\n';
    if (c.gather) {
        out << "gather " << c.gather->number << ' ' << c.gather->terminator << ' '
            << micros_of(c.gather->asked_at) << '\n';
    }
    if (c.transfer) {
        const Transfer& t = *c.transfer;
        out << "transfer " << t.number << ' ' << t.destination << ' ' << word_of(t.phase) << ' '
            << micros_of(t.asked_at) << ' ' << t.leg.value() << ' ' << shown(t.answered_at) << ' '
            << shown(t.leg_ended_at) << ' ' << t.hung_up << ' ' << t.failure << '\n';
    }
}

void show_times(std::ostream& out, const Call& c) {
    out << "created " << micros_of(c.created_at) << "\nstarted " << shown(c.started_at)
        << "\nended " << shown(c.ended_at) << "\nopened " << micros_of(c.opened_at) << "\nalive "
        << micros_of(c.last_alive_at) << "\nanswer issued " << shown(c.answer_issued_at)
        << "\nanswer accepted " << shown(c.answer_accepted_at) << "\nsettle "
        << shown(c.timers.settle) << "\nmax " << shown(c.timers.max_duration) << "\ndeadline "
        << shown(c.timers.deadline) << "\ncheck " << shown(c.timers.check) << "\npassed "
        << c.deadline_passed << '\n';
    if (c.hangup) {
        out << "hangup " << micros_of(c.hangup->at) << ' ' << word_of(c.hangup->cause) << ' '
            << word_of(c.hangup->source) << '\n';
    }
    if (c.hangup_asked) {
        out << "asked " << micros_of(c.hangup_asked->at) << ' ' << word_of(c.hangup_asked->reason)
            << '\n';
    }
    if (c.gone) {
        out << "gone " << shown(c.gone->end_time) << '\n';
    }
    for (const auto& held : c.held_digits) {
        out << "held " << micros_of(held.occurred_at) << ' ' << held.digit << '\n';
    }
}

}  // namespace

TempFolder::TempFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "gw-store-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) {
        throw std::runtime_error("cannot make a temporary folder");
    }
    path_ = name;
}

TempFolder::~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

std::unique_ptr<StoreSubject> make_memory_subject() {
    return std::make_unique<MemorySubject>();
}
std::unique_ptr<StoreSubject> make_sqlite_subject() {
    return std::make_unique<SqliteSubject>();
}

Errc StoreContract::commit_error(ports::CallCommit what) {
    const auto result = commit(std::move(what));
    if (result) {
        ADD_FAILURE() << "the commit succeeded";
        return Errc::internal;
    }
    return result.error().code();
}

Call StoreContract::load(CallId id) {
    const auto found = run_awaitable(calls().load(id));
    if (!found || !found->has_value()) {
        ADD_FAILURE() << to_public(id) << " is not on record";
        return {};
    }
    return **found;
}

Call plain_call(CallId id, std::int64_t created_second) {
    Call call;
    call.id = id;
    call.version = 1;
    call.nonce = {1, static_cast<std::uint64_t>(id.value())};
    call.project_id = ProjectId(1);
    call.agent_id = AgentId(11);
    call.org_id = OrgId(5);
    call.agent_public_id = "agent_front";
    call.from = "+31612345678";
    call.to = "+31850012345";
    call.call_control_id = CallControlId("v3:leg-" + std::to_string(id.value()));
    call.call_leg_id = CallLegId("leg-" + std::to_string(id.value()));
    call.call_session_id = CallSessionId("session-" + std::to_string(id.value()));
    call.created_at = at(created_second);
    call.opened_at = at(created_second);
    call.last_alive_at = at(created_second);
    call.timeline_length = 1;
    return call;
}

Call full_call(CallId id) {
    Call c = plain_call(id, 7);
    c.nonce = {0xfedcba9876543210ULL, 0x8000000000000001ULL};
    c.direction = Direction::outbound;
    c.language = "nl-NL";
    c.status = CallStatus::no_answer;
    c.disposition = Disposition::voicemail;
    c.ended_reason = EndedReason::silence_timeout;
    c.closed_by = ClosedBy::reconciler;
    c.refusal = Refusal::over_capacity;
    c.started_at = at(21);
    c.ended_at = at(22);
    c.hangup = CarrierHangup{at(23), HangupCause::user_busy, HangupSource::callee};
    c.hangup_asked = HangupAsked{EndedReason::max_duration, at(24)};
    c.gone = CarrierGone{at(25)};
    c.held_digits = {{at(26), "#"}, {at(27), "5"}};
    c.carrier_cost = MicroMoney{31};
    c.rates = {MicroMoney{32}, MicroMoney{33}, MicroMoney{34}, MicroMoney{35}, MicroMoney{36}};
    using std::chrono::milliseconds;
    using std::chrono::seconds;
    c.policy = {seconds(41),      seconds(42),      seconds(43),
                milliseconds(44), milliseconds(45), milliseconds(46)};
    c.timers = {at(51), at(52), at(53), at(54), at(82), at(83), at(84)};
    c.opened_at = at(55);
    c.last_alive_at = at(56);
    c.answer_issued_at = at(57);
    c.answer_accepted_at = at(58);
    c.deadline_passed = true;
    c.duration_seconds = 61;
    c.minutes_used = {62};
    c.costs = {MicroMoney{63}, MicroMoney{64}, MicroMoney{65}, MicroMoney{66}, MicroMoney{67}};
    c.recording_enabled = true;
    c.has_recording = true;
    c.ws_unavailable = true;
    c.turn_count = 71;
    c.tool_call_count = 72;
    c.tools_called = {"look_up \"order\"", "süß"};
    c.transferred_to = "+31201234567";
    c.transfer_duration_seconds = 73;
    c.metadata_json = R"({"a":"b"})";
    c.extracted_data_json = R"({"c":1})";
    c.timeline_length = 74;
    c.webhook_sequence = 75;
    c.transfer = Transfer{.number = 76,
                          .destination = "+31207654321",
                          .phase = TransferPhase::answered,
                          .asked_at = at(77),
                          .leg = CallControlId("v3:target-" + std::to_string(id.value())),
                          .answered_at = at(78),
                          .leg_ended_at = at(79),
                          .hung_up = true,
                          .failure = "because"};
    c.gather = Gather{.number = 80, .terminator = "*", .asked_at = at(81)};
    c.gathers = 81;
    c.machine_awaited = true;
    c.machine_answered = true;
    return c;
}

CarrierEvent event(const std::string& id, const std::string& type, const Call& call) {
    CarrierEvent out;
    out.id = EventId(id);
    out.type_word = type;
    out.type = type == "call.initiated" ? CarrierEventType::initiated : CarrierEventType::other;
    out.occurred_at = call.created_at;
    out.call_control_id = call.call_control_id;
    out.call_leg_id = call.call_leg_id;
    out.call_session_id = call.call_session_id;
    out.raw = R"({"data":{"id":")" + id + R"("}})";
    return out;
}

ports::TimelineEntry entry_of(CarrierEvent carrier_event, std::uint32_t seq) {
    ports::TimelineEntry entry;
    entry.seq = seq;
    entry.input = {carrier_event.occurred_at, std::move(carrier_event)};
    entry.verdict = Verdict::applied;
    return entry;
}

ports::CallCommit birth(const Call& call) {
    ports::CallCommit commit;
    commit.call = call;
    commit.entries.push_back(
        entry_of(event(call.call_control_id.value() + "-initiated", "call.initiated", call), 1));
    return commit;
}

ports::CallCommit next_commit(Call call) {
    ports::CallCommit commit;
    commit.expected_version = call.version;
    ++call.version;
    commit.call = std::move(call);
    return commit;
}

ports::OutboundEvent outbound(ports::CallStore& store, const std::string& id,
                              std::uint32_t sequence, std::vector<std::int64_t> endpoints) {
    ports::OutboundEvent out;
    out.event.id = WebhookEventId(id);
    out.event.type = PublicEventType::call_started;
    out.event.sequence = sequence;
    out.event.at = at(3);
    out.body = R"({"id":")" + id + R"("})";
    for (const auto endpoint : endpoints) {
        out.deliveries.emplace_back(store.next_delivery_id(), EndpointId(endpoint));
    }
    return out;
}

std::string text_of(const Call& c) {
    std::ostringstream out;
    out << "id " << c.id.value() << "\nversion " << c.version << "\nnonce " << c.nonce.high << ' '
        << c.nonce.low << "\ndirection " << word_of(c.direction) << "\nagent " << shown(c.agent_id)
        << ' ' << c.agent_public_id << "\nproject " << shown(c.project_id) << "\norg "
        << shown(c.org_id) << "\nfrom " << c.from << "\nto " << c.to << "\nlanguage " << c.language
        << "\ncontrol " << c.call_control_id.value() << "\nleg " << c.call_leg_id.value()
        << "\nsession " << c.call_session_id.value() << "\nstatus " << word_of(c.status)
        << "\ndisposition " << shown(c.disposition) << "\nreason " << shown(c.ended_reason)
        << "\nclosed by " << shown(c.closed_by) << "\nrefusal " << shown(c.refusal) << '\n';
    show_times(out, c);
    show_money(out, c);
    const auto& p = c.policy;
    out << "policy " << p.max_duration.count() << ' ' << p.ring_timeout.count() << ' '
        << p.deadline_slack.count() << ' ' << p.settle.count() << ' ' << p.reconcile_idle.count()
        << ' ' << p.reconcile_interval.count() << "\nduration " << c.duration_seconds
        << "\nminutes " << c.minutes_used.hundredths << "\nrecording " << c.recording_enabled
        << c.has_recording << "\nws " << c.ws_unavailable << "\nturns " << c.turn_count
        << "\ntool calls " << c.tool_call_count << '\n';
    for (const auto& tool : c.tools_called) {
        out << "tool " << tool << '\n';
    }
    out << "transferred " << c.transferred_to << ' ' << c.transfer_duration_seconds << "\nmetadata "
        << c.metadata_json << "\nextracted " << c.extracted_data_json << "\ntimeline "
        << c.timeline_length << "\nsequence " << c.webhook_sequence << '\n';
    show_in_call(out, c);
    return out.str();
}

}  // namespace gw::contract
