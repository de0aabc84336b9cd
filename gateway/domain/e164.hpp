#pragma once
// SPDX-License-Identifier: Apache-2.0
// Phone numbers as ITU-T E.164 writes them: '+', a digit 1-9, then 1 to 14 digits more.
#include <optional>
#include <string>
#include <string_view>

namespace gw {

bool is_e164(std::string_view text);
// The number in a `to` or `from` of the carrier: itself, or the user part of a SIP URI
// ("sip:+31850012345@sip.telnyx.com;user=phone" → "+31850012345"). Nothing when there is no E.164
// in it.
std::optional<std::string> e164_of(std::string_view address);
// For logs: the first three and the last two digits ("+316******78"); a short or odd text is all
// stars.
std::string mask_phone(std::string_view text);

}  // namespace gw
