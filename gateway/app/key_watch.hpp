#pragma once
// SPDX-License-Identifier: Apache-2.0
// Keeps the directory's keys as the store has them: a key made or revoked by another process counts
// here within half a second, and a made one from its first use on. Application's thread.
#include "gateway/app/directory.hpp"
#include "gateway/ports/clock.hpp"
#include "gateway/ports/log.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>

namespace gw::app {

struct KeyWatchParts {
    ports::KeyFeed& feed;
    Directory& directory;
    ports::Clock& clock;
    ports::Log& log;
};

class KeyWatch {
public:
    // What the parts refer to must outlive it.
    explicit KeyWatch(KeyWatchParts parts) : parts_(parts) {}

    // Looks four times a second, until cancelled. A store that does not answer leaves the keys as
    // they are, is logged once, and is asked again.
    boost::asio::awaitable<void> run();
    // Looks now, at most a hundred times a second: unknown keys must not keep the store busy.
    boost::asio::awaitable<void> look_now();

private:
    boost::asio::awaitable<void> look();

    KeyWatchParts parts_;
    std::int64_t known_ = -1;  // version of the keys; of none at first, so the first look has them
    bool failing_ = false;
    MonoTime looked_at_{};  // by look_now
};

}  // namespace gw::app
