#pragma once
// SPDX-License-Identifier: Apache-2.0
// A value that lives on the heap: moving it moves a pointer. For what is large and handed on often.
// A copy is a copy of the value; one that was moved from may only be assigned or destroyed.
#include <memory>
#include <utility>

namespace gw {

template <class T>
class Boxed {
public:
    // A T and a box of it stand for each other.
    // NOLINTBEGIN(google-explicit-constructor)
    Boxed(T value) : value_(std::make_unique<T>(std::move(value))) {}
    operator const T&() const& { return *value_; }
    operator const T&() const&& = delete;  // it would outlive the box
    // NOLINTEND(google-explicit-constructor)

    Boxed() : value_(std::make_unique<T>()) {}
    Boxed(const Boxed& other) : value_(std::make_unique<T>(*other)) {}
    Boxed(Boxed&&) noexcept = default;
    Boxed& operator=(const Boxed& other) {
        value_ = std::make_unique<T>(*other);
        return *this;
    }
    Boxed& operator=(Boxed&&) noexcept = default;
    ~Boxed() = default;

    T& operator*() { return *value_; }
    const T& operator*() const { return *value_; }
    T* operator->() { return value_.get(); }
    const T* operator->() const { return value_.get(); }

private:
    std::unique_ptr<T> value_;
};

}  // namespace gw
