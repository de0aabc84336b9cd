// SPDX-License-Identifier: Apache-2.0
#include "gateway/store/sqlite.hpp"

#include <sqlite3.h>

#include <fcntl.h>
#include <mutex>
#include <stdexcept>
#include <unistd.h>

namespace gw::store {
namespace {

[[noreturn]] void throw_from(sqlite3* db, int code, std::string_view what) {
    std::string text(what);
    text += ": ";
    text += db != nullptr ? sqlite3_errmsg(db) : sqlite3_errstr(code);
    throw SqliteError(db != nullptr ? sqlite3_extended_errcode(db) : code, text);
}

}  // namespace

void configure_library() {
    static std::once_flag once;
    std::call_once(once, [] {
        // Statistics of the allocator cost a global lock per allocation and nobody reads them.
        if (sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) != SQLITE_OK) {
            throw std::logic_error("SQLite was used before it was configured");
        }
    });
}

Errc SqliteError::errc() const {
    switch (code_ & 0xff) {
        case SQLITE_FULL:
            return Errc::full;
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
        case SQLITE_IOERR:
        case SQLITE_CANTOPEN:
        case SQLITE_READONLY:
        case SQLITE_PERM:
        case SQLITE_NOMEM:
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
        case SQLITE_PROTOCOL:
        case SQLITE_SCHEMA:
            return Errc::unavailable;
        default:
            return Errc::internal;
    }
}

namespace {

// The database holds phone numbers and the secrets of webhooks: a new file is its owner's alone,
// and its log is made like it. One that is there is not touched: to close it would take the locks
// this process may have on it. Whatever is wrong with the path is said when it is opened.
void make_private(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file >= 0) {
        ::close(file);
    }
}

}  // namespace

Connection::Connection(const std::string& path, Access access,
                       std::chrono::milliseconds busy_timeout, const char* vfs) {
    configure_library();
    if (access == Access::create) {
        make_private(path);
    }
    const int flags =
        SQLITE_OPEN_NOMUTEX | (access == Access::create ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
                                                        : SQLITE_OPEN_READWRITE);
    const int code = sqlite3_open_v2(path.c_str(), &db_, flags, vfs);
    if (code != SQLITE_OK) {
        const std::string why = db_ != nullptr ? sqlite3_errmsg(db_) : sqlite3_errstr(code);
        sqlite3_close_v2(db_);
        throw SqliteError(code, "cannot open the database " + path + ": " + why);
    }
    sqlite3_extended_result_codes(db_, 1);
    sqlite3_busy_timeout(db_, static_cast<int>(busy_timeout.count()));
    if (access == Access::read_only) {
        exec("PRAGMA query_only = ON");
    }
}

Connection::~Connection() {
    sqlite3_close_v2(db_);
}

void Connection::exec(const char* sql) {
    const int code = sqlite3_exec(db_, sql, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) {
        throw_from(db_, code, "database");
    }
}

std::string Connection::value_of(const std::string& sql) {
    Statement statement(*this, sql);
    return statement.next() && !statement.next_is_null() ? statement.get_text() : std::string();
}

std::int64_t Connection::number_of(const std::string& sql) {
    Statement statement(*this, sql);
    return statement.next() ? statement.get_int() : 0;
}

std::int64_t Connection::changes() const {
    return sqlite3_changes64(db_);
}
std::int64_t Connection::last_row_id() const {
    return sqlite3_last_insert_rowid(db_);
}
bool Connection::in_transaction() const {
    return sqlite3_get_autocommit(db_) == 0;
}

void Connection::rollback() noexcept {
    if (in_transaction()) {
        sqlite3_exec(db_, "ROLLBACK", nullptr, nullptr, nullptr);
    }
}

Statement::Statement(Connection& db, std::string_view sql) : db_(db.handle()) {
    const int code = sqlite3_prepare_v3(db_, sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &handle_, nullptr);
    if (code != SQLITE_OK) {
        throw_from(db_, code, "statement");
    }
}

Statement::~Statement() {
    sqlite3_finalize(handle_);
}

void Statement::fail(int code) {
    parameter_ = 0;
    throw_from(db_, code, "database");
}

Statement& Statement::put_null() {
    if (const int code = sqlite3_bind_null(handle_, ++parameter_); code != SQLITE_OK) {
        fail(code);
    }
    return *this;
}

Statement& Statement::put(std::int64_t value) {
    if (const int code = sqlite3_bind_int64(handle_, ++parameter_, value); code != SQLITE_OK) {
        fail(code);
    }
    return *this;
}

Statement& Statement::put(std::string_view text) {
    const char* begin =
        text.data() != nullptr ? text.data() : "";  // a null pointer would bind NULL
    if (const int code =
            sqlite3_bind_text64(handle_, ++parameter_, begin, text.size(), nullptr, SQLITE_UTF8);
        code != SQLITE_OK) {
        fail(code);
    }
    return *this;
}

Statement& Statement::put_blob(std::span<const std::uint8_t> bytes) {
    if (const int code =
            sqlite3_bind_blob64(handle_, ++parameter_, bytes.data(), bytes.size(), nullptr);
        code != SQLITE_OK) {
        fail(code);
    }
    return *this;
}

bool Statement::next() {
    column_ = 0;
    const int code = sqlite3_step(handle_);
    if (code == SQLITE_ROW) {
        return true;
    }
    if (code != SQLITE_DONE) {
        const SqliteError error(sqlite3_extended_errcode(db_), sqlite3_errmsg(db_));
        reset();
        throw error;
    }
    reset();
    return false;
}

void Statement::run() {
    if (next()) {
        reset();
    }
}

void Statement::reset() noexcept {
    sqlite3_reset(handle_);
    parameter_ = 0;
    column_ = 0;
}

bool Statement::next_is_null() const {
    return sqlite3_column_type(handle_, column_) == SQLITE_NULL;
}

std::int64_t Statement::get_int() {
    return sqlite3_column_int64(handle_, column_++);
}

std::string_view Statement::get_view() {
    const int column = column_++;
    const void* bytes = sqlite3_column_blob(handle_, column);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(handle_, column));
    return bytes == nullptr ? std::string_view()
                            : std::string_view(static_cast<const char*>(bytes), size);
}

std::optional<std::int64_t> Statement::get_optional_int() {
    if (next_is_null()) {
        skip();
        return std::nullopt;
    }
    return get_int();
}

std::optional<std::string> Statement::get_optional_text() {
    if (next_is_null()) {
        skip();
        return std::nullopt;
    }
    return get_text();
}

std::optional<UtcTime> Statement::get_optional_time() {
    const auto value = get_optional_int();
    return value ? std::optional(utc_from_micros(*value)) : std::nullopt;
}

}  // namespace gw::store
