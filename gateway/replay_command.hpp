#pragma once
// SPDX-License-Identifier: Apache-2.0
// `telnyx-gateway replay`: reads only, also while a gateway serves from the same database.
#include "config/settings.hpp"
#include "gateway/domain/ids.hpp"

#include <iosfwd>
#include <optional>
#include <string>

namespace gw {

// Each gives the exit code: 0 when this program decides all as recorded, 1 when something differs,
// 2 with the reason on `err` for what cannot be read.
int replay_stored(const config::Settings& settings, CallId id, std::ostream& out,
                  std::ostream& err);
// Limits and rates are the file's, else those the configuration gives the called number's agent,
// else the usual ones.
int replay_file(const std::string& path, const std::optional<config::Settings>& settings,
                std::ostream& out, std::ostream& err);

}  // namespace gw
