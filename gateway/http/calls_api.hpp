#pragma once
// SPDX-License-Identifier: Apache-2.0
// The Calls endpoints: requests into use cases, results into JSON. Used from the application's
// thread.
#include "gateway/app/calls_service.hpp"
#include "gateway/app/directory.hpp"
#include "gateway/app/timeline_feed.hpp"
#include "gateway/http/dispatcher.hpp"

#include <memory>
#include <utility>
#include <vector>

namespace gw::http {

struct CallsApiParts {
    app::CallsService& service;
    const app::Directory& directory;
    const ports::Clock& clock;
    app::TimelineFeed& feed;
};

// Makes endpoints of functions that take the parts, which are kept once for all of them.
class EndpointBinder {
public:
    using Function = boost::asio::awaitable<Reply> (*)(std::shared_ptr<const CallsApiParts>,
                                                       ApiRequest);
    explicit EndpointBinder(const CallsApiParts& parts)
        : parts_(std::make_shared<const CallsApiParts>(parts)) {}
    [[nodiscard]] Endpoint operator()(Function function) const {
        return [parts = parts_, function](ApiRequest request) {
            return function(parts, std::move(request));
        };
    }

private:
    std::shared_ptr<const CallsApiParts> parts_;
};

// The parts must outlive the rows.
std::vector<EndpointRow> calls_endpoints(CallsApiParts parts);

}  // namespace gw::http
