#pragma once
// SPDX-License-Identifier: Apache-2.0
// The one timer of an outgoing exchange. It bounds the whole and, inside, one stage (connect, TLS),
// and when a bound passes, or the exchange is cut from outside, it aborts the operation under way.
// Used from one executor.
#include "gateway/domain/result.hpp"
#include "gateway/net/deadline.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <utility>

namespace gw::net {

class Watch : public std::enable_shared_from_this<Watch> {
public:
    Watch(const boost::asio::any_io_executor& executor, Deadline whole)
        : timer_(executor), whole_(whole) {}

    // From now until the next call of either.
    void begin_stage(std::chrono::milliseconds span) {
        stage_over_ = false;
        arm(whole_.within(span));
    }
    void end_stage() {
        stage_over_ = false;
        arm(whole_);
    }
    void finish() {
        abort_ = nullptr;
        timer_.cancel();
    }
    void cut(Errc why) {
        if (!cut_) {
            cut_ = why;
            abort();
        }
    }

    // Why the exchange must end, if it must.
    [[nodiscard]] std::optional<Errc> cut() const { return cut_; }
    [[nodiscard]] bool stage_over() const { return stage_over_; }
    [[nodiscard]] bool over() const { return cut_.has_value() || stage_over_; }
    // The reason when it was the watch that ended the stage, else the stage's own. A stage that
    // took too long is the stage's failure: nothing of the request was sent yet.
    [[nodiscard]] Error ended(Errc own, std::string context) const {
        if (stage_over_) {
            context += ": timed out";
        }
        return Error(cut_.value_or(own), std::move(context));
    }

    // While it lives, `stop` is what aborts the operation under way. It must not outlive what it
    // captures.
    class Abort {
    public:
        Abort(Watch& watch, std::function<void()> stop)
            : watch_(watch), before_(std::exchange(watch.abort_, std::move(stop))) {}
        ~Abort() { watch_.abort_ = std::move(before_); }
        Abort(const Abort&) = delete;
        Abort& operator=(const Abort&) = delete;

    private:
        Watch& watch_;
        std::function<void()> before_;
    };

private:
    void arm(Deadline deadline) {
        timer_.expires_at(deadline.at());
        timer_.async_wait([self = shared_from_this()](const boost::system::error_code& stopped) {
            // Re-armed meanwhile: the expiry that ran does not count any more.
            if (stopped || !Deadline(self->timer_.expiry()).passed()) {
                return;
            }
            if (self->whole_.passed()) {
                self->cut(Errc::timeout);
            } else {
                self->stage_over_ = true;
                self->abort();
            }
        });
    }
    void abort() {
        if (abort_) {
            abort_();
        }
    }

    boost::asio::steady_timer timer_;
    Deadline whole_;
    std::function<void()> abort_;
    std::optional<Errc> cut_;
    bool stage_over_ = false;
};

}  // namespace gw::net
