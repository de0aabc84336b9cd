// The separately compiled part of Boost (target gw_boost): compiled once for the whole build.
#include <boost/asio/ssl/impl/src.hpp>
