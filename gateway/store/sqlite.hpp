#pragma once
// SPDX-License-Identifier: Apache-2.0
// A thin, owning skin over SQLite's C interface, private to this folder. What SQLite refuses is
// thrown as SqliteError; the loops of the store catch it at the border of a batch. One thread at a
// time per connection.
#include "gateway/domain/ids.hpp"
#include "gateway/domain/money.hpp"
#include "gateway/domain/result.hpp"
#include "gateway/domain/time.hpp"

#include <chrono>
#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace gw::store {

class SqliteError : public std::runtime_error {
public:
    SqliteError(int code, const std::string& what) : std::runtime_error(what), code_(code) {}
    [[nodiscard]] int code() const { return code_; }
    // full, unavailable (the disk, a lock, memory) or internal (a broken promise of ours).
    [[nodiscard]] Errc errc() const;

private:
    int code_;
};

// Refused after the first write of a job: the job is to be undone, and its caller gets `error`.
class RefusedMidway : public std::runtime_error {
public:
    explicit RefusedMidway(Error error)
        : std::runtime_error(error.context()), error_(std::move(error)) {}
    [[nodiscard]] const Error& error() const { return error_; }

private:
    Error error_;
};

enum class Access : std::uint8_t { create, read_only };

// What holds for the whole library. Before anything else of it is called: later it would be
// refused, which is thrown as std::logic_error. Again and from any thread is fine.
void configure_library();

class Connection {
public:
    // `vfs`: SQLite's usual one when null.
    Connection(const std::string& path, Access access, std::chrono::milliseconds busy_timeout,
               const char* vfs = nullptr);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    void exec(const char* sql);
    void exec(const std::string& sql) { exec(sql.c_str()); }
    // The first column of the first row, as text.
    std::string value_of(const std::string& sql);
    std::int64_t number_of(const std::string& sql);
    // Rows touched by the last INSERT, UPDATE or DELETE.
    [[nodiscard]] std::int64_t changes() const;
    [[nodiscard]] std::int64_t last_row_id() const;
    [[nodiscard]] bool in_transaction() const;
    // Never throws; does nothing outside a transaction.
    void rollback() noexcept;
    [[nodiscard]] sqlite3* handle() const { return db_; }

private:
    sqlite3* db_ = nullptr;
};

// A prepared statement, used as: `put` every parameter in order, then `next` for each row with
// `get_…` in column order, or `run` when there are no rows. Text and blobs are bound without a
// copy: they must live until the statement is done, which is at the end of `run`, when `next` said
// false, or after `reset`.
class Statement {
public:
    Statement(Connection& db, std::string_view sql);
    ~Statement();
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;

    Statement& put_null();
    Statement& put(std::int64_t value);
    Statement& put(std::string_view text);
    Statement& put_blob(std::span<const std::uint8_t> bytes);
    Statement& put(const char* text) { return put(std::string_view(text)); }
    Statement& put(const std::string& text) { return put(std::string_view(text)); }
    Statement& put(bool value) { return put(std::int64_t{value}); }
    Statement& put(std::uint32_t value) { return put(std::int64_t{value}); }
    Statement& put(std::uint64_t value) { return put(static_cast<std::int64_t>(value)); }
    Statement& put(UtcTime value) { return put(micros_of(value)); }
    Statement& put(MicroMoney value) { return put(value.micros); }
    template <class Tag, class T>
    Statement& put(const StrongId<Tag, T>& id) {
        return put(id.value());
    }
    template <class T>
    Statement& put(const std::optional<T>& value) {
        return value ? put(*value) : put_null();
    }

    bool next();
    void run();
    void reset() noexcept;

    [[nodiscard]] bool next_is_null() const;
    std::int64_t get_int();
    bool get_bool() { return get_int() != 0; }
    std::string_view get_view();  // until the next call of next() or reset()
    std::string get_text() { return std::string(get_view()); }
    UtcTime get_time() { return utc_from_micros(get_int()); }
    MicroMoney get_money() { return MicroMoney{get_int()}; }
    template <class Id>
    Id get_id() {
        if constexpr (std::same_as<typename Id::value_type, std::string>) {
            return Id(get_text());
        } else {
            return Id(get_int());
        }
    }
    void skip() { ++column_; }
    std::optional<std::int64_t> get_optional_int();
    std::optional<std::string> get_optional_text();
    std::optional<UtcTime> get_optional_time();
    template <class Id>
    std::optional<Id> get_optional_id() {
        const auto value = get_optional_int();
        return value ? std::optional<Id>(Id(*value)) : std::nullopt;
    }

private:
    [[noreturn]] void fail(int code);

    sqlite3* db_;
    sqlite3_stmt* handle_ = nullptr;
    int parameter_ = 0;
    int column_ = 0;
};

// Ends a statement's use when rows may be left unread or an error leaves the scope.
class StatementGuard {
public:
    explicit StatementGuard(Statement& statement) : statement_(statement) {}
    ~StatementGuard() { statement_.reset(); }
    StatementGuard(const StatementGuard&) = delete;
    StatementGuard& operator=(const StatementGuard&) = delete;

private:
    Statement& statement_;
};

}  // namespace gw::store
