#pragma once
// SPDX-License-Identifier: Apache-2.0
// Idempotency records, audit entries and keys in memory, with the promises of the real store
// (tests/contract) and a switch for one that cannot answer. What is in the object is "on disk". One
// thread.
#include "gateway/ports/audit.hpp"
#include "gateway/ports/directory.hpp"
#include "gateway/ports/idempotency.hpp"

#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace gw::fakes {

class MemoryIdempotency final : public ports::IdempotencyStore {
public:
    bool is_away = false;
    [[nodiscard]] std::size_t size() const { return records_.size(); }

    boost::asio::awaitable<Result<ports::OnceFound>> begin_once(ports::OnceRequest request,
                                                                UtcTime kept_since) override {
        if (is_away) {
            co_return away();
        }
        const auto at = records_.find(request.id);
        if (at == records_.end() || at->second.begun_at < kept_since) {
            records_[request.id] = {request.content, request.at, std::nullopt};
            co_return ports::OnceFound(ports::OnceBegun{});
        }
        if (at->second.content != request.content) {
            co_return ports::OnceFound(ports::OnceOtherContent{});
        }
        if (!at->second.answer) {
            co_return ports::OnceFound(ports::OnceUnfinished{});
        }
        co_return ports::OnceFound(*at->second.answer);
    }
    boost::asio::awaitable<Result<void>> answer_once(ports::Digest id,
                                                     ports::KeptAnswer answer) override {
        if (is_away) {
            co_return away();
        }
        const auto at = records_.find(id);
        if (at == records_.end()) {
            co_return Error(Errc::not_found, "no such record");
        }
        if (!at->second.answer) {
            at->second.answer = std::move(answer);
        }
        co_return Result<void>();
    }
    boost::asio::awaitable<Result<void>> forget_once(ports::Digest id) override {
        if (is_away) {
            co_return away();
        }
        records_.erase(id);
        co_return Result<void>();
    }
    boost::asio::awaitable<Result<std::size_t>> sweep_once(UtcTime before,
                                                           std::size_t limit) override {
        if (is_away) {
            co_return away();
        }
        std::size_t removed = 0;
        for (auto at = records_.begin(); at != records_.end() && removed < limit;) {
            if (at->second.begun_at < before) {
                at = records_.erase(at);
                ++removed;
            } else {
                ++at;
            }
        }
        co_return removed;
    }

private:
    struct Record {
        ports::Digest content{};
        UtcTime begun_at;
        std::optional<ports::KeptAnswer> answer;
    };
    static Error away() { return Error(Errc::unavailable, "planned fault"); }
    std::map<ports::Digest, Record> records_;
};

class MemoryAudit final : public ports::AuditLog {
public:
    std::vector<ports::AuditEntry> entries;
    void record(ports::AuditEntry entry) override { entries.push_back(std::move(entry)); }
};

class MemoryKeyFeed final : public ports::KeyFeed {
public:
    bool is_away = false;
    int asked = 0;
    void set(std::vector<ports::ApiKey> keys) {
        list_.keys = std::move(keys);
        ++list_.version;
    }
    boost::asio::awaitable<Result<std::optional<ports::KeyList>>> keys_unless(
        std::int64_t known) override {
        ++asked;
        if (is_away) {
            co_return Error(Errc::unavailable, "planned fault");
        }
        co_return known == list_.version ? std::optional<ports::KeyList>() : std::optional(list_);
    }

private:
    ports::KeyList list_;
};

}  // namespace gw::fakes
