#pragma once
// SPDX-License-Identifier: Apache-2.0
// `telnyx-gateway doctor`: asks Telnyx, our own public URL and stream URL, the recordings' storage
// and the store, also while a gateway serves. Changes nothing.
#include "config/load.hpp"

#include <iosfwd>
#include <string>

namespace gw {

// One line per check on `out`; 0, or 1 when something is wrong. `path` is the configuration's.
int run_doctor(const std::string& path, const config::LoadResult& loaded, std::ostream& out);

}  // namespace gw
