#include "gateway/app/key_watch.hpp"

namespace gw::app {
namespace asio = boost::asio;

asio::awaitable<void> KeyWatch::run() {
    constexpr std::chrono::milliseconds period{250};
    do {
        co_await look();
    } while (co_await parts_.clock.sleep_for(period));
}

asio::awaitable<void> KeyWatch::look_now() {
    constexpr std::chrono::milliseconds pause{10};
    const MonoTime now = parts_.clock.mono();
    if (now - looked_at_ >= pause) {
        looked_at_ = now;
        co_await look();
    }
}

asio::awaitable<void> KeyWatch::look() {
    auto news = co_await parts_.feed.keys_unless(known_);
    if (!news) {
        if (!failing_) {
            parts_.log.error("keys_not_read", {{"error", news.error().context()}});
        }
        failing_ = true;
        co_return;
    }
    failing_ = false;
    if (*news && (*news)->version != known_) {  // two looks may be under way
        if (known_ >= 0) {
            parts_.log.info("keys_changed", {{"keys", (*news)->keys.size()}});
        }
        known_ = (*news)->version;
        parts_.directory.replace_keys(std::move((*news)->keys));
    }
}

}  // namespace gw::app
