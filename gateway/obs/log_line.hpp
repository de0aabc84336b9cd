#pragma once
// SPDX-License-Identifier: Apache-2.0
// One line of the log as text: JSON, bounded, redacted. Pure, so that what may and may not be
// printed is tested without a process around it.
#include "gateway/domain/time.hpp"
#include "gateway/ports/log.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace gw::obs {

inline constexpr std::size_t log_line_bytes_max = 8 * 1024;

// With everything in it that looks like one of our secrets or Telnyx's replaced: the prefix stays,
// so that one sees what it was ("whsec_***"). Credentials in URLs ("//user:password@") lose the
// password.
std::string redact(std::string_view text);

// {"time":"…","level":"…","event":"…", fields}, ending in a newline, at most log_line_bytes_max
// long: a long value is cut and ends in "…", fields that still do not fit are left out and counted
// in "fields_cut".
std::string format_log_line(UtcTime at, ports::LogLevel level, std::string_view event,
                            std::span<const ports::LogField> fields);

}  // namespace gw::obs
