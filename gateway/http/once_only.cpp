// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/once_only.hpp"

#include "gateway/domain/fault_point.hpp"
#include "gateway/http/target.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <string>

namespace gw::http {
namespace {

namespace asio = boost::asio;
using net::HttpResponse;

constexpr std::string_view header_name = "Idempotency-Key";
constexpr std::size_t key_length_max = 255;
constexpr std::chrono::hours kept_for{24};
constexpr std::chrono::minutes sweep_every{10};
constexpr std::size_t swept_at_once = 500;  // a longer transaction would hold up calls
// Above what any write takes: Telnyx's own answer is waited for at most this long.
constexpr std::chrono::seconds wait_max{60};
constexpr std::chrono::seconds retry_after{5};

// Nothing was done, and the client is asked to come again, corrected or later. Any other answer is
// the first answer, a 502 too: Telnyx may have carried the command out.
constexpr bool may_come_again(unsigned status) {
    constexpr unsigned bad_request = 400;
    constexpr unsigned too_many_requests = 429;
    constexpr unsigned service_unavailable = 503;
    return status == bad_request || status == too_many_requests || status == service_unavailable;
}

Problem used_otherwise() {
    return validation_problem(
        {{std::string(header_name), "was used before with another request body"}});
}

Problem unavailable(std::string cause) {
    Problem problem(ProblemCode::unavailable);
    problem.retry_after = retry_after;
    problem.cause = std::move(cause);
    return problem;
}

HttpResponse replay_of(ports::KeptAnswer kept) {
    HttpResponse response;
    response.status = kept.status;
    response.body = std::move(kept.body);
    response.headers.add("Content-Type", std::move(kept.content_type));
    response.headers.add("Idempotency-Replayed", "true");
    return response;
}

// Each part with its length before it, so that two lists of parts never read the same.
void append_part(std::string& text, std::string_view part) {
    text += std::to_string(part.size());
    text += ':';
    text += part;
}

std::string owner_text(const Principal& owner) {
    return owner.project_id ? "project " + std::to_string(owner.project_id->value())
                            : "org " + std::to_string(owner.org_id.value());
}

}  // namespace

struct OnceOnly::Running {
    Running(const asio::any_io_executor& executor, const ports::Digest& of)
        : content(of), ended(executor, asio::steady_timer::time_point::max()) {}
    ports::Digest content;
    bool is_over = false;
    asio::steady_timer ended;
};

// Ends with the scope, however it is left; who waits looks again then.
class OnceOnly::Turn {
public:
    Turn(OnceOnly& owner, const OnceKey& key)
        : owner_(owner),
          id_(key.id),
          mine_(std::make_shared<Running>(owner.executor_, key.content)) {
        owner_.running_[id_] = mine_;
    }
    ~Turn() {
        owner_.running_.erase(id_);
        mine_->is_over = true;
        mine_->ended.cancel();
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

private:
    OnceOnly& owner_;
    ports::Digest id_;
    std::shared_ptr<Running> mine_;
};

OnceOnly::OnceOnly(asio::any_io_executor executor, OncePorts ports)
    : executor_(std::move(executor)), ports_(ports) {}

std::variant<std::monostate, OnceKey, Problem> OnceOnly::key_of(const net::HttpRequest& request,
                                                                const Principal& owner,
                                                                std::string_view subject) const {
    const auto given = request.headers.find(header_name);
    if (!given) {
        return std::monostate{};
    }
    if (request.headers.count(header_name) > 1) {
        return validation_problem({{std::string(header_name), "must be given once"}});
    }
    const bool visible = std::ranges::all_of(*given, [](char c) { return c > ' ' && c < '\x7f'; });
    if (given->empty() || given->size() > key_length_max || !visible) {
        return validation_problem(
            {{std::string(header_name), "must be 1 to 255 visible ASCII characters"}});
    }
    std::string text;
    append_part(text, owner_text(owner));
    append_part(text, request.method);
    append_part(text, subject);
    append_part(text, *given);
    return OnceKey{.id = digest_(text), .content = digest_(request.body)};
}

// False at the time limit.
asio::awaitable<bool> OnceOnly::wait_for(std::shared_ptr<Running> other, MonoTime until) {
    using namespace asio::experimental::awaitable_operators;
    if (!other->is_over) {
        auto ended = other->ended.async_wait(asio::as_tuple(asio::use_awaitable));
        auto time_up = ports_.clock.sleep_until(until);
        (void)co_await (std::move(time_up) || std::move(ended));
    }
    co_return other->is_over;
}

asio::awaitable<OnceOnly::Outcome> OnceOnly::run(OnceKey key, bool repeatable, Work work) {
    const MonoTime until = ports_.clock.mono() + wait_max;
    for (auto at = running_.find(key.id); at != running_.end(); at = running_.find(key.id)) {
        if (at->second->content != key.content) {
            co_return used_otherwise();
        }
        if (!co_await wait_for(at->second, until)) {
            co_return unavailable("the first request with this Idempotency-Key is under way");
        }
    }
    const Turn turn(*this, key);
    const UtcTime now = ports_.clock.utc();
    ports::OnceRequest request{.id = key.id, .content = key.content, .at = now};
    auto found = co_await ports_.store.begin_once(std::move(request), now - kept_for);
    if (!found) {
        co_return problem_of(found.error());
    }
    if (auto* kept = std::get_if<ports::KeptAnswer>(&*found)) {
        co_return replay_of(std::move(*kept));
    }
    if (std::holds_alternative<ports::OnceOtherContent>(*found)) {
        co_return used_otherwise();
    }
    if (std::holds_alternative<ports::OnceUnfinished>(*found) && !repeatable) {
        co_return Problem(ProblemCode::idempotency_outcome_unknown);
    }
    co_return co_await carry_out(key, std::move(work));
}

asio::awaitable<OnceOnly::Outcome> OnceOnly::carry_out(OnceKey key, Work work) {
    fault_point("once.before_work");
    HttpResponse response = co_await work();
    fault_point("once.after_work");
    Result<void> kept;
    if (may_come_again(response.status)) {
        kept = co_await ports_.store.forget_once(key.id);
    } else {
        const auto type = response.headers.find("Content-Type").value_or("");
        ports::KeptAnswer answer{
            .status = response.status, .content_type = std::string(type), .body = response.body};
        kept = co_await ports_.store.answer_once(key.id, std::move(answer));
    }
    if (!kept) {
        // The record stays without an answer, as after a crash: a repetition does nothing twice.
        ports_.log.warn("idempotency_answer_not_kept",
                        {{"status", response.status}, {"error", kept.error().context()}});
    }
    co_return response;
}

asio::awaitable<void> OnceOnly::sweep() {
    do {
        const UtcTime before = ports_.clock.utc() - kept_for;
        auto removed = co_await ports_.store.sweep_once(before, swept_at_once);
        while (removed && *removed == swept_at_once) {
            removed = co_await ports_.store.sweep_once(before, swept_at_once);
        }
    } while (co_await ports_.clock.sleep_for(sweep_every));
}

}  // namespace gw::http
