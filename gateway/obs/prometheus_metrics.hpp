#pragma once
// SPDX-License-Identifier: Apache-2.0
// The metrics of the process in Prometheus' text format. Hides the client library and its traps:
// help texts are flattened and label values made valid UTF-8 (either would break the whole scrape),
// and past 500 series of one name further label values are counted as "other". Any thread.
#include "gateway/ports/metrics.hpp"

#include <memory>
#include <string>

namespace gw::obs {

struct BuildInfo {
    std::string version;
    std::string commit;
};

class PrometheusMetrics : public ports::Metrics {
public:
    static constexpr const char* content_type = "text/plain; version=0.0.4; charset=utf-8";
    // The whole page for GET /metrics, process metrics included. Takes milliseconds with thousands
    // of series.
    [[nodiscard]] virtual std::string scrape() = 0;
};

std::unique_ptr<PrometheusMetrics> make_prometheus_metrics(const BuildInfo& build);

}  // namespace gw::obs
