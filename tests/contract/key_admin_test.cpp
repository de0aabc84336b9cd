// SPDX-License-Identifier: Apache-2.0
// Keys that another connection makes and revokes while the store is open, and the audit log.
#include "gateway/store/key_admin.hpp"

#include "gateway/store/sqlite.hpp"
#include "gateway/store/sqlite_store.hpp"
#include "tests/contract/store_subject.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace gw::contract {
namespace {

using store::RevokeOutcome;
using ::testing::HasSubstr;

ports::DirectoryContent directory_with(const ports::ApiKey& key) {
    ports::DirectoryContent content;
    content.orgs = {{OrgId(5), "Acme", ports::Tier::growth}};
    content.projects = {{ProjectId(2), "proj_two", OrgId(5), "Two"}};
    content.keys = {key};
    return content;
}

ports::ApiKey key_of(std::uint8_t byte) {
    ports::ApiKey key;
    key.hash.fill(byte);
    key.project_id = ProjectId(2);
    return key;
}

class Keys : public testing::Test {
protected:
    Keys() { store->seed(directory_with(key_of(0xab))); }

    std::optional<ports::KeyList> keys_unless(std::int64_t known) {
        return run_awaitable(store->key_feed().keys_unless(known)).value();
    }
    void create(std::uint8_t byte, std::int64_t second) {
        admin.create({.key = key_of(byte), .name = "made " + std::to_string(byte)}, at(second));
    }
    void reopen() {
        store.reset();
        store = store::open_sqlite_store(path);
    }

    TempFolder folder;
    std::string path = folder.file("gateway.db");
    std::unique_ptr<store::SqliteStore> store = store::open_sqlite_store(path);
    store::KeyAdmin admin{path};
};

TEST_F(Keys, AChangeByAnotherConnectionHasANewNumber) {
    const auto first = keys_unless(-1);
    ASSERT_TRUE(first);
    EXPECT_EQ(first->keys.size(), 1U);
    EXPECT_FALSE(keys_unless(first->version));
    create(0x01, 10);
    const auto second = keys_unless(first->version);
    ASSERT_TRUE(second);
    EXPECT_EQ(second->keys.size(), 2U);
    EXPECT_EQ(admin.revoke("010101010101", at(11)), RevokeOutcome::revoked);
    const auto third = keys_unless(second->version);
    ASSERT_TRUE(third);
    EXPECT_TRUE(std::ranges::any_of(
        third->keys, [](const ports::ApiKey& key) { return key.revoked && key.hash[0] == 0x01; }));
    // Calls and the same file again are no change of keys.
    ASSERT_TRUE(run_awaitable(store->commit(birth(plain_call(store->next_call_id(), 1)))));
    store->seed(directory_with(key_of(0xab)));
    EXPECT_FALSE(keys_unless(third->version));
    reopen();
    EXPECT_FALSE(keys_unless(third->version));
}

TEST_F(Keys, AreListedWithWhatIsKnownOfThem) {
    create(0x01, 10);
    create(0x02, 20);
    ports::ApiKey of_org;
    of_org.hash.fill(0x03);
    of_org.org_id = OrgId(5);
    of_org.scope = ports::Scope::read;
    admin.create({.key = of_org, .name = ""}, at(30));
    admin.revoke("020202020202", at(40));
    const auto records = admin.list();
    ASSERT_EQ(records.size(), 4U);
    EXPECT_EQ(records[0].owner, "org 5");
    EXPECT_EQ(records[0].key.scope, ports::Scope::read);
    EXPECT_EQ(records[1].created_at, at(20));
    EXPECT_TRUE(records[1].key.revoked);
    EXPECT_EQ(records[1].revoked_at, at(40));
    EXPECT_EQ(records[1].name, "made 2");
    EXPECT_EQ(records[1].owner, "proj_two");
    EXPECT_FALSE(records[2].key.revoked);
    EXPECT_EQ(records[3].key.hash, key_of(0xab).hash);
    EXPECT_FALSE(records[3].created_at);
    EXPECT_EQ(admin.project("proj_two"), ProjectId(2));
    EXPECT_FALSE(admin.project("proj_three"));
    EXPECT_TRUE(admin.has_org(OrgId(5)));
    EXPECT_FALSE(admin.has_org(OrgId(6)));
}

TEST_F(Keys, AreRevokedByTheBeginningOfTheirHash) {
    create(0x01, 10);
    auto twin = key_of(0x01);
    twin.hash[31] = 0x99;
    admin.create({.key = twin, .name = ""}, at(11));
    EXPECT_EQ(admin.revoke("010101010101", at(12)), RevokeOutcome::ambiguous);
    EXPECT_EQ(admin.revoke(ports::hex_of(twin.hash), at(12)), RevokeOutcome::revoked);
    EXPECT_EQ(admin.revoke(ports::hex_of(twin.hash), at(13)), RevokeOutcome::already_revoked);
    EXPECT_EQ(admin.revoke("0202020202020", at(12)), RevokeOutcome::unknown);
}

TEST_F(Keys, ARevokedKeyOfTheConfigurationStaysRevoked) {
    admin.revoke("abababababab", at(12));
    store->seed(directory_with(key_of(0xab)));
    EXPECT_TRUE(store->load().keys[0].revoked);
    auto changed = key_of(0xab);
    changed.scope = ports::Scope::read;
    store->seed(directory_with(changed));
    EXPECT_EQ(store->load().keys[0].scope, ports::Scope::read);
    EXPECT_TRUE(store->load().keys[0].revoked);
}

TEST_F(Keys, AKeyThatIsThereAlreadyIsRefusedWhole) {
    create(0x01, 10);
    const auto before = keys_unless(-1)->version;
    EXPECT_THROW(create(0x01, 11), std::runtime_error);
    EXPECT_FALSE(keys_unless(before));
}

TEST_F(Keys, ADatabaseThatIsNotThereOrNotOursIsRefused) {
    EXPECT_THROW(store::KeyAdmin(folder.file("none.db")), std::runtime_error);
    EXPECT_FALSE(std::filesystem::exists(folder.file("none.db")));
    {
        store::Connection other(folder.file("other.db"), store::Access::create,
                                std::chrono::seconds(1));
        other.exec("CREATE TABLE t (a)");
    }
    try {
        store::KeyAdmin refused(folder.file("other.db"));
        FAIL();
    } catch (const std::runtime_error& error) {
        EXPECT_THAT(error.what(), HasSubstr("has schema 0"));
    }
}

TEST_F(Keys, ChangesAndWritesAreInTheAuditLogForGood) {
    create(0x01, 10);
    admin.revoke("010101010101", at(11));
    ports::AuditEntry entry;
    entry.at = at(12);
    entry.request_id = "req";
    entry.key_id = "abababababab";
    entry.org_id = OrgId(5);
    entry.address = "192.0.2.1";
    entry.method = "POST";
    entry.path = "/v1/calls/7/end";
    entry.call_id = CallId(7);
    entry.status = 200;
    store->audit().record(entry);
    ASSERT_TRUE(run_awaitable(store->ping()));  // the writer takes them in order
    reopen();
    store::Connection db(path, store::Access::create, std::chrono::seconds(1));
    const auto row = [&](int n) {
        return db.value_of(
            "SELECT concat FROM (SELECT at || ' ' || request_id || ' ' || key_id || ' ' || "
            "ifnull(org_id, '-') || ' ' || ifnull(project_id, '-') || ' ' || method || ' ' || "
            "path || ' ' || ifnull(call_id, '-') || ' ' || status AS concat FROM audit "
            "ORDER BY id LIMIT 1 OFFSET " +
            std::to_string(n) + ")");
    };
    const auto time = [](std::int64_t second) { return std::to_string(micros_of(at(second))); };
    EXPECT_EQ(row(0), time(10) + "  010101010101 - 2 CLI keys create - 0");
    EXPECT_EQ(row(1), time(11) + "  010101010101 - 2 CLI keys revoke - 0");
    EXPECT_EQ(row(2), time(12) + " req abababababab 5 - POST /v1/calls/7/end 7 200");
    EXPECT_EQ(db.number_of("SELECT count(*) FROM audit"), 3);
    EXPECT_THROW(db.exec("UPDATE audit SET status = 0"), std::runtime_error);
    EXPECT_THROW(db.exec("DELETE FROM audit"), std::runtime_error);
}

}  // namespace
}  // namespace gw::contract
