#pragma once
// SPDX-License-Identifier: Apache-2.0
// The definition as a page for people: config/REFERENCE.md is exactly this text. Pure.
#include <string>

namespace gw::config {

std::string reference_markdown();

}  // namespace gw::config
