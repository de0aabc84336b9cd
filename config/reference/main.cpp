// SPDX-License-Identifier: Apache-2.0
// Prints config/REFERENCE.md: cmake --build build/debug --target config-reference, then
// build/debug/config-reference > config/REFERENCE.md
#include "config/reference.hpp"

#include <iostream>

int main() {
    std::cout << gw::config::reference_markdown();
    return std::cout.good() ? 0 : 1;
}
