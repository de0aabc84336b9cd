#pragma once
// SPDX-License-Identifier: Apache-2.0
// SHA-256 of a text, with the library's look-ups done once. One thread per object.
#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

namespace gw::http {

class Sha256 {
public:
    Sha256();  // throws std::runtime_error when the library has no SHA-256
    ~Sha256();
    Sha256(const Sha256&) = delete;
    Sha256& operator=(const Sha256&) = delete;
    [[nodiscard]] std::array<std::uint8_t, 32> operator()(std::string_view text) const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace gw::http
