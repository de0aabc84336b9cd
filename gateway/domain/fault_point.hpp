#pragma once
// SPDX-License-Identifier: Apache-2.0
// Named places where the process can be made to die, for crash tests: GW_FAULT="name" or "name:N"
// in the environment kills it by SIGKILL at the N-th passing (the first without N). Compiled to
// nothing unless GW_FAULT_POINTS is defined; unarmed it is one load and one branch. Any thread.
#include <string_view>

namespace gw {

#ifdef GW_FAULT_POINTS
namespace detail {
extern const bool fault_armed;  // read from the environment before main
void pass_fault_point(std::string_view name);
}  // namespace detail

inline void fault_point(std::string_view name) {
    if (detail::fault_armed) [[unlikely]] {
        detail::pass_fault_point(name);
    }
}
#else
inline void fault_point(std::string_view /*name*/) {}
#endif

}  // namespace gw
