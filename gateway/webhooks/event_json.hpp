#pragma once
// SPDX-License-Identifier: Apache-2.0
// The JSON of the events that customers are told: the envelope and the data of each event type, as
// the public contract lists them. Numbers are written from integers, never through floating point.
// Pure; any thread.
#include "gateway/ports/webhook_sender.hpp"

#include <string>
#include <string_view>

namespace gw::webhooks {

inline constexpr std::string_view api_version = "2026-05-20";

class JsonEventEncoder final : public ports::EventEncoder {
public:
    [[nodiscard]] std::string encode(const Call& call, const PublicEvent& event) const override;
};

}  // namespace gw::webhooks
