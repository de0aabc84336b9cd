// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/body_json.hpp"

#include "gateway/net/ascii.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace gw::http {
namespace {

using Json = nlohmann::json;

// Builds the document itself, because the library's own builder keeps the last of two equal names,
// has no limit of depth, and turns an integer that does not fit into a float.
class StrictBuilder final : public nlohmann::json_sax<Json> {
public:
    bool null() override { return put(nullptr); }
    bool boolean(bool value) override { return put(value); }
    bool number_integer(number_integer_t value) override { return put(value); }
    bool number_unsigned(number_unsigned_t value) override { return put(value); }
    bool number_float(number_float_t value, const string_t& text) override {
        const bool was_integer = text.find_first_of(".eE") == string_t::npos;
        if (was_integer && !open_.empty()) {  // it does not fit, and is not what was sent any more
            rounded.insert(open_.front().name);
        }
        return put(value);
    }
    bool string(string_t& value) override { return put(std::move(value)); }
    bool binary(binary_t&) override { return fail("is not valid JSON"); }
    bool start_object(std::size_t) override { return open(Json::object()); }
    bool start_array(std::size_t) override { return open(Json::array()); }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }
    bool key(string_t& name) override {
        if (open_.back().node->contains(name)) {
            return fail("holds a name twice");
        }
        open_.back().name = std::move(name);
        return true;
    }
    bool parse_error(std::size_t, const std::string&, const Json::exception& error) override {
        constexpr int out_of_range = 406;  // nlohmann: number overflow
        return fail(error.id == out_of_range ? "holds a number that is too large"
                                             : "is not valid JSON");
    }

    Json root;
    std::set<std::string> rounded;  // members of the root that hold such a number
    std::string_view fault;

private:
    struct Level {
        Json* node = nullptr;
        std::string name;  // of the member to come
    };
    bool fail(std::string_view why) {
        if (fault.empty()) {
            fault = why;
        }
        return false;
    }
    Json* place(Json value) {
        if (open_.empty()) {
            root = std::move(value);
            return &root;
        }
        Level& parent = open_.back();
        if (parent.node->is_array()) {
            return &parent.node->emplace_back(std::move(value));
        }
        return &((*parent.node)[parent.name] = std::move(value));
    }
    template <class T>
    bool put(T&& value) {
        place(Json(std::forward<T>(value)));
        return true;
    }
    // A parent does not grow while a child is open, so the pointers stay good.
    bool open(Json value) {
        if (open_.size() == body_depth_max) {
            return fail("is nested too deeply");
        }
        Json* node = place(std::move(value));
        open_.push_back({.node = node, .name = {}});
        return true;
    }
    bool close() {
        open_.pop_back();
        return true;
    }

    std::vector<Level> open_;
};

std::string lower(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c != ' ' && c != '\t') {
            out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        }
    }
    return out;
}

bool is_json(const net::Headers& headers) {
    if (headers.count("Content-Type") != 1) {
        return false;
    }
    const std::string type = lower(*headers.find("Content-Type"));
    return type == "application/json" || type == "application/json;charset=utf-8" ||
           type == "application/json;charset=\"utf-8\"";
}

std::optional<FieldValue> integer_of(const Field& field, double number) {
    constexpr double exact_max = 9007199254740992.0;  // 2^53
    if (std::trunc(number) != number || std::fabs(number) > exact_max) {
        return std::nullopt;
    }
    const auto integer = static_cast<std::int64_t>(number);
    return is_acceptable(field, integer) ? std::optional(FieldValue(integer)) : std::nullopt;
}

std::optional<FieldValue> value_of_json(const Field& field, const Json& json) {
    switch (field.kind) {
        case FieldKind::text:
        case FieldKind::date:
            if (json.is_string()) {
                return value_of_text(field, json.get_ref<const std::string&>());
            }
            break;
        case FieldKind::integer:
            if (json.is_number_unsigned() &&
                !std::in_range<std::int64_t>(json.get<std::uint64_t>())) {
                break;
            }
            if (json.is_number_integer() && is_acceptable(field, json.get<std::int64_t>())) {
                return FieldValue(json.get<std::int64_t>());
            }
            if (json.is_number_float()) {  // 8.0 and 2e1 are integers to JSON Schema
                return integer_of(field, json.get<double>());
            }
            break;
        case FieldKind::boolean:
            if (json.is_boolean()) {
                return FieldValue(json.get<bool>());
            }
            break;
        case FieldKind::reference:
            if (json.is_string()) {
                return value_of_text(field, json.get_ref<const std::string&>());
            }
            if (json.is_number_integer()) {
                return value_of_text(field, json.dump());
            }
            break;
        case FieldKind::word_or_switch:
            if (json.is_boolean()) {
                return value_of_text(field, json.get<bool>() ? "true" : "false");
            }
            if (json.is_string()) {
                return value_of_text(field, json.get_ref<const std::string&>());
            }
            break;
        case FieldKind::object:
            if (json.is_object()) {
                std::string text = json.dump();
                if (is_acceptable(field, text)) {
                    return FieldValue(std::move(text));
                }
            }
            break;
    }
    return std::nullopt;
}

bool is_encoded(const net::Headers& headers) {
    return std::ranges::any_of(headers, [](const net::Header& field) {
        return net::ascii_iequals(field.name, "content-encoding") &&
               !net::ascii_iequals(field.value, "identity");
    });
}

}  // namespace

std::variant<FieldValues, Problem> read_body(const net::HttpRequest& request,
                                             std::span<const Field> fields, FieldFaults& faults) {
    const bool is_absent = request.body.empty();  // as an object without members
    if (!is_absent && !is_json(request.headers)) {
        return Problem(ProblemCode::unsupported_media_type);
    }
    if (is_encoded(request.headers)) {
        return Problem(ProblemCode::unsupported_media_type, "Content-Encoding is not supported");
    }
    StrictBuilder builder;
    // The library takes a NUL for the end of the text, whatever follows.
    if (request.body.find('\0') != std::string::npos) {
        return validation_problem({{"body", "is not valid JSON"}});
    }
    if (!Json::sax_parse(is_absent ? "{}" : request.body, &builder)) {
        return validation_problem({{"body", std::string(builder.fault)}});
    }
    if (!builder.root.is_object()) {
        return validation_problem({{"body", "must be a JSON object"}});
    }
    FieldValues values;
    for (const auto& field : fields) {
        const auto member = builder.root.find(field.name);
        if (member == builder.root.end()) {
            if (field.required) {
                faults.push_back({std::string(field.name), std::string(field.reason)});
            }
        } else if (auto value = builder.rounded.contains(std::string(field.name))
                                    ? std::nullopt
                                    : value_of_json(field, *member)) {
            values.put(field.name, std::move(*value));
        } else {
            faults.push_back({std::string(field.name), std::string(field.reason)});
        }
    }
    return values;
}

std::variant<FieldValues, Problem> read_body(const net::HttpRequest& request,
                                             std::span<const Field> fields) {
    FieldFaults faults;
    auto body = read_body(request, fields, faults);
    if (!faults.empty()) {
        return validation_problem(std::move(faults));
    }
    return body;
}

}  // namespace gw::http
