#pragma once
// SPDX-License-Identifier: Apache-2.0
// Bytes read from a peer and not used yet, in one piece. Grows by what `room` is asked for; the
// caller bounds it. Not thread-safe.
#include <boost/asio/buffer.hpp>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>

namespace gw::net {

class ReadBuffer {
public:
    [[nodiscard]] std::string_view data() const { return {bytes_.get() + begin_, end_ - begin_}; }
    [[nodiscard]] bool empty() const { return begin_ == end_; }
    [[nodiscard]] std::size_t size() const { return end_ - begin_; }

    // A place for at least `bytes` more; what was returned before is no longer valid.
    boost::asio::mutable_buffer room(std::size_t bytes) {
        if (begin_ == end_) {
            begin_ = end_ = 0;
        }
        if (capacity_ - end_ < bytes) {
            make_room(bytes);
        }
        return {bytes_.get() + end_, capacity_ - end_};
    }
    void commit(std::size_t bytes) { end_ += bytes; }
    void consume(std::size_t bytes) { begin_ += bytes; }

private:
    void make_room(std::size_t bytes) {
        const std::size_t held = size();
        if (capacity_ < held + bytes) {
            const std::size_t larger = std::max(held + bytes, 2 * capacity_);
            auto moved = std::make_unique_for_overwrite<char[]>(larger);
            if (held != 0) {
                std::memcpy(moved.get(), bytes_.get() + begin_, held);
            }
            bytes_ = std::move(moved);
            capacity_ = larger;
        } else if (held != 0) {
            std::memmove(bytes_.get(), bytes_.get() + begin_, held);
        }
        begin_ = 0;
        end_ = held;
    }

    std::unique_ptr<char[]> bytes_;
    std::size_t capacity_ = 0;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

}  // namespace gw::net
