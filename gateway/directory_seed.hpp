#pragma once
// SPDX-License-Identifier: Apache-2.0
// What the configuration file says about orgs, projects, agents, endpoints and keys, in the
// application's terms. Pure.
#include "config/settings.hpp"
#include "gateway/ports/directory.hpp"

namespace gw {

ports::DirectoryContent directory_seed(const config::Settings& settings);

}  // namespace gw
