// SPDX-License-Identifier: Apache-2.0
#include "tests/scenario/http_door.hpp"

#include "gateway/net/ascii.hpp"
#include "gateway/net/task_group.hpp"
#include "tests/openapi/record.hpp"
#include "tests/scenario/eventually.hpp"

#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <numeric>
#include <optional>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

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

// Many doors are asked, and one is described: the gateway's public one. It alone has these paths,
// and of the others only the private one gives a request id.
bool is_of_public_door(std::string_view target, const net::Headers& headers) {
    constexpr std::array<std::string_view, 4> of_private_door = {"/metrics", "/healthz", "/readyz",
                                                                 "/drain"};
    const std::string_view path = target.substr(0, target.find('?'));
    return path.starts_with("/v1/") || path.starts_with("/telnyx/") ||
           (headers.count("X-Request-Id") > 0 &&
            std::ranges::find(of_private_door, path) == of_private_door.end());
}

void keep(const std::string& method, const std::string& url, const Answer& answer) {
    const std::size_t host = url.find("://");
    const std::size_t path = host == std::string::npos ? host : url.find('/', host + 3);
    const std::string target = path == std::string::npos ? "/" : url.substr(path);
    if (answer.status != 0 && is_of_public_door(target, answer.headers)) {
        openapi::record_answer({.method = method,
                                .target = target,
                                .key_is_good = std::nullopt,
                                .status = answer.status,
                                .headers = answer.headers,
                                .body = answer.body});
    }
}

// What came back on a raw connection, taken apart: as much as is whole.
struct RawAnswer {
    unsigned status = 0;
    net::Headers headers;
    std::string body;
    bool is_chunked = false;
    std::size_t size = 0;  // in the bytes that came
};

net::Headers fields_of(std::string_view lines) {
    net::Headers headers;
    while (!lines.empty()) {
        const std::size_t end = std::min(lines.find("\r\n"), lines.size());
        const std::string_view line = lines.substr(0, end);
        lines.remove_prefix(std::min(end + 2, lines.size()));
        const std::size_t colon = line.find(':');
        if (colon != std::string_view::npos) {
            headers.add(std::string(line.substr(0, colon)),
                        std::string(net::trim_ows(line.substr(colon + 1))));
        }
    }
    return headers;
}

std::size_t number_of(std::string_view text, int base) {
    std::size_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number, base);
    return number;
}

// The content of the chunks that came whole.
std::string unchunked(std::string_view rest) {
    std::string body;
    for (std::size_t line = rest.find("\r\n"); line != std::string_view::npos;
         line = rest.find("\r\n")) {
        const std::size_t size = number_of(rest.substr(0, line), 16);
        if (size == 0 || rest.size() < line + 4 + size) {
            break;
        }
        body += rest.substr(line + 2, size);
        rest.remove_prefix(line + 4 + size);
    }
    return body;
}

std::optional<RawAnswer> first_answer(std::string_view bytes) {
    constexpr std::string_view version = "HTTP/1.1 ";
    const std::size_t head_end = bytes.find("\r\n\r\n");
    if (!bytes.starts_with(version) || head_end == std::string_view::npos) {
        return std::nullopt;
    }
    const std::size_t line_end = bytes.find("\r\n");
    RawAnswer answer;
    answer.status = static_cast<unsigned>(number_of(bytes.substr(version.size(), 3), 10));
    answer.headers = fields_of(bytes.substr(line_end + 2, head_end - line_end));
    const std::string_view rest = bytes.substr(head_end + 4);
    answer.is_chunked = answer.headers.count("Transfer-Encoding") > 0;
    const std::size_t length = number_of(answer.headers.find("Content-Length").value_or("0"), 10);
    answer.body = answer.is_chunked ? unchunked(rest) : std::string(rest.substr(0, length));
    // After chunks nothing is looked for: a stream is the last that is asked for.
    answer.size = answer.is_chunked ? bytes.size() : std::min(head_end + 4 + length, bytes.size());
    return answer;
}

// The request line's method and target; empty when these bytes are no HTTP.
std::pair<std::string, std::string> asked_in(std::string_view bytes) {
    const std::string_view line = bytes.substr(0, bytes.find("\r\n"));
    const std::size_t first = line.find(' ');
    const std::size_t last = line.rfind(' ');
    if (first == last || !line.substr(last + 1).starts_with("HTTP/")) {
        return {};
    }
    return {std::string(line.substr(0, first)),
            std::string(line.substr(first + 1, last - first - 1))};
}

// Of several requests on one connection only the first is known.
void keep_raw(std::string_view sent, std::string_view received) {
    auto [method, target] = asked_in(sent);
    while (const std::optional<RawAnswer> answer = first_answer(received)) {
        received.remove_prefix(answer->size);
        if (answer->status >= 200) {
            openapi::record_answer({.method = std::exchange(method, {}),
                                    .target = std::exchange(target, {}),
                                    .key_is_good = std::nullopt,
                                    .status = answer->status,
                                    .headers = answer->headers,
                                    .body = answer->body,
                                    .has_stream = answer->is_chunked});
        }
    }
}

asio::awaitable<void> exchange(net::HttpClient& client, net::ClientRequest request, Answer& answer,
                               std::size_t& left) {
    const std::string method = request.method;
    const std::string url = request.url;
    auto sent = co_await client.send(std::move(request));
    if (sent) {
        answer.status = sent->status;
        answer.headers = std::move(sent->headers);
        answer.body = std::move(sent->body);
    } else {
        answer.problem = sent.error().context();
    }
    keep(method, url, answer);
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
    keep_raw(send.bytes, received);
    return received;
}

}  // namespace gw::scenario
