#pragma once
// SPDX-License-Identifier: Apache-2.0
// A write request that carries an Idempotency-Key is carried out once: its repetition within 24
// hours (same owner, method, path and key) gets the first answer, with `Idempotency-Replayed:
// true`. A repetition that comes while the first is under way waits for it. The record is on disk
// before the work begins, so a crash in between leaves one without an answer: work that may be
// repeated is done then, other work is refused, because nobody knows whether it was done. What did
// nothing and may come again (400, 429, 503) is not kept. Application's thread.
#include "gateway/http/authenticate.hpp"
#include "gateway/http/problems.hpp"
#include "gateway/http/sha256.hpp"
#include "gateway/net/http_types.hpp"
#include "gateway/ports/clock.hpp"
#include "gateway/ports/idempotency.hpp"
#include "gateway/ports/log.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <variant>

namespace gw::http {

struct OncePorts {
    ports::IdempotencyStore& store;
    ports::Clock& clock;
    ports::Log& log;
};

struct OnceKey {
    ports::Digest id{};
    ports::Digest content{};
};

class OnceOnly {
public:
    using Work = std::function<boost::asio::awaitable<net::HttpResponse>()>;
    using Outcome = std::variant<net::HttpResponse, Problem>;

    OnceOnly(boost::asio::any_io_executor executor, OncePorts ports);

    // `subject` is what is asked, however it was spelled. Nothing when the request carries no
    // Idempotency-Key; a Problem when it is not 1 to 255 visible ASCII characters, given once.
    [[nodiscard]] std::variant<std::monostate, OnceKey, Problem> key_of(
        const net::HttpRequest& request, const Principal& owner, std::string_view subject) const;
    // `repeatable`: doing the work again after a crash does no harm.
    boost::asio::awaitable<Outcome> run(OnceKey key, bool repeatable, Work work);
    // Removes records older than 24 hours, now and every ten minutes. Runs until cancelled.
    boost::asio::awaitable<void> sweep();

    [[nodiscard]] std::size_t in_flight() const { return running_.size(); }

private:
    struct Running;
    class Turn;  // holds a key's place in `running_`
    boost::asio::awaitable<bool> wait_for(std::shared_ptr<Running> other, MonoTime until);
    boost::asio::awaitable<Outcome> carry_out(OnceKey key, Work work);

    boost::asio::any_io_executor executor_;
    OncePorts ports_;
    Sha256 digest_;
    std::map<ports::Digest, std::shared_ptr<Running>> running_;  // bounded by the connections
};

}  // namespace gw::http
