// SPDX-License-Identifier: Apache-2.0
#include "tests/scenario/http_door.hpp"

#include "gateway/net/task_group.hpp"
#include "tests/scenario/eventually.hpp"

#include <boost/asio/io_context.hpp>

#include <arpa/inet.h>
#include <numeric>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace gw::scenario {
namespace asio = boost::asio;

namespace {

net::HttpClientOptions loopback_client() {
    net::HttpClientOptions options;
    options.allow_private_networks = true;
    options.connections_per_host_max = 64;
    options.user_agent = "scenario";
    return options;
}

asio::awaitable<void> exchange(net::HttpClient& client, net::ClientRequest request, Answer& answer,
                               std::size_t& left) {
    auto sent = co_await client.send(std::move(request));
    if (sent) {
        answer.status = sent->status;
        answer.headers = std::move(sent->headers);
        answer.body = std::move(sent->body);
    } else {
        answer.problem = sent.error().context();
    }
    --left;
}

asio::awaitable<void> stop(net::HttpClient& client, bool& stopped) {
    co_await client.stop();
    stopped = true;
}

int connect_to(std::uint16_t port) {
    const int peer = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    // The sockets API wants its own base type.
    if (::connect(peer, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        ::close(peer);
        return -1;
    }
    return peer;
}

}  // namespace

nlohmann::json Answer::json() const {
    return nlohmann::json::parse(body, nullptr, false);
}

struct HttpDoor::Parts {
    asio::io_context io{1};
    std::unique_ptr<net::HttpClient> client =
        net::make_http_client(io.get_executor(), loopback_client());
    net::TaskGroup tasks{io.get_executor()};

    // An idle connection keeps the loop from ever running dry, so it is turned until `done`.
    template <class Done>
    void run_until(Done done) {
        io.restart();
        while (!done()) {
            io.run_one();
        }
    }
};

HttpDoor::HttpDoor() : parts_(std::make_unique<Parts>()) {}

HttpDoor::~HttpDoor() {
    bool stopped = false;
    parts_->tasks.spawn(stop(*parts_->client, stopped));
    parts_->run_until([&] { return stopped && parts_->tasks.size() == 0; });
}

Answer HttpDoor::send(net::ClientRequest request) {
    std::vector<net::ClientRequest> one;
    one.push_back(std::move(request));
    return send_all(std::move(one)).front();
}

std::vector<Answer> HttpDoor::send_all(std::vector<net::ClientRequest> requests) {
    std::vector<Answer> answers(requests.size());
    std::size_t left = requests.size();
    for (std::size_t i = 0; i < requests.size(); ++i) {
        parts_->tasks.spawn(exchange(*parts_->client, std::move(requests[i]), answers[i], left));
    }
    parts_->run_until([&] { return left == 0; });
    return answers;
}

Answer HttpDoor::insist(const net::ClientRequest& request) {
    return std::move(insist_all({request}).front());
}

std::vector<Answer> HttpDoor::insist_all(const std::vector<net::ClientRequest>& requests) {
    constexpr unsigned unavailable = 503;
    std::vector<Answer> answers(requests.size());
    std::vector<std::size_t> left(requests.size());
    std::iota(left.begin(), left.end(), std::size_t{0});
    const auto all_done = [&] {
        std::vector<net::ClientRequest> round;
        for (const std::size_t i : left) {
            round.push_back(requests[i]);
        }
        std::vector<Answer> given = send_all(std::move(round));
        std::vector<std::size_t> refused;
        for (std::size_t i = 0; i < left.size(); ++i) {
            Answer& answer = answers[left[i]];
            answer = std::move(given[i]);
            if (answer.status == unavailable) {
                refused.push_back(left[i]);
            }
        }
        left = std::move(refused);
        return left.empty();
    };
    (void)eventually(all_done, patience, milliseconds{50});
    return answers;
}

std::string exchange_raw(const RawSend& send) {
    const auto deadline = std::chrono::steady_clock::now() + send.within;
    const int peer = connect_to(send.port);
    std::string received;
    std::size_t sent = 0;
    bool open = peer >= 0;
    auto next = std::chrono::steady_clock::now();
    while (open && std::chrono::steady_clock::now() < deadline) {
        const bool due = sent < send.bytes.size() && std::chrono::steady_clock::now() >= next;
        pollfd ready{.fd = peer,
                     .events = static_cast<short>(due ? POLLIN | POLLOUT : POLLIN),
                     .revents = 0};
        (void)::poll(&ready, 1, 5);
        if ((ready.revents & POLLOUT) != 0 && due) {
            const std::size_t size = std::min(send.chunk, send.bytes.size() - sent);
            const ssize_t wrote =
                ::send(peer, send.bytes.data() + sent, size, MSG_NOSIGNAL | MSG_DONTWAIT);
            sent += wrote > 0 ? static_cast<std::size_t>(wrote) : 0;
            if (wrote < 0 && errno != EAGAIN) {
                sent = send.bytes.size();  // the peer takes no more; its answer may still come
            }
            next = std::chrono::steady_clock::now() + send.pause;
        }
        if ((ready.revents & (POLLIN | POLLHUP | POLLERR)) != 0) {
            char buffer[4096];
            const ssize_t got = ::recv(peer, buffer, sizeof buffer, MSG_DONTWAIT);
            open = got > 0 || (got < 0 && errno == EAGAIN);
            received.append(buffer, got > 0 ? static_cast<std::size_t>(got) : 0);
        }
    }
    if (peer >= 0) {
        ::close(peer);
    }
    return received;
}

}  // namespace gw::scenario
