#pragma once
// SPDX-License-Identifier: Apache-2.0
// Beast's sans-I/O parser filling our values directly, without a second container of fields
// between. Trailer fields are read and dropped: nothing may be smuggled behind a body. Only for
// .cpp files here.
#include "gateway/net/http_types.hpp"

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gw::net {

inline constexpr std::size_t chunk_extension_bytes_max = 256;

template <bool IsRequest>
class MessageParser : public boost::beast::http::basic_parser<IsRequest> {
public:
    MessageParser(Headers& headers, std::string& body, std::size_t fields_max)
        : headers_(headers), body_(body), fields_left_(fields_max) {}

    // Of a response, once its first line is read.
    [[nodiscard]] unsigned status() const { return status_; }

protected:
    using error_code = boost::beast::error_code;
    using text = boost::beast::string_view;

private:
    void on_request_impl(boost::beast::http::verb /*verb*/, text /*method*/, text /*target*/,
                         int /*version*/, error_code& /*ec*/) override {}
    void on_response_impl(int code, text /*reason*/, int /*version*/, error_code& /*ec*/) override {
        status_ = static_cast<unsigned>(code);
    }
    void on_field_impl(boost::beast::http::field /*field*/, text name, text value,
                       error_code& ec) override {
        if (fields_left_ == 0) {
            ec = boost::beast::http::error::header_limit;
            return;
        }
        --fields_left_;
        if (!in_trailer_) {
            headers_.add(std::string(name), std::string(value));
        }
    }
    void on_header_impl(error_code& /*ec*/) override { in_trailer_ = true; }
    void on_body_init_impl(const boost::optional<std::uint64_t>& length,
                           error_code& /*ec*/) override {
        // A declared length is only a claim: memory follows what really arrives.
        body_.reserve(static_cast<std::size_t>(
            std::min<std::uint64_t>(length.value_or(0), std::uint64_t{64} * 1024)));
    }
    std::size_t on_body_impl(text body, error_code& /*ec*/) override {
        body_.append(body.data(), body.size());
        return body.size();
    }
    void on_chunk_header_impl(std::uint64_t /*size*/, text extensions, error_code& ec) override {
        if (extensions.size() > chunk_extension_bytes_max) {
            ec = boost::beast::http::error::bad_chunk_extension;
        }
    }
    std::size_t on_chunk_body_impl(std::uint64_t /*remain*/, text body,
                                   error_code& /*ec*/) override {
        body_.append(body.data(), body.size());
        return body.size();
    }
    void on_finish_impl(error_code& /*ec*/) override {}

    Headers& headers_;
    std::string& body_;
    std::size_t fields_left_;
    unsigned status_ = 0;
    bool in_trailer_ = false;
};

}  // namespace gw::net
