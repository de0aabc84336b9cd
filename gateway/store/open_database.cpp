// SPDX-License-Identifier: Apache-2.0
#include "gateway/store/open_database.hpp"

#include "gateway/store/sqlite.hpp"
#include "gateway/store/wal_vfs.hpp"

#include <sqlite3.h>

#include <filesystem>
#include <stdexcept>
#include <system_error>
#include <unistd.h>

namespace gw::store {
namespace {

void check_folder(const std::string& path) {
    const auto folder = std::filesystem::absolute(path).parent_path();
    if (::access(folder.c_str(), W_OK | X_OK) != 0) {
        throw std::runtime_error("the folder of the database cannot be written: " +
                                 folder.string() + " (SQLite keeps its log beside the database)");
    }
    std::error_code ignored;
    if (std::filesystem::exists(path, ignored) && ::access(path.c_str(), R_OK | W_OK) != 0) {
        throw std::runtime_error("the database cannot be read and written: " + path);
    }
    if (std::filesystem::is_directory(path, ignored)) {
        throw std::runtime_error("the database is a folder: " + path);
    }
}

void set_up(Connection& db, const std::string& path) {
    const std::string mode = db.value_of("PRAGMA journal_mode = WAL");
    if (mode != "wal") {
        throw std::runtime_error("the file system of " + path +
                                 " cannot hold a write-ahead log (journal mode stays \"" + mode +
                                 "\"); put the database on a local disk");
    }
    db.exec("PRAGMA synchronous = FULL");
    if (db.number_of("PRAGMA synchronous") < 2) {
        throw std::runtime_error(
            "SQLite runs with synchronous below FULL: an answer could be "
            "given before its call is on disk");
    }
}

void set_up_for_serving(Connection& db) {
    db.exec("PRAGMA foreign_keys = ON");
    db.exec("PRAGMA temp_store = MEMORY");
    // Nothing is written to the log before its commit: what a rollback left in the gathering VFS
    // could else be written over what another process (`keys`) has put there since.
    db.exec("PRAGMA cache_spill = OFF");
    // Pages are written once and hardly looked at again. A cache that the processor's own holds
    // costs an event 5 us less than one of 64 MiB, whose oldest page is far away when its turn
    // comes.
    db.exec("PRAGMA cache_size = -8192");
    db.value_of("PRAGMA journal_size_limit = 100663296");
}

// A step may rewrite or index the whole history: what does not fit goes to disk, so that memory is
// the same after a week and after a year.
void set_up_for_migrations(Connection& db) {
    db.exec("PRAGMA temp_store = FILE");
    db.exec("PRAGMA cache_spill = ON");
    db.exec("PRAGMA cache_size = -16384");
    // A table may be dropped for its successor: its rows are not deleted one by one first, nor are
    // its pages overwritten. What refers to what is checked before each step's commit.
    db.exec("PRAGMA foreign_keys = OFF");
    db.exec("PRAGMA secure_delete = OFF");
}

std::unique_ptr<Connection> open_with(const std::string& path,
                                      std::chrono::milliseconds busy_timeout, const char* vfs,
                                      void (*set_up_more)(Connection&)) {
    check_folder(path);
    try {
        auto db = std::make_unique<Connection>(path, Access::create, busy_timeout, vfs);
        set_up(*db, path);
        set_up_more(*db);
        return db;
    } catch (const SqliteError& error) {
        if ((error.code() & 0xff) == SQLITE_NOTADB) {
            throw std::runtime_error("this file is not a database: " + path);
        }
        throw std::runtime_error("cannot open the database " + path + ": " + error.what());
    }
}

}  // namespace

void make_parent_folder(const std::string& path) {
    const auto folder = std::filesystem::path(path).parent_path();
    if (folder.empty()) {
        return;
    }
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) {
        throw std::runtime_error("cannot make the folder of the database, " + folder.string() +
                                 ": " + error.message());
    }
}

std::unique_ptr<Connection> open_database(const std::string& path,
                                          std::chrono::milliseconds busy_timeout) {
    return open_with(path, busy_timeout, gathering_vfs(), set_up_for_serving);
}

std::unique_ptr<Connection> open_for_migrations(const std::string& path,
                                                std::chrono::milliseconds busy_timeout) {
    return open_with(path, busy_timeout, nullptr, set_up_for_migrations);
}

}  // namespace gw::store
