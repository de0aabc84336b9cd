// SPDX-License-Identifier: Apache-2.0
#include "gateway/obs/system_random.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <sys/random.h>

namespace gw::obs {
namespace {

void fill_from_kernel(std::span<std::uint8_t> out) {
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

// One call to the kernel serves many ids. What was handed out is wiped at once; the process never
// forks without exec, so no other has the same stock.
class SystemRandom final : public ports::Random {
public:
    SystemRandom() = default;
    SystemRandom(const SystemRandom&) = delete;
    SystemRandom& operator=(const SystemRandom&) = delete;
    ~SystemRandom() override { explicit_bzero(stock_.data(), stock_.size()); }

    void fill(std::span<std::uint8_t> out) override {
        if (out.size() > stock_.size()) {
            fill_from_kernel(out);
            return;
        }
        const std::lock_guard lock(mutex_);
        if (out.size() > left_) {
            fill_from_kernel(stock_);
            left_ = stock_.size();
        }
        const auto taken = std::span(stock_).subspan(stock_.size() - left_, out.size());
        std::ranges::copy(taken, out.begin());
        explicit_bzero(taken.data(), taken.size());
        left_ -= out.size();
    }

private:
    std::mutex mutex_;
    std::array<std::uint8_t, 4096> stock_{};
    std::size_t left_ = 0;  // the last so many bytes of the stock are fresh
};

}  // namespace

std::unique_ptr<ports::Random> make_system_random() {
    return std::make_unique<SystemRandom>();
}

}  // namespace gw::obs
