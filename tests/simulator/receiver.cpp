// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/receiver.hpp"

#include "tests/simulator/json_members.hpp"

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
    status_ = static_cast<unsigned>(whole_number(answer, "status", 503, 200, 599));
    times_ = static_cast<std::uint64_t>(whole_number(answer, "times", 1, 0, 1'000'000));
}

json Receiver::settings() const {
    return {{"status", status_}, {"times", times_}};
}

void Receiver::reset() {
    status_ = 200;
    times_ = 0;
}

}  // namespace gw::simulator
