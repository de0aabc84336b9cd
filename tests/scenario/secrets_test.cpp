// SPDX-License-Identifier: Apache-2.0
// Canaries: keys, secrets and numbers that go through everything the gateway does and refuses, and
// must not come out of its log, at its finest level, or of its metrics.
#include "tests/scenario/world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <atomic>
#include <csignal>
#include <fstream>
#include <poll.h>
#include <sstream>
#include <stdexcept>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace gw::scenario {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

constexpr const char* caller = "+31611100001";
constexpr const char* target = "+31622200002";
constexpr const char* callee = "+31633300003";
constexpr const char* stranger = "+31644400004";
constexpr const char* foreign_key = "sfy_live_c0ffee00c0ffee11c0ffee22c0ffee33c0ffee44c0ffee55";

// A Telnyx that refuses whatever it is asked and is talkative about it: its errors quote `gossip`.
// One request a connection, one connection at a time.
class TalkativeTelnyx {
public:
    explicit TalkativeTelnyx(std::string gossip)
        : gossip_(std::move(gossip)), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        const int on = 1;
        sockaddr_in name{};
        name.sin_family = AF_INET;
        name.sin_port = htons(port_.number());
        name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
            ::bind(listener_, reinterpret_cast<sockaddr*>(&name), sizeof name) != 0 ||
            ::listen(listener_, 64) != 0) {
            throw std::runtime_error("cannot listen");
        }
        thread_ = std::thread([this] { serve(); });
    }
    ~TalkativeTelnyx() {
        is_over_ = true;
        thread_.join();
        ::close(listener_);
    }
    TalkativeTelnyx(const TalkativeTelnyx&) = delete;
    TalkativeTelnyx& operator=(const TalkativeTelnyx&) = delete;

    [[nodiscard]] std::string url() const {
        return "http://127.0.0.1:" + std::to_string(port_.number()) + "/v2";
    }

private:
    static bool is_readable(int descriptor) {
        constexpr int look_again_ms = 50;
        pollfd look{.fd = descriptor, .events = POLLIN, .revents = 0};
        return ::poll(&look, 1, look_again_ms) > 0;
    }
    void serve() {
        while (!is_over_) {
            if (is_readable(listener_)) {
                const int peer = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
                answer(peer);
                ::close(peer);
            }
        }
    }
    void answer(int peer) const {
        std::string head;
        std::array<char, 4096> bytes{};
        while (!is_over_ && head.find("\r\n\r\n") == std::string::npos) {
            if (!is_readable(peer)) {
                continue;
            }
            const ssize_t got = ::recv(peer, bytes.data(), bytes.size(), 0);
            if (got <= 0) {
                return;
            }
            head.append(bytes.data(), static_cast<std::size_t>(got));
        }
        const std::string text = answer_to(head);
        (void)::send(peer, text.data(), text.size(), MSG_NOSIGNAL);
        ::shutdown(peer, SHUT_WR);
        while (!is_over_ &&
               (!is_readable(peer) || ::recv(peer, bytes.data(), bytes.size(), 0) > 0)) {
        }
    }
    // A number that is not allowed; a key that is; and an answer that is no JSON at all.
    [[nodiscard]] std::string answer_to(const std::string& head) const {
        const json errors = {
            {"errors", {{{"code", "10015"}, {"title", "Refused"}, {"detail", gossip_}}}}};
        if (head.starts_with("GET ")) {
            return response("500 Internal Server Error", "<p>" + gossip_ + "</p>");
        }
        const bool is_alarming = head.find("/actions/gather") != std::string::npos;
        return response(is_alarming ? "401 Unauthorized" : "422 Unprocessable Entity",
                        errors.dump());
    }
    static std::string response(const std::string& status, const std::string& body) {
        return "HTTP/1.1 " + status +
               "\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) +
               "\r\n\r\n" + body;
    }

    ReservedPort port_;
    std::string gossip_;
    int listener_;
    std::atomic<bool> is_over_{false};
    std::thread thread_;
};

class Canaries : public ::testing::Test {
protected:
    static WorldOptions loud() {
        WorldOptions options;
        options.config["log"] = {{"level", "debug"}, {"lines_per_event_per_second", 100'000}};
        options.config["reconcile"] = {{"idle_seconds", 1}, {"interval_seconds", 1}};
        return options;
    }

    Answer post(const std::string& path, const json& body) {
        return world_.send(world_.json_post(path, body));
    }
    void talk() {
        leg_ = world_.place_call({{"from", caller}, {"steps", json::array()}});
        ASSERT_TRUE(eventually([&] {
            call_ = world_.call_of(leg_);
            return call_.is_object() && call_["status"] == "in-progress";
        }));
    }
    [[nodiscard]] std::string path(const std::string& what) const {
        return "/v1/calls/" + call_["call_id"].get<std::string>() + "/" + what;
    }
    void hang_up() { world_.control("POST", "/calls/" + leg_ + "/actions", {{"hangup", true}}); }
    bool is_told(std::string_view name) {
        return eventually([&] {
            const auto events = world_.received();
            return std::ranges::any_of(
                events, [name](const json& event) { return event["event"] == name; });
        });
    }

    // What is written by the process that runs is read before it is replaced.
    void read_metrics() { metrics_ += world_.admin("/metrics").body; }
    std::string log() {
        std::ostringstream text;
        text << std::ifstream(world_.folder() / "gateway.log").rdbuf();
        return text.str();
    }

    void good_calls();
    void refused_commands();
    void bad_requests();
    void bad_events();
    void expect_nothing_said();

    World world_{loud()};
    std::string telnyx_key_ = world_.config()["telnyx"]["api_key"].get<std::string>();
    std::string leg_;
    json call_;
    std::string metrics_;
};

void Canaries::good_calls() {
    const json talks = {{"outcome", "answer"}, {"after_ms", 20}, {"steps", json::array()}};
    const json leaves = {{"outcome", "answer"},
                         {"after_ms", 20},
                         {"steps", {{{"wait_ms", 50}}, {{"hangup", true}}}}};
    world_.control("PUT", "/scenario", {{"callees", {{target, talks}, {callee, leaves}}}});
    talk();
    EXPECT_EQ(post(path("gather"), {{"prompt", "Call me back on " + std::string(stranger)}}).status,
              202U);
    EXPECT_EQ(post("/v1/calls", {{"agent_id", 7}, {"to", callee}}).status, 201U);
    hang_up();
    talk();
    EXPECT_EQ(post(path("transfer"), {{"destination", target}}).status, 200U);
    ASSERT_TRUE(is_told("transfer.completed"));
    hang_up();
    ASSERT_TRUE(world_.quiesce());
}

// The carrier of the next process quotes keys and numbers; the call is the simulator's.
void Canaries::refused_commands() {
    const TalkativeTelnyx telnyx("The number " + std::string(target) + " is not allowed for " +
                                 telnyx_key_ + " (Bearer " + world_.api_key() + ", " +
                                 webhook_secret + "), called by " + caller);
    talk();
    read_metrics();
    world_.kill();
    world_.set_config({{"telnyx", {{"api_base", telnyx.url()}}}});
    world_.start();
    EXPECT_EQ(post(path("transfer"), {{"destination", target}}).status, 422U);
    EXPECT_EQ(post(path("gather"), {{"prompt", "Your number?"}}).status, 422U);
    EXPECT_EQ(post("/v1/calls", {{"agent_id", 7}, {"to", callee}}).status, 201U);
    EXPECT_EQ(world_.api(path("end"), "POST").status, 200U);
    ASSERT_TRUE(eventually([&] { return log().find("telnyx_api_alarm") != std::string::npos; }));
    ASSERT_TRUE(eventually([&] { return world_.metric("telnyx_request_seconds_count") > 4.0; }));
    hang_up();
    ASSERT_TRUE(world_.quiesce());
}

void Canaries::bad_requests() {
    const std::string digits = std::string(stranger).substr(1);
    talk();
    for (const std::string& number : {std::string(stranger) + "x", digits, "00" + digits,
                                      "sip:" + std::string(stranger) + "@example.com"}) {
        EXPECT_EQ(post(path("transfer"), {{"destination", number}}).status, 400U) << number;
        EXPECT_EQ(post("/v1/calls", {{"agent_id", 7}, {"to", number}}).status, 400U) << number;
    }
    EXPECT_EQ(post("/v1/calls", {{"agent_id", telnyx_key_}, {"to", stranger}}).status, 400U);
    EXPECT_EQ(post("/v1/calls", {{stranger, webhook_secret}, {telnyx_key_, foreign_key}}).status,
              400U);
    net::ClientRequest broken = world_.json_post("/v1/calls", nullptr);
    broken.body = "{\"to\": \"" + std::string(stranger) + "\", \"key\": \"" + foreign_key;
    EXPECT_EQ(world_.send(broken).status, 400U);
    // Where no key or number belongs.
    for (const std::string& where :
         {std::string("?api_key=") + foreign_key, std::string("?agent_id=") + telnyx_key_,
          "?to=%2B" + digits, std::string("?status=") + stranger, "/%2B" + digits,
          "/" + std::string(stranger), std::string("/") + foreign_key,
          std::string("/") + webhook_secret + "/status", "?limit=" + world_.api_key()}) {
        const unsigned status = world_.api("/v1/calls" + where).status;
        EXPECT_TRUE(status == 200 || status == 400 || status == 404) << where << ' ' << status;
    }
    net::ClientRequest unknown = world_.json_post("/v1/calls", {{"to", stranger}});
    unknown.headers = {};
    unknown.headers.add("Authorization", std::string("Bearer ") + foreign_key);
    unknown.headers.add("X-Request-Id", stranger);
    EXPECT_EQ(world_.send(unknown).status, 401U);
    hang_up();
    ASSERT_TRUE(world_.quiesce());
}

void Canaries::bad_events() {
    const json payload = {{"call_control_id", "v3:canary"},
                          {"connection_id", "another"},
                          {"from", stranger},
                          {"to", stranger},
                          {"direction", "incoming"},
                          {"client_state", foreign_key}};
    for (const char* signature : {"wrong", "missing", "malformed", "valid"}) {
        world_.control(
            "POST", "/events",
            {{"event_type", "call.initiated"}, {"payload", payload}, {"signature", signature}});
    }
    world_.control("POST", "/events",
                   {{"body", "{\"data\": \"" + std::string(stranger) + telnyx_key_}});
    ASSERT_TRUE(world_.quiesce());
}

void Canaries::expect_nothing_said() {
    const std::string said = log() + metrics_;
    // Whole secrets, and the halves of them: nothing of a secret but the prefix that names its
    // kind.
    const std::string secrets[] = {world_.api_key(), webhook_secret, telnyx_key_, foreign_key};
    for (const std::string& secret : secrets) {
        const std::size_t prefix = secret.starts_with("KEY") ? 3 : secret.rfind('_') + 1;
        const std::size_t half = (secret.size() - prefix) / 2;
        EXPECT_EQ(said.find(secret.substr(prefix, half)), std::string::npos) << secret;
        EXPECT_EQ(said.find(secret.substr(prefix + half)), std::string::npos) << secret;
    }
    for (const char* number : {caller, target, callee, stranger, number_of_agent}) {
        const std::string digits = std::string(number).substr(1);
        const std::size_t at = said.find(digits);
        EXPECT_EQ(at, std::string::npos)
            << number << ": " << said.substr(at > 300 ? at - 300 : 0, 400);
    }
    // They were there to be said.
    EXPECT_THAT(said, HasSubstr("+316******02"));
    EXPECT_THAT(said, HasSubstr("KEY***"));
    EXPECT_THAT(said, HasSubstr("whsec_***"));
}

TEST_F(Canaries, AreNeitherInTheLogNorInTheMetrics) {
    good_calls();
    bad_requests();
    bad_events();
    refused_commands();
    read_metrics();
    world_.gateway().send(SIGTERM);
    ASSERT_TRUE(world_.gateway().wait());
    expect_nothing_said();
}

}  // namespace
}  // namespace gw::scenario
