#pragma once
// SPDX-License-Identifier: Apache-2.0
// The door for carrier events whose signature has been checked. When `take` succeeds, the event and
// all that follows from it are on disk, and 200 may be answered.
#include "gateway/domain/input.hpp"
#include "gateway/domain/result.hpp"

#include <boost/asio/awaitable.hpp>

namespace gw::app {

enum class Intake : std::uint8_t {
    taken,      // on a call's timeline
    duplicate,  // its id is on record already
    parked,     // kept until its call is known
    ignored,    // not ours (another connection), or about no call; counted only
};

class EventIntake {
public:
    virtual ~EventIntake() = default;
    // Errors: unavailable or full (503, the carrier sends it again); nothing was kept then.
    virtual boost::asio::awaitable<Result<Intake>> take(BoxedEvent event) = 0;
};

}  // namespace gw::app
