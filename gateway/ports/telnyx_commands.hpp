#pragma once
// SPDX-License-Identifier: Apache-2.0
// Commands to the carrier. One logical command may be several requests with the same command_id and
// the same bytes; the carrier executes it once.
#include "gateway/domain/effect.hpp"
#include "gateway/domain/input.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>

namespace gw::ports {

class TelnyxCommands {
public:
    virtual ~TelnyxCommands() = default;
    // Sends until there is an answer, the budget is spent (unknown) or `still_wanted` says no
    // before a request (superseded). Never throws; cancellation gives `unknown`.
    virtual boost::asio::awaitable<CommandResult> send(CallId call, SendCommand command,
                                                       std::function<bool()> still_wanted) = 0;
    // Asks whether the leg still lives. Anything but a clear answer is `unknown`.
    virtual boost::asio::awaitable<CarrierStatus> status(CallControlId leg) = 0;
};

}  // namespace gw::ports
