#pragma once
// SPDX-License-Identifier: Apache-2.0
// What an answer says about an installation, as findings for its operator. The judging alone:
// asking is the command's part. No finding holds a secret. Pure; any thread.
#include "gateway/domain/result.hpp"
#include "gateway/domain/time.hpp"
#include "gateway/net/http_client.hpp"

#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

namespace gw::doctor {

enum class Health : std::uint8_t { ok, warn, fail };

struct Finding {
    Health health = Health::ok;
    std::string what;
    std::string finding;
    std::string cure;  // one line; empty when nothing is to be done
};
using Findings = std::vector<Finding>;

using Answer = Result<net::ClientResponse>;

// GET {api_base}/call_control_applications/{connection_id}: the key, the connection, its API
// version and its URL. `webhook_url`: where it should point; empty when the configuration does not
// say. Without a connection's id the answer of any application list says about the key alone.
Findings judge_application(const Answer& answer, const std::string& connection_id,
                           const std::string& webhook_url);

// GET {public_url}/telnyx/webhooks: a gateway allows POST there only.
Finding judge_public_url(const Answer& answer, const std::string& public_url);

// Where Telnyx connects a call's media stream to, up to the call's token: by the same host, wss for
// https.
std::string stream_base_of(const std::string& public_url);

// An upgrade request for a WebSocket under the stream's base, of a token that no call has. Telnyx's
// way in is right when the gateway is what refuses it. Whether a stream would be carried is not
// asked.
Finding judge_stream_url(const Answer& answer, const std::string& public_url);

// By the Date of an answer that was asked for at `asked` and here at `answered`. Telnyx's
// signatures are refused when they are older or newer than `tolerance`.
Finding judge_clock(const Answer& answer, UtcTime asked, UtcTime answered,
                    std::chrono::seconds tolerance);

// GET of the endpoint without credentials: any answer shows that it is reached.
Finding judge_storage(const Answer& answer, const std::string& endpoint);

struct StoreFacts {
    bool exists = false;
    std::int64_t schema = 0;
    std::int64_t schema_known = 0;
    std::string write_fault;
};
Finding judge_store(const StoreFacts& facts);

// A line each: "FAIL  what: finding  -> cure".
void print(const Findings& findings, std::ostream& out);
// 1 when something fails, 0 otherwise.
int exit_code_of(const Findings& findings);

}  // namespace gw::doctor
