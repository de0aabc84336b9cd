#pragma once
// SPDX-License-Identifier: Apache-2.0
// Metrics that can be read back: the value of a series by "name{label=value,...}". One thread.
#include "gateway/ports/metrics.hpp"

#include <map>
#include <memory>
#include <string>

namespace gw::fakes {

class CountingMetrics final : public ports::Metrics {
public:
    using Metrics::counter;
    using Metrics::gauge;
    using Metrics::histogram;
    ports::Counter& counter(ports::MetricName name, ports::Labels labels) override {
        return series(name, labels);
    }
    ports::Gauge& gauge(ports::MetricName name, ports::Labels labels) override {
        return series(name, labels).as_gauge;
    }
    ports::Histogram& histogram(ports::MetricName name, ports::Labels labels,
                                std::span<const double>) override {
        return series(name, labels).as_histogram;
    }
    void sampled_gauge(ports::MetricName, ports::Labels, std::function<double()>) override {}

    // A counter's sum, a gauge's value or a histogram's number of observations; 0 for no such
    // series.
    [[nodiscard]] double value(const std::string& series_name) const {
        const auto at = series_.find(series_name);
        return at == series_.end() ? 0 : at->second->total;
    }
    [[nodiscard]] std::size_t size() const { return series_.size(); }

private:
    struct Series final : ports::Counter {
        struct AsGauge final : ports::Gauge {
            double* total = nullptr;
            void set(double value) noexcept override { *total = value; }
            void add(double by) noexcept override { *total += by; }
        };
        struct AsHistogram final : ports::Histogram {
            double* total = nullptr;
            void observe(double) noexcept override { *total += 1; }
        };
        Series() {
            as_gauge.total = &total;
            as_histogram.total = &total;
        }
        void increment(double by) noexcept override { total += by; }
        double total = 0;
        AsGauge as_gauge;
        AsHistogram as_histogram;
    };

    Series& series(ports::MetricName name, ports::Labels labels) {
        std::string key(name.name);
        if (!labels.empty()) {
            key += '{';
            for (const ports::Label& label : labels) {
                key.append(key.back() == '{' ? "" : ",")
                    .append(label.name)
                    .append("=")
                    .append(label.value);
            }
            key += '}';
        }
        std::unique_ptr<Series>& at = series_[key];
        if (!at) {
            at = std::make_unique<Series>();
        }
        return *at;
    }

    std::map<std::string, std::unique_ptr<Series>> series_;
};

}  // namespace gw::fakes
