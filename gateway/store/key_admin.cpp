// SPDX-License-Identifier: Apache-2.0
#include "gateway/store/key_admin.hpp"

#include "gateway/store/access_rows.hpp"
#include "gateway/store/directory_rows.hpp"
#include "gateway/store/migrations.hpp"
#include "gateway/store/sqlite.hpp"

#include <filesystem>
#include <stdexcept>
#include <unistd.h>

namespace gw::store {
namespace {

constexpr std::chrono::seconds busy_timeout{5};

// SQLite would make the file.
const std::string& existing(const std::string& path) {
    if (!std::filesystem::is_regular_file(path)) {
        throw std::runtime_error("there is no database at " + path);
    }
    return path;
}

std::string local_user() {
    return "local user " + std::to_string(::getuid());
}

}  // namespace

struct KeyAdmin::Parts {
    explicit Parts(const std::string& path) : db(existing(path), Access::create, busy_timeout) {
        db.exec("PRAGMA synchronous = FULL");
        db.exec("PRAGMA foreign_keys = ON");
        const auto known = embedded_migrations().back().number;
        const auto have =
            db.number_of("SELECT count(*) FROM sqlite_schema WHERE name = 'schema_migrations'") == 0
                ? 0
                : db.number_of("SELECT max(number) FROM schema_migrations");
        if (have != known) {
            throw std::runtime_error("the database " + path + " has schema " +
                                     std::to_string(have) + ", this program needs " +
                                     std::to_string(known) +
                                     ": use the program of the running gateway, or restart it");
        }
    }

    // Runs `work` in one transaction, with an audit entry about the key.
    template <class Work>
    void change(Work work, const ports::ApiKey& key, std::string_view what, UtcTime now) {
        db.exec("BEGIN IMMEDIATE");
        try {
            work();
            ports::AuditEntry entry;
            entry.at = now;
            entry.key_id = ports::key_id_of(key.hash);
            entry.org_id = key.org_id;
            entry.project_id = key.project_id;
            entry.address = local_user();
            entry.method = "CLI";
            entry.path = what;
            AccessWrites(db).record(entry).value();
            db.exec("COMMIT");
        } catch (...) {
            db.rollback();
            throw;
        }
    }

    Connection db;
};

KeyAdmin::KeyAdmin(const std::string& path) : parts_(std::make_unique<Parts>(path)) {}
KeyAdmin::~KeyAdmin() = default;

std::optional<ProjectId> KeyAdmin::project(std::string_view public_id) {
    Statement s(parts_->db, "SELECT id FROM projects WHERE public_id = ?");
    s.put(public_id);
    return s.next() ? std::optional(s.get_id<ProjectId>()) : std::nullopt;
}

bool KeyAdmin::has_org(OrgId id) {
    Statement s(parts_->db, "SELECT 1 FROM orgs WHERE id = ?");
    return s.put(id).next();
}

void KeyAdmin::create(const NewKey& made, UtcTime now) {
    const ports::ApiKey& key = made.key;
    const auto insert = [&] {
        Statement s(parts_->db,
                    "INSERT INTO api_keys (hash, project_id, org_id, scope, revoked, name, "
                    "created_at) VALUES (?, ?, ?, ?, 0, ?, ?)");
        s.put_blob(key.hash).put(key.project_id).put(key.org_id).put(word_of(key.scope));
        s.put(made.name).put(now).run();
    };
    parts_->change(insert, key, "keys create", now);
}

std::vector<KeyRecord> KeyAdmin::list() {
    Statement s(parts_->db,
                "SELECT k.hash, k.project_id, k.org_id, k.scope, k.revoked, p.public_id, k.name, "
                "k.created_at, k.revoked_at "
                "FROM api_keys k LEFT JOIN projects p ON p.id = k.project_id "
                "ORDER BY k.created_at DESC NULLS LAST, k.hash");
    std::vector<KeyRecord> records;
    while (s.next()) {
        KeyRecord record;
        record.key = read_key(s);
        const auto project = s.get_optional_text();
        record.owner = project
                           ? *project
                           : "org " + std::to_string(record.key.org_id.value_or(OrgId{}).value());
        record.name = s.get_text();
        record.created_at = s.get_optional_time();
        record.revoked_at = s.get_optional_time();
        records.push_back(std::move(record));
    }
    return records;
}

RevokeOutcome KeyAdmin::revoke(std::string_view id, UtcTime now) {
    std::vector<ports::ApiKey> found;
    for (const auto& key : load_keys(parts_->db)) {
        if (ports::hex_of(key.hash).starts_with(id)) {
            found.push_back(key);
        }
    }
    if (found.size() != 1) {
        return found.empty() ? RevokeOutcome::unknown : RevokeOutcome::ambiguous;
    }
    const ports::ApiKey& key = found.front();
    if (key.revoked) {
        return RevokeOutcome::already_revoked;
    }
    const auto update = [&] {
        Statement s(parts_->db, "UPDATE api_keys SET revoked = 1, revoked_at = ? WHERE hash = ?");
        s.put(now).put_blob(key.hash).run();
    };
    parts_->change(update, key, "keys revoke", now);
    return RevokeOutcome::revoked;
}

}  // namespace gw::store
