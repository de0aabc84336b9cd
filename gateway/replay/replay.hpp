#pragma once
// SPDX-License-Identifier: Apache-2.0
// A call's timeline once more through the state machine of this program, and where it decides
// otherwise than was recorded. Pure; any thread.
#include "gateway/domain/apply.hpp"
#include "gateway/replay/decode.hpp"

#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

namespace gw::replay {

// What a call begins with and its timeline does not tell.
struct Birth {
    CallId id{1};
    // Without it the ids of commands and events are other ones than those recorded; they must then
    // correspond one to one.
    std::optional<Nonce> nonce;
    // `refusal` counts only where the first row's effects are those of a refused call.
    InboundTerms terms;
    std::optional<Direction> direction;  // none: as the first leg's events say
};

// As the store's row of the call has them.
Birth birth_of(const Call& row);

struct ReplayedRow {
    std::uint32_t seq = 0;
    std::string kind;
    std::string recorded_verdict;
    std::vector<EffectMark> recorded_effects;
    std::string verdict;  // now
    std::vector<EffectMark> effects;
    CallStatus status = CallStatus::ringing;  // after it
    std::optional<Disposition> disposition;
    std::optional<EndedReason> ended_reason;
    bool verdict_differs = false;
    bool effects_differ = false;
};

struct Replayed {
    std::vector<ReplayedRow> rows;
    Call call;  // as the timeline makes it now
    [[nodiscard]] bool agrees() const;
};

// `rows`: by seq, from 1 without gaps. invalid when one cannot be read, or the first cannot begin a
// call.
Result<Replayed> replay(const std::vector<ports::TimelineRow>& rows, const Birth& birth);

// "ended_at: 2026-… recorded, 2026-… now" for each figure of the record that is another now.
std::vector<std::string> differences(const Call& recorded, const Call& now);

// One line per row; those that differ are marked with "!" and followed by what was recorded.
void print(const Replayed& replayed, std::ostream& out);

}  // namespace gw::replay
