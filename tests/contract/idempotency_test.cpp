// SPDX-License-Identifier: Apache-2.0
// The promises of ports::IdempotencyStore, over the fake and the real store.
#include "gateway/store/sqlite_store.hpp"
#include "tests/contract/store_subject.hpp"
#include "tests/fakes/memory_access.hpp"

#include <gtest/gtest.h>

namespace gw::contract {
namespace {

class OnceSubject {
public:
    OnceSubject() = default;
    OnceSubject(const OnceSubject&) = delete;
    OnceSubject& operator=(const OnceSubject&) = delete;
    virtual ~OnceSubject() = default;
    virtual ports::IdempotencyStore& store() = 0;
    virtual void reopen() = 0;
};

class MemoryOnce final : public OnceSubject {
public:
    ports::IdempotencyStore& store() override { return store_; }
    void reopen() override {}

private:
    fakes::MemoryIdempotency store_;
};

class SqliteOnce final : public OnceSubject {
public:
    ports::IdempotencyStore& store() override { return store_->idempotency(); }
    void reopen() override {
        store_.reset();
        store_ = store::open_sqlite_store(folder_.file("gateway.db"));
    }

private:
    TempFolder folder_;
    std::unique_ptr<store::SqliteStore> store_ =
        store::open_sqlite_store(folder_.file("gateway.db"));
};

struct OnceImplementation {
    const char* name;
    std::unique_ptr<OnceSubject> (*make)();
};

class IdempotencyContract : public testing::TestWithParam<OnceImplementation> {
protected:
    std::unique_ptr<OnceSubject> subject_ = GetParam().make();

    static ports::Digest digest(int n) {
        ports::Digest out{};
        out[0] = static_cast<std::uint8_t>(n & 0xFF);
        out[31] = static_cast<std::uint8_t>(n >> 8);
        return out;
    }
    // What beginning tells: "begun", "unfinished", "other", or the answer.
    std::string begin(int id, int content, std::int64_t second, std::int64_t kept_since = 0) {
        ports::OnceRequest request{.id = digest(id), .content = digest(content), .at = at(second)};
        const auto found =
            run_awaitable(subject_->store().begin_once(std::move(request), at(kept_since)));
        if (!found) {
            return found.error().context();
        }
        if (const auto* kept = std::get_if<ports::KeptAnswer>(&*found)) {
            return std::to_string(kept->status) + " " + kept->content_type + " " + kept->body;
        }
        return std::holds_alternative<ports::OnceBegun>(*found)        ? "begun"
               : std::holds_alternative<ports::OnceUnfinished>(*found) ? "unfinished"
                                                                       : "other";
    }
    Result<void> answer(int id, unsigned status, std::string body) {
        ports::KeptAnswer kept{
            .status = status, .content_type = "application/json", .body = std::move(body)};
        return run_awaitable(subject_->store().answer_once(digest(id), std::move(kept)));
    }
    std::size_t sweep(std::int64_t before, std::size_t limit) {
        return run_awaitable(subject_->store().sweep_once(at(before), limit)).value();
    }
};

INSTANTIATE_TEST_SUITE_P(
    Stores, IdempotencyContract,
    testing::Values(OnceImplementation{"Memory",
                                       []() -> std::unique_ptr<OnceSubject> {
                                           return std::make_unique<MemoryOnce>();
                                       }},
                    OnceImplementation{"Sqlite",
                                       []() -> std::unique_ptr<OnceSubject> {
                                           return std::make_unique<SqliteOnce>();
                                       }}),
    [](const auto& info) { return std::string(info.param.name); });

TEST_P(IdempotencyContract, ARecordIsBegunThenUnfinishedThenItsAnswer) {
    EXPECT_EQ(begin(1, 7, 10), "begun");
    subject_->reopen();
    EXPECT_EQ(begin(1, 7, 11), "unfinished");
    EXPECT_EQ(begin(2, 7, 11), "begun");
    ASSERT_TRUE(answer(1, 201, R"({"a":"ü"})"));
    subject_->reopen();
    EXPECT_EQ(begin(1, 7, 12), R"(201 application/json {"a":"ü"})");
    EXPECT_EQ(begin(1, 7, 13), R"(201 application/json {"a":"ü"})");
    EXPECT_EQ(begin(2, 7, 13), "unfinished");
}

TEST_P(IdempotencyContract, AnEmptyAnswerIsAnAnswer) {
    EXPECT_EQ(begin(1, 7, 10), "begun");
    ASSERT_TRUE(answer(1, 204, ""));
    EXPECT_EQ(begin(1, 7, 10), "204 application/json ");
}

TEST_P(IdempotencyContract, OtherContentIsTold) {
    EXPECT_EQ(begin(1, 7, 10), "begun");
    EXPECT_EQ(begin(1, 8, 10), "other");
    ASSERT_TRUE(answer(1, 200, "{}"));
    EXPECT_EQ(begin(1, 8, 10), "other");
}

TEST_P(IdempotencyContract, TheFirstAnswerStays) {
    EXPECT_EQ(begin(1, 7, 10), "begun");
    ASSERT_TRUE(answer(1, 200, "first"));
    ASSERT_TRUE(answer(1, 404, "second"));
    EXPECT_EQ(begin(1, 7, 10), "200 application/json first");
    const auto unknown = answer(2, 200, "");
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().code(), Errc::not_found);
}

TEST_P(IdempotencyContract, WhatIsForgottenNeverCame) {
    EXPECT_EQ(begin(1, 7, 10), "begun");
    ASSERT_TRUE(run_awaitable(subject_->store().forget_once(digest(1))));
    ASSERT_TRUE(run_awaitable(subject_->store().forget_once(digest(1))));
    EXPECT_EQ(begin(1, 8, 10), "begun");
}

TEST_P(IdempotencyContract, AnOldRecordCountsAsNoneAndIsReplaced) {
    EXPECT_EQ(begin(1, 7, 10), "begun");
    ASSERT_TRUE(answer(1, 200, "old"));
    EXPECT_EQ(begin(1, 7, 50, 10), "200 application/json old");
    EXPECT_EQ(begin(1, 8, 50, 11), "begun");
    EXPECT_EQ(begin(1, 8, 50, 11), "unfinished");
}

TEST_P(IdempotencyContract, SweepingTakesTheOldInPortions) {
    for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(begin(i, 7, i), "begun");
    }
    EXPECT_EQ(sweep(6, 4), 4U);
    EXPECT_EQ(sweep(6, 4), 2U);
    EXPECT_EQ(sweep(6, 4), 0U);
    EXPECT_EQ(begin(6, 7, 20), "unfinished");
    EXPECT_EQ(begin(5, 7, 20), "begun");
}

}  // namespace
}  // namespace gw::contract
