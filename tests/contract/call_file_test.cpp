// SPDX-License-Identifier: Apache-2.0
// What operators' commands read of a database, also while a store owns it.
#include "gateway/store/call_file.hpp"

#include "gateway/store/sqlite_store.hpp"
#include "tests/contract/store_subject.hpp"

#include <filesystem>
#include <fstream>

namespace gw::contract {
namespace {

class CallFile : public testing::Test {
protected:
    TempFolder folder_;
    std::string path_ = folder_.file("gateway.db");
};

TEST_F(CallFile, HasACallWithItsWholeTimelineWhileTheStoreIsOwned) {
    const auto store = store::open_sqlite_store(path_);
    const Call call = plain_call(store->next_call_id(), 1);
    ASSERT_TRUE(run_awaitable(store->commit(birth(call))));
    const auto expected = run_awaitable(store->timeline(call.id, 0, 100)).value();
    ASSERT_FALSE(expected.empty());
    const auto read = store::read_stored_call(path_, call.id);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->call.id, call.id);
    EXPECT_EQ(read->call.nonce, call.nonce);
    EXPECT_EQ(read->call.policy, call.policy);
    ASSERT_EQ(read->timeline.size(), expected.size());
    EXPECT_EQ(read->timeline.front().data_json, expected.front().data_json);
    EXPECT_FALSE(store::read_stored_call(path_, CallId(call.id.value() + 1)));
}

TEST_F(CallFile, IsInspectedWithoutItsLock) {
    const auto store = store::open_sqlite_store(path_);
    const auto state = store::inspect_database(path_);
    EXPECT_TRUE(state.exists);
    EXPECT_EQ(state.schema, state.schema_known);
    EXPECT_EQ(state.write_fault, "");
}

TEST_F(CallFile, ThatIsNotThereIsNotMade) {
    const auto state = store::inspect_database(folder_.file("deep/down/gateway.db"));
    EXPECT_FALSE(state.exists);
    EXPECT_EQ(state.write_fault, "");
    EXPECT_THROW(store::read_stored_call(path_, CallId(1)), std::runtime_error);
    EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
}

TEST_F(CallFile, ThatIsNoDatabaseIsSaidToBeNone) {
    std::ofstream(path_) << std::string(8192, 'x');
    EXPECT_THROW(store::inspect_database(path_), std::runtime_error);
    EXPECT_THROW(store::read_stored_call(path_, CallId(1)), std::runtime_error);
}

}  // namespace
}  // namespace gw::contract
