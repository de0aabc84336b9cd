#include "gateway/domain/admission.hpp"

namespace gw {

std::optional<Refusal> admit(const AdmissionFacts& facts) {
    if (!facts.has_agent) {
        return Refusal::no_agent;
    }
    if (facts.draining) {
        return Refusal::draining;
    }
    if (facts.concurrency_max && facts.live_calls_of_org >= *facts.concurrency_max) {
        return Refusal::over_capacity;
    }
    return std::nullopt;
}

}  // namespace gw
