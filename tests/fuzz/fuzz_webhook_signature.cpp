// SPDX-License-Identifier: Apache-2.0
// Any header values: "signature NUL timestamp NUL body". Never a crash; base64 has one spelling
// only; nothing outside the window is valid.
#include "gateway/domain/base64.hpp"
#include "telnyx/webhook_signature.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string_view>

namespace {

constexpr std::int64_t now_seconds = 1'763'868'630;

void require(bool truth, const char* what) {
    if (!truth) {
        std::fprintf(stderr, "broken promise: %s\n", what);
        std::abort();
    }
}

std::string_view take(std::string_view& rest) {
    const std::size_t end = rest.find('\0');
    const std::string_view part = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    return part;
}

const gw::telnyx::SignatureVerifier& verifier() {
    static const gw::telnyx::SignatureVerifier value(
        {gw::telnyx::PublicKey::parse("11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=").value()},
        std::chrono::seconds{300});
    return value;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    std::string_view rest(reinterpret_cast<const char*>(bytes), size);
    const std::string_view signature = take(rest);
    const std::string_view timestamp = take(rest);
    const gw::telnyx::SignatureVerdict verdict =
        verifier().check(signature, timestamp, rest, gw::utc_from_micros(now_seconds * 1'000'000));
    if (const std::optional<std::string> decoded = gw::from_base64(signature)) {
        require(gw::to_base64(*decoded) == signature, "one spelling of base64");
    }
    if (verdict == gw::telnyx::SignatureVerdict::valid) {
        require(signature.size() == 88 && !timestamp.empty() && timestamp.size() <= 12, "shape");
        std::int64_t at = 0;
        for (const char c : timestamp) {
            require(c >= '0' && c <= '9', "digits");
            at = at * 10 + (c - '0');
        }
        require(at >= now_seconds - 300 && at <= now_seconds + 300, "window");
    }
    (void)gw::telnyx::PublicKey::parse(signature);
    return 0;
}
