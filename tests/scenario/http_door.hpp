#pragma once
// SPDX-License-Identifier: Apache-2.0
// HTTP for the straight-line code of a test: send, and have the answer, or send many at once and
// have all answers. The product's own client does the work, on a loop that runs only meanwhile.
#include "gateway/net/http_client.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace gw::scenario {

struct Answer {
    unsigned status = 0;  // 0: there was none, see `problem`
    net::Headers headers;
    std::string body;
    std::string problem;
    // The body as JSON; discarded when it is none.
    [[nodiscard]] nlohmann::json json() const;
};

class HttpDoor {
public:
    HttpDoor();
    ~HttpDoor();
    HttpDoor(const HttpDoor&) = delete;
    HttpDoor& operator=(const HttpDoor&) = delete;

    Answer send(net::ClientRequest request);
    // All under way at once; the answers stand in the order of the requests.
    std::vector<Answer> send_all(std::vector<net::ClientRequest> requests);
    // As Telnyx and careful customers do: what is answered 503 (on a machine that stalls the store
    // is too slow) is sent again until there is another answer or `patience` is over. Nothing was
    // done then.
    Answer insist(const net::ClientRequest& request);
    std::vector<Answer> insist_all(const std::vector<net::ClientRequest>& requests);

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

// What comes back on a fresh connection to the loopback `port` for these bytes, whatever they are,
// until the peer closes or `within` has passed. `chunk` bytes at a time with `pause` between them.
struct RawSend {
    std::uint16_t port = 0;
    std::string bytes;
    std::size_t chunk = 64 * 1024;
    std::chrono::milliseconds pause{0};
    std::chrono::milliseconds within{20'000};
};
std::string exchange_raw(const RawSend& send);

}  // namespace gw::scenario
