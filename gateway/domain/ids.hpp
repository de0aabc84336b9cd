#pragma once
// SPDX-License-Identifier: Apache-2.0
// Every id is its own type: a leg's id cannot be passed where a session's is meant. Construction is
// explicit, comparison is within the type, and only .value() gives the bare value back.
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace gw {

template <class Tag, class T>
class StrongId {
public:
    using value_type = T;
    StrongId() = default;
    explicit StrongId(T value) : value_(std::move(value)) {}
    [[nodiscard]] const T& value() const { return value_; }
    friend bool operator==(const StrongId&, const StrongId&) = default;
    friend auto operator<=>(const StrongId&, const StrongId&) = default;

private:
    T value_{};
};

using CallId = StrongId<struct CallIdTag, std::int64_t>;          // internal number, from 1
using AgentId = StrongId<struct AgentIdTag, std::int64_t>;        // from configuration
using ProjectId = StrongId<struct ProjectIdTag, std::int64_t>;    // from configuration
using OrgId = StrongId<struct OrgIdTag, std::int64_t>;            // from configuration
using EndpointId = StrongId<struct EndpointIdTag, std::int64_t>;  // a customer's webhook endpoint
using DeliveryId = StrongId<struct DeliveryIdTag, std::int64_t>;  // one event owed to one endpoint
using AttemptId = StrongId<struct AttemptIdTag, std::int64_t>;    // one request of a delivery

// Telnyx's ids are opaque; REFERENCE 2.1: the control id starts "v3:" today, may be 255 characters
// and more.
using CallControlId =
    StrongId<struct CallControlIdTag, std::string>;            // addresses one leg in commands
using CallLegId = StrongId<struct CallLegIdTag, std::string>;  // one per leg
using CallSessionId =
    StrongId<struct CallSessionIdTag, std::string>;  // shared by legs that belong together
using EventId =
    StrongId<struct EventIdTag, std::string>;  // `data.id` of a Telnyx event: the dedupe key
using CommandId =
    StrongId<struct CommandIdTag, std::string>;  // our `command_id`, stable over retries
using WebhookEventId =
    StrongId<struct WebhookEventIdTag, std::string>;  // "whe_<uuid>" of an event we send

// Call 1 ⇄ "call_00000001"; wider past eight digits.
std::string to_public(CallId id);
// Either form, "call_00000001" or "1"; nothing for anything else, for 0 and for what does not fit.
std::optional<CallId> parse_call_id(std::string_view text);

// 128 random bits drawn once per call. All ids a call gives out are derived from it, so that the
// same input always yields the same ids: a repeated transaction cannot invent a second event or
// command.
struct Nonce {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    friend bool operator==(const Nonce&, const Nonce&) = default;
};
// A UUID (version 8, RFC 9562) made of the nonce, a purpose and a number; a pure function.
std::string derive_uuid(const Nonce& nonce, std::string_view purpose, std::uint64_t number);

}  // namespace gw

template <class Tag, class T>
struct std::hash<gw::StrongId<Tag, T>> {
    std::size_t operator()(const gw::StrongId<Tag, T>& id) const {
        return std::hash<T>{}(id.value());
    }
};
