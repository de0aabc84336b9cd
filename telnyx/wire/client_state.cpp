#include "telnyx/wire/client_state.hpp"

#include <charconv>

namespace gw::telnyx {
namespace {

constexpr std::string_view begin = R"({"v":1,"call":")";
constexpr std::string_view transfer_key = R"(","transfer":)";
constexpr std::string_view gather_key = R"(","gather":)";

// "12}" → 12, the whole text; 0 for anything else.
std::uint32_t number_at_end(std::string_view text) {
    std::uint32_t number = 0;
    const char* last = text.data() + text.size();
    const auto [end, failed] = std::from_chars(text.data(), last, number);
    return failed == std::errc() && end + 1 == last && *end == '}' ? number : 0;
}

}  // namespace

std::string client_state_of(const ClientTag& tag) {
    std::string out(begin);
    out += to_public(tag.call.value_or(CallId(0)));
    if (tag.transfer != 0) {
        out.append(transfer_key).append(std::to_string(tag.transfer)).append("}");
    } else if (tag.gather != 0) {
        out.append(gather_key).append(std::to_string(tag.gather)).append("}");
    } else {
        out += "\"}";
    }
    return out;
}

ClientTag parse_client_state(std::string_view decoded) {
    if (!decoded.starts_with(begin)) {
        return {};
    }
    decoded.remove_prefix(begin.size());
    const std::size_t quote = decoded.find('"');
    if (quote == std::string_view::npos || !decoded.starts_with("call_")) {
        return {};
    }
    ClientTag tag;
    tag.call = parse_call_id(decoded.substr(0, quote));
    const std::string_view rest = decoded.substr(quote);
    bool whole = rest == "\"}";
    if (rest.starts_with(transfer_key)) {
        tag.transfer = number_at_end(rest.substr(transfer_key.size()));
        whole = tag.transfer != 0;
    } else if (rest.starts_with(gather_key)) {
        tag.gather = number_at_end(rest.substr(gather_key.size()));
        whole = tag.gather != 0;
    }
    return whole && tag.call ? tag : ClientTag{};
}

}  // namespace gw::telnyx
