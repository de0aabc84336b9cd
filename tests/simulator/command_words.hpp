#pragma once
// SPDX-License-Identifier: Apache-2.0
// The longer lists of allowed words of the command table, as Telnyx's call control OpenAPI document
// has them (revision of 2026-07-16; read 2026-11).
#include <array>
#include <string_view>

namespace gw::simulator::words {

inline constexpr std::string_view stream_codecs = "PCMU|PCMA|G722|OPUS|AMR-WB|L16";
inline constexpr std::string_view languages =
    "arb|cmn-CN|cy-GB|da-DK|de-DE|en-AU|en-GB|en-GB-WLS|en-IN|en-US|es-ES|es-MX|es-US|fr-CA|fr-FR|"
    "hi-IN|is-IS|it-IT|ja-JP|ko-KR|nb-NO|nl-NL|pl-PL|pt-BR|pt-PT|ro-RO|ru-RU|sv-SE|tr-TR";
inline constexpr std::string_view ringtones =
    "at|au|be|bg|br|ch|cl|cn|cz|de|dk|ee|es|fi|fr|gr|hu|il|in|it|jp|lt|mx|my|nl|no|nz|ph|pl|pt|ru|"
    "se|"
    "sg|th|tw|uk|us-old|us|ve|za";

// What preferred_codecs lists, separated by commas; a transfer's may have AMR-WB too.
inline constexpr std::string_view preferred_codecs = "G722|PCMU|PCMA|G729|OPUS|VP8|H264";
inline constexpr std::string_view transfer_codecs = "G722|PCMU|PCMA|G729|OPUS|VP8|H264|AMR-WB";
inline constexpr std::string_view transcription_engines =
    "Google|Telnyx|Deepgram|Azure|xAI|AssemblyAI|Speechmatics|Soniox|Parakeet|A|B";
inline constexpr std::string_view transcription_languages =
    "af|af-ZA|am|am-ET|ar|ar-AE|ar-BH|ar-DZ|ar-EG|ar-IL|ar-IQ|ar-JO|ar-KW|ar-LB|ar-MA|ar-MR|"
    "ar-OM|ar-PS|ar-QA|ar-SA|ar-TN|ar-YE|as|auto_detect|az|az-AZ|ba|be|bg|bg-BG|bn|bn-BD|"
    "bn-IN|bo|br|bs|bs-BA|ca|ca-ES|cs|cs-CZ|cy|da|da-DK|de|de-AT|de-CH|de-DE|el|el-GR|en|"
    "en-AU|en-CA|en-GB|en-GH|en-HK|en-IE|en-IN|en-KE|en-NG|en-NZ|en-PH|en-PK|en-SG|en-TZ|"
    "en-US|en-ZA|es|es-419|es-AR|es-BO|es-CL|es-CO|es-CR|es-DO|es-EC|es-ES|es-GT|es-HN|es-MX|"
    "es-NI|es-PA|es-PE|es-PR|es-PY|es-SV|es-US|es-UY|es-VE|et|et-EE|eu|eu-ES|fa|fa-IR|fi|"
    "fi-FI|fil-PH|fo|fr|fr-BE|fr-CA|fr-CH|fr-FR|gl|gl-ES|gu|gu-IN|ha|haw|he|hi|hi-IN|hr|"
    "hr-HR|ht|hu|hu-HU|hy|hy-AM|id|id-ID|is|is-IS|it|it-CH|it-IT|iw-IL|ja|ja-JP|jv-ID|jw|ka|"
    "ka-GE|kk|kk-KZ|km|km-KH|kn|kn-IN|ko|ko-KR|la|lb|ln|lo|lo-LA|lt|lt-LT|lv|lv-LV|mg|mi|mk|"
    "mk-MK|ml|ml-IN|mn|mn-MN|mr|mr-IN|ms|ms-MY|mt|my|my-MM|ne|ne-NP|nl|nl-BE|nl-NL|nn|no|"
    "no-NO|oc|pa|pa-Guru-IN|pl|pl-PL|ps|pt|pt-BR|pt-PT|ro|ro-RO|ru|ru-RU|rw-RW|sa|sd|si|"
    "si-LK|sk|sk-SK|sl|sl-SI|sn|so|sq|sq-AL|sr|sr-RS|ss-latn-za|st-ZA|su|su-ID|sv|sv-SE|sw|"
    "sw-KE|sw-TZ|ta|ta-IN|ta-LK|ta-MY|ta-SG|te|te-IN|tg|th|th-TH|tk|tl|tn-latn-za|tr|tr-TR|"
    "ts-ZA|tt|uk|uk-UA|ur|ur-IN|ur-PK|uz|uz-UZ|ve-ZA|vi|vi-VN|xh-ZA|yi|yo|yue-Hant-HK|zh|"
    "zh-TW|zu-ZA";

inline constexpr auto call_events = std::to_array<std::string_view>({
    "call.initiated",
    "call.answered",
    "call.bridged",
    "call.hangup",
    "call.hold",
    "call.unhold",
    "call.dtmf.received",
    "call.gather.ended",
    "call.speak.started",
    "call.speak.ended",
    "call.playback.started",
    "call.playback.ended",
    "call.recording.saved",
    "call.recording.error",
    "call.recording.transcription.saved",
    "call.transcription",
    "call.machine.detection.ended",
    "call.machine.greeting.ended",
    "call.machine.premium.detection.ended",
    "call.machine.premium.greeting.ended",
    "call.cost",
    "call.enqueued",
    "call.dequeued",
    "call.refer.started",
    "call.refer.completed",
    "call.refer.failed",
    "call.fork.started",
    "call.fork.stopped",
    "call.deepfake_detection.result",
    "call.deepfake_detection.error",
    "streaming.started",
    "streaming.stopped",
    "streaming.failed",
    "siprec.started",
    "siprec.stopped",
    "siprec.failed",
});

}  // namespace gw::simulator::words
