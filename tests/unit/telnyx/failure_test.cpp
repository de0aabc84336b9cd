#include "telnyx/failure.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gw::telnyx {
namespace {

using std::chrono::milliseconds;

struct Row {
    unsigned status;
    std::vector<std::string> codes;
    net::Headers headers;
    Judgement expected;
};

Judgement retry() {
    return Judgement{};
}
Judgement retry_at_once() {
    Judgement judgement;
    judgement.at_once = true;
    return judgement;
}
Judgement retry_after(milliseconds wait) {
    Judgement judgement;
    judgement.wait = wait;
    return judgement;
}
Judgement retry_a_little() {
    Judgement judgement;
    judgement.tries_max = 3;
    return judgement;
}
Judgement end(Next next, bool alarm = false) {
    Judgement judgement;
    judgement.next = next;
    judgement.alarm = alarm;
    return judgement;
}

TEST(Failure, status_first_then_code) {
    const std::vector<Row> table = {
        {200, {}, {}, end(Next::accepted)},
        {202, {}, {}, end(Next::accepted)},
        {101, {}, {}, end(Next::refused, true)},
        {302, {}, {}, end(Next::refused, true)},
        {400, {"10015"}, {}, end(Next::refused)},
        {400, {}, {}, end(Next::refused)},
        {401, {"10009"}, {}, end(Next::refused, true)},
        {403, {"10010"}, {}, end(Next::refused, true)},
        {404, {"10005"}, {}, end(Next::gone)},
        {404, {}, {}, end(Next::refused, true)},
        {408, {"10008"}, {}, retry()},
        {409, {}, {}, retry()},
        {413, {}, {}, end(Next::refused)},
        {422, {"90018"}, {}, end(Next::gone)},
        {422, {"90015"}, {}, end(Next::gone)},
        {422, {"10015", "90018"}, {}, end(Next::gone)},
        {422, {"90034"}, {}, retry_a_little()},
        {422, {"10011"}, {}, end(Next::refused)},
        {422, {"90102"}, {}, end(Next::refused)},
        {422, {}, {}, end(Next::refused)},
        {400, {"90018"}, {}, end(Next::refused)},
        {429, {"10011"}, {}, retry_after(milliseconds{1000})},
        {429, {"10011"}, {{"X-RateLimit-Reset", "3"}}, retry_after(milliseconds{3000})},
        {429,
         {"90103"},
         {{"Retry-After", "2"}, {"x-ratelimit-reset", "9"}},
         retry_after(milliseconds{2000})},
        {429, {}, {{"Retry-After", "0"}}, retry_after(milliseconds{0})},
        {429, {}, {{"Retry-After", "-5"}}, retry_after(milliseconds{1000})},
        {429,
         {},
         {{"Retry-After", "soon"}, {"x-ratelimit-reset", "4"}},
         retry_after(milliseconds{4000})},
        {429, {}, {{"Retry-After", "99999999999999999999"}}, retry_after(milliseconds{1000})},
        {429, {"90018"}, {}, retry_after(milliseconds{1000})},
        {500, {"10007"}, {}, retry_at_once()},
        {502, {}, {}, retry_at_once()},
        {503, {"10007"}, {}, retry_at_once()},
        {599, {"90018"}, {}, retry_at_once()},
    };
    for (const Row& row : table) {
        std::vector<ApiError> errors;
        std::string name = std::to_string(row.status);
        for (const std::string& code : row.codes) {
            errors.push_back({code, "title", ""});
            name += " " + code;
        }
        EXPECT_EQ(judge(row.status, errors, row.headers), row.expected) << name;
    }
}

TEST(Failure, a_lost_request_is_repeated_and_a_wrong_address_is_not) {
    for (const Errc code : {Errc::timeout, Errc::reset, Errc::protocol, Errc::too_large,
                            Errc::connect_failed, Errc::dns_failed}) {
        EXPECT_EQ(judge(code), retry()) << name_of(code);
    }
    EXPECT_EQ(judge(Errc::tls_failed).next, Next::retry);
    EXPECT_TRUE(judge(Errc::tls_failed).alarm);
    for (const Errc code : {Errc::invalid, Errc::denied_address, Errc::internal}) {
        EXPECT_EQ(judge(code), end(Next::refused, true)) << name_of(code);
    }
    EXPECT_EQ(judge(Errc::canceled), end(Next::give_up));
}

}  // namespace
}  // namespace gw::telnyx
