#pragma once
// SPDX-License-Identifier: Apache-2.0
// The log as JSON lines on a file descriptor. Masks, bounds and counts (log_line, flood_bound). Any
// thread; never throws, never waits: a line that a full pipe does not take at once is dropped and
// counted, and the next line that gets through says how many were lost ("log_lines_dropped").
#include "gateway/ports/clock.hpp"
#include "gateway/ports/log.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>

namespace gw::obs {

struct JsonLogOptions {
    int fd = 2;  // not closed
    ports::LogLevel level = ports::LogLevel::info;
    std::size_t lines_per_event_per_second = 50;
};

class JsonLog : public ports::Log {
public:
    // Lines lost because nobody read them, and lines held back by the bound; for metrics.
    [[nodiscard]] virtual std::uint64_t dropped() const noexcept = 0;
    [[nodiscard]] virtual std::uint64_t suppressed() const noexcept = 0;
};

// `clock` must outlive the log. On destruction what was held back is summed up.
std::unique_ptr<JsonLog> make_json_log(const ports::Clock& clock, JsonLogOptions options);

}  // namespace gw::obs
