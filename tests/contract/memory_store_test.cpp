// SPDX-License-Identifier: Apache-2.0
// The faults of the store in memory, which the simulation relies on.
#include "tests/fakes/memory_store.hpp"

#include "tests/contract/store_subject.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

namespace gw::contract {
namespace {

using fakes::MemoryStore;
using fakes::WriteFault;

Errc code_of(const Result<void>& result) {
    return result ? Errc::internal : result.error().code();
}

TEST(MemoryStoreFaults, TheNthWriteFailsAndNothingOfItIsKept) {
    MemoryStore store;
    store.fail_write(2, WriteFault::full);
    store.fail_write(3, WriteFault::unavailable);
    const Call call = plain_call(store.next_call_id(), 1);
    ASSERT_TRUE(run_awaitable(store.commit(birth(call))));
    const auto second = next_commit(call);
    EXPECT_EQ(code_of(run_awaitable(store.commit(second))), Errc::full);
    EXPECT_EQ(code_of(run_awaitable(store.ping())), Errc::unavailable);
    EXPECT_EQ(run_awaitable(store.load(call.id)).value()->version, 1U);
    EXPECT_TRUE(run_awaitable(store.commit(second)));
    EXPECT_EQ(store.writes(), 4U);
}

TEST(MemoryStoreFaults, AnUnknownOutcomeWasWritten) {
    MemoryStore store;
    store.set_write_faults(
        [](std::uint64_t) -> std::optional<WriteFault> { return WriteFault::outcome_unknown; });
    const Call call = plain_call(store.next_call_id(), 1);
    EXPECT_EQ(code_of(run_awaitable(store.commit(birth(call)))), Errc::unavailable);
    EXPECT_TRUE(run_awaitable(store.load(call.id)).value().has_value());
    EXPECT_EQ(code_of(run_awaitable(store.commit(birth(call)))), Errc::unavailable);
    store.set_write_faults({});
    EXPECT_EQ(code_of(run_awaitable(store.commit(birth(call)))), Errc::conflict);
    store.fail_reads(true);
    EXPECT_FALSE(run_awaitable(store.load(call.id)));
}

boost::asio::awaitable<void> commit_one(MemoryStore& store, ports::CallCommit commit, bool& told) {
    static_cast<void>(co_await store.commit(std::move(commit)));
    told = true;
}

TEST(MemoryStoreFaults, ARunCanBeCutBeforeAndAfterTheWrite) {
    for (const bool written : {false, true}) {
        MemoryStore store;
        const Call call = plain_call(store.next_call_id(), 1);
        bool told = false;
        {
            boost::asio::io_context context;
            boost::asio::co_spawn(context, commit_one(store, birth(call), told),
                                  boost::asio::detached);
            context.run_one();  // the coroutine begins
            if (written) {
                context.run_one();  // the store writes
            }
        }  // the process dies
        EXPECT_FALSE(told);
        EXPECT_EQ(run_awaitable(store.load(call.id)).value().has_value(), written);
    }
}

}  // namespace
}  // namespace gw::contract
