#pragma once
// SPDX-License-Identifier: Apache-2.0
// Settings that are understood and checked, and not acted on yet: their work comes with the voice
// agent's link, server_url, recordings, extraction and several processes. An operator must not
// believe in them.
#include "config/settings.hpp"

#include <string>
#include <vector>

namespace gw::config {

// The JSON paths of those that this configuration gives, in its order. Pure.
std::vector<std::string> idle_settings(const Settings& settings);

}  // namespace gw::config
