#include "gateway/domain/result.hpp"

#include <stdexcept>

namespace gw {

std::string_view name_of(Errc code) {
    switch (code) {
        case Errc::invalid:
            return "invalid";
        case Errc::not_found:
            return "not_found";
        case Errc::conflict:
            return "conflict";
        case Errc::duplicate:
            return "duplicate";
        case Errc::unavailable:
            return "unavailable";
        case Errc::full:
            return "full";
        case Errc::over_limit:
            return "over_limit";
        case Errc::timeout:
            return "timeout";
        case Errc::canceled:
            return "canceled";
        case Errc::dns_failed:
            return "dns_failed";
        case Errc::denied_address:
            return "denied_address";
        case Errc::connect_failed:
            return "connect_failed";
        case Errc::tls_failed:
            return "tls_failed";
        case Errc::reset:
            return "reset";
        case Errc::protocol:
            return "protocol";
        case Errc::too_large:
            return "too_large";
        case Errc::internal:
            return "internal";
    }
    return "internal";
}

bool is_retryable(Errc code) {
    switch (code) {
        case Errc::unavailable:
        case Errc::full:
        case Errc::over_limit:
        case Errc::timeout:
        case Errc::dns_failed:
        case Errc::connect_failed:
        case Errc::tls_failed:
        case Errc::reset:
            return true;
        case Errc::invalid:
        case Errc::not_found:
        case Errc::conflict:
        case Errc::duplicate:
        case Errc::canceled:
        case Errc::denied_address:
        case Errc::protocol:
        case Errc::too_large:
        case Errc::internal:
            return false;
    }
    return false;
}

void throw_exception_from_error(const Error& error, const boost::source_location& /*where*/) {
    throw std::runtime_error(std::string(name_of(error.code())) + ": " + error.context());
}

}  // namespace gw
