// SPDX-License-Identifier: Apache-2.0
// gw-load: one thread that is the load, the carrier's API and the customer's endpoint, and tells
// times of all three by one clock. It first prints where its stub listens and with which key it
// signs; then it takes orders on standard input, one JSON object a line, and answers each by one
// line. See README.md.
#include "tests/bench/call_workload.hpp"
#include "tests/bench/control_workload.hpp"
#include "tests/bench/load_run.hpp"
#include "tests/bench/telnyx_stub.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <exception>
#include <iostream>
#include <string>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

namespace gw::bench {
namespace {

using nlohmann::json;

// Lines of standard input, read within the loop so that the stub goes on answering meanwhile.
class Orders final : public Handler {
public:
    explicit Orders(Loop& loop) : loop_(loop) { loop_.watch(STDIN_FILENO, EPOLLIN, *this); }

    void ready(std::uint32_t) override {
        std::array<char, 4096> chunk{};
        const ssize_t got = ::read(STDIN_FILENO, chunk.data(), chunk.size());
        if (got <= 0) {
            ended_ = true;
            loop_.forget(STDIN_FILENO);
            return;
        }
        text_.append(chunk.data(), static_cast<std::size_t>(got));
    }

    std::optional<std::string> next() {
        for (;;) {
            const std::size_t end = text_.find('\n');
            if (end != std::string::npos) {
                std::string line = text_.substr(0, end);
                text_.erase(0, end + 1);
                return line;
            }
            if (ended_) {
                return std::nullopt;
            }
            loop_.turn(std::nullopt);
        }
    }

private:
    Loop& loop_;
    std::string text_;
    bool ended_ = false;
};

json quantiles_of(const Latency& latency) {
    return {{"count", latency.count()},
            {"p50_ms", latency.quantile_ms(0.5)},
            {"p99_ms", latency.quantile_ms(0.99)},
            {"p999_ms", latency.quantile_ms(0.999)},
            {"max_ms", latency.max_ms()}};
}

json report_of(const LoadResult& result) {
    const auto good = static_cast<double>(result.good);
    const auto micros = [](std::chrono::microseconds us) {
        return static_cast<double>(us.count());
    };
    const double good_or_one = std::max(good, 1.0);
    return {{"seconds", result.seconds},
            {"good", result.good},
            {"good_per_second", good / result.seconds},
            {"refused_503", result.refused},
            {"other_status", result.other},
            {"lost", result.lost},
            {"unsent", result.unsent},
            {"ended_early", result.ended_early},
            {"latency", quantiles_of(result.latency)},
            {"refusal_latency", quantiles_of(result.refusal_latency)},
            {"command_latency", quantiles_of(result.command_latency)},
            {"target_cpu_us_each", micros(result.target_cpu) / good_or_one},
            {"target_cpu_share", micros(result.target_cpu) / 1e6 / result.seconds},
            {"load_cpu_share", micros(result.own_cpu) / 1e6 / result.seconds}};
}

class Program {
public:
    Program() : stub_(loop_), orders_(loop_) {}

    void run() {
        say({{"ready", true},
             {"stub", fmt::format("127.0.0.1:{}", stub_.port())},
             {"public_key", signer_.public_key_base64()}});
        while (const auto line = orders_.next()) {
            try {
                say(obey(json::parse(*line)));
            } catch (const std::exception& e) {
                say({{"error", e.what()}});
            }
        }
    }

private:
    static void say(const json& line) { std::cout << line.dump() << std::endl; }

    json obey(const json& order) {
        const std::string what = order.at("do");
        if (what == "calls") {
            return send_calls(order);
        }
        if (what == "control") {
            return control_calls(order);
        }
        if (what == "requests") {
            return send_requests(order);
        }
        if (what == "counts") {
            const StubCounts& counts = stub_.counts();
            return {{"commands", counts.commands},
                    {"questions", counts.questions},
                    {"webhooks", counts.webhooks}};
        }
        throw std::invalid_argument("unknown order: " + what);
    }

    static LoadOptions options_of(const json& order) {
        LoadOptions options;
        options.target = order.at("target");
        options.connections = order.value("connections", options.connections);
        options.pipeline = order.value("pipeline", options.pipeline);
        options.rate = order.value("rate", 0.0);
        options.warmup = std::chrono::milliseconds(order.value("warmup_ms", 1'000));
        options.measure = std::chrono::milliseconds(order.value("measure_ms", 5'000));
        options.until_done = order.value("until_done", false);
        options.pid = order.value("pid", 0);
        return options;
    }

    json send_calls(const json& order) {
        CallWorkloadOptions options;
        options.shape.dtmf = order.value("dtmf", options.shape.dtmf);
        options.shape.hangup = order.value("hangup", true);
        options.live = order.value("live", options.live);
        options.wait_for_answer = order.value("wait_for_answer", true);
        options.path = order.value("path", options.path);
        options.first_number = next_number_;
        options.calls = order.at("calls");
        next_number_ += options.calls;
        CallWorkload workload(signer_, options);
        json report = run_with_commands(order, workload, [&](const TelnyxStub::Command& command) {
            return command.action == "answer" ? workload.answer_arrived(command.call)
                                              : std::nullopt;
        });
        report["waiting_for_answer"] = workload.waiting_for_answer();
        return report;
    }

    json control_calls(const json& order) {
        ControlWorkloadOptions options;
        const std::string action = order.at("action");
        if (action != "transfer" && action != "gather") {
            throw std::invalid_argument("unknown action: " + action);
        }
        options.action = action == "transfer" ? ControlAction::transfer : ControlAction::gather;
        options.api_key = order.at("key");
        for (const json& call : order.at("calls")) {
            options.calls.push_back({.number = call.at("number"), .id = call.at("id")});
        }
        ControlWorkload workload(signer_, std::move(options));
        json report = run_with_commands(order, workload, [&](const TelnyxStub::Command& command) {
            return workload.command_arrived(command.call, command.action, command.body);
        });
        report["waiting_for_command"] = workload.waiting_for_command();
        return report;
    }

    // `due_of` says of a command when the request was due that made the gateway send it.
    template <class DueOf>
    json run_with_commands(const json& order, Workload& workload, DueOf due_of) {
        LoadRun run(loop_, workload, options_of(order));
        stub_.on_command([&](const TelnyxStub::Command& command) {
            if (const std::optional<TimePoint> due = due_of(command)) {
                run.command_arrived(*due);
            }
        });
        try {
            json report = report_of(run.run());
            stub_.on_command({});
            return report;
        } catch (...) {
            stub_.on_command({});
            throw;
        }
    }

    json send_requests(const json& order) {
        std::vector<std::string> requests;
        for (const std::string path : order.at("paths")) {
            requests.push_back(fmt::format(
                "GET {} HTTP/1.1\r\nHost: gateway.example.com\r\nAuthorization: Bearer {}\r\n\r\n",
                path, order.at("key").get<std::string>()));
        }
        RepeatWorkload workload(std::move(requests));
        return report_of(LoadRun(loop_, workload, options_of(order)).run());
    }

    Loop loop_;
    EventSigner signer_;
    TelnyxStub stub_;
    Orders orders_;
    std::uint32_t next_number_ = 1;
};

}  // namespace
}  // namespace gw::bench

int main() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    try {
        gw::bench::Program().run();
    } catch (const std::exception& e) {
        std::cerr << "gw-load: " << e.what() << '\n';
        return 1;
    }
    return 0;
}
