#include "gateway/domain/fault_point.hpp"

#ifdef GW_FAULT_POINTS

#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace gw::detail {
namespace {

struct Armed {
    std::string name;
    std::int64_t passings = 1;
};

Armed read_environment() {
    Armed armed;
    // NOLINTNEXTLINE(concurrency-mt-unsafe): read once, and nothing here ever calls setenv.
    const char* value = std::getenv("GW_FAULT");
    if (value == nullptr) {
        return armed;
    }
    armed.name = value;
    const std::size_t colon = armed.name.rfind(':');
    if (colon != std::string::npos) {
        const char* end = armed.name.data() + armed.name.size();
        std::int64_t count = 0;
        const auto [rest, error] = std::from_chars(armed.name.data() + colon + 1, end, count);
        if (error == std::errc() && rest == end && count > 0) {
            armed.passings = count;
            armed.name.resize(colon);
        }
    }
    return armed;
}

const Armed& armed() {
    static const Armed value = read_environment();
    return value;
}

std::atomic<std::int64_t> passed{0};

}  // namespace

const bool fault_armed = !armed().name.empty();

void pass_fault_point(std::string_view name) {
    if (name == armed().name && ++passed == armed().passings) {
        (void)std::raise(SIGKILL);
    }
}

}  // namespace gw::detail

#endif
