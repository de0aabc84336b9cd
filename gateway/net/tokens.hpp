#pragma once
// SPDX-License-Identifier: Apache-2.0
// The completion token of this layer: an operation that may fail yields (error_code, values...)
// instead of throwing. One token everywhere keeps each operation at one template instantiation.
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace gw::net {

inline constexpr auto as_result = boost::asio::as_tuple(boost::asio::use_awaitable);

}  // namespace gw::net
