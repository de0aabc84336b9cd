// SPDX-License-Identifier: Apache-2.0
#include "gateway/replay/replay.hpp"

#include "gateway/domain/words.hpp"

#include <algorithm>
#include <iterator>
#include <unordered_map>
#include <utility>

namespace gw::replay {
namespace {

// Recorded ids and those of now: equal, or one to one while the nonce is not known.
class IdPairs {
public:
    explicit IdPairs(bool exact) : exact_(exact) {}
    bool match(const std::string& recorded, const std::string& now) {
        if (exact_) {
            return recorded == now;
        }
        return now_of_.try_emplace(recorded, now).first->second == now &&
               recorded_of_.try_emplace(now, recorded).first->second == recorded;
    }

private:
    bool exact_;
    std::unordered_map<std::string, std::string> now_of_;
    std::unordered_map<std::string, std::string> recorded_of_;
};

bool same_effects(const std::vector<EffectMark>& recorded, const std::vector<EffectMark>& now,
                  IdPairs& ids) {
    return std::ranges::equal(recorded, now, [&ids](const EffectMark& a, const EffectMark& b) {
        return a.what == b.what && a.sequence == b.sequence && ids.match(a.id, b.id);
    });
}

const EffectMark* find_mark(const std::vector<EffectMark>& marks, std::string_view what) {
    const auto found = std::ranges::find(marks, what, &EffectMark::what);
    return found == marks.end() ? nullptr : &*found;
}

Refusal recorded_refusal(const std::vector<EffectMark>& marks) {
    for (const Refusal why : {Refusal::over_capacity, Refusal::draining}) {
        if (find_mark(marks, "refused " + std::string(word_of(why)))) {
            return why;
        }
    }
    return Refusal::no_agent;
}

// Of the first leg; a transfer's target goes the other way.
Direction direction_of(const std::vector<Input>& inputs, const CallControlId& leg) {
    for (const Input& input : inputs) {
        const auto* event = carrier_event_of(input);
        if (event && event->direction && event->call_control_id == leg) {
            return *event->direction;
        }
    }
    return Direction::inbound;
}

// Whether a call was taken, refused or adopted was decided by the directory of that day: its first
// effects tell.
NewCall incoming(const Birth& birth, const std::vector<Input>& inputs,
                 const std::vector<EffectMark>& effects) {
    const bool answers = find_mark(effects, "command answer") != nullptr;
    const bool rejects = find_mark(effects, "command reject") != nullptr;
    const bool asks = find_mark(effects, "ask carrier") != nullptr;
    NewCall made;
    made.id = birth.id;
    made.nonce = birth.nonce.value_or(Nonce{});
    made.terms = birth.terms;
    made.adopted = !answers && !rejects;
    const auto& first = *std::get<BoxedEvent>(inputs.front().what);
    made.direction = birth.direction.value_or(direction_of(inputs, first.call_control_id));
    if (answers || (made.adopted && asks)) {
        made.terms.refusal.reset();
    } else if (!made.terms.refusal) {
        made.terms.refusal = recorded_refusal(effects);
    }
    return made;
}

// As CallRegistry does: an adopted call's first event has more to say than that it begins, unless
// it is its call.initiated.
Transition begin_incoming(const NewCall& made, const Input& first) {
    const auto& event = *std::get<BoxedEvent>(first.what);
    Transition begun = begin_call(made, event, first.at);
    if (!made.adopted || event.type == CarrierEventType::initiated) {
        return begun;
    }
    Transition next = apply(std::move(begun.call), first);
    next.effects.insert(next.effects.begin(), std::make_move_iterator(begun.effects.begin()),
                        std::make_move_iterator(begun.effects.end()));
    return next;
}

Result<Transition> begin(const Birth& birth, const std::vector<Input>& inputs,
                         const std::vector<EffectMark>& effects) {
    const Input& first = inputs.front();
    if (std::holds_alternative<BoxedEvent>(first.what)) {
        return begin_incoming(incoming(birth, inputs, effects), first);
    }
    if (!std::holds_alternative<DialRequested>(first.what)) {
        return Error(Errc::invalid, "row 1: a call begins with a carrier's event or api.place");
    }
    const EffectMark* dial = find_mark(effects, "command dial");
    if (!dial || !dial->dial) {
        return Error(Errc::invalid, "row 1: its dial command says neither whom nor how long");
    }
    NewOutboundCall made;
    made.id = birth.id;
    made.nonce = birth.nonce.value_or(Nonce{});
    made.terms = birth.terms;
    made.terms.refusal.reset();
    made.order = *dial->dial;
    return begin_outbound_call(made, first.at);
}

ReplayedRow compare(const ports::TimelineRow& row, std::vector<EffectMark> recorded,
                    const Transition& now, IdPairs& ids) {
    ReplayedRow out;
    out.seq = row.seq;
    out.kind = row.kind;
    out.recorded_verdict = row.verdict;
    out.recorded_effects = std::move(recorded);
    out.verdict = word_of(now.verdict);
    out.effects = marks_of(now.effects);
    out.status = now.call.status;
    out.disposition = now.call.disposition;
    out.ended_reason = now.call.ended_reason;
    out.verdict_differs = out.verdict != out.recorded_verdict;
    out.effects_differ = !same_effects(out.recorded_effects, out.effects, ids);
    return out;
}

}  // namespace

Birth birth_of(const Call& row) {
    Birth birth;
    birth.id = row.id;
    birth.nonce = row.nonce;
    birth.direction = row.direction;
    birth.terms.agent_id = row.agent_id;
    birth.terms.agent_public_id = row.agent_public_id;
    birth.terms.project_id = row.project_id;
    birth.terms.org_id = row.org_id;
    birth.terms.language = row.language;
    birth.terms.recording_enabled = row.recording_enabled;
    birth.terms.rates = row.rates;
    birth.terms.policy = row.policy;
    birth.terms.refusal = row.refusal;
    return birth;
}

bool Replayed::agrees() const {
    return std::ranges::none_of(
        rows, [](const ReplayedRow& row) { return row.verdict_differs || row.effects_differ; });
}

Result<Replayed> replay(const std::vector<ports::TimelineRow>& rows, const Birth& birth) {
    if (rows.empty()) {
        return Error(Errc::invalid, "there are no rows");
    }
    std::vector<Input> inputs;
    std::vector<std::vector<EffectMark>> recorded;
    for (const ports::TimelineRow& row : rows) {
        auto input = input_of(row);
        auto marks = recorded_marks(row);
        if (!input || !marks) {
            return input ? marks.error() : input.error();
        }
        inputs.push_back(std::move(*input));
        recorded.push_back(std::move(*marks));
    }
    auto begun = begin(birth, inputs, recorded.front());
    if (!begun) {
        return begun.error();
    }
    IdPairs ids(birth.nonce.has_value());
    Replayed replayed;
    Transition now = std::move(*begun);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (i != 0) {
            now = apply(std::move(now.call), inputs[i]);
        }
        ++now.call.timeline_length;
        replayed.rows.push_back(compare(rows[i], std::move(recorded[i]), now, ids));
    }
    replayed.call = std::move(now.call);
    return replayed;
}

}  // namespace gw::replay
