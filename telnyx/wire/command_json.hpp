#pragma once
// SPDX-License-Identifier: Apache-2.0
// Our commands as Telnyx's HTTP requests, and Telnyx's answers read back. Pure; any thread.
#include "gateway/domain/effect.hpp"
#include "gateway/domain/input.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gw::telnyx {

// The same command always gives the same bytes: Telnyx recognises a repetition by its command_id,
// and a repetition that differs would be a different wish under the same name.
struct CommandRequest {
    std::string path;  // below the API's base: "/calls/v3%3A.../actions/answer"
    std::string body;
};
// `connection_id` is the application that dials; no other command names it.
CommandRequest command_request(CallId call, const SendCommand& command,
                               std::string_view connection_id);
// "/calls/{id}", to ask for a call's state.
std::string status_path(const CallControlId& leg);

struct ApiError {
    std::string code;  // "90018"
    std::string title;
    std::string detail;
};
// The errors of an answer; empty when the body is no Telnyx error (a proxy's page, a cut answer).
std::vector<ApiError> parse_errors(std::string_view body);
// "Call has already ended: This call is ...", or the code where that is all there is; at most 300
// bytes; empty for no errors. It is what the customer is told (LIFECYCLE, "Transfer").
std::string describe(const std::vector<ApiError>& errors);

// The answer to GET /calls/{id}: alive or gone only when is_alive says so, a boolean. What is
// gone may lack a readable end_time.
CarrierStatus parse_status(std::string_view body);
// The answer to a dial: fills in the ids of the leg it made; what is missing stays empty.
void read_dialled(std::string_view body, CommandResult& result);

}  // namespace gw::telnyx
