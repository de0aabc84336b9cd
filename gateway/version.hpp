#pragma once
// SPDX-License-Identifier: Apache-2.0
// What this binary is; set by the build.
namespace gw {

inline constexpr const char* version = GW_VERSION;
inline constexpr const char* commit = GW_COMMIT;

}  // namespace gw
