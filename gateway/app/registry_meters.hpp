#pragma once
// SPDX-License-Identifier: Apache-2.0
// The registry's numbers for the operator; private to call_registry*.cpp.
#include "gateway/app/call_registry.hpp"

namespace gw::app {

struct CallRegistry::Meters {
    explicit Meters(ports::Metrics& metrics);
    ports::Counter& taken;
    ports::Counter& duplicate;
    ports::Counter& parked;
    ports::Counter& ignored;
    ports::Counter& conflicts;
    ports::Counter& store_failures;
    ports::Counter& poison;
    ports::Counter& calls_opened;
    ports::Counter& calls_closed_webhook;
    ports::Counter& calls_closed_reconciler;
    ports::Counter& calls_closed_deadline;
    ports::Histogram& commit_seconds;
};

}  // namespace gw::app
