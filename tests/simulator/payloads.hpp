#pragma once
// SPDX-License-Identifier: Apache-2.0
// The payloads of the events, in the shapes of Telnyx's recorded webhooks (and of its OpenAPI
// document where nothing was recorded). Pure: a leg in, JSON out.
#include "tests/simulator/leg.hpp"

namespace gw::simulator::payloads {

nlohmann::json initiated(const Leg& leg);
nlohmann::json answered(const Leg& leg);
nlohmann::json bridged(const Leg& leg);
nlohmann::json hangup(const Leg& leg, UtcTime at);
nlohmann::json dtmf(const Leg& leg, char digit);
nlohmann::json gather_ended(const Leg& leg, const std::string& digits, const std::string& status);
nlohmann::json play_started(const Leg& leg, const Play& play);
nlohmann::json play_ended(const Leg& leg, const Play& play, const std::string& status);
nlohmann::json recording_saved(const Leg& leg, const Recording& recording, const std::string& url);
nlohmann::json stream(const Leg& leg, const Stream& stream);
nlohmann::json machine(const Leg& leg, const std::string& result);

// The answers of GET: a call, an entry of active_calls, a recording.
nlohmann::json call_status(const Leg& leg, UtcTime now);
nlohmann::json active_call(const Leg& leg, UtcTime now);
nlohmann::json recording(const Leg& leg, const Recording& recording, const std::string& url);

}  // namespace gw::simulator::payloads
