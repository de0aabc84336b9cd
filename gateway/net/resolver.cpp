// SPDX-License-Identifier: Apache-2.0
#include "gateway/net/resolver.hpp"

#include "gateway/net/tokens.hpp"

#include <algorithm>

namespace gw::net {

namespace asio = boost::asio;

namespace {

// Names asked for at a time, those in line included; a name more is refused.
constexpr std::size_t names_max = 1'024;
// Hosts whose last addresses are kept; a client that talks to more begins again.
constexpr std::size_t last_max = 16;
// With addresses at hand that were good before, a look-up may take this long: a command to Telnyx
// has two seconds in all.
constexpr std::chrono::milliseconds patience_with_last{500};

}  // namespace

// A place among those who wait for one answer; who leaves last calls the look-up off.
struct Resolver::Seat {
    Seat(Resolver& owner, std::string name, std::shared_ptr<Question> asked)
        : resolver(owner),
          host(std::move(name)),
          question(std::move(asked)),
          called(owner.executor_) {
        called.expires_at(asio::steady_timer::time_point::max());
        question->waiting.push_back(&called);
    }
    ~Seat() {
        question->waiting.remove(&called);
        if (question->waiting.empty() && !question->answer && resolver.threads_.withdraw(host)) {
            resolver.asked_.erase(host);
        }
    }
    Seat(const Seat&) = delete;
    Seat& operator=(const Seat&) = delete;

    Resolver& resolver;
    std::string host;
    std::shared_ptr<Question> question;
    asio::steady_timer called;  // a condition
};

Resolver::Resolver(const asio::any_io_executor& executor, const HttpClientOptions& options)
    : executor_(executor),
      options_(options),
      threads_(executor, options.look_up ? options.look_up : LookUp(look_up_by_system),
               options.look_ups_max, [this](const std::string& host, Result<Addresses> found) {
                   answer(host, std::move(found));
               }) {}

asio::awaitable<Result<Addresses>> Resolver::resolve(std::string host, Watch& watch) {
    const Result<std::shared_ptr<Question>> question = ask(host);
    if (!question) {
        co_return question.error();
    }
    Seat seat(*this, host, *question);
    watch.begin_stage(patience(host, **question));
    const Watch::Abort abort(watch, [&seat] { seat.called.cancel(); });
    while (!(*question)->answer && !watch.over()) {
        co_await seat.called.async_wait(as_result);
    }
    const Error given_up = watch.ended(Errc::dns_failed, "looking up " + host);
    watch.end_stage();
    if (watch.cut()) {
        co_return given_up;
    }
    const std::optional<Result<Addresses>>& answer = (*question)->answer;
    if (answer && answer->has_value()) {
        co_return **answer;
    }
    if (const Addresses* last = last_of(host)) {
        co_return *last;
    }
    co_return answer ? answer->error() : given_up;
}

Result<std::shared_ptr<Resolver::Question>> Resolver::ask(const std::string& host) {
    if (const auto asked = asked_.find(host); asked != asked_.end()) {
        return asked->second;
    }
    if (asked_.size() >= names_max) {
        return Error(Errc::full, "too many names are being looked up");
    }
    if (!threads_.start(host)) {
        return Error(Errc::unavailable, "no thread to look up " + host);
    }
    return asked_.emplace(host, std::make_shared<Question>()).first->second;
}

void Resolver::answer(const std::string& host, Result<Addresses> found) {
    const auto asked = asked_.extract(host);
    if (asked.empty()) {
        return;
    }
    if (found) {
        keep(host, *found);
    }
    Question& question = *asked.mapped();
    question.answer = std::move(found);
    for (asio::steady_timer* waiter : question.waiting) {
        waiter->cancel();
    }
}

void Resolver::keep(const std::string& host, const Addresses& addresses) {
    if (!options_.keep_last_addresses) {
        return;
    }
    if (last_.size() >= last_max && !last_.contains(host)) {
        last_.clear();
    }
    last_[host] = addresses;
}

const Addresses* Resolver::last_of(const std::string& host) const {
    const auto last = last_.find(host);
    return last == last_.end() ? nullptr : &last->second;
}

// How long to wait for the answer. A look-up that has hung for others already is not waited for
// anew by who has addresses to go on with.
std::chrono::milliseconds Resolver::patience(const std::string& host,
                                             const Question& question) const {
    if (last_of(host) == nullptr) {
        return options_.connect_timeout;
    }
    const auto waited = std::chrono::duration_cast<std::chrono::milliseconds>(
        Deadline::Clock::now() - question.began);
    return std::clamp(patience_with_last - waited, std::chrono::milliseconds{0},
                      options_.connect_timeout);
}

}  // namespace gw::net
