// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/command_body.hpp"
#include "tests/simulator/payloads.hpp"
#include "tests/simulator/world.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace gw::simulator {
namespace {

using nlohmann::json;

// Which entries of a list in ascending order of ordinals are on the page: [first, last).
template <class Entries>
std::pair<std::size_t, std::size_t> range_of(const Page& page, const Entries& entries) {
    const auto position = [&](std::uint64_t ordinal) {
        return static_cast<std::size_t>(
            std::ranges::lower_bound(entries, ordinal, {},
                                     [](const auto* entry) { return entry->first; }) -
            entries.begin());
    };
    std::size_t first = 0;
    if (page.before) {
        const std::size_t end = position(*page.before);
        return {end - std::min(end, page.limit), end};
    }
    if (page.after) {
        first = position(*page.after == ~std::uint64_t{0} ? *page.after : *page.after + 1);
    } else if (page.number) {
        first = std::min<std::size_t>((*page.number - 1) * page.limit, entries.size());
    }
    return {first, std::min(first + page.limit, entries.size())};
}

}  // namespace

Answer World::get_application(const std::string& connection_id) const {
    if (connection_id != options_.connection_id) {
        return refused(make_error("10005"));
    }
    return {.status = 200,
            .body = {{"data",
                      {{"id", connection_id},
                       {"record_type", "call_control_application"},
                       {"active", true},
                       {"webhook_api_version", "2"},
                       {"webhook_event_url",
                        options_.webhook_url ? json(options_.webhook_url()) : json(nullptr)}}}}};
}

Answer World::get_call(const std::string& control_id) const {
    const Leg* leg = find(control_id);
    if (leg == nullptr) {
        return refused(make_error("90015", "/call_control_id"));
    }
    return {.status = 200, .body = {{"data", payloads::call_status(*leg, schedule_.now())}}};
}

Answer World::active_calls(const std::string& connection_id, const Page& page) const {
    std::vector<const std::pair<const std::uint64_t, Leg>*> live;
    for (const auto& entry : legs_) {
        if (entry.second.state != LegState::ended && entry.second.connection_id == connection_id) {
            live.push_back(&entry);
        }
    }
    const auto [first, last] = range_of(page, live);
    json data = json::array();
    for (std::size_t i = first; i < last; ++i) {
        data.push_back(payloads::active_call(live[i]->second, schedule_.now()));
    }
    json meta = {
        {"total_items", live.size()},
        {"cursors", {{"after", nullptr}, {"before", nullptr}}},
        {"next", nullptr},
        {"previous", nullptr},
        // What the SDKs page by. A list read by cursor is told as one page, so that an SDK
        // does not begin to count pages in the midst of it.
        {"page_number", page.number.value_or(1)},
        {"total_pages", page.by_cursor() ? 1 : (live.size() + page.limit - 1) / page.limit},
        {"page_size", page.limit},
        {"total_results", live.size()}};
    const auto link = [&](const char* way, const char* path, std::uint64_t ordinal) {
        meta["cursors"][way] = cursor_of(ordinal);
        meta[path] = "/v2/connections/" + connection_id + "/active_calls?page[" + way +
                     "]=" + cursor_of(ordinal) + "&page[limit]=" + std::to_string(page.limit);
    };
    if (last < live.size()) {
        link("after", "next", last > 0 ? live[last - 1]->first : 0);
    }
    if (first > 0) {
        link("before", "previous",
             first < live.size() ? live[first]->first : live.back()->first + 1);
    }
    return {.status = 200, .body = {{"data", std::move(data)}, {"meta", std::move(meta)}}};
}

}  // namespace gw::simulator
