#pragma once
// SPDX-License-Identifier: Apache-2.0
// Which route a request means. The table is data: method, pattern, access. A pattern is literal
// segments and at most one `{callId}`; a trailing slash makes another path. A path that a literal
// pattern fits means that one alone ("/v1/calls/summary" is no call). HEAD is answered by GET's
// route. Pure after construction; any thread.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace gw::http {

enum class Access : std::uint8_t {
    open,  // no key
    read,  // any key
    full,  // a key of scope `full`
};

struct RouteSpec {
    std::string_view method;   // upper case
    std::string_view pattern;  // "/v1/calls/{callId}/status"
    Access access = Access::full;
};

struct RouteFound {
    std::size_t index = 0;  // into the table
    std::string capture;    // the decoded {callId}; empty when the pattern has none
};
struct PathUnknown {};
struct PathMalformed {};  // wrong percent-encoding
struct MethodWrong {
    std::string allow;  // "GET, HEAD"
};
using RouteMatch = std::variant<RouteFound, PathUnknown, PathMalformed, MethodWrong>;

class Router {
public:
    // Throws std::logic_error for two routes that mean the same requests. The table's texts are
    // literals.
    explicit Router(std::span<const RouteSpec> table);
    [[nodiscard]] RouteMatch match(std::string_view method, std::string_view path) const;

private:
    static constexpr std::size_t no_capture = static_cast<std::size_t>(-1);
    struct Compiled {
        RouteSpec spec;
        std::vector<std::string_view> segments;
        std::size_t capture = no_capture;  // which segment
    };
    using Segments = std::vector<std::string>;
    [[nodiscard]] static bool fits(const Compiled& route, const Segments& segments);
    [[nodiscard]] RouteMatch match_among(bool literal, std::string_view method,
                                         Segments& segments) const;

    std::vector<Compiled> routes_;
    std::size_t segments_max_ = 0;
};

}  // namespace gw::http
