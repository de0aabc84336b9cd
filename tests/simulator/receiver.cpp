// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/receiver.hpp"

#include "tests/simulator/script.hpp"

#include <stdexcept>
#include <utility>

namespace gw::simulator {

using nlohmann::json;

net::HttpResponse Receiver::take(const net::HttpRequest& request, std::string endpoint) {
    json headers = json::object();
    for (const net::Header& field : request.headers) {
        headers[field.name] = field.value;
    }
    const unsigned status = times_ > 0 ? status_ : 200;
    times_ -= times_ > 0 ? 1 : 0;
    history_.add("received", schedule_.now(),
                 {{"endpoint", std::move(endpoint)},
                  {"headers", std::move(headers)},
                  {"body", request.body},  // as text: the signature covers these bytes
                  {"answered", status}});
    return {.status = status, .headers = {}, .body = {}};
}

void Receiver::set(const json& answer) {
    expect_members(answer, "status|times", "receiver");
    const auto status = answer.value("status", std::int64_t{503});
    const auto times = answer.value("times", std::int64_t{1});
    if (status < 200 || status > 599 || times < 0 || times > 1'000'000) {
        throw std::invalid_argument("receiver: needs a status of 200 to 599 and times from 0");
    }
    status_ = static_cast<unsigned>(status);
    times_ = static_cast<std::uint64_t>(times);
}

json Receiver::settings() const {
    return {{"status", status_}, {"times", times_}};
}

void Receiver::reset() {
    status_ = 200;
    times_ = 0;
}

}  // namespace gw::simulator
