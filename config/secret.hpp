#pragma once
// SPDX-License-Identifier: Apache-2.0
// A string that must not be seen: it prints as *** (libfmt refuses it), converts to nothing, and
// its memory is zeroed when it goes. Whoever needs the value says so with reveal(), which is easy
// to search for. A plain value: no thread promise.
#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

namespace gw::config {

class SecretString {
public:
    SecretString() = default;
    explicit SecretString(std::string_view value) : value_(value) {}
    SecretString(const SecretString& other) = default;
    SecretString(SecretString&& other) noexcept : value_(std::move(other.value_)) { other.wipe(); }
    SecretString& operator=(const SecretString& other) {
        if (this != &other) {
            std::string copy(other.value_);
            wipe();
            value_ = std::move(copy);
        }
        return *this;
    }
    SecretString& operator=(SecretString&& other) noexcept {
        if (this != &other) {
            wipe();
            value_ = std::move(other.value_);
            other.wipe();
        }
        return *this;
    }
    ~SecretString() { wipe(); }

    // The view lives as long as this object does and is not changed.
    [[nodiscard]] std::string_view reveal() const { return value_; }
    [[nodiscard]] bool empty() const { return value_.empty(); }
    friend bool operator==(const SecretString&, const SecretString&) = default;

private:
    void wipe() noexcept {
        // volatile: the stores may not be optimised away although nobody reads them again. A
        // moved-from or shorter value leaves its bytes in the inline buffer, hence the whole
        // capacity.
        value_.resize(value_.capacity());
        volatile char* bytes = value_.data();
        for (std::size_t i = 0; i < value_.size(); ++i) {
            bytes[i] = 0;
        }
        value_.clear();
    }

    std::string value_;
};

inline std::ostream& operator<<(std::ostream& out, const SecretString&) {
    return out << "***";
}

}  // namespace gw::config
