// SPDX-License-Identifier: Apache-2.0
#include "gateway/obs/prometheus_metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <string>

namespace gw::obs {
namespace {

using testing::HasSubstr;

struct Page {
    std::map<std::string, std::string> help;
    std::map<std::string, std::string> type;
    std::map<std::string, std::string> samples;  // series → value as text
};

// The text format 0.0.4, strictly (prometheus.io/docs/instrumenting/exposition_formats); a line
// that is neither comment nor sample fails the test.
Page parse(const std::string& text) {
    static const std::regex comment(R"(# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*))");
    static const std::regex sample(
        R"rx(([a-zA-Z_:][a-zA-Z0-9_:]*(\{[a-zA-Z_][a-zA-Z0-9_]*="(\\.|[^"\\])*"(,[a-zA-Z_][a-zA-Z0-9_]*="(\\.|[^"\\])*")*\})?) ([-+0-9.eE]+|[+-]?Inf|Nan|NaN|nan))rx");
    Page page;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) {
        std::smatch match;
        if (std::regex_match(line, match, comment)) {
            (match[1] == "HELP" ? page.help : page.type)[match[2]] = match[3];
        } else if (std::regex_match(line, match, sample)) {
            EXPECT_TRUE(page.samples.emplace(match[1], match[6]).second) << "twice: " << line;
        } else {
            ADD_FAILURE() << "neither comment nor sample: " << line;
        }
    }
    return page;
}

class Prometheus : public testing::Test {
protected:
    Page scrape() { return parse(prometheus_->scrape()); }
    double value(const std::string& series) {
        const auto page = scrape();
        const auto found = page.samples.find(series);
        return found == page.samples.end() ? std::nan("") : std::stod(found->second);
    }

    std::unique_ptr<PrometheusMetrics> prometheus_ =
        make_prometheus_metrics({.version = "1.2.3", .commit = "abc"});
    ports::Metrics& metrics_ = *prometheus_;
};

TEST_F(Prometheus, ShowsCountersGaugesAndHistograms) {
    metrics_.counter({"gateway_things_total", "Things."}, {{"result", "ok"}}).increment();
    metrics_.counter({"gateway_things_total", "Things."}, {{"result", "ok"}}).increment(2);
    metrics_.counter({"gateway_things_total", "Things."}, {{"result", "failed"}});
    auto& level = metrics_.gauge({"gateway_level", "A level."});
    level.set(5);
    level.add(-2);
    constexpr double bounds[] = {0.1, 1};
    auto& times = metrics_.histogram({"gateway_wait_seconds", "Waits."}, {}, bounds);
    times.observe(0.05);
    times.observe(0.5);
    times.observe(7);

    const auto page = scrape();
    EXPECT_EQ(page.type.at("gateway_things_total"), "counter");
    EXPECT_EQ(page.help.at("gateway_things_total"), "Things.");
    EXPECT_EQ(page.samples.at(R"(gateway_things_total{result="ok"})"), "3");
    EXPECT_EQ(page.samples.at(R"(gateway_things_total{result="failed"})"), "0");
    EXPECT_EQ(page.samples.at("gateway_level"), "3");
    EXPECT_EQ(page.type.at("gateway_wait_seconds"), "histogram");
    EXPECT_EQ(page.samples.at(R"(gateway_wait_seconds_bucket{le="0.1"})"), "1");
    EXPECT_EQ(page.samples.at(R"(gateway_wait_seconds_bucket{le="1"})"), "2");
    EXPECT_EQ(page.samples.at(R"(gateway_wait_seconds_bucket{le="+Inf"})"), "3");
    EXPECT_EQ(page.samples.at("gateway_wait_seconds_count"), "3");
}

TEST_F(Prometheus, TheSameNameAndLabelsAreTheSameHandle) {
    EXPECT_EQ(&metrics_.counter({"a_total", "A."}, {{"x", "1"}, {"y", "2"}}),
              &metrics_.counter({"a_total", "A."}, {{"y", "2"}, {"x", "1"}}));
    EXPECT_NE(&metrics_.counter({"a_total", "A."}, {{"x", "1"}}),
              &metrics_.counter({"a_total", "A."}, {{"x", "2"}}));
}

TEST_F(Prometheus, OddTextDoesNotBreakThePage) {
    metrics_.counter({"odd_total", "Two\nlines \\ and \xFF."}, {{"v", "a\"b\\c\nd\xFF\xE2\x82"}})
        .increment();
    const auto page = scrape();
    EXPECT_EQ(page.help.at("odd_total"), "Two lines   and \xEF\xBF\xBD.");
    EXPECT_EQ(
        page.samples.at("odd_total{v=\"a\\\"b\\\\c\\nd\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"}"),
        "1");
}

TEST_F(Prometheus, AmountsACounterCannotTakeAreIgnored) {
    auto& counter = metrics_.counter({"a_total", "A."});
    counter.increment(-1);
    counter.increment(std::nan(""));
    counter.increment(std::numeric_limits<double>::infinity());
    counter.increment(0.5);
    EXPECT_EQ(value("a_total"), 0.5);
}

TEST_F(Prometheus, RefusesNamesThatWouldBreakAScrapeOrARule) {
    EXPECT_THROW(metrics_.counter({"things", "No _total."}), std::logic_error);
    EXPECT_THROW(metrics_.gauge({"1st", "A digit first."}), std::logic_error);
    EXPECT_THROW(metrics_.gauge({"good", "Bad label."}, {{"a-b", "x"}}), std::logic_error);
    EXPECT_THROW(metrics_.gauge({"twice", "Label twice."}, {{"a", "x"}, {"a", "y"}}),
                 std::logic_error);
    metrics_.gauge({"kind", "A gauge."});
    EXPECT_THROW(metrics_.histogram({"kind", "And a histogram."}), std::logic_error);
    constexpr double falling[] = {2, 1};
    EXPECT_THROW(metrics_.histogram({"falling_seconds", "Bounds."}, {}, falling), std::logic_error);
    scrape();
}

TEST_F(Prometheus, SeriesOfOneNameAreBounded) {
    for (int i = 0; i < 2'000; ++i) {
        metrics_.counter({"many_total", "Many."}, {{"v", std::to_string(i)}}).increment();
    }
    const auto page = scrape();
    EXPECT_EQ(page.samples.at(R"(many_total{v="499"})"), "1");
    EXPECT_EQ(page.samples.at(R"(many_total{v="other"})"), "1500");
    EXPECT_FALSE(page.samples.contains(R"(many_total{v="500"})"));
}

TEST_F(Prometheus, SampledGaugesAreAskedAtEveryScrape) {
    double live = 3;
    metrics_.sampled_gauge({"live", "Live."}, ports::Labels{}, [&live] { return live; });
    metrics_.sampled_gauge({"broken", "Broken."}, ports::Labels{},
                           []() -> double { throw std::runtime_error("x"); });
    EXPECT_EQ(value("live"), 3);
    live = 4;
    EXPECT_EQ(value("live"), 4);
    EXPECT_TRUE(std::isnan(value("broken")));
    metrics_.sampled_gauge({"live", "Live."}, ports::Labels{}, [] { return 9.0; });
    EXPECT_EQ(value("live"), 9);
}

TEST_F(Prometheus, TellsAboutTheProcess) {
    EXPECT_EQ(value(R"(gateway_build_info{commit="abc",version="1.2.3"})"), 1);
    EXPECT_GT(value("process_resident_memory_bytes"), 1e6);
    EXPECT_GE(value("process_open_fds"), 1);
    EXPECT_GT(value("process_max_fds"), value("process_open_fds"));
    EXPECT_GT(value("process_start_time_seconds"), 1.6e9);
    const auto before = value("process_cpu_seconds_total");
    double busy = 1;
    for (int i = 0; i < 5'000'000; ++i) {
        busy = std::sqrt(busy + i);
    }
    EXPECT_GT(busy, 0);
    EXPECT_GT(value("process_cpu_seconds_total"), before);
}

}  // namespace
}  // namespace gw::obs
