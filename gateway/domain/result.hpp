#pragma once
// SPDX-License-Identifier: Apache-2.0
// What can go wrong in a correct program, as a value. `Result<T>` is [[nodiscard]]; exceptions are
// left for bugs and for an impossible start-up. Nothing here knows HTTP, SQL or Telnyx words.
#include <boost/system/result.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace gw {

enum class Errc : std::uint8_t {
    invalid,         // the caller's data is wrong; trying again cannot help
    not_found,       // no such thing, or not yours
    conflict,        // somebody changed it first: reload and decide again
    duplicate,       // this event id is already on record
    unavailable,     // the store or peer cannot answer now; try again later
    full,            // a bound was reached (queue, disk); try again later
    over_limit,      // what the customer's plan allows is used up; try again later
    timeout,         // the deadline passed; whether it was done is unknown
    canceled,        // we stopped wanting it
    dns_failed,      // the name did not resolve
    denied_address,  // the address is not one we may connect to
    connect_failed,  // no connection
    tls_failed,      // handshake or certificate refused
    reset,           // the peer closed in the middle; whether it was done is unknown
    protocol,        // the peer does not speak the protocol
    too_large,       // over a size limit
    internal,        // a broken promise of ours
};

// The code's name for logs and metrics, for example "connect_failed".
std::string_view name_of(Errc code);
// Whether the same call may succeed later.
bool is_retryable(Errc code);

// What was tried and why it failed, in one sentence without secrets.
class Error {
public:
    Error() = default;
    explicit Error(Errc code, std::string context = {})
        : code_(code), context_(std::move(context)) {}
    [[nodiscard]] Errc code() const { return code_; }
    [[nodiscard]] const std::string& context() const { return context_; }

private:
    Errc code_ = Errc::internal;
    std::string context_;
};

[[noreturn]] void throw_exception_from_error(const Error& error,
                                             const boost::source_location& where);

template <class T>
using Result = boost::system::result<T, Error>;

}  // namespace gw
