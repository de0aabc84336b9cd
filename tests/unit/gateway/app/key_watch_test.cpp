// SPDX-License-Identifier: Apache-2.0
#include "gateway/app/key_watch.hpp"

#include "tests/fakes/event_log.hpp"
#include "tests/fakes/manual_clock.hpp"
#include "tests/fakes/memory_access.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <gtest/gtest.h>

namespace gw::app {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;

class KeyWatchTest : public ::testing::Test {
protected:
    KeyWatchTest() {
        key.hash.fill(7);
        key.org_id = OrgId(1);
        asio::co_spawn(io, watch.run(),
                       asio::bind_cancellation_slot(stop.slot(),
                                                    [this](std::exception_ptr) { ended = true; }));
        clock.settle();
    }
    ~KeyWatchTest() override {
        stop.emit(asio::cancellation_type::terminal);
        clock.settle();
        EXPECT_TRUE(ended);
    }
    KeyWatchTest(const KeyWatchTest&) = delete;
    KeyWatchTest& operator=(const KeyWatchTest&) = delete;

    [[nodiscard]] bool is_known() const { return directory.key(key.hash) != nullptr; }

    asio::io_context io;
    fakes::ManualClock clock{io};
    fakes::MemoryKeyFeed feed;
    Directory directory{ports::DirectoryContent{}};
    fakes::EventLog log;
    ports::ApiKey key;
    app::KeyWatch watch{{feed, directory, clock, log}};
    asio::cancellation_signal stop;
    bool ended = false;
};

TEST_F(KeyWatchTest, MadeAndRevokedKeysCountWithinHalfASecond) {
    EXPECT_FALSE(is_known());
    feed.set({key});
    clock.advance(milliseconds(500));
    EXPECT_TRUE(is_known());
    key.revoked = true;
    feed.set({key});
    clock.advance(milliseconds(500));
    EXPECT_FALSE(is_known());
    EXPECT_EQ(log.events, (std::vector<std::string>{"keys_changed", "keys_changed"}));
}

TEST_F(KeyWatchTest, AnUnknownKeyIsLookedForAtOnceButNotWithoutEnd) {
    const int before = feed.asked;
    feed.set({key});
    for (int i = 0; i < 50; ++i) {
        asio::co_spawn(io, watch.look_now(), [](std::exception_ptr) {});
    }
    clock.settle();
    EXPECT_TRUE(is_known());
    EXPECT_EQ(feed.asked, before + 1);
    clock.advance(milliseconds(10));
    key.revoked = true;
    feed.set({key});
    asio::co_spawn(io, watch.look_now(), [](std::exception_ptr) {});
    clock.settle();
    EXPECT_FALSE(is_known());
}

TEST_F(KeyWatchTest, AStoreThatFailsLeavesTheKeysAndIsAskedAgain) {
    feed.set({key});
    clock.advance(milliseconds(500));
    feed.is_away = true;
    feed.set({});
    const int before = feed.asked;
    clock.advance(std::chrono::seconds(10));
    EXPECT_TRUE(is_known());
    EXPECT_GE(feed.asked, before + 40);
    feed.is_away = false;
    clock.advance(milliseconds(500));
    EXPECT_FALSE(is_known());
    EXPECT_EQ(log.events,
              (std::vector<std::string>{"keys_changed", "keys_not_read", "keys_changed"}));
}

}  // namespace
}  // namespace gw::app
