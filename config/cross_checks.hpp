#pragma once
// SPDX-License-Identifier: Apache-2.0
// What one value alone cannot show: ids that are unique and lead somewhere, keys that need each
// other, URLs that the network policy allows. Runs after every value was read; skips what already
// has a fault. Pure.
#include "config/json_tree.hpp"
#include "config/reading.hpp"
#include "config/settings.hpp"

namespace gw::config {

void cross_check(const Settings& settings, const Node& root, Faults& faults);

}  // namespace gw::config
