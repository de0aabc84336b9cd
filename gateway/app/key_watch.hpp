#pragma once
// SPDX-License-Identifier: Apache-2.0
// Keeps the directory's keys as the store has them: a key made or revoked by another process counts
// here within half a second. Application's thread.
#include "gateway/app/directory.hpp"
#include "gateway/ports/clock.hpp"
#include "gateway/ports/log.hpp"

#include <boost/asio/awaitable.hpp>

namespace gw::app {

struct KeyWatchParts {
    ports::KeyFeed& feed;
    Directory& directory;
    ports::Clock& clock;
    ports::Log& log;
};

// Asks four times a second. A store that does not answer leaves the keys as they are, is logged
// once, and is asked again. Runs until cancelled; what the parts refer to must outlive it.
boost::asio::awaitable<void> watch_keys(KeyWatchParts parts);

}  // namespace gw::app
