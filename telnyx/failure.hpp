#pragma once
// SPDX-License-Identifier: Apache-2.0
// What an answer to a command, or the lack of one, means for it. Decided by the HTTP status first
// and by Telnyx's error code second, because one code stands for different things under different
// statuses (10011 is "too many requests" with 429 and "SRTP not supported" with 422). Pure; any
// thread.
#include "gateway/domain/result.hpp"
#include "gateway/net/http_types.hpp"
#include "telnyx/wire/command_json.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

namespace gw::telnyx {

enum class Next : std::uint8_t {
    accepted,
    gone,     // the call is not there any more: for a hangup success, else a race that was lost
    refused,  // repeating it cannot help
    retry,    // the same bytes again
    give_up,  // we were told to stop
};

struct Judgement {
    Next next = Next::retry;
    bool alarm = false;    // the operator must act: key, permission, address of the API
    bool at_once = false;  // retry: the first repetition needs no wait
    std::uint32_t tries_max =
        0;  // retry: no more requests than this in all; 0: only the budget ends it
    std::optional<std::chrono::milliseconds> wait =
        std::nullopt;  // retry: asked for by the carrier
    friend bool operator==(const Judgement&, const Judgement&) = default;
};

Judgement judge(unsigned status, const std::vector<ApiError>& errors, const net::Headers& headers);
Judgement judge(Errc transport);

}  // namespace gw::telnyx
