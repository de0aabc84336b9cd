// SPDX-License-Identifier: Apache-2.0
#include "gateway/net/look_up_threads.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <deque>
#include <exception>
#include <mutex>
#include <netdb.h>
#include <netinet/in.h>
#include <optional>
#include <system_error>
#include <thread>

namespace gw::net {

namespace asio = boost::asio;

namespace {

std::optional<asio::ip::address> address_of(const addrinfo& entry) {
    if (entry.ai_family == AF_INET) {
        const auto* in = reinterpret_cast<const sockaddr_in*>(entry.ai_addr);
        return asio::ip::address_v4(ntohl(in->sin_addr.s_addr));
    }
    if (entry.ai_family == AF_INET6) {
        const auto* in = reinterpret_cast<const sockaddr_in6*>(entry.ai_addr);
        asio::ip::address_v6::bytes_type bytes;
        std::copy_n(in->sin6_addr.s6_addr, bytes.size(), bytes.begin());
        return asio::ip::address_v6(bytes, in->sin6_scope_id);
    }
    return std::nullopt;
}

Error not_found(const std::string& host) {
    return Error(Errc::dns_failed, "looking up " + host);
}

// A look-up that throws (out of memory) must not take the process with it.
Result<Addresses> guarded(const LookUp& look_up, const std::string& host) {
    try {
        Result<Addresses> found = look_up(host);
        if (found && found->empty()) {
            return not_found(host);
        }
        return found;
    } catch (const std::exception&) {
        return not_found(host);
    }
}

}  // namespace

Result<Addresses> look_up_by_system(const std::string& host) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* list = nullptr;
    if (::getaddrinfo(host.c_str(), nullptr, &hints, &list) != 0) {
        return not_found(host);
    }
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(list, &::freeaddrinfo);
    Addresses addresses;
    for (const addrinfo* entry = list; entry != nullptr; entry = entry->ai_next) {
        if (const auto address = address_of(*entry)) {
            addresses.push_back(*address);
        }
    }
    return addresses;
}

// What the threads share with their owner, and keep when it is gone.
struct LookUpThreads::Desk {
    Desk(asio::any_io_executor on, LookUp with, std::size_t at_once_max, Found tell)
        : look_up(std::move(with)),
          threads_max(at_once_max),
          found(std::move(tell)),
          executor(std::move(on)) {}

    const LookUp look_up;
    const std::size_t threads_max;
    Found found;  // the executor's alone; empty when the owner is gone

    std::mutex mutex;  // of what follows
    asio::any_io_executor executor;
    std::deque<std::string> line;
    std::size_t threads = 0;
    bool open = true;  // the owner and so the executor live
};

LookUpThreads::LookUpThreads(asio::any_io_executor executor, LookUp look_up,
                             std::size_t at_once_max, Found found)
    : desk_(std::make_shared<Desk>(std::move(executor), std::move(look_up), at_once_max,
                                   std::move(found))) {}

LookUpThreads::~LookUpThreads() {
    desk_->found = nullptr;
    const std::lock_guard lock(desk_->mutex);
    desk_->open = false;
    desk_->executor = {};
    desk_->line.clear();
}

bool LookUpThreads::start(const std::string& host) {
    const std::lock_guard lock(desk_->mutex);
    desk_->line.push_back(host);
    if (desk_->threads >= desk_->threads_max) {
        return true;
    }
    try {
        std::thread([desk = desk_] { work(desk); }).detach();
        ++desk_->threads;
    } catch (const std::system_error&) {
        if (desk_->threads == 0) {
            desk_->line.pop_back();
            return false;
        }
    }
    return true;
}

bool LookUpThreads::withdraw(const std::string& host) {
    const std::lock_guard lock(desk_->mutex);
    return std::erase(desk_->line, host) != 0;
}

// One thread's life. After the owner's end it touches nothing but the desk, so it may outlive the
// loop, and the end of the process need not wait for it.
void LookUpThreads::work(const std::shared_ptr<Desk>& desk) {
    std::unique_lock lock(desk->mutex);
    while (!desk->line.empty()) {
        std::string host = std::move(desk->line.front());
        desk->line.pop_front();
        lock.unlock();
        Result<Addresses> found = guarded(desk->look_up, host);
        lock.lock();
        if (desk->open) {
            // Under the lock, so that the executor is not taken down meanwhile.
            asio::post(desk->executor,
                       [desk, host = std::move(host), found = std::move(found)]() mutable {
                           if (desk->found) {
                               desk->found(host, std::move(found));
                           }
                       });
        }
    }
    --desk->threads;
}

}  // namespace gw::net
