// SPDX-License-Identifier: Apache-2.0
#include "gateway/obs/system_clock.hpp"
#include "gateway/obs/system_random.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstring>
#include <exception>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <vector>

namespace gw::obs {
namespace {

using namespace std::chrono_literals;

boost::asio::awaitable<void> sleep_and_tell(ports::Clock& clock, MonoTime deadline,
                                            std::optional<bool>& slept) {
    slept = co_await clock.sleep_until(deadline);
}

TEST(SystemClock, ReadsBothClocks) {
    const auto clock = make_system_clock();
    const auto before = clock->mono();
    EXPECT_GT(clock->utc(), UtcTime{std::chrono::sys_days{std::chrono::year{2024} / 1 / 1}});
    EXPECT_GE(clock->mono(), before);
}

TEST(SystemClock, ADeadlineThatHasPassedDoesNotWait) {
    const auto clock = make_system_clock();
    boost::asio::io_context io;
    std::optional<bool> slept;
    boost::asio::co_spawn(io, sleep_and_tell(*clock, clock->mono() - 1h, slept),
                          [](std::exception_ptr error) { EXPECT_FALSE(error); });
    io.run();
    EXPECT_EQ(slept, true);
}

TEST(SystemClock, ACancelledSleepSaysSo) {
    const auto clock = make_system_clock();
    boost::asio::io_context io;
    boost::asio::cancellation_signal cancel;
    std::optional<bool> slept;
    boost::asio::co_spawn(
        io, sleep_and_tell(*clock, clock->mono() + 24h, slept),
        boost::asio::bind_cancellation_slot(cancel.slot(),
                                            [](std::exception_ptr error) { EXPECT_FALSE(error); }));
    io.poll();
    EXPECT_EQ(slept, std::nullopt);
    cancel.emit(boost::asio::cancellation_type::terminal);
    io.run();
    EXPECT_EQ(slept, false);
}

TEST(SystemRandom, FillsEveryByteAndDoesNotRepeat) {
    const auto random = make_system_random();
    // A byte stays 0 in 64 rounds with a probability of 256^-64.
    std::vector<std::uint8_t> seen(1'000);
    std::vector<std::uint8_t> bytes(seen.size());
    for (int round = 0; round < 64; ++round) {
        random->fill(bytes);
        for (std::size_t i = 0; i < seen.size(); ++i) {
            seen[i] = static_cast<std::uint8_t>(seen[i] | bytes[i]);
        }
    }
    for (const auto byte : seen) {
        ASSERT_NE(byte, 0);
    }
    std::set<std::uint64_t> numbers;
    for (int i = 0; i < 1'000; ++i) {
        numbers.insert(random->next_u64());
        const auto unit = random->next_unit();
        ASSERT_TRUE(unit >= 0 && unit < 1);
    }
    EXPECT_EQ(numbers.size(), 1'000U);
    random->fill({});
}

// Whatever the sizes, no eight bytes come twice: neither at the seams of a buffer nor on two
// threads at once.
TEST(SystemRandom, GivesNobodyTheBytesOfAnother) {
    const auto random = make_system_random();
    std::mutex mutex;
    std::set<std::uint64_t> windows;
    std::size_t count = 0;
    const auto draw = [&] {
        for (const std::size_t size : {8U, 24U, 4'088U, 4'096U, 8U, 4'104U, 16U, 8'192U, 32U}) {
            std::vector<std::uint8_t> bytes(size);
            for (int round = 0; round < 20; ++round) {
                random->fill(bytes);
                const std::lock_guard lock(mutex);
                for (std::size_t at = 0; at + 8 <= size; at += 8, ++count) {
                    std::uint64_t window = 0;
                    std::memcpy(&window, bytes.data() + at, sizeof window);
                    windows.insert(window);
                }
            }
        }
    };
    std::thread other(draw);
    draw();
    other.join();
    EXPECT_EQ(windows.size(), count);
    EXPECT_FALSE(windows.contains(0));  // what was wiped is not handed out
}

}  // namespace
}  // namespace gw::obs
