#pragma once
// SPDX-License-Identifier: Apache-2.0
// An HTTP exchange as plain values. Handlers, adapters and tests see only these; Beast stays in the
// .cpp files of this folder.
#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gw::net {

struct Header {
    std::string name;
    std::string value;
};

// Header fields in order of arrival. Names compare without case; a field may stand more than once.
class Headers {
public:
    Headers() = default;
    Headers(std::initializer_list<Header> fields) : fields_(fields) {}
    void add(std::string name, std::string value);
    void set(std::string_view name, std::string value);  // replaces every field of that name
    void reserve(std::size_t fields);
    // The first field of that name, or nothing. The view lives as long as this object is unchanged.
    [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
    [[nodiscard]] std::size_t count(std::string_view name) const;
    [[nodiscard]] auto begin() const { return fields_.begin(); }
    [[nodiscard]] auto end() const { return fields_.end(); }
    [[nodiscard]] std::size_t size() const { return fields_.size(); }

private:
    std::vector<Header> fields_;
};

struct HttpRequest {
    std::string method;  // upper case, as sent
    std::string target;  // origin form, as sent: "/v1/calls?limit=5"
    Headers headers;
    std::string body;
    std::string remote_address;  // the peer's IP address, without port
};

// A body that is made while it is sent: its length is known at its end, which may be far off.
class BodySource {
public:
    BodySource() = default;
    BodySource(const BodySource&) = delete;
    BodySource& operator=(const BodySource&) = delete;
    virtual ~BodySource() = default;
    // The next piece, or nothing at the end. Asked again only when the piece before was sent, so a
    // slow reader holds one piece. What it throws cuts the connection: the reader sees a body
    // without its end.
    virtual boost::asio::awaitable<std::optional<std::string>> next() = 0;
    // The reader is gone, or the server stops: a next() under way shall soon return nothing. May
    // come at any time and more than once.
    virtual void stop() noexcept = 0;
};

struct HttpResponse {
    unsigned status = 200;
    Headers headers;
    std::string body;                              // Content-Length is added by the server
    std::shared_ptr<BodySource> stream = nullptr;  // when set it is sent in place of `body`
};

// Called once a request has been read whole. An exception that leaves it becomes a 500 and is
// logged.
using HttpHandler = std::function<boost::asio::awaitable<HttpResponse>(HttpRequest)>;

}  // namespace gw::net
