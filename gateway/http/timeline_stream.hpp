#pragma once
// SPDX-License-Identifier: Apache-2.0
// A call's timeline as Server-Sent Events: what is there after a row, then each new row within a
// moment of its commit. A comment every 15 s keeps middle boxes from closing the connection. The
// stream ends by itself when the call is over: 10 s after its end, for rows that come late (the
// carrier's cost), or as soon as the call has left memory. A revoked key gets no further row.
// Application's thread.
#include "gateway/app/calls_service.hpp"
#include "gateway/app/timeline_feed.hpp"
#include "gateway/net/http_types.hpp"

#include <functional>
#include <memory>
#include <string>

namespace gw::http {

inline constexpr std::chrono::seconds stream_heartbeat{15};

struct TimelineStreamParts {
    using Rows = Result<std::vector<ports::TimelineRow>>;
    // The rows after a seq, so many at most.
    std::function<boost::asio::awaitable<Rows>(std::uint32_t after_seq, std::size_t limit)> read;
    std::function<app::CallLife()> life;
    std::function<bool()> allowed;  // whether the key is still good
    std::unique_ptr<app::TimelineFeed::Subscription> place;
    const ports::Clock& clock;  // must outlive the stream
    std::uint32_t after_seq = 0;
};

// An error of `read` ends the stream; a client comes back with Last-Event-ID.
std::shared_ptr<net::BodySource> make_timeline_stream(TimelineStreamParts parts);

// "id", "event" and "data" of one row.
std::string to_server_sent_event(const ports::TimelineRow& row);
// Whether the Accept header names text/event-stream.
bool accepts_event_stream(const net::Headers& headers);

}  // namespace gw::http
