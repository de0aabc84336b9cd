// SPDX-License-Identifier: Apache-2.0
// Look-ups of host names that are slow, hang, fail or lie.
#include "tests/unit/gateway/net/net_fixture.hpp"
#include "tests/unit/gateway/net/raw_peer.hpp"

#include <gtest/gtest.h>

#include <condition_variable>
#include <map>

namespace gw::net::testing {
namespace {

namespace asio = boost::asio;

// Stands in for the system's look-up: hosts that are held hang until they are let go. Shared,
// because a look-up may outlive the client and the test.
class FakeDns {
public:
    LookUp look_up() {
        return [state = state_](const std::string& host) { return state->look_up(host); };
    }
    ~FakeDns() { let_go(); }
    void knows(const std::string& host, Addresses addresses) {
        const std::lock_guard lock(state_->mutex);
        state_->known[host] = std::move(addresses);
    }
    void forgets(const std::string& host) {
        const std::lock_guard lock(state_->mutex);
        state_->known.erase(host);
    }
    void hold(const std::string& host) {
        const std::lock_guard lock(state_->mutex);
        state_->held[host] = true;
    }
    void let_go() {
        const std::lock_guard lock(state_->mutex);
        state_->held.clear();
        state_->changed.notify_all();
    }
    // Every look-up that has begun, by host, in order.
    std::vector<std::string> begun() const {
        const std::lock_guard lock(state_->mutex);
        return state_->begun;
    }
    bool wait_for_begun(std::size_t count) {
        std::unique_lock lock(state_->mutex);
        return state_->changed.wait_for(lock, patience,
                                        [&] { return state_->begun.size() >= count; });
    }

private:
    struct State {
        Result<Addresses> look_up(const std::string& host) {
            std::unique_lock lock(mutex);
            begun.push_back(host);
            changed.notify_all();
            changed.wait(lock, [&] { return !held.contains(host); });
            const auto found = known.find(host);
            return found == known.end() ? Result<Addresses>(Error(Errc::dns_failed, host))
                                        : Result<Addresses>(found->second);
        }
        std::mutex mutex;
        std::condition_variable changed;
        std::map<std::string, Addresses> known;
        std::map<std::string, bool> held;
        std::vector<std::string> begun;
    };
    std::shared_ptr<State> state_ = std::make_shared<State>();
};

const Addresses loopback{asio::ip::make_address("127.0.0.1")};

HttpClientOptions asking(FakeDns& dns) {
    HttpClientOptions options = TestClient::local();
    options.look_up = dns.look_up();
    return options;
}

// Answers one request per connection, so that every request needs a look-up.
ScriptedPeer::Script once() {
    return [](RawPeer& peer, int) {
        if (peer.read_until("\r\n\r\n")) {
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
        }
    };
}

ClientRequest to(const std::string& host, const ScriptedPeer& peer,
                 std::chrono::milliseconds timeout = 20s) {
    ClientRequest request;
    request.url = "http://" + host + ":" + std::to_string(peer.port()) + "/";
    request.timeout = timeout;
    return request;
}

// What was started before has reached its first wait.
void settle(TestClient& client) {
    for (int i = 0; i < 3; ++i) {
        client.loop().call([] {});
    }
}

TEST(HttpClientDns, ALookUpThatIsGivenUpBeforeItBeganNeverBegins) {
    ScriptedPeer peer(once());
    FakeDns dns;
    dns.hold("hangs.test");
    dns.knows("good.test", loopback);
    HttpClientOptions options = asking(dns);
    options.look_ups_max = 1;
    TestClient client(std::move(options));
    EXPECT_EQ(code_of(client.send(to("hangs.test", peer, 30ms))), "timeout");
    EXPECT_EQ(code_of(client.send(to("waits.test", peer, 30ms))), "timeout");
    EXPECT_EQ(code_of(client.send(to("waits.test", peer, 30ms))), "timeout");
    dns.let_go();
    EXPECT_EQ(code_of(client.send(to("good.test", peer))), "ok 200");
    EXPECT_EQ(dns.begun(), (std::vector<std::string>{"hangs.test", "good.test"}));
}

TEST(HttpClientDns, ALookUpServesAllWhoAskMeanwhileEachWithinItsDeadline) {
    ScriptedPeer peer(once());
    FakeDns dns;
    dns.knows("slow.test", loopback);
    dns.hold("slow.test");
    TestClient client(asking(dns));
    std::vector<std::future<Result<ClientResponse>>> answers;
    for (int i = 0; i < 5; ++i) {
        answers.push_back(client.start(to("slow.test", peer)));
    }
    settle(client);
    EXPECT_EQ(code_of(client.send(to("slow.test", peer, 30ms))), "timeout");
    dns.let_go();
    for (auto& answer : answers) {
        EXPECT_EQ(code_of(Loop::get(std::move(answer))), "ok 200");
    }
    EXPECT_EQ(dns.begun().size(), 1U);
}

TEST(HttpClientDns, AHostThatHangsHoldsUpNoOtherAndIsAskedForOnce) {
    ScriptedPeer peer(once());
    FakeDns dns;
    dns.hold("hangs.test");
    dns.knows("good.test", loopback);
    HttpClientOptions options = asking(dns);
    options.look_ups_max = 2;
    options.connect_timeout = 30ms;
    TestClient client(std::move(options));
    for (int i = 0; i < 5; ++i) {
        const auto result = client.send(to("hangs.test", peer));
        ASSERT_EQ(code_of(result), "dns_failed");
        EXPECT_EQ(result.error().context(), "looking up hangs.test: timed out");
    }
    // The machine may stall longer than the time this client has.
    std::string outcome;
    for (int tries = 0; outcome != "ok 200" && tries < 100; ++tries) {
        outcome = code_of(client.send(to("good.test", peer)));
    }
    EXPECT_EQ(outcome, "ok 200");
    const std::vector<std::string> begun = dns.begun();
    EXPECT_EQ(std::count(begun.begin(), begun.end(), "hangs.test"), 1);
}

TEST(HttpClientDns, NoClientWaitsBehindTheLookUpsOfAnother) {
    ScriptedPeer peer(once());
    FakeDns dns;
    dns.hold("hangs.test");
    dns.knows("carrier.test", loopback);
    HttpClientOptions options = asking(dns);
    options.look_ups_max = 1;
    Loop loop;
    const auto customers = make_http_client(loop.executor(), options);
    const auto carrier = make_http_client(loop.executor(), options);
    auto hangs = loop.start(customers->send(to("hangs.test", peer)));
    ASSERT_TRUE(dns.wait_for_begun(1));
    EXPECT_EQ(code_of(loop.run(carrier->send(to("carrier.test", peer)))), "ok 200");
    loop.run(carrier->stop());
    loop.run(customers->stop());
    EXPECT_EQ(code_of(Loop::get(std::move(hangs))), "canceled");
}

TEST(HttpClientDns, TheNamesBeingLookedUpAreBounded) {
    ScriptedPeer peer(once());
    FakeDns dns;
    dns.hold("host0.test");
    HttpClientOptions options = asking(dns);
    options.look_ups_max = 1;
    TestClient client(std::move(options));
    std::vector<std::future<Result<ClientResponse>>> waiting;
    for (int i = 0; i < 1024; ++i) {
        waiting.push_back(client.start(to("host" + std::to_string(i) + ".test", peer)));
    }
    settle(client);
    EXPECT_EQ(code_of(client.send(to("more.test", peer))), "full");
    client.loop().run(client.client().stop());
    for (auto& one : waiting) {
        EXPECT_EQ(code_of(Loop::get(std::move(one))), "canceled");
    }
    EXPECT_EQ(dns.begun().size(), 1U);
}

TEST(HttpClientDns, ALookUpThatHangsIsNotWaitedForAtTheEnd) {
    ScriptedPeer peer(once());
    FakeDns dns;
    dns.hold("hangs.test");
    std::future<Result<ClientResponse>> answer;
    {
        TestClient client(asking(dns));
        answer = client.start(to("hangs.test", peer));
        ASSERT_TRUE(dns.wait_for_begun(1));
    }  // the client, its loop and the loop's thread have ended
    EXPECT_EQ(code_of(Loop::get(std::move(answer))), "canceled");
}

TEST(HttpClientDns, TheLastGoodAddressesServeWhenDnsFailsOrHangs) {
    ScriptedPeer peer(once());
    FakeDns dns;
    dns.knows("carrier.test", loopback);
    HttpClientOptions options = asking(dns);
    options.keep_last_addresses = true;
    TestClient client(std::move(options));
    ASSERT_EQ(code_of(client.send(to("carrier.test", peer))), "ok 200");
    dns.forgets("carrier.test");
    EXPECT_EQ(code_of(client.send(to("carrier.test", peer))), "ok 200");
    EXPECT_EQ(code_of(client.send(to("other.test", peer))), "dns_failed");
    dns.hold("carrier.test");
    EXPECT_EQ(code_of(client.send(to("carrier.test", peer))), "ok 200");
    EXPECT_EQ(code_of(client.send(to("carrier.test", peer))), "ok 200");
    EXPECT_EQ(dns.begun().size(), 4U) << "the look-up that hangs is not begun again";
}

TEST(HttpClientDns, ACustomersNameIsLookedUpAndJudgedForEveryConnection) {
    ScriptedPeer peer(once());
    FakeDns dns;
    dns.knows("customer.test", loopback);
    TestClient client(asking(dns));
    ASSERT_EQ(code_of(client.send(to("customer.test", peer))), "ok 200");
    dns.forgets("customer.test");
    EXPECT_EQ(code_of(client.send(to("customer.test", peer))), "dns_failed");

    dns.knows("liar.test", {asio::ip::make_address("8.8.8.8"), loopback.front()});
    HttpClientOptions guarded;
    guarded.look_up = dns.look_up();
    TestClient careful(std::move(guarded));
    EXPECT_EQ(code_of(careful.get("http://liar.test/")), "denied_address");
}

}  // namespace
}  // namespace gw::net::testing
