#pragma once
// SPDX-License-Identifier: Apache-2.0
// A customer's webhook endpoint for trials: takes any POST, keeps it byte for byte in the history
// (type "received"), and answers 200, or for a while what it was told to answer. One thread.
#include "gateway/net/http_types.hpp"
#include "tests/simulator/history.hpp"
#include "tests/simulator/schedule.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace gw::simulator {

class Receiver {
public:
    Receiver(const Schedule& schedule, History& history) : schedule_(schedule), history_(history) {}

    // `endpoint` is what stands after /receiver/ in the path, so that one simulator plays several.
    net::HttpResponse take(const net::HttpRequest& request, std::string endpoint);
    // {"status":503,"times":2}: the next two get 503. Throws std::invalid_argument on any other.
    void set(const nlohmann::json& answer);
    [[nodiscard]] nlohmann::json settings() const;
    void reset();

private:
    const Schedule& schedule_;
    History& history_;
    unsigned status_ = 200;
    std::uint64_t times_ = 0;  // answers left that are not 200
};

}  // namespace gw::simulator
