// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/problems.hpp"

#include "gateway/http/handlers.hpp"
#include "tests/unit/gateway/http/api_fixture.hpp"

#include <gtest/gtest.h>

#include <set>

namespace gw::http {
namespace {

using testing::header;

TEST(Problems, EveryCodeHasItsOwnRow) {
    std::set<std::string_view> words;
    for (int i = 0; i <= static_cast<int>(ProblemCode::unavailable); ++i) {
        const auto code = static_cast<ProblemCode>(i);
        EXPECT_EQ(row_of(code).code, code);
        EXPECT_TRUE(words.insert(row_of(code).word).second) << row_of(code).word;
    }
}

struct ContractRow {
    ProblemCode code;
    unsigned status;
    std::string_view word;
};
// CONTRACT "Errors": what clients switch on.
constexpr ContractRow contract[] = {
    {ProblemCode::validation_error, 400, "VALIDATION_ERROR"},
    {ProblemCode::missing_api_key, 401, "MISSING_API_KEY"},
    {ProblemCode::invalid_api_key, 401, "INVALID_API_KEY"},
    {ProblemCode::read_only_key, 403, "READ_ONLY_KEY"},
    {ProblemCode::not_found, 404, "NOT_FOUND"},
    {ProblemCode::recording_not_enabled, 404, "RECORDING_NOT_ENABLED"},
    {ProblemCode::recording_not_available, 404, "RECORDING_NOT_AVAILABLE"},
    {ProblemCode::method_not_allowed, 405, "METHOD_NOT_ALLOWED"},
    {ProblemCode::payload_too_large, 413, "PAYLOAD_TOO_LARGE"},
    {ProblemCode::unsupported_media_type, 415, "UNSUPPORTED_MEDIA_TYPE"},
    {ProblemCode::call_not_in_progress, 409, "CALL_NOT_IN_PROGRESS"},
    {ProblemCode::no_control_channel, 409, "NO_CONTROL_CHANNEL"},
    {ProblemCode::transfer_in_progress, 409, "TRANSFER_IN_PROGRESS"},
    {ProblemCode::gather_in_progress, 409, "GATHER_IN_PROGRESS"},
    {ProblemCode::call_not_active, 409, "CALL_NOT_ACTIVE"},
    {ProblemCode::transfer_failed, 422, "TRANSFER_FAILED"},
    {ProblemCode::upstream_error, 502, "UPSTREAM_ERROR"},
    {ProblemCode::rate_limit_exceeded, 429, "RATE_LIMIT_EXCEEDED"},
    {ProblemCode::auth_rate_limited, 429, "AUTH_RATE_LIMITED"},
    {ProblemCode::unavailable, 503, "UNAVAILABLE"},
};

TEST(Problems, CodesAndStatusesAreTheContracts) {
    for (const auto& row : contract) {
        EXPECT_EQ(row_of(row.code).status, row.status) << row.word;
        EXPECT_EQ(row_of(row.code).word, row.word);
        EXPECT_EQ(to_response(Problem(row.code)).status, row.status);
    }
}

TEST(Problems, TheBodyIsExact) {
    const auto response = to_response(Problem(ProblemCode::call_not_in_progress));
    EXPECT_EQ(
        response.body,
        R"({"error":"Call is not in progress","code":"CALL_NOT_IN_PROGRESS","message":"Call is not in progress"})");
    EXPECT_EQ(header(response, "Content-Type"), "application/json");
}

TEST(Problems, ValidationListsEveryFieldAndSaysTheFirst) {
    const auto response =
        to_response(validation_problem({{"limit", "must be \"small\""}, {"after", "is odd"}}));
    EXPECT_EQ(
        response.body,
        R"({"error":"limit must be \"small\"","code":"VALIDATION_ERROR","message":"limit must be \"small\"",)"
        R"("details":{"limit":"must be \"small\"","after":"is odd"}})");
}

TEST(Problems, UnavailableSaysWhenToComeBackAndNotWhy) {
    const auto response = to_response(problem_of(Error(Errc::unavailable, "disk at /secret")));
    EXPECT_EQ(response.status, 503U);
    EXPECT_EQ(header(response, "Retry-After"), "5");
    EXPECT_NE(response.body.find(R"("retryAfter":5})"), std::string::npos);
    EXPECT_EQ(response.body.find("secret"), std::string::npos);
}

TEST(Problems, FailuresOfOursAre500AndTemporaryOnes503) {
    for (const Errc code :
         {Errc::invalid, Errc::duplicate, Errc::protocol, Errc::too_large, Errc::internal,
          Errc::tls_failed, Errc::dns_failed, Errc::denied_address}) {
        EXPECT_EQ(to_response(problem_of(Error(code))).status, 500U) << name_of(code);
    }
    for (const Errc code : {Errc::unavailable, Errc::full, Errc::timeout, Errc::conflict,
                            Errc::canceled, Errc::reset, Errc::connect_failed}) {
        EXPECT_EQ(to_response(problem_of(Error(code))).status, 503U) << name_of(code);
    }
    EXPECT_EQ(to_response(problem_of(Error(Errc::not_found))).body,
              to_response(call_not_found()).body);
}

TEST(Problems, A401NamesTheScheme) {
    EXPECT_EQ(header(to_response(Problem(ProblemCode::missing_api_key)), "WWW-Authenticate"),
              "Bearer");
    EXPECT_EQ(header(to_response(Problem(ProblemCode::invalid_api_key)), "WWW-Authenticate"),
              "Bearer");
    EXPECT_EQ(header(to_response(Problem(ProblemCode::read_only_key)), "WWW-Authenticate"), "");
}

TEST(Refusal, EveryStatusOfTheServerGetsTheOneFormat) {
    testing::CountingRandom random;
    const auto refuse = make_refusal(random);
    for (const unsigned status : {400U, 408U, 413U, 414U, 417U, 431U, 500U, 501U, 503U, 505U}) {
        const auto response = refuse(status, "internal words", {});
        EXPECT_EQ(response.status, status);
        EXPECT_TRUE(response.body.starts_with("{\"error\":\"")) << response.body;
        EXPECT_NE(response.body.find("\"code\":\""), std::string::npos);
        EXPECT_EQ(response.body.find("internal words"), std::string::npos);
        EXPECT_EQ(header(response, "X-Request-Id").size(), 32U);
        EXPECT_EQ(header(response, "Content-Type"), "application/json");
        EXPECT_EQ(header(response, "Cache-Control"), "no-store");
    }
    EXPECT_EQ(header(refuse(413, "", {{"X-Request-Id", "abc"}}), "X-Request-Id"), "abc");
    EXPECT_EQ(header(refuse(503, "", {}), "Retry-After"), "5");
    EXPECT_NE(refuse(505, "", {}).body.find("HTTP_VERSION_NOT_SUPPORTED"), std::string::npos)
        << "the client's fault is not called an internal one";
}

}  // namespace
}  // namespace gw::http
