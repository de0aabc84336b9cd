// SPDX-License-Identifier: Apache-2.0
#include "gateway/obs/system_random.hpp"

#include <cerrno>
#include <cstdlib>
#include <sys/random.h>

namespace gw::obs {
namespace {

class SystemRandom final : public ports::Random {
public:
    void fill(std::span<std::uint8_t> out) override {
        while (!out.empty()) {
            const auto got = getrandom(out.data(), out.size(), 0);
            if (got < 0 && errno != EINTR) {
                std::abort();
            }
            if (got > 0) {
                out = out.subspan(static_cast<std::size_t>(got));
            }
        }
    }
};

}  // namespace

std::unique_ptr<ports::Random> make_system_random() {
    return std::make_unique<SystemRandom>();
}

}  // namespace gw::obs
