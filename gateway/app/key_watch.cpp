#include "gateway/app/key_watch.hpp"

namespace gw::app {

boost::asio::awaitable<void> watch_keys(KeyWatchParts parts) {
    constexpr std::chrono::milliseconds period{250};
    std::int64_t known = -1;  // of no state: the first answer has the keys
    bool failing = false;
    do {
        auto news = co_await parts.feed.keys_unless(known);
        if (!news) {
            if (!failing) {
                parts.log.error("keys_not_read", {{"error", news.error().context()}});
            }
            failing = true;
            continue;
        }
        failing = false;
        if (*news) {
            if (known >= 0) {
                parts.log.info("keys_changed", {{"keys", (*news)->keys.size()}});
            }
            known = (*news)->version;
            parts.directory.replace_keys(std::move((*news)->keys));
        }
    } while (co_await parts.clock.sleep_for(period));
}

}  // namespace gw::app
