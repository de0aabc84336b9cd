#pragma once
// SPDX-License-Identifier: Apache-2.0
// What the dispatcher counts; for its own files only.
#include "gateway/app/webhook_dispatcher.hpp"

namespace gw::app {

struct WebhookDispatcher::Meters {
    explicit Meters(ports::Metrics& metrics)
        : given_up(metrics.counter({"gateway_webhook_deliveries_given_up_total",
                                    "Deliveries that ended without success."})),
          wait_seconds(metrics.histogram({"gateway_webhook_first_attempt_wait_seconds",
                                          "Time from an event's commit to its first request."})) {}

    ports::Counter& given_up;
    ports::Histogram& wait_seconds;
};

}  // namespace gw::app
