// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/fields.hpp"

#include "gateway/http/body_json.hpp"

#include <gtest/gtest.h>

#include <array>

namespace gw::http {
namespace {

bool is_word(std::string_view text) {
    return text == "red" || text == "green";
}

constexpr std::array fields{
    Field{.name = "colour", .reason = "must be red or green", .accepts = is_word},
    Field{.name = "count",
          .reason = "must be an integer from -5 to 10",
          .kind = FieldKind::integer,
          .min = -5,
          .max = 10},
    Field{.name = "deep", .reason = "must be true or false", .kind = FieldKind::boolean},
    Field{.name = "day", .reason = "must be a date", .kind = FieldKind::date},
    Field{.name = "name",
          .reason = "must have 1 to 5 characters",
          .required = true,
          .min = 1,
          .max = 5},
};

struct Checked {
    FieldValues values;
    FieldFaults faults;
};

Checked check(std::string_view query) {
    Checked checked;
    checked.values = check_query(fields, parse_query(query).value(), checked.faults);
    return checked;
}

std::string faulty_names(const FieldFaults& faults) {
    std::string names;
    for (const auto& fault : faults) {
        names += fault.field + " ";
    }
    return names;
}

TEST(Fields, GivesTypedValues) {
    const auto checked =
        check("colour=red&count=-3&deep=true&day=2026-02-28&name=x&other=1&other=2");
    EXPECT_EQ(faulty_names(checked.faults), "");
    EXPECT_EQ(checked.values.get<std::string>("colour"), "red");
    EXPECT_EQ(checked.values.get<std::int64_t>("count"), -3);
    EXPECT_EQ(checked.values.get<bool>("deep"), true);
    EXPECT_EQ(checked.values.get<UtcTime>("day"), parse_date("2026-02-28"));
    EXPECT_FALSE(checked.values.get<std::string>("other"));
}

TEST(Fields, NamesEveryFaultAtOnce) {
    const auto checked = check("colour=blue&count=11&deep=yes&day=2026-02-30");
    EXPECT_EQ(faulty_names(checked.faults), "colour count deep day name ");
    EXPECT_EQ(checked.faults.back().reason, "is required");
    EXPECT_EQ(checked.faults.front().reason, "must be red or green");
}

TEST(Fields, AKnownParameterTwiceIsAFaultEvenIfTheSame) {
    const auto checked = check("name=x&name=x");
    ASSERT_EQ(checked.faults.size(), 1U);
    EXPECT_EQ(checked.faults[0].reason, "must be given once");
}

TEST(Fields, IntegersHaveOneSpelling) {
    for (const std::string_view text : {"", "-", "+1", " 1", "1 ", "01", "-05", "1.0", "1e1", "0x1",
                                        "99999999999999999999", "11", "-6", "٣"}) {
        EXPECT_FALSE(value_of_text(fields[1], text)) << text;
    }
    EXPECT_TRUE(value_of_text(fields[1], "0"));
    EXPECT_TRUE(value_of_text(fields[1], "-5"));
    EXPECT_TRUE(value_of_text(fields[1], "10"));
}

net::HttpRequest body(std::string text, std::string type = "application/json") {
    net::HttpRequest request;
    request.method = "POST";
    request.headers.add("Content-Type", std::move(type));
    request.body = std::move(text);
    return request;
}

std::string nested(std::size_t levels) {
    return R"({"name":"x","a":)" + std::string(levels, '[') + std::string(levels, ']') + "}";
}

TEST(Body, GivesTypedValues) {
    const auto read = read_body(
        body(R"({"name":"é","count":-3,"deep":false,"day":"2026-02-28","more":{"a":[1.5,null]}})"),
        fields);
    const auto& values = std::get<FieldValues>(read);
    EXPECT_EQ(values.get<std::string>("name"), "é");
    EXPECT_EQ(values.get<std::int64_t>("count"), -3);
    EXPECT_EQ(values.get<bool>("deep"), false);
    EXPECT_TRUE(values.get<UtcTime>("day"));
}

TEST(Body, NamesEveryFaultyMemberAtOnce) {
    const auto read = read_body(
        body(R"({"colour":5,"count":"3","deep":"true","day":20260101,"name":""})"), fields);
    EXPECT_EQ(faulty_names(std::get<Problem>(read).details), "colour count deep day name ");
    const auto missing = read_body(body("{}"), fields);
    EXPECT_EQ(std::get<Problem>(missing).message, "name must have 1 to 5 characters");
    const auto large = read_body(body(R"({"name":"x","count":18446744073709551615})"), fields);
    EXPECT_EQ(faulty_names(std::get<Problem>(large).details), "count ");
    EXPECT_TRUE(
        std::holds_alternative<FieldValues>(read_body(body(R"({"name":"x","count":1.0})"), fields)))
        << "an integer to JSON Schema";
    const auto rounded =
        read_body(body(R"({"name":"x","deep":1,"count":100000000000000000000})"), fields);
    EXPECT_EQ(faulty_names(std::get<Problem>(rounded).details), "count deep ");
    EXPECT_TRUE(
        std::holds_alternative<Problem>(read_body(body(R"({"name":"x","count":1.5})"), fields)));
    EXPECT_TRUE(std::holds_alternative<Problem>(read_body(body(R"({"name":null})"), fields)));
}

TEST(Body, OnlyStrictJsonIsRead) {
    const std::pair<std::string, std::string> bad[] = {
        {" ", "body is not valid JSON"},
        {"{", "body is not valid JSON"},
        {R"({"name":"x"} x)", "body is not valid JSON"},
        {R"({"name":"x",})", "body is not valid JSON"},
        {std::string("{\"name\":\"x\"}\0", 13), "body is not valid JSON"},
        {std::string("{\"name\":\"x\"}\0 garbage", 21), "body is not valid JSON"},
        {R"({"name":'x'})", "body is not valid JSON"},
        {R"({"name":NaN})", "body is not valid JSON"},
        {"{\"name\":\"\xFF\"}", "body is not valid JSON"},
        {"{\"name\":\"\xED\xA0\x80\"}", "body is not valid JSON"},
        {R"({"name":"\ud800"})", "body is not valid JSON"},
        {R"(/**/{"name":"x"})", "body is not valid JSON"},
        {R"({"name":"x","name":"x"})", "body holds a name twice"},
        {R"({"name":"x","a":{"b":1,"\u0062":2}})", "body holds a name twice"},
        {R"({"name":"x","a":1e400})", "body holds a number that is too large"},
        {nested(body_depth_max), "body is nested too deeply"},
        {"[" + std::string(200'000, '['), "body is nested too deeply"},
        {"[]", "body must be a JSON object"},
        {"\"x\"", "body must be a JSON object"},
        {"null", "body must be a JSON object"},
    };
    for (const auto& [text, message] : bad) {
        const auto read = read_body(body(text), fields);
        ASSERT_TRUE(std::holds_alternative<Problem>(read)) << text.substr(0, 60);
        EXPECT_EQ(std::get<Problem>(read).message, message) << text.substr(0, 60);
        EXPECT_EQ(std::get<Problem>(read).code, ProblemCode::validation_error);
    }
    EXPECT_TRUE(
        std::holds_alternative<FieldValues>(read_body(body(nested(body_depth_max - 1)), fields)));
}

TEST(Body, OtherContentTypesAreUnsupported) {
    for (const char* type :
         {"", "text/plain", "application/jsonx", "application/json; charset=latin1",
          "multipart/form-data", "application/json, application/json"}) {
        const auto read = read_body(body(R"({"name":"x"})", type), fields);
        ASSERT_TRUE(std::holds_alternative<Problem>(read)) << type;
        EXPECT_EQ(std::get<Problem>(read).code, ProblemCode::unsupported_media_type) << type;
    }
    for (const char* type :
         {"application/json", "Application/JSON", "application/json; charset=UTF-8"}) {
        EXPECT_TRUE(
            std::holds_alternative<FieldValues>(read_body(body(R"({"name":"x"})", type), fields)))
            << type;
    }
    net::HttpRequest none = body("{}");
    none.headers = {};
    EXPECT_TRUE(std::holds_alternative<Problem>(read_body(none, fields)));
}

}  // namespace
}  // namespace gw::http
