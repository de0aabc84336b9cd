// SPDX-License-Identifier: Apache-2.0
#include "gateway/replay/timeline_file.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

namespace gw::replay {
namespace {

using Json = nlohmann::ordered_json;

std::string text_of(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

ports::TimelineRow row_of(const Json& json) {
    ports::TimelineRow row;
    row.seq = json.at("seq").get<std::uint32_t>();
    const auto at = parse_rfc3339(json.at("at").get<std::string>());
    if (!at) {
        throw std::runtime_error("row " + std::to_string(row.seq) + ": `at` is no time");
    }
    row.at = *at;
    row.kind = json.at("kind").get<std::string>();
    row.verdict = json.at("verdict").get<std::string>();
    row.repeats = json.value("repeats", std::uint32_t{0});
    row.data_json = text_of(json.at("data"));
    row.effects_json = text_of(json.at("effects"));
    return row;
}

template <class Duration>
void take(const Json& json, const char* name, Duration& value) {
    if (const auto found = json.find(name); found != json.end()) {
        value = Duration(found->get<std::int64_t>());
    }
}

CallPolicy policy_of(const Json& json) {
    CallPolicy policy;
    take(json, "max_duration_s", policy.max_duration);
    take(json, "ring_timeout_s", policy.ring_timeout);
    take(json, "deadline_slack_s", policy.deadline_slack);
    take(json, "settle_ms", policy.settle);
    take(json, "reconcile_idle_ms", policy.reconcile_idle);
    take(json, "reconcile_interval_ms", policy.reconcile_interval);
    take(json, "transfer_ring_s", policy.transfer_ring);
    take(json, "silence_timeout_s", policy.silence_timeout);
    take(json, "gather_grace_s", policy.gather_grace);
    policy.hang_up_on_voicemail = json.value("hang_up_on_voicemail", false);
    return policy;
}

void take_call_id(const Json& page, TimelineFile& file) {
    if (!page.contains("call_id")) {
        return;
    }
    const auto id = parse_call_id(page.at("call_id").get<std::string>());
    if (!id) {
        throw std::runtime_error("call_id is no call's");
    }
    if (file.call_id && *file.call_id != *id) {
        throw std::runtime_error("there are rows of two calls");
    }
    file.call_id = id;
}

// A page, an array of pages, or an array of rows.
void take_document(const Json& json, TimelineFile& file) {
    if (json.is_array()) {
        for (const Json& item : json) {
            if (item.contains("seq")) {
                file.rows.push_back(row_of(item));
            } else {
                take_document(item, file);
            }
        }
        return;
    }
    if (!json.is_object() || !json.contains("events")) {
        throw std::runtime_error("this is no page of events");
    }
    take_call_id(json, file);
    if (json.contains("policy")) {
        file.policy = policy_of(json.at("policy"));
    }
    for (const Json& item : json.at("events")) {
        file.rows.push_back(row_of(item));
    }
}

// Pages may overlap; none may be missing.
void put_in_order(std::vector<ports::TimelineRow>& rows) {
    std::ranges::sort(rows, {}, &ports::TimelineRow::seq);
    const auto repeated = std::ranges::unique(rows, {}, &ports::TimelineRow::seq);
    rows.erase(repeated.begin(), repeated.end());
    if (rows.empty()) {
        throw std::runtime_error("there are no rows");
    }
    std::uint32_t expected = 0;
    for (const ports::TimelineRow& row : rows) {
        if (row.seq != ++expected) {
            throw std::runtime_error("row " + std::to_string(expected) +
                                     " is missing: every page is needed, from after_seq=0");
        }
    }
}

}  // namespace

Result<TimelineFile> read_timeline(std::istream& text) {
    try {
        TimelineFile file;
        while (text >> std::ws, !text.eof() && text.good()) {
            Json document;
            text >> document;
            take_document(document, file);
        }
        put_in_order(file.rows);
        return file;
    } catch (const std::exception& error) {
        return Error(Errc::invalid, error.what());
    }
}

}  // namespace gw::replay
