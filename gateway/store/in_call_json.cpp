// SPDX-License-Identifier: Apache-2.0
#include "gateway/store/in_call_json.hpp"

#include "gateway/domain/words.hpp"

#include <nlohmann/json.hpp>

#include <stdexcept>

namespace gw::store {
namespace {

using Json = nlohmann::ordered_json;

void put_time(Json& object, const char* name, const std::optional<UtcTime>& time) {
    if (time) {
        object[name] = micros_of(*time);
    }
}

std::optional<UtcTime> get_time(const Json& object, const char* name) {
    const auto found = object.find(name);
    return found == object.end() ? std::nullopt
                                 : std::optional(utc_from_micros(found->get<std::int64_t>()));
}

std::string text_of(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json json_of(const Transfer& transfer) {
    Json json{{"number", transfer.number},        {"destination", transfer.destination},
              {"phase", word_of(transfer.phase)}, {"asked_at", micros_of(transfer.asked_at)},
              {"leg", transfer.leg.value()},      {"failure", transfer.failure}};
    put_time(json, "answered_at", transfer.answered_at);
    put_time(json, "leg_ended_at", transfer.leg_ended_at);
    if (transfer.hung_up) {
        json["hung_up"] = true;
    }
    for (const CallControlId& leg : transfer.earlier_legs) {
        json["earlier_legs"].push_back(leg.value());
    }
    return json;
}

Transfer transfer_of(const Json& json) {
    Transfer transfer;
    transfer.number = json.at("number").get<std::uint32_t>();
    transfer.destination = json.at("destination").get<std::string>();
    const auto phase = parse_word<TransferPhase>(json.at("phase").get<std::string>());
    if (!phase) {
        throw std::runtime_error("unknown word in the database: a transfer's phase");
    }
    transfer.phase = *phase;
    transfer.asked_at = utc_from_micros(json.at("asked_at").get<std::int64_t>());
    transfer.leg = CallControlId(json.at("leg").get<std::string>());
    transfer.failure = json.at("failure").get<std::string>();
    transfer.answered_at = get_time(json, "answered_at");
    transfer.leg_ended_at = get_time(json, "leg_ended_at");
    transfer.hung_up = json.value("hung_up", false);
    for (const Json& leg : json.value("earlier_legs", Json::array())) {
        transfer.earlier_legs.emplace_back(leg.get<std::string>());
    }
    return transfer;
}

struct OrderJson {
    Json operator()(std::monostate) const { return {}; }
    Json operator()(const TransferOrder& order) const {
        return {{"to", order.to},
                {"from", order.from},
                {"number", order.number},
                {"ring_s", order.ring.count()}};
    }
    Json operator()(const GatherOrder& order) const {
        return {{"number", order.number},
                {"prompt", order.spec.prompt},
                {"max_digits", order.spec.max_digits},
                {"terminator", order.spec.terminator},
                {"timeout_s", order.spec.timeout.count()},
                {"voice", order.spec.voice},
                {"language", order.spec.language}};
    }
    Json operator()(const DialOrder& order) const {
        return {{"to", order.to},
                {"from", order.from},
                {"ring_s", order.ring.count()},
                {"machine_detection", order.machine_detection}};
    }
};

std::chrono::seconds seconds_of(const Json& json, const char* name) {
    return std::chrono::seconds(json.at(name).get<std::int64_t>());
}

}  // namespace

std::string in_call_json(const Call& call) {
    Json json;
    if (call.transfer) {
        json["transfer"] = json_of(*call.transfer);
    }
    if (call.gather) {
        json["gather"] = {{"number", call.gather->number},
                          {"terminator", call.gather->terminator},
                          {"asked_at", micros_of(call.gather->asked_at)}};
    }
    if (call.gathers != 0) {
        json["gathers"] = call.gathers;
    }
    if (call.machine_awaited) {
        json["machine_awaited"] = true;
    }
    if (call.machine_answered) {
        json["machine_answered"] = true;
    }
    put_time(json, "timer_transfer", call.timers.transfer);
    put_time(json, "timer_gather", call.timers.gather);
    put_time(json, "timer_silence", call.timers.silence);
    return json.empty() ? std::string() : text_of(json);
}

void read_in_call(std::string_view text, Call& call) {
    if (text.empty()) {
        return;
    }
    const Json json = Json::parse(text);
    if (const auto transfer = json.find("transfer"); transfer != json.end()) {
        call.transfer = transfer_of(*transfer);
    }
    if (const auto gather = json.find("gather"); gather != json.end()) {
        call.gather =
            Gather{.number = gather->at("number").get<std::uint32_t>(),
                   .terminator = gather->at("terminator").get<std::string>(),
                   .asked_at = utc_from_micros(gather->value("asked_at", std::int64_t{0}))};
    }
    call.gathers = json.value("gathers", std::uint32_t{0});
    call.machine_awaited = json.value("machine_awaited", false);
    call.machine_answered = json.value("machine_answered", false);
    call.timers.transfer = get_time(json, "timer_transfer");
    call.timers.gather = get_time(json, "timer_gather");
    call.timers.silence = get_time(json, "timer_silence");
}

std::string order_json(const SendCommand& command) {
    const Json json = std::visit(OrderJson{}, command.order);
    return json.is_null() ? std::string() : text_of(json);
}

void read_order(std::string_view text, SendCommand& command) {
    if (text.empty()) {
        return;
    }
    const Json json = Json::parse(text);
    const auto string = [&json](const char* name) { return json.at(name).get<std::string>(); };
    if (command.kind == CommandKind::transfer) {
        command.order = TransferOrder{.to = string("to"),
                                      .from = json.value("from", std::string()),
                                      .number = json.at("number").get<std::uint32_t>(),
                                      .ring = seconds_of(json, "ring_s")};
    } else if (command.kind == CommandKind::gather) {
        GatherOrder order;
        order.number = json.at("number").get<std::uint32_t>();
        order.spec.prompt = string("prompt");
        order.spec.max_digits = json.at("max_digits").get<std::uint32_t>();
        order.spec.terminator = string("terminator");
        order.spec.timeout = seconds_of(json, "timeout_s");
        order.spec.voice = string("voice");
        order.spec.language = string("language");
        command.order = std::move(order);
    } else if (command.kind == CommandKind::dial) {
        command.order = DialOrder{.to = string("to"),
                                  .from = string("from"),
                                  .ring = seconds_of(json, "ring_s"),
                                  .machine_detection = string("machine_detection")};
    }
}

}  // namespace gw::store
