// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/call_workload.hpp"

#include <utility>

namespace gw::bench {

std::optional<Job> RepeatWorkload::next() {
    at_ = at_ + 1 < requests_.size() ? at_ + 1 : 0;
    return Job{.call = 0, .step = 0, .request = requests_[at_]};
}

CallWorkload::CallWorkload(const EventSigner& signer, CallWorkloadOptions options)
    : options_(std::move(options)), calls_(options_.calls) {
    std::uint32_t number = options_.first_number;
    for (PreparedCall& call : calls_) {
        for (const SignedEvent& event : sign_call(signer, options_.shape, number)) {
            call.text += request_of(event, options_.path);
            call.ends.push_back(static_cast<std::uint32_t>(call.text.size()));
        }
        ++number;
    }
    for (std::uint32_t i = 0; i < options_.live; ++i) {
        begin_one();
    }
}

void CallWorkload::begin_one() {
    if (begun_ < calls_.size()) {
        ready_.push_back(begun_++);
    }
}

Job CallWorkload::job_of(std::uint32_t call) const {
    const PreparedCall& prepared = calls_[call];
    const std::uint32_t begin = prepared.step == 0 ? 0 : prepared.ends[prepared.step - 1U];
    return {
        .call = call,
        .step = prepared.step,
        .request =
            std::string_view(prepared.text).substr(begin, prepared.ends[prepared.step] - begin)};
}

std::optional<Job> CallWorkload::next() {
    if (ready_.empty()) {
        begin_one();  // a slow gateway must not lower the load
    }
    if (ready_.empty()) {
        return std::nullopt;
    }
    const std::uint32_t call = ready_.front();
    ready_.pop_front();
    return job_of(call);
}

void CallWorkload::sent(const Job& job, TimePoint intended) {
    PreparedCall& call = calls_[job.call];
    if (job.step == 0 && call.rang == TimePoint{}) {
        call.rang = intended;
    }
}

void CallWorkload::answered(const Job& job, unsigned status) {
    PreparedCall& call = calls_[job.call];
    if (status != 200) {
        ready_.push_back(job.call);
        return;
    }
    ++call.step;
    if (call.step == call.ends.size()) {
        ++finished_;
        call.text = std::string();
        begin_one();
    } else if (call.step == 1 && options_.wait_for_answer && !call.answer_seen) {
        call.waits = true;
        ++waiting_;
    } else {
        ready_.push_back(job.call);
    }
}

std::optional<TimePoint> CallWorkload::answer_arrived(std::int64_t number) {
    const std::int64_t index = number - options_.first_number;
    if (index < 0 || index >= begun_) {
        return std::nullopt;
    }
    const auto at = static_cast<std::uint32_t>(index);
    PreparedCall& call = calls_[at];
    if (call.answer_seen) {
        return std::nullopt;
    }
    call.answer_seen = true;
    if (call.waits) {
        call.waits = false;
        --waiting_;
        ready_.push_back(at);
    }
    return call.rang;
}

}  // namespace gw::bench
