#pragma once
// SPDX-License-Identifier: Apache-2.0
// What the application says to its operator: one event name with typed fields, never free text with
// values mixed in. The adapter masks and bounds; the caller says what a value is. Secrets have no
// field kind and SecretString does not convert, so they do not get here by accident. May be called
// from any thread; never throws or blocks.
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

namespace gw::ports {

enum class LogLevel : std::uint8_t { debug, info, warn, error };

// A key and a value that live until `write` returns. Keys are snake_case literals.
class LogField {
public:
    enum class Kind : std::uint8_t { text, integer, real, boolean, phone };

    template <class T>
        requires std::convertible_to<const T&, std::string_view>
    LogField(std::string_view key, const T& value) : key_(key), kind_(Kind::text), text_(value) {}

    template <class T>
        requires std::integral<T> && (!std::same_as<T, bool>)
    LogField(std::string_view key, T value)
        : key_(key),
          kind_(Kind::integer),
          integer_(std::in_range<std::int64_t>(value) ? static_cast<std::int64_t>(value)
                                                      : std::numeric_limits<std::int64_t>::max()) {}

    template <std::floating_point T>
    LogField(std::string_view key, T value)
        : key_(key), kind_(Kind::real), real_(static_cast<double>(value)) {}

    template <std::same_as<bool> T>
    LogField(std::string_view key, T value) : key_(key), kind_(Kind::boolean), boolean_(value) {}

    // A telephone number or SIP address of a person: printed masked.
    static LogField phone(std::string_view key, std::string_view number) {
        LogField field(key, number);
        field.kind_ = Kind::phone;
        return field;
    }

    [[nodiscard]] std::string_view key() const noexcept { return key_; }
    [[nodiscard]] Kind kind() const noexcept { return kind_; }
    [[nodiscard]] std::string_view text() const noexcept { return text_; }  // kinds text and phone
    [[nodiscard]] std::int64_t integer() const noexcept { return integer_; }
    [[nodiscard]] double real() const noexcept { return real_; }
    [[nodiscard]] bool boolean() const noexcept { return boolean_; }

private:
    std::string_view key_;
    Kind kind_;
    std::string_view text_;
    std::int64_t integer_ = 0;
    double real_ = 0;
    bool boolean_ = false;
};

class Log {
public:
    using Fields = std::initializer_list<LogField>;

    Log() = default;
    Log(const Log&) = delete;
    Log& operator=(const Log&) = delete;
    virtual ~Log() = default;

    // `event` is a literal such as "webhook_refused": the bound on lines a second counts by it.
    virtual void write(LogLevel level, std::string_view event,
                       std::span<const LogField> fields) noexcept = 0;
    // Whether a line of this level would be written; saves making dear fields.
    [[nodiscard]] virtual bool enabled(LogLevel level) const noexcept = 0;

    void debug(std::string_view event, Fields fields = {}) noexcept {
        put(LogLevel::debug, event, fields);
    }
    void info(std::string_view event, Fields fields = {}) noexcept {
        put(LogLevel::info, event, fields);
    }
    void warn(std::string_view event, Fields fields = {}) noexcept {
        put(LogLevel::warn, event, fields);
    }
    void error(std::string_view event, Fields fields = {}) noexcept {
        put(LogLevel::error, event, fields);
    }

private:
    void put(LogLevel level, std::string_view event, Fields fields) noexcept {
        write(level, event, std::span<const LogField>(fields.begin(), fields.size()));
    }
};

// Says nothing; for tests and tools.
class NullLog final : public Log {
public:
    void write(LogLevel, std::string_view, std::span<const LogField>) noexcept override {}
    [[nodiscard]] bool enabled(LogLevel) const noexcept override { return false; }
};

}  // namespace gw::ports
