// SPDX-License-Identifier: Apache-2.0
#include "gateway/store/call_file.hpp"

#include "gateway/store/call_reads.hpp"
#include "gateway/store/migrations.hpp"
#include "gateway/store/sqlite.hpp"

#include <filesystem>
#include <limits>
#include <stdexcept>
#include <unistd.h>

namespace gw::store {
namespace {

constexpr std::chrono::seconds busy_timeout{5};

std::int64_t schema_of(Connection& db) {
    const bool has_table =
        db.number_of("SELECT count(*) FROM sqlite_schema WHERE name = 'schema_migrations'") != 0;
    return has_table ? db.number_of("SELECT coalesce(max(number), 0) FROM schema_migrations") : 0;
}

// Where the file is to be made: the nearest folder that there is must take it.
std::string fault_of_folder(const std::filesystem::path& path) {
    std::filesystem::path folder = std::filesystem::absolute(path).parent_path();
    while (!std::filesystem::exists(folder) && folder.has_relative_path()) {
        folder = folder.parent_path();
    }
    return ::access(folder.c_str(), W_OK | X_OK) == 0
               ? std::string()
               : "the folder " + folder.string() + " cannot be written";
}

}  // namespace

std::optional<StoredCall> read_stored_call(const std::string& path, CallId id) {
    if (!std::filesystem::is_regular_file(path)) {
        throw std::runtime_error("there is no database at " + path);
    }
    Connection db(path, Access::read_only, busy_timeout);
    if (schema_of(db) != embedded_migrations().back().number) {
        throw std::runtime_error("the database " + path +
                                 " has another schema than this program: use the program of the "
                                 "running gateway, or `migrate` first");
    }
    db.exec("BEGIN");
    CallReads reads(db);
    auto call = reads.load(id).value();
    if (!call) {
        return std::nullopt;
    }
    return StoredCall{
        .call = std::move(*call),
        .timeline = reads.timeline(id, 0, std::numeric_limits<std::uint32_t>::max()).value()};
}

DatabaseState inspect_database(const std::string& path) {
    DatabaseState state;
    state.schema_known = embedded_migrations().back().number;
    state.exists = std::filesystem::exists(path);
    if (!state.exists) {
        state.write_fault = fault_of_folder(path);
        return state;
    }
    {
        Connection reading(path, Access::read_only, busy_timeout);
        state.schema = schema_of(reading);
    }
    try {
        Connection db(path, Access::create, busy_timeout);
        db.exec("BEGIN IMMEDIATE");
        db.rollback();
    } catch (const SqliteError& error) {
        state.write_fault = error.what();
    }
    return state;
}

}  // namespace gw::store
