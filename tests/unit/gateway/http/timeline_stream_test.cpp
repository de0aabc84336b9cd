// SPDX-License-Identifier: Apache-2.0
// The timeline as Server-Sent Events: what a row looks like, what wakes the stream, what ends it.
#include "gateway/http/timeline_stream.hpp"

#include "tests/fakes/manual_clock.hpp"
#include "tests/unit/gateway/http/api_fixture.hpp"

#include <boost/asio/co_spawn.hpp>
#include <gtest/gtest.h>

#include <exception>

namespace gw::http {
namespace {

using testing::Gateway;
using testing::header;
namespace keys = testing::keys;

ports::TimelineRow row(std::uint32_t seq, std::string kind = "call.answered") {
    ports::TimelineRow made;
    made.seq = seq;
    made.at = testing::now_of_tests;
    made.kind = std::move(kind);
    made.verdict = "applied";
    made.data_json = "{}";
    made.effects_json = "[]";
    return made;
}

// A stream on a clock that the test moves, over rows that the test adds.
class StreamRig {
public:
    StreamRig() { stream_ = make(0); }
    ~StreamRig() {
        stream_->stop();
        clock_.settle();
    }
    StreamRig(const StreamRig&) = delete;
    StreamRig& operator=(const StreamRig&) = delete;

    void add(std::uint32_t seq) {
        rows_.push_back(row(seq));
        feed_.publish(CallId(1));
    }
    // Asks for a piece and lets all happen that happens without time; what came, if anything did.
    std::string ask() {
        if (!asked_) {
            asked_ = true;
            boost::asio::co_spawn(io_, fetch(), [](std::exception_ptr) {});
        }
        clock_.settle();
        return std::exchange(came_, "");
    }
    std::string after(MonoTime::duration time) {
        ask();
        clock_.advance(time);
        return std::exchange(came_, "");
    }
    void stop() { stream_->stop(); }
    void fail_reads() { reads_fail_ = true; }
    app::CallLife life = app::CallLife::live;
    bool allowed = true;
    app::TimelineFeed& feed() { return feed_; }

private:
    std::shared_ptr<net::BodySource> make(std::uint32_t after_seq) {
        return make_timeline_stream(
            {.read = [this](std::uint32_t seq, std::size_t limit) { return read(seq, limit); },
             .life = [this] { return life; },
             .allowed = [this] { return allowed; },
             .place = std::move(std::get<0>(feed_.subscribe(OrgId(1), CallId(1)))),
             .clock = clock_,
             .after_seq = after_seq});
    }
    boost::asio::awaitable<TimelineStreamParts::Rows> read(std::uint32_t seq, std::size_t limit) {
        if (reads_fail_) {
            co_return Error(Errc::unavailable, "planted");
        }
        std::vector<ports::TimelineRow> found;
        for (const auto& candidate : rows_) {
            if (candidate.seq > seq && found.size() < limit) {
                found.push_back(candidate);
            }
        }
        co_return found;
    }
    boost::asio::awaitable<void> fetch() {
        came_ = (co_await stream_->next()).value_or("end");
        asked_ = false;
    }

    boost::asio::io_context io_;
    fakes::ManualClock clock_{io_};
    app::TimelineFeed feed_{io_.get_executor(), clock_};
    std::vector<ports::TimelineRow> rows_;
    std::shared_ptr<net::BodySource> stream_;
    bool reads_fail_ = false;
    bool asked_ = false;
    std::string came_;
};

std::string sent(std::uint32_t seq) {
    return to_server_sent_event(row(seq));
}

TEST(TimelineStream, ARowIsThreeFieldsAndOneLineOfJson) {
    ports::TimelineRow made = row(7, "call.hangup");
    made.data_json = "{\n  \"a\": \"x\\ny\"\r\n}";
    EXPECT_EQ(to_server_sent_event(made),
              "id: 7\nevent: call.hangup\n"
              R"(data: {"seq":7,"at":"2026-01-15T11:00:00.000000Z","kind":"call.hangup",)"
              R"("verdict":"applied","repeats":0,"data":{   "a": "x\ny"  },"effects":[]})"
              "\n\n");
    made.kind = "x\ndata: forged";
    EXPECT_NE(to_server_sent_event(made).find("event: x data: forged\n"), std::string::npos);
}

TEST(TimelineStream, SendsWhatIsThereAndThenEachNewRowAtOnce) {
    StreamRig rig;
    EXPECT_EQ(rig.ask(), "retry: 2000\n\n");
    rig.add(1);
    rig.add(2);
    EXPECT_EQ(rig.ask(), sent(1) + sent(2));
    EXPECT_EQ(rig.ask(), "");
    rig.add(3);
    EXPECT_EQ(rig.ask(), sent(3));
    rig.feed().publish(CallId(2));  // another call's
    EXPECT_EQ(rig.ask(), "");
}

TEST(TimelineStream, ALongHistoryComesInBoundedPieces) {
    StreamRig rig;
    rig.ask();
    for (std::uint32_t seq = 1; seq <= 70; ++seq) {
        rig.add(seq);
    }
    std::string all;
    int pieces = 0;
    for (std::string piece = rig.ask(); !piece.empty(); piece = rig.ask()) {
        all += piece;
        ++pieces;
    }
    EXPECT_EQ(pieces, 3);
    std::string expected;
    for (std::uint32_t seq = 1; seq <= 70; ++seq) {
        expected += sent(seq);
    }
    EXPECT_EQ(all, expected);
}

TEST(TimelineStream, AQuietStreamBeatsEveryFifteenSeconds) {
    using std::chrono::seconds;
    StreamRig rig;
    rig.ask();
    EXPECT_EQ(rig.after(seconds(14)), "");
    EXPECT_EQ(rig.after(seconds(1)), ": still here\n\n");
    EXPECT_EQ(rig.after(seconds(10)), "");
    rig.add(1);
    EXPECT_EQ(rig.ask(), sent(1));
    EXPECT_EQ(rig.after(seconds(14)), "");  // counted from the row
    EXPECT_EQ(rig.after(seconds(1)), ": still here\n\n");
}

TEST(TimelineStream, EndsTenSecondsAfterTheCallAndStillSendsLateRows) {
    using std::chrono::seconds;
    StreamRig rig;
    rig.ask();
    rig.life = app::CallLife::ended;
    rig.add(1);
    EXPECT_EQ(rig.ask(), sent(1));
    EXPECT_EQ(rig.after(seconds(9)), "");
    rig.add(2);
    EXPECT_EQ(rig.ask(), sent(2));
    EXPECT_EQ(rig.after(seconds(1)), "end");
}

TEST(TimelineStream, EndsWithTheLastRowOfACallThatIsOver) {
    StreamRig rig;
    rig.ask();
    rig.life = app::CallLife::over;
    rig.add(1);
    EXPECT_EQ(rig.ask(), sent(1));
    EXPECT_EQ(rig.ask(), "end");
}

TEST(TimelineStream, GivesNothingMoreOnceItIsNotAllowed) {
    StreamRig rig;
    rig.ask();
    rig.add(1);
    EXPECT_EQ(rig.ask(), sent(1));
    rig.allowed = false;
    rig.add(2);
    EXPECT_EQ(rig.ask(), "end");
}

TEST(TimelineStream, EndsWhenStoppedAndWhenTheStoreIsAway) {
    StreamRig rig;
    rig.ask();
    EXPECT_EQ(rig.ask(), "");
    rig.stop();
    EXPECT_EQ(rig.ask(), "end");
    StreamRig other;
    other.ask();
    other.fail_reads();
    EXPECT_EQ(other.ask(), "end");
}

TEST(TimelineStream, AcceptNamesTheStreamAmongOthers) {
    const auto accepts = [](std::string value) {
        return accepts_event_stream({{"accept", std::move(value)}});
    };
    EXPECT_TRUE(accepts("text/event-stream"));
    EXPECT_TRUE(accepts("application/json;q=0.1, Text/Event-Stream ; q=1"));
    EXPECT_TRUE(accepts("text/event-stream;q=0.001"));
    EXPECT_FALSE(accepts("text/event-stream;q=0"));
    EXPECT_FALSE(accepts("application/json, text/event-stream; x=y ; Q=0.000"));
    EXPECT_FALSE(accepts("application/json"));
    EXPECT_FALSE(accepts("*/*"));
    EXPECT_FALSE(accepts("text/event-streams, text/*"));
    EXPECT_FALSE(accepts(""));
    EXPECT_FALSE(accepts_event_stream({}));
}

net::HttpResponse ask_stream(Gateway& gateway, const std::string& target, net::Headers more = {}) {
    more.add("X-Api-Key", keys::full);
    more.add("Accept", "text/event-stream");
    return gateway.send("GET", target, std::move(more));
}

TEST(TimelineStreamApi, StartsAfterLastEventIdOrAfterSeq) {
    Gateway gateway;
    gateway.add(testing::live_call(5));
    gateway.store.rows[CallId(5)] = {row(1), row(2), row(3)};
    const auto first_rows = [&](const net::HttpResponse& response) {
        EXPECT_EQ(response.status, 200U);
        EXPECT_EQ(header(response, "Content-Type"), "text/event-stream");
        EXPECT_EQ(header(response, "Cache-Control"), "no-store");
        gateway.next_piece(*response.stream);
        return gateway.next_piece(*response.stream).value_or("end");
    };
    EXPECT_EQ(first_rows(ask_stream(gateway, "/v1/calls/5/events")), sent(1) + sent(2) + sent(3));
    EXPECT_EQ(first_rows(ask_stream(gateway, "/v1/calls/5/events?after_seq=1")), sent(2) + sent(3));
    EXPECT_EQ(
        first_rows(ask_stream(gateway, "/v1/calls/5/events?after_seq=1", {{"Last-Event-ID", "2"}})),
        sent(3));
}

TEST(TimelineStreamApi, ARevokedKeyGetsNoFurtherRow) {
    Gateway gateway;
    gateway.add(testing::live_call(5));
    gateway.store.rows[CallId(5)] = {row(1)};
    const auto response = ask_stream(gateway, "/v1/calls/5/events");
    gateway.next_piece(*response.stream);
    EXPECT_EQ(gateway.next_piece(*response.stream), sent(1));
    gateway.directory.replace_keys({});
    gateway.store.rows[CallId(5)].push_back(row(2));
    EXPECT_EQ(gateway.next_piece(*response.stream), std::nullopt);
}

TEST(TimelineStreamApi, AWrongStartIsNamed) {
    Gateway gateway;
    gateway.add(testing::live_call(5));
    for (const char* id : {"x", "-1", "1.5", "4294967296", "01", "1 2"}) {
        const auto response = ask_stream(gateway, "/v1/calls/5/events", {{"Last-Event-ID", id}});
        EXPECT_EQ(response.status, 400U) << id;
        EXPECT_NE(response.body.find("Last-Event-ID"), std::string::npos) << response.body;
    }
    const auto twice =
        ask_stream(gateway, "/v1/calls/5/events", {{"Last-Event-ID", "1"}, {"Last-Event-ID", "2"}});
    EXPECT_EQ(twice.status, 400U);
    EXPECT_NE(twice.body.find("must be given once"), std::string::npos) << twice.body;
    EXPECT_EQ(ask_stream(gateway, "/v1/calls/5/events?after_seq=x").status, 400U);
    EXPECT_EQ(ask_stream(gateway, "/v1/calls/5/events?limit=0").status, 400U);
}

TEST(TimelineStreamApi, ForeignAndMissingCallsAreMissing) {
    Gateway gateway;
    gateway.add(testing::live_call(5));
    EXPECT_EQ(ask_stream(gateway, "/v1/calls/6/events").status, 404U);
    const auto foreign =
        gateway.send("GET", "/v1/calls/5/events",
                     {{"X-Api-Key", keys::foreign}, {"Accept", "text/event-stream"}});
    EXPECT_EQ(foreign.status, 404U);
    EXPECT_EQ(foreign.stream, nullptr);
    EXPECT_EQ(gateway.feed().streams(), 0U);
}

TEST(TimelineStreamApi, WhoComesBackForACallThatIsOverIsSentAway) {
    Gateway gateway;
    gateway.add(testing::example_call());
    gateway.store.rows[CallId(1)] = {row(1), row(2)};
    EXPECT_EQ(ask_stream(gateway, "/v1/calls/1/events", {{"Last-Event-ID", "2"}}).status, 204U);
    const auto response = ask_stream(gateway, "/v1/calls/1/events", {{"Last-Event-ID", "1"}});
    gateway.next_piece(*response.stream);
    EXPECT_EQ(gateway.next_piece(*response.stream), sent(2));
    EXPECT_EQ(gateway.next_piece(*response.stream), std::nullopt);
}

TEST(TimelineStreamApi, AnOrganisationsStreamsAreBounded) {
    Gateway gateway;
    gateway.add(testing::live_call(5));
    std::vector<net::HttpResponse> open;
    net::HttpResponse response = ask_stream(gateway, "/v1/calls/5/events");
    while (response.status == 200 && open.size() < 10'000) {
        open.push_back(std::move(response));
        response = ask_stream(gateway, "/v1/calls/5/events");
    }
    EXPECT_EQ(open.size(), app::TimelineFeedLimits{}.streams_per_org_max);
    EXPECT_EQ(response.status, 429U);
    EXPECT_EQ(header(response, "Retry-After"), "10");
    open.pop_back();
    EXPECT_EQ(ask_stream(gateway, "/v1/calls/5/events").status, 200U);
}

}  // namespace
}  // namespace gw::http
