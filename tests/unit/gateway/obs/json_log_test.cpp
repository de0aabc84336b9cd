// SPDX-License-Identifier: Apache-2.0
#include "gateway/obs/json_log.hpp"

#include "gateway/obs/flood_bound.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <array>
#include <fcntl.h>
#include <stdexcept>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

namespace gw::obs {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;

// Time that stands still until it is moved.
class StillClock final : public ports::Clock {
public:
    [[nodiscard]] UtcTime utc() const override { return UtcTime{} + since_; }
    [[nodiscard]] MonoTime mono() const override { return MonoTime{} + 1h + since_; }
    boost::asio::awaitable<bool> sleep_until(MonoTime) override {
        throw std::logic_error("nobody sleeps here");
    }
    void move(std::chrono::milliseconds by) { since_ += by; }

private:
    std::chrono::milliseconds since_{0};
};

class Pipe {
public:
    Pipe() {
        if (::pipe2(ends_.data(), O_CLOEXEC) != 0) {
            throw std::runtime_error("pipe2");
        }
        ::fcntl(ends_[0], F_SETFL, O_NONBLOCK);
    }
    ~Pipe() {
        close_reader();
        ::close(ends_[1]);
    }
    [[nodiscard]] int writer() const { return ends_[1]; }
    void close_reader() {
        if (ends_[0] >= 0) {
            ::close(ends_[0]);
            ends_[0] = -1;
        }
    }
    std::string read_all() {
        std::string all;
        std::array<char, 65'536> piece{};
        for (;;) {
            const auto got = ::read(ends_[0], piece.data(), piece.size());
            if (got <= 0) {
                return all;
            }
            all.append(piece.data(), static_cast<std::size_t>(got));
        }
    }

private:
    std::array<int, 2> ends_{-1, -1};
};

// Each line parsed; a line that is no JSON fails the test.
std::vector<json> lines_of(const std::string& text) {
    std::vector<json> lines;
    EXPECT_TRUE(text.empty() || text.back() == '\n');
    for (std::size_t start = 0; start < text.size();) {
        const auto end = text.find('\n', start);
        if (end == std::string::npos) {
            break;
        }
        lines.push_back(json::parse(text.substr(start, end - start)));
        start = end + 1;
    }
    return lines;
}

class JsonLogTest : public testing::Test {
protected:
    std::unique_ptr<JsonLog> make(std::size_t lines_per_second,
                                  ports::LogLevel level = ports::LogLevel::info) {
        return make_json_log(
            clock_,
            {.fd = pipe_.writer(), .level = level, .lines_per_event_per_second = lines_per_second});
    }
    std::vector<std::string> events() {
        std::vector<std::string> names;
        for (const auto& line : lines_of(pipe_.read_all())) {
            names.push_back(line.at("event").get<std::string>());
        }
        return names;
    }

    StillClock clock_;
    Pipe pipe_;
};

TEST_F(JsonLogTest, WritesFromItsLevelUp) {
    const auto log = make(100, ports::LogLevel::warn);
    log->debug("a");
    log->info("b");
    log->warn("c", {{"n", 1}});
    log->error("d");
    EXPECT_THAT(events(), ElementsAre("c", "d"));
    EXPECT_FALSE(log->enabled(ports::LogLevel::info));
}

TEST_F(JsonLogTest, AFloodOfOneEventIsBoundedAndSummedUpOnce) {
    const auto log = make(3);
    for (int i = 0; i < 1'000; ++i) {
        log->warn("flood");
        if (i == 500) {
            log->info("other");
        }
    }
    EXPECT_THAT(events(), ElementsAre("flood", "flood", "flood", "other"));
    EXPECT_EQ(log->suppressed(), 997U);

    clock_.move(1s);
    log->info("later");
    const auto lines = lines_of(pipe_.read_all());
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_EQ(lines[0].at("event"), "log_lines_suppressed");
    EXPECT_EQ(lines[0].at("of"), "flood");
    EXPECT_EQ(lines[0].at("lines"), 997);
    EXPECT_EQ(lines[1].at("event"), "later");

    clock_.move(5s);
    log->warn("flood");
    EXPECT_THAT(events(), ElementsAre("flood"));
}

TEST_F(JsonLogTest, AFloodWithMadeUpNamesIsBoundedToo) {
    const auto log = make(2);
    for (int i = 0; i < 10'000; ++i) {
        log->warn("name" + std::to_string(i));
    }
    EXPECT_EQ(events().size(), 258U);  // 256 names of their own, then two lines for all others
}

TEST_F(JsonLogTest, TellsAtTheEndWhatItHeldBack) {
    auto log = make(1);
    log->info("x");
    log->info("x");
    log.reset();
    EXPECT_THAT(events(), ElementsAre("x", "log_lines_suppressed"));
}

TEST_F(JsonLogTest, AFullPipeLosesLinesWithoutWaitingAndSaysHowMany) {
    const auto log = make(1'000'000);
    const std::string filler(1'500, 'f');
    constexpr int written = 200;  // 300 kB into a pipe of 64 kB
    for (int i = 0; i < written; ++i) {
        log->info("fill", {{"i", i}, {"filler", filler}});
    }
    EXPECT_GT(log->dropped(), 0U);
    auto text = pipe_.read_all();
    log->info("after");
    text += pipe_.read_all();
    log->info("last");
    text += pipe_.read_all();

    const auto lines = lines_of(text);
    std::uint64_t filled = 0;
    std::uint64_t told = 0;
    for (const auto& line : lines) {
        filled += line.at("event") == "fill" ? 1 : 0;
        told += line.at("event") == "log_lines_dropped" ? line.at("lines").get<std::uint64_t>() : 0;
    }
    EXPECT_EQ(told, log->dropped());
    EXPECT_EQ(filled + log->dropped(), static_cast<std::uint64_t>(written));
    EXPECT_EQ(lines.back().at("event"), "last");
}

TEST_F(JsonLogTest, AClosedPipeOrDescriptorLosesLinesAndNothingElse) {
    const auto log = make(100);
    pipe_.close_reader();
    log->info("x");  // SIGPIPE would end the test program
    EXPECT_EQ(log->dropped(), 1U);
    const auto nowhere = make_json_log(clock_, {.fd = 1'000'000});
    nowhere->info("x");
    EXPECT_EQ(nowhere->dropped(), 1U);
}

TEST_F(JsonLogTest, LinesOfSeveralThreadsDoNotMix) {
    const auto log = make(1'000'000);
    constexpr int each = 100;
    std::vector<std::thread> threads;
    threads.reserve(4);
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&log, t] {
            for (int i = 0; i < each; ++i) {
                log->info("threaded", {{"t", t}, {"i", i}});
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(lines_of(pipe_.read_all()).size(), 4U * each);
}

TEST(FloodBound, TellsHeldBackLinesWithTheNextSecondOfTheEvent) {
    FloodBound bound(1);
    const MonoTime start{1h};
    EXPECT_TRUE(bound.admit("e", start).admitted);
    EXPECT_FALSE(bound.admit("e", start + 999ms).admitted);
    EXPECT_THAT(bound.take_overdue(start + 999ms), IsEmpty());
    const auto next = bound.admit("e", start + 1s);
    EXPECT_TRUE(next.admitted);
    EXPECT_EQ(next.suppressed, 1U);
    EXPECT_THAT(bound.take_all(), IsEmpty());
}

}  // namespace
}  // namespace gw::obs
