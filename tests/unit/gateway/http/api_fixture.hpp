#pragma once
// SPDX-License-Identifier: Apache-2.0
// The whole public interface over fakes of the ports: requests in, responses out, no socket. Two
// orgs; the first has two projects. Calls given before the first request are there when the gateway
// starts.
#include "gateway/app/calls_service.hpp"
#include "gateway/http/access_control.hpp"
#include "gateway/http/handlers.hpp"
#include "tests/fakes/counting_metrics.hpp"
#include "tests/fakes/memory_access.hpp"
#include "tests/unit/gateway/http/fake_store.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace gw::http::testing {

inline constexpr UtcTime now_of_tests =
    UtcTime(std::chrono::sys_days(std::chrono::year(2026) / 1 / 15)) + std::chrono::hours(11);

// Time stands still but for what a test adds; a wait ends only when it is cancelled.
class StillClock final : public ports::Clock {
public:
    std::chrono::seconds passed{0};
    [[nodiscard]] UtcTime utc() const override { return now_of_tests + passed; }
    [[nodiscard]] MonoTime mono() const override {
        return MonoTime(std::chrono::hours(1)) + passed;
    }
    asio::awaitable<bool> sleep_until(MonoTime deadline) override;
};

class CountingRandom final : public ports::Random {
public:
    void fill(std::span<std::uint8_t> out) override {
        for (auto& byte : out) {
            byte = next_++;
        }
    }

private:
    std::uint8_t next_ = 0;
};

class RecordingLog final : public ports::Log {
public:
    std::vector<std::string> lines;  // "event key=value key=value"
    void write(ports::LogLevel level, std::string_view event,
               std::span<const ports::LogField> fields) noexcept override;
    [[nodiscard]] bool enabled(ports::LogLevel) const noexcept override { return true; }
};

class PlainEncoder final : public ports::EventEncoder {
public:
    [[nodiscard]] std::string encode(const Call&, const PublicEvent&) const override {
        return "{}";
    }
};

// Keys of the test directory; the texts are well-formed and made up.
std::string live_key(char digit);  // "sfy_live_" + 48 times the digit
std::string org_key(char digit);

namespace keys {
inline const std::string full = live_key('1');     // project 1, full
inline const std::string read = live_key('2');     // project 1, read
inline const std::string sibling = live_key('3');  // project 2 of the same org, full
inline const std::string foreign = live_key('4');  // project 3 of the other org, full
inline const std::string revoked = live_key('5');  // project 1, revoked
inline const std::string unknown = live_key('6');
inline const std::string org = org_key('7');        // org 42: projects 1 and 2, full
inline const std::string org_read = org_key('8');   // the same, read
inline const std::string other_org = org_key('9');  // org 43: project 3, full
}  // namespace keys

ports::DirectoryContent test_directory();

// The specification's example: 127 s at 0.25 and 0.22, of agent 7 in project 1.
Call example_call();
// A call that is under way since 42 s, of agent 7 in project 1.
Call live_call(std::int64_t id);
// A ringing one.
Call ringing_call(std::int64_t id);

class Gateway {
public:
    Gateway();
    ~Gateway();
    Gateway(const Gateway&) = delete;
    Gateway& operator=(const Gateway&) = delete;

    void add(Call call) { store.calls[call.id] = std::move(call); }
    net::HttpResponse send(net::HttpRequest request);
    net::HttpResponse send(std::string method, std::string target, net::Headers headers = {},
                           std::string body = {});
    net::HttpResponse get(std::string target, const std::string& key = keys::full);
    net::HttpResponse post(std::string target, const std::string& key = keys::full);
    // The next piece of a streamed body; only when there is one, or the end.
    std::optional<std::string> next_piece(net::BodySource& stream);
    app::TimelineFeed& feed() { return *feed_; }  // from the first request on

    StillClock clock;
    CountingRandom random;
    RecordingLog log;
    fakes::CountingMetrics metrics;
    FakeStore store;
    FakeOutbox outbox;
    fakes::MemoryIdempotency idempotency;
    fakes::MemoryAudit audit;
    app::Directory directory;
    std::optional<RequestGates> gates;                       // in place of the product's
    std::vector<std::string> trusted_proxies;                // both before the first request
    CommandOutcome carrier_says = CommandOutcome::accepted;  // of a transfer or a gather
    std::string carrier_detail;
    std::vector<net::HttpRequest> carrier_webhooks;  // what reached the carrier's endpoint
    std::vector<RouteSpec> routes;                   // filled at the first request

private:
    void start();
    template <class T>
    T run(asio::awaitable<T> task);

    asio::io_context context_;
    PlainEncoder encoder_;
    std::unique_ptr<app::CallRegistry> registry_;
    std::unique_ptr<app::CallsService> service_;
    std::unique_ptr<app::TimelineFeed> feed_;
    std::unique_ptr<AccessControl> access_;
    net::HttpHandler handler_;
};

std::string header(const net::HttpResponse& response, std::string_view name);  // "" when absent

}  // namespace gw::http::testing
