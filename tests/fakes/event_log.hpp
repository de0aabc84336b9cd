#pragma once
// SPDX-License-Identifier: Apache-2.0
// A log that keeps the names of the events it was told.
#include "gateway/ports/log.hpp"

#include <string>
#include <vector>

namespace gw::fakes {

class EventLog final : public ports::Log {
public:
    std::vector<std::string> events;
    void write(ports::LogLevel, std::string_view event,
               std::span<const ports::LogField>) noexcept override {
        events.emplace_back(event);
    }
    [[nodiscard]] bool enabled(ports::LogLevel) const noexcept override { return true; }
};

}  // namespace gw::fakes
