// The separately compiled part of Boost (target gw_boost_json): compiled once for the whole build.
#include <boost/json/src.hpp>
