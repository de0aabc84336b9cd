#pragma once
// SPDX-License-Identifier: Apache-2.0
// Numbers for the operator. Fetch a handle once (at construction) and keep the reference: fetching
// looks the series up under a lock, using it is a few nanoseconds. Handles live as long as the
// Metrics object. Handles may be used from any thread. Label values must come from a closed set: a
// series is kept for ever.
#include <functional>
#include <initializer_list>
#include <span>
#include <string_view>

namespace gw::ports {

class Counter {
public:
    virtual void increment(
        double by = 1) noexcept = 0;  // a negative or non-finite amount is ignored

protected:
    ~Counter() = default;
};

class Gauge {
public:
    virtual void set(double value) noexcept = 0;
    virtual void add(double by) noexcept = 0;

protected:
    ~Gauge() = default;
};

class Histogram {
public:
    virtual void observe(double value) noexcept = 0;

protected:
    ~Histogram() = default;
};

// Names are in base units and end in _total (counters), _seconds or _bytes; help is one sentence.
struct MetricName {
    std::string_view name;
    std::string_view help;
};
struct Label {
    std::string_view name;
    std::string_view value;
};
using Labels = std::span<const Label>;

// Bounds for the time one request, command or commit takes, in seconds.
inline constexpr double latency_bounds_seconds[] = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                                    0.25,  0.5,    1,     2.5,  5,     10,   30};

class Metrics {
public:
    using LabelList = std::initializer_list<Label>;

    Metrics() = default;
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;
    virtual ~Metrics() = default;

    // The same name and labels give the same handle. A malformed name, or a name used for another
    // kind before, is a bug: std::logic_error.
    virtual Counter& counter(MetricName name, Labels labels) = 0;
    virtual Gauge& gauge(MetricName name, Labels labels) = 0;
    // `bounds` ascend; the bounds of a name's first series hold for all of them.
    virtual Histogram& histogram(MetricName name, Labels labels,
                                 std::span<const double> bounds) = 0;
    // A gauge asked for at every scrape, on the scraping thread: for what can be derived from a
    // live container. `sample` must stay callable as long as the Metrics object is scraped. A
    // second one replaces the first.
    virtual void sampled_gauge(MetricName name, Labels labels, std::function<double()> sample) = 0;

    Counter& counter(MetricName name, LabelList labels = {}) { return counter(name, span(labels)); }
    Gauge& gauge(MetricName name, LabelList labels = {}) { return gauge(name, span(labels)); }
    Histogram& histogram(MetricName name, LabelList labels = {},
                         std::span<const double> bounds = latency_bounds_seconds) {
        return histogram(name, span(labels), bounds);
    }

private:
    static Labels span(LabelList labels) { return {labels.begin(), labels.size()}; }
};

// Counts nothing; for tests and tools that do not look.
class NullMetrics final : public Metrics {
public:
    using Metrics::counter;
    using Metrics::gauge;
    using Metrics::histogram;
    Counter& counter(MetricName, Labels) override { return counter_; }
    Gauge& gauge(MetricName, Labels) override { return gauge_; }
    Histogram& histogram(MetricName, Labels, std::span<const double>) override {
        return histogram_;
    }
    void sampled_gauge(MetricName, Labels, std::function<double()>) override {}

private:
    struct NoCounter final : Counter {
        void increment(double) noexcept override {}
    };
    struct NoGauge final : Gauge {
        void set(double) noexcept override {}
        void add(double) noexcept override {}
    };
    struct NoHistogram final : Histogram {
        void observe(double) noexcept override {}
    };
    NoCounter counter_;
    NoGauge gauge_;
    NoHistogram histogram_;
};

}  // namespace gw::ports
