// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/router.hpp"

#include "gateway/http/target.hpp"

#include <stdexcept>

namespace gw::http {
namespace {

constexpr std::string_view capture_segment = "{callId}";

std::vector<std::string_view> split(std::string_view path) {
    std::vector<std::string_view> segments;
    if (path.empty() || path.front() != '/') {
        return segments;
    }
    path.remove_prefix(1);
    while (true) {
        const auto slash = path.find('/');
        segments.push_back(path.substr(0, slash));
        if (slash == std::string_view::npos) {
            return segments;
        }
        path.remove_prefix(slash + 1);
    }
}

bool answers(std::string_view route_method, std::string_view method) {
    return route_method == method || (method == "HEAD" && route_method == "GET");
}

void add_method(std::string& allow, std::string_view method) {
    if (!allow.empty()) {
        allow += ", ";
    }
    allow += method;
    if (method == "GET") {
        allow += ", HEAD";
    }
}

}  // namespace

Router::Router(std::span<const RouteSpec> table) {
    for (const auto& spec : table) {
        Compiled route{.spec = spec, .segments = split(spec.pattern)};
        for (std::size_t i = 0; i < route.segments.size(); ++i) {
            if (route.segments[i] == capture_segment) {
                route.capture = i;
            }
        }
        for (const auto& other : routes_) {
            if (other.spec.method == spec.method && other.segments == route.segments) {
                throw std::logic_error("two routes for " + std::string(spec.method) + " " +
                                       std::string(spec.pattern));
            }
        }
        segments_max_ = std::max(segments_max_, route.segments.size());
        routes_.push_back(std::move(route));
    }
}

bool Router::fits(const Compiled& route, const Segments& segments) {
    if (route.segments.size() != segments.size()) {
        return false;
    }
    for (std::size_t i = 0; i < segments.size(); ++i) {
        // An empty segment is no id: "/v1/calls/" is not a call's path.
        const bool same = i == route.capture ? !segments[i].empty()
                                             : route.segments[i] == std::string_view(segments[i]);
        if (!same) {
            return false;
        }
    }
    return true;
}

RouteMatch Router::match(std::string_view method, std::string_view path) const {
    // Cut at '/' before decoding: an encoded slash belongs to its segment.
    Segments segments;
    for (const std::string_view raw : split(path)) {
        auto decoded = percent_decode(raw);
        if (!decoded) {
            return PathMalformed{};
        }
        if (segments.size() == segments_max_) {
            return PathUnknown{};
        }
        segments.push_back(std::move(*decoded));
    }
    RouteMatch literal = match_among(true, method, segments);
    return std::holds_alternative<PathUnknown>(literal) ? match_among(false, method, segments)
                                                        : std::move(literal);
}

RouteMatch Router::match_among(bool literal, std::string_view method, Segments& segments) const {
    MethodWrong wrong;
    for (std::size_t i = 0; i < routes_.size(); ++i) {
        const auto& route = routes_[i];
        if ((route.capture == no_capture) != literal || !fits(route, segments)) {
            continue;
        }
        if (answers(route.spec.method, method)) {
            RouteFound found{.index = i, .capture = {}};
            if (route.capture != no_capture) {
                found.capture = std::move(segments[route.capture]);
            }
            return found;
        }
        add_method(wrong.allow, route.spec.method);
    }
    if (wrong.allow.empty()) {
        return PathUnknown{};
    }
    return wrong;
}

}  // namespace gw::http
