// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/control_workload.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <utility>

namespace gw::bench {
namespace {

constexpr std::string_view target_number = "+31850099999";

std::string_view command_of(ControlAction action) {
    return action == ControlAction::transfer ? "transfer" : "gather_using_speak";
}

}  // namespace

ControlWorkload::ControlWorkload(const EventSigner& signer, ControlWorkloadOptions options)
    : signer_(signer), options_(std::move(options)), calls_(options_.calls.size()) {
    for (std::uint32_t i = 0; i < calls_.size(); ++i) {
        calls_[i].order = order_of(options_.calls[i]);
        by_number_.emplace(options_.calls[i].number, i);
        free_.push_back(i);
    }
}

std::string ControlWorkload::order_of(const LiveCall& call) const {
    const bool transfers = options_.action == ControlAction::transfer;
    const std::string body =
        transfers ? fmt::format(R"({{"destination":"{}"}})", target_number)
                  : std::string(R"({"prompt":"Please enter your 8-digit account number.",)"
                                R"("max_digits":8,"terminator":"#","timeout_seconds":20})");
    return fmt::format(
        "POST /v1/calls/{}/{} HTTP/1.1\r\nHost: gateway.example.com\r\n"
        "Authorization: Bearer {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n"
        "{}",
        call.id, transfers ? "transfer" : "gather", options_.api_key, body.size(), body);
}

std::vector<std::string> ControlWorkload::events_after(std::uint32_t number,
                                                       std::string_view body) const {
    const auto json = nlohmann::json::parse(body);
    std::vector<std::string> requests;
    if (options_.action == ControlAction::gather) {
        const std::string state = json.at("client_state");
        requests.push_back(
            request_of(sign_gather_ended(signer_, options_.shape, state, number), options_.path));
        return requests;
    }
    const BusyTarget target{.shape = options_.shape,
                            .to = json.at("to"),
                            .client_state = json.at("target_leg_client_state")};
    for (const SignedEvent& event : sign_busy_target(signer_, target, number)) {
        requests.push_back(request_of(event, options_.path));
    }
    return requests;
}

std::optional<Job> ControlWorkload::next() {
    std::deque<std::uint32_t>& queue = telling_.empty() ? free_ : telling_;
    if (queue.empty()) {
        return std::nullopt;
    }
    const std::uint32_t at = queue.front();
    queue.pop_front();
    const OrderedCall& call = calls_[at];
    return Job{.call = at,
               .step = call.step,
               .request = call.step == 0 ? call.order : call.events[call.step - 1U]};
}

void ControlWorkload::sent(const Job& job, TimePoint intended) {
    OrderedCall& call = calls_[job.call];
    if (job.step == 0 && call.due == TimePoint{}) {
        call.due = intended;
    }
}

void ControlWorkload::make_ready(std::uint32_t at) {
    OrderedCall& call = calls_[at];
    if (call.step <= call.events.size()) {
        telling_.push_back(at);
        return;
    }
    call.events.clear();
    call.step = 0;
    call.due = {};
    call.commanded = call.accepted = false;
    free_.push_back(at);
}

void ControlWorkload::answered(const Job& job, unsigned status) {
    OrderedCall& call = calls_[job.call];
    if (status < 200 || status > 299) {
        (job.step == 0 ? free_ : telling_).push_back(job.call);
        return;
    }
    if (job.step != 0) {
        ++call.step;
        make_ready(job.call);
        return;
    }
    call.accepted = true;
    if (call.commanded) {
        call.step = 1;
        make_ready(job.call);
    } else {
        ++waiting_;
    }
}

std::optional<TimePoint> ControlWorkload::command_arrived(std::int64_t number,
                                                          std::string_view action,
                                                          std::string_view body) {
    const auto found = by_number_.find(number);
    if (found == by_number_.end() || action != command_of(options_.action)) {
        return std::nullopt;
    }
    OrderedCall& call = calls_[found->second];
    if (call.commanded || call.due == TimePoint{}) {
        return std::nullopt;
    }
    call.commanded = true;
    call.events = events_after(static_cast<std::uint32_t>(number), body);
    if (call.accepted) {
        --waiting_;
        call.step = 1;
        make_ready(found->second);
    }
    return call.due;
}

}  // namespace gw::bench
