// SPDX-License-Identifier: Apache-2.0
#include "gateway/obs/prometheus_metrics.hpp"

#include "gateway/obs/process_sample.hpp"
#include "gateway/obs/utf8.hpp"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <cmath>
#include <exception>
#include <functional>
#include <limits>
#include <map>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <utility>
#include <vector>

namespace gw::obs {
namespace {

class CounterHandle final : public ports::Counter {
public:
    explicit CounterHandle(prometheus::Counter& counter) : counter_(counter) {}
    void increment(double by) noexcept override {
        if (by >= 0 && std::isfinite(by)) {
            counter_.Increment(by);
        }
    }

private:
    prometheus::Counter& counter_;
};

class GaugeHandle final : public ports::Gauge {
public:
    explicit GaugeHandle(prometheus::Gauge& gauge) : gauge_(gauge) {}
    void set(double value) noexcept override { gauge_.Set(value); }
    void add(double by) noexcept override { gauge_.Increment(by); }

private:
    prometheus::Gauge& gauge_;
};

class HistogramHandle final : public ports::Histogram {
public:
    explicit HistogramHandle(prometheus::Histogram& histogram) : histogram_(histogram) {}
    void observe(double value) noexcept override { histogram_.Observe(value); }

private:
    prometheus::Histogram& histogram_;
};

// The serializer does not escape help texts: a newline or a backslash would break the whole page.
std::string flat(std::string_view help) {
    std::string text;
    append_valid_utf8(text, help);
    for (char& c : text) {
        if (c == '\n' || c == '\r' || c == '\\') {
            c = ' ';
        }
    }
    return text;
}

// The series of one kind of metric, by name and labels.
template <class Metric, class Handle>
class Series {
public:
    template <class MakeFamily, class... Args>
    Handle& get(ports::MetricName name, ports::Labels labels, MakeFamily make_family,
                const Args&... args) {
        auto family = families_.find(name.name);
        if (family == families_.end()) {
            family = families_.emplace(std::string(name.name), Family{&make_family(), {}}).first;
        }
        auto& [metrics, handles] = family->second;
        auto wanted = checked(labels);
        if (handles.size() >= series_max && !handles.contains(wanted)) {
            for (auto& label : wanted) {
                label.second = "other";
            }
        }
        auto handle = handles.find(wanted);
        if (handle == handles.end()) {
            handle = handles.try_emplace(wanted, metrics->Add(wanted, args...)).first;
        }
        return handle->second;
    }

private:
    static constexpr std::size_t series_max = 500;
    struct Family {
        prometheus::Family<Metric>* metrics;
        std::map<prometheus::Labels, Handle> handles;  // a map: references stay good
    };

    static prometheus::Labels checked(ports::Labels labels) {
        prometheus::Labels out;
        for (const auto& label : labels) {
            std::string value;
            append_valid_utf8(value, label.value);
            if (!out.emplace(std::string(label.name), std::move(value)).second) {
                throw std::invalid_argument("a label given twice: " + std::string(label.name));
            }
        }
        return out;
    }

    std::map<std::string, Family, std::less<>> families_;
};

class RegistryMetrics final : public PrometheusMetrics {
public:
    // Throw: a family may be registered once only, and a name has one kind.
    RegistryMetrics() : registry_(prometheus::Registry::InsertBehavior::Throw) {}

    ports::Counter& counter(ports::MetricName name, ports::Labels labels) override {
        if (!name.name.ends_with("_total")) {
            throw std::invalid_argument("a counter's name ends in _total: " +
                                        std::string(name.name));
        }
        const std::scoped_lock lock(mutex_);
        return counters_.get(name, labels, [&]() -> auto& {
            return prometheus::BuildCounter()
                .Name(std::string(name.name))
                .Help(flat(name.help))
                .Register(registry_);
        });
    }

    ports::Gauge& gauge(ports::MetricName name, ports::Labels labels) override {
        const std::scoped_lock lock(mutex_);
        return gauges_.get(name, labels, [&]() -> auto& {
            return prometheus::BuildGauge()
                .Name(std::string(name.name))
                .Help(flat(name.help))
                .Register(registry_);
        });
    }

    ports::Histogram& histogram(ports::MetricName name, ports::Labels labels,
                                std::span<const double> bounds) override {
        for (std::size_t i = 1; i < bounds.size(); ++i) {
            if (!(bounds[i - 1] < bounds[i])) {
                throw std::invalid_argument("bounds do not ascend: " + std::string(name.name));
            }
        }
        const std::scoped_lock lock(mutex_);
        const auto& fixed =
            bounds_.try_emplace(std::string(name.name), bounds.begin(), bounds.end()).first->second;
        const auto family = [&]() -> auto& {
            return prometheus::BuildHistogram()
                .Name(std::string(name.name))
                .Help(flat(name.help))
                .Register(registry_);
        };
        return histograms_.get(name, labels, family, fixed);
    }

    void sampled_gauge(ports::MetricName name, ports::Labels labels,
                       std::function<double()> sample) override {
        auto& handle = gauge(name, labels);
        const std::scoped_lock lock(mutex_);
        samples_[&handle] = std::move(sample);
    }

    std::string scrape() override {
        // The samples run without the lock: one of them may fetch a handle.
        std::map<ports::Gauge*, std::function<double()>> samples;
        {
            const std::scoped_lock lock(mutex_);
            samples = samples_;
        }
        for (const auto& [gauge, sample] : samples) {
            gauge->set(value_of(sample));
        }
        std::ostringstream out;
        prometheus::TextSerializer{}.Serialize(out, registry_.Collect());
        return std::move(out).str();
    }

private:
    static double value_of(const std::function<double()>& sample) {
        try {
            return sample();
        } catch (const std::exception&) {
            // One gauge that cannot be read must not hide all the others.
            return std::numeric_limits<double>::quiet_NaN();
        }
    }

    std::mutex mutex_;
    prometheus::Registry registry_;
    Series<prometheus::Counter, CounterHandle> counters_;
    Series<prometheus::Gauge, GaugeHandle> gauges_;
    Series<prometheus::Histogram, HistogramHandle> histograms_;
    std::map<std::string, std::vector<double>> bounds_;
    std::map<ports::Gauge*, std::function<double()>> samples_;
};

// Adds the process's own numbers, under the names every Prometheus client uses.
class ProcessAndRegistryMetrics final : public PrometheusMetrics {
public:
    explicit ProcessAndRegistryMetrics(const BuildInfo& build) {
        ports::Metrics& metrics = inner_;
        metrics
            .gauge({"gateway_build_info", "1, with the version that runs in the labels."},
                   {{"version", build.version}, {"commit", build.commit}})
            .set(1);
    }

    ports::Counter& counter(ports::MetricName name, ports::Labels labels) override {
        return inner_.counter(name, labels);
    }
    ports::Gauge& gauge(ports::MetricName name, ports::Labels labels) override {
        return inner_.gauge(name, labels);
    }
    ports::Histogram& histogram(ports::MetricName name, ports::Labels labels,
                                std::span<const double> bounds) override {
        return inner_.histogram(name, labels, bounds);
    }
    void sampled_gauge(ports::MetricName name, ports::Labels labels,
                       std::function<double()> sample) override {
        inner_.sampled_gauge(name, labels, std::move(sample));
    }

    std::string scrape() override {
        {
            const std::scoped_lock lock(mutex_);
            const auto sample = sample_process();
            cpu_.increment(sample.cpu_seconds - cpu_told_);
            cpu_told_ = sample.cpu_seconds;
            resident_.set(sample.resident_bytes);
            open_fds_.set(sample.open_fds);
            max_fds_.set(sample.max_fds);
            start_time_.set(sample.start_time_seconds);
        }
        return inner_.scrape();
    }

private:
    ports::Gauge& own_gauge(const char* name, const char* help) {
        return inner_.gauge({name, help}, {});
    }

    std::mutex mutex_;
    RegistryMetrics inner_;
    double cpu_told_ = 0;
    ports::Counter& cpu_ = inner_.counter(
        {"process_cpu_seconds_total", "CPU time used, user and system."}, ports::Labels{});
    ports::Gauge& resident_ = own_gauge("process_resident_memory_bytes", "Memory in RAM.");
    ports::Gauge& open_fds_ = own_gauge("process_open_fds", "Open file descriptors.");
    ports::Gauge& max_fds_ = own_gauge("process_max_fds", "File descriptors that may be open.");
    ports::Gauge& start_time_ =
        own_gauge("process_start_time_seconds", "When the process started, in Unix time.");
};

}  // namespace

std::unique_ptr<PrometheusMetrics> make_prometheus_metrics(const BuildInfo& build) {
    return std::make_unique<ProcessAndRegistryMetrics>(build);
}

}  // namespace gw::obs
