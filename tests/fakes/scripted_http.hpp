#pragma once
// SPDX-License-Identifier: Apache-2.0
// An HTTP client that answers from a script and remembers what it was asked. Running out of script
// is a failure of the test (std::logic_error). One thread.
#include "gateway/net/http_client.hpp"

#include <deque>
#include <functional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace gw::fakes {

class ScriptedHttp final : public net::HttpClient {
public:
    std::vector<net::ClientRequest> requests;
    std::function<void()> on_send;  // before each answer, for example to let time pass

    void answer(unsigned status, std::string body = {}, net::Headers headers = {}) {
        script_.emplace_back(net::ClientResponse{status, std::move(headers), std::move(body)});
    }
    void fail(Errc code, std::string context = {}) {
        script_.emplace_back(Error(code, std::move(context)));
    }
    [[nodiscard]] std::size_t unused() const { return script_.size(); }

    boost::asio::awaitable<Result<net::ClientResponse>> send(net::ClientRequest request) override {
        requests.push_back(std::move(request));
        if (on_send) {
            on_send();
        }
        if (script_.empty()) {
            throw std::logic_error("a request that the script does not know");
        }
        Result<net::ClientResponse> next = std::move(script_.front());
        script_.pop_front();
        co_return next;
    }
    boost::asio::awaitable<void> stop() override { co_return; }

private:
    std::deque<Result<net::ClientResponse>> script_;
};

}  // namespace gw::fakes
