#pragma once
// SPDX-License-Identifier: Apache-2.0
// What a write request with an Idempotency-Key was answered, so that its repetition gets the same
// and does nothing. A record is on disk before the work begins: one without an answer means that
// the work may have been done. Implementations may be used from one thread (the application's) and
// complete on that thread's executor.
#include "gateway/domain/result.hpp"
#include "gateway/domain/time.hpp"

#include <boost/asio/awaitable.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>

namespace gw::ports {

using Digest = std::array<std::uint8_t, 32>;  // SHA-256

struct OnceRequest {
    Digest id{};       // of its owner, method, path and Idempotency-Key
    Digest content{};  // of its body
    UtcTime at;
};

struct KeptAnswer {
    unsigned status = 0;
    std::string content_type;
    std::string body;
};

struct OnceBegun {};       // on record now; the work may be done
struct OnceUnfinished {};  // on record without an answer: a former process began and did not end it
struct OnceOtherContent {};  // on record with another body
using OnceFound = std::variant<OnceBegun, OnceUnfinished, OnceOtherContent, KeptAnswer>;

class IdempotencyStore {
public:
    virtual ~IdempotencyStore() = default;

    // A record begun before `kept_since` counts as none and is replaced.
    virtual boost::asio::awaitable<Result<OnceFound>> begin_once(OnceRequest request,
                                                                 UtcTime kept_since) = 0;
    // not_found when there is no such record; an answer that is on record already stays.
    virtual boost::asio::awaitable<Result<void>> answer_once(Digest id, KeptAnswer answer) = 0;
    // Takes the record away, as if the request had never come; none is fine.
    virtual boost::asio::awaitable<Result<void>> forget_once(Digest id) = 0;
    // Removes at most `limit` records begun before `before`; gives how many.
    virtual boost::asio::awaitable<Result<std::size_t>> sweep_once(UtcTime before,
                                                                   std::size_t limit) = 0;
};

}  // namespace gw::ports
