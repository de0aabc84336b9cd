// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/command_table.hpp"

#include "tests/simulator/command_words.hpp"

#include <algorithm>

namespace gw::simulator {
namespace {

using enum FieldType;

constexpr Field client_state{.name = "client_state", .type = base64};
constexpr Field park{.name = "park_after_unbridge", .words = "self"};
constexpr Field mute_dtmf{.name = "mute_dtmf", .words = "none|both|self|opposite"};

constexpr Field tags[] = {client_state, {.name = "command_id", .min = 1}};
constexpr Field tag_state_required[] = {{.name = "client_state", .type = base64, .required = true}};

constexpr Field webhook_fields[] = {
    {.name = "webhook_url", .type = url},
    {.name = "webhook_url_method", .words = "POST|GET"},
    {.name = "webhook_urls", .type = event_urls},
    {.name = "webhook_urls_method", .words = "POST|GET"},
    {.name = "webhook_retries_policies", .type = retry_policies},
};

constexpr Field record_fields[] = {
    {.name = "record", .words = "record-from-answer"},
    {.name = "record_channels", .words = "single|dual"},
    {.name = "record_custom_file_name", .min = 1, .max = 40},
    {.name = "record_format", .words = "wav|mp3"},
    {.name = "record_max_length", .type = integer, .min = 0, .max = 43200},
    {.name = "record_timeout_secs", .type = integer, .min = 0},
    {.name = "record_track", .words = "both|inbound|outbound"},
    {.name = "record_trim", .words = "trim-silence"},
};

constexpr Field stream_fields[] = {
    {.name = "stream_url", .type = socket_url},
    {.name = "stream_track", .words = "inbound_track|outbound_track|both_tracks"},
    {.name = "stream_codec", .words = "PCMU|PCMA|G722|OPUS|AMR-WB|L16|default"},
    {.name = "stream_bidirectional_mode", .words = "mp3|rtp"},
    {.name = "stream_bidirectional_codec", .words = words::stream_codecs},
    {.name = "stream_bidirectional_target_legs", .words = "both|self|opposite"},
};

constexpr Field dialogflow_members[] = {
    {.name = "analyze_sentiment", .type = boolean},
    {.name = "partial_automated_agent_reply", .type = boolean},
};
constexpr Members dialogflow_config{dialogflow_members};

// Fields of streams that answer does not have.
constexpr Field stream_extra_fields[] = {
    {.name = "stream_auth_token", .max = 4000},
    {.name = "stream_bidirectional_sampling_rate",
     .type = integer,
     .words = "8000|16000|22050|24000|48000"},
    {.name = "enable_dialogflow", .type = boolean},
    {.name = "dialogflow_config", .type = object, .members = &dialogflow_config},
};

// The document's members, and the beep_* ones of SDK 7.24.0.
constexpr Field detection_members[] = {
    {.name = "after_greeting_silence_millis", .type = integer},
    {.name = "between_words_silence_millis", .type = integer},
    {.name = "greeting_duration_millis", .type = integer},
    {.name = "greeting_silence_duration_millis", .type = integer},
    {.name = "greeting_total_analysis_time_millis", .type = integer},
    {.name = "initial_silence_millis", .type = integer},
    {.name = "maximum_number_of_words", .type = integer},
    {.name = "maximum_word_length_millis", .type = integer},
    {.name = "silence_threshold", .type = integer},
    {.name = "total_analysis_time_millis", .type = integer},
    {.name = "beep_detection_profile", .words = "both|freq_only"},
    {.name = "beep_max_frequency_hz", .type = number},
    {.name = "beep_min_frequency_hz", .type = number},
    {.name = "beep_min_tone_duration_millis", .type = integer},
    {.name = "beep_spectral_confirmation", .type = boolean},
    {.name = "beep_spectral_min_purity", .type = number},
    {.name = "beep_spectral_reject_fax_cng", .type = boolean},
    {.name = "beep_spectral_window_millis", .type = integer},
};
constexpr Members detection_config{detection_members};
constexpr Field sound_members[] = {
    {.name = "octaves", .type = number, .min = -1, .max = 1},
    {.name = "pitch", .type = number, .min = 0},
    {.name = "semitone", .type = number, .min = -14, .max = 14},
    {.name = "track", .words = "inbound|outbound|both"},  // the example says both
};
constexpr Members sound_modifications{sound_members};
constexpr Field transcription_members[] = {
    client_state,
    {.name = "command_id", .min = 1},
    {.name = "transcription_engine", .words = words::transcription_engines},
    {.name = "transcription_engine_config", .type = object},
    {.name = "transcription_tracks"},
};
constexpr Members transcription_config{transcription_members};
constexpr Field deepfake_members[] = {
    {.name = "enabled", .type = boolean, .required = true},
    {.name = "rtp_timeout", .type = integer, .min = 5, .max = 120},
    {.name = "timeout", .type = integer, .min = 5, .max = 60},
};
constexpr Members deepfake_detection{deepfake_members};

// What a new outgoing leg takes, by dial or by transfer.
constexpr Field outgoing_fields[] = {
    {.name = "from_display_name", .type = display_name, .max = 128},
    {.name = "privacy", .words = "id|none"},
    {.name = "timeout_secs", .type = integer, .min = 5, .max = 600},
    {.name = "time_limit_secs", .type = integer, .min = 30, .max = 14400, .range_code = "90029"},
    {.name = "answering_machine_detection",
     .words = "premium|detect|detect_beep|detect_words|greeting_end|disabled"},
    {.name = "answering_machine_detection_config", .type = object, .members = &detection_config},
    {.name = "audio_url", .type = url},
    {.name = "media_name", .min = 1},
    {.name = "send_digits_on_answer", .type = key_presses, .max = 64},
    park,
    {.name = "custom_headers", .type = headers},
    {.name = "sip_headers", .type = sip_headers},
    {.name = "sip_auth_username"},
    {.name = "sip_auth_password"},
    {.name = "sip_transport_protocol", .words = "UDP|TCP|TLS"},
    {.name = "sip_region", .words = "US|Europe|Canada|Australia|Middle East"},
    {.name = "media_encryption", .words = "disabled|SRTP|DTLS"},
    {.name = "sound_modifications", .type = object, .members = &sound_modifications},
    {.name = "diversion"},                         // SDK 7.24.0 only
    {.name = "route_to_mobile", .type = boolean},  // SDK 7.24.0 only
};

constexpr Field dial_fields[] = {
    {.name = "to", .type = destinations, .required = true},
    {.name = "from", .type = phone, .required = true},
    {.name = "connection_id", .required = true, .min = 1},
    {.name = "retry_on_timeout", .type = boolean},
    {.name = "link_to"},
    {.name = "bridge_intent", .type = boolean},
    {.name = "bridge_on_answer", .type = boolean},
    {.name = "prevent_double_bridge", .type = boolean},
    {.name = "conference_config", .type = object},
    {.name = "supervise_call_control_id"},
    {.name = "supervisor_role", .words = "barge|whisper|monitor"},
    {.name = "stream_establish_before_call_originate", .type = boolean},
    {.name = "preferred_codecs", .type = comma_list, .words = words::preferred_codecs},
};

// Features of dial and answer that the simulator accepts and does not act on.
constexpr Field feature_fields[] = {
    {.name = "send_silence_when_idle", .type = boolean},
    {.name = "transcription", .type = boolean},
    {.name = "transcription_config", .type = object, .members = &transcription_config},
    {.name = "billing_group_id", .type = uuid},
    {.name = "deepfake_detection", .type = object, .members = &deepfake_detection},
    {.name = "assistant", .type = object},
    {.name = "conversation_relay_config", .type = object},
};

constexpr Field answer_fields[] = {
    {.name = "custom_headers", .type = headers},
    {.name = "sip_headers", .type = sip_headers},
    {.name = "preferred_codecs", .type = comma_list, .words = words::preferred_codecs},
    {.name = "sound_modifications", .type = object, .members = &sound_modifications},
};
constexpr Field reject_fields[] = {
    {.name = "cause", .required = true, .words = "CALL_REJECTED|USER_BUSY"}};
constexpr Field hangup_fields[] = {{.name = "custom_headers", .type = headers}};

constexpr Field transfer_fields[] = {
    {.name = "to", .type = destination, .required = true},
    {.name = "from", .type = destination},
    {.name = "early_media", .type = boolean},
    mute_dtmf,
    {.name = "target_leg_client_state", .type = base64},
    {.name = "preferred_codecs", .type = comma_list, .words = words::transfer_codecs},
};

constexpr Field bridge_fields[] = {
    {.name = "call_control_id", .min = 1, .range_code = "90015"},
    // SDK 7.24.0's name for it:
    {.name = "call_control_id_to_bridge_with", .min = 1, .range_code = "90015"},
    {.name = "queue"},
    {.name = "video_room_id", .type = uuid},
    {.name = "video_room_context"},
    park,
    {.name = "hold_after_unbridge", .type = boolean},
    {.name = "prevent_double_bridge", .type = boolean},
    {.name = "play_ringtone", .type = boolean},
    {.name = "ringtone", .words = words::ringtones},
    mute_dtmf,
};

constexpr Field gather_common[] = {
    {.name = "minimum_digits", .type = integer, .min = 1, .max = 128},
    {.name = "maximum_digits", .type = integer, .min = 1, .max = 128},
    {.name = "timeout_millis", .type = integer, .min = 1, .range_code = "90002"},
    {.name = "inter_digit_timeout_millis",
     .type = integer,
     .min = 1,
     .max = 120000,
     .range_code = "90003"},
    {.name = "terminating_digit", .type = digits, .max = 1},
    {.name = "valid_digits", .type = digits, .min = 1},
};
constexpr Field gather_fields[] = {
    {.name = "initial_timeout_millis", .type = integer, .min = 1, .range_code = "90002"},
    {.name = "gather_id", .min = 1, .max = 40},
};
constexpr Field tries_fields[] = {
    {.name = "maximum_tries", .type = integer, .min = 1, .max = 128, .range_code = "90006"},
};
constexpr Field speech_fields[] = {
    {.name = "payload", .required = true, .min = 1, .max = 3000, .range_code = "90010"},
    {.name = "voice", .required = true, .min = 1},
    {.name = "payload_type", .words = "text|ssml"},
    {.name = "service_level", .words = "basic|premium"},
    {.name = "language", .words = words::languages},
    {.name = "voice_settings", .type = object},
};
constexpr Field gather_speak_fields[] = {
    {.name = "invalid_payload", .min = 1, .max = 3000, .range_code = "90010"},
};
constexpr Field gather_audio_fields[] = {
    {.name = "audio_url", .type = url},
    {.name = "media_name", .min = 1},
    {.name = "invalid_audio_url", .type = url},
    {.name = "invalid_media_name", .min = 1},
};
constexpr Field stop_play{.name = "stop", .words = "current|all", .range_code = "90016"};
constexpr Field play_common[] = {
    {.name = "loop", .type = loop, .range_code = "90009"},
    stop_play,
    {.name = "target_legs", .words = "self|opposite|both"},
};
constexpr Field playback_fields[] = {
    {.name = "audio_url", .type = url},
    {.name = "media_name", .min = 1},
    {.name = "playback_content", .type = base64, .range_code = "10015"},
    {.name = "audio_type", .words = "mp3|wav"},
    {.name = "overlay", .type = boolean},
    {.name = "cache_audio", .type = boolean},
};
constexpr Field playback_stop_fields[] = {stop_play, {.name = "overlay", .type = boolean}};

constexpr Field record_start_fields[] = {
    {.name = "format", .required = true, .words = "wav|mp3"},
    {.name = "channels", .required = true, .words = "single|dual"},
    {.name = "play_beep", .type = boolean},
    {.name = "max_length", .type = integer, .min = 0, .max = 14400},
    {.name = "timeout_secs", .type = integer, .min = 0},
    {.name = "recording_track", .words = "both|inbound|outbound"},
    {.name = "trim", .words = "trim-silence"},
    {.name = "custom_file_name", .min = 1, .max = 40},
    {.name = "transcription", .type = boolean},
    {.name = "transcription_engine", .words = "A|B|deepgram/nova-3"},
    {.name = "transcription_language", .words = words::transcription_languages},
    {.name = "transcription_max_speaker_count", .type = integer, .min = 1},
    {.name = "transcription_min_speaker_count", .type = integer, .min = 1},
    {.name = "transcription_profanity_filter", .type = boolean},
    {.name = "transcription_speaker_diarization", .type = boolean},
};
constexpr Field recording_fields[] = {{.name = "recording_id", .type = uuid}};
constexpr Field streaming_start_fields[] = {{.name = "custom_parameters", .type = headers}};
constexpr Field streaming_stop_fields[] = {{.name = "stream_id", .type = uuid}};
constexpr Field send_dtmf_fields[] = {
    {.name = "digits", .type = key_presses, .required = true, .min = 1},
    {.name = "duration_millis", .type = integer, .min = 100, .max = 500, .range_code = "90021"},
};

using Group = std::span<const Field>;
constexpr Group dial_groups[] = {tags,          webhook_fields,      record_fields,
                                 stream_fields, stream_extra_fields, outgoing_fields,
                                 dial_fields,   feature_fields};
constexpr Group answer_groups[] = {tags,          webhook_fields, record_fields,
                                   stream_fields, answer_fields,  feature_fields};
constexpr Group reject_groups[] = {tags, reject_fields};
constexpr Group hangup_groups[] = {tags, hangup_fields};
constexpr Group transfer_groups[] = {tags, webhook_fields, record_fields, outgoing_fields,
                                     transfer_fields};
constexpr Group bridge_groups[] = {tags, record_fields, bridge_fields};
constexpr Group gather_groups[] = {tags, gather_common, gather_fields};
constexpr Group gather_speak_groups[] = {tags, gather_common, tries_fields, speech_fields,
                                         gather_speak_fields};
constexpr Group gather_audio_groups[] = {tags, gather_common, tries_fields, gather_audio_fields};
constexpr Group tag_groups[] = {tags};
constexpr Group speak_groups[] = {tags, speech_fields, play_common};
constexpr Group playback_groups[] = {tags, playback_fields, play_common};
constexpr Group playback_stop_groups[] = {tags, playback_stop_fields};
constexpr Group record_start_groups[] = {tags, record_start_fields};
constexpr Group recording_groups[] = {tags, recording_fields};
constexpr Group streaming_start_groups[] = {tags, stream_fields, stream_extra_fields,
                                            streaming_start_fields};
constexpr Group streaming_stop_groups[] = {tags, streaming_stop_fields};
constexpr Group send_dtmf_groups[] = {tags, send_dtmf_fields};
constexpr Group client_state_groups[] = {tag_state_required};

constexpr Rule no_srtp{Rule::Kind::no_srtp_to_pstn, "media_encryption|to"};
constexpr Rule digits_in_order{Rule::Kind::not_above, "minimum_digits|maximum_digits"};

constexpr Rule dial_rules[] = {
    no_srtp,
    {Rule::Kind::at_most_one, "audio_url|media_name"},
    {Rule::Kind::needs, "bridge_on_answer|link_to"},
    {Rule::Kind::needs, "bridge_intent|link_to"},
    {Rule::Kind::needs, "park_after_unbridge|link_to"},
};
constexpr Rule transfer_rules[] = {no_srtp, {Rule::Kind::at_most_one, "audio_url|media_name"}};
constexpr Rule gather_rules[] = {digits_in_order};
constexpr Rule bridge_rules[] = {
    {Rule::Kind::one_of, "call_control_id|call_control_id_to_bridge_with|queue|video_room_id"}};
constexpr Rule playback_rules[] = {
    {Rule::Kind::one_of, "audio_url|media_name|playback_content"},
    {Rule::Kind::at_most_one, "audio_url|media_name|playback_content"}};
constexpr Rule gather_audio_rules[] = {
    digits_in_order,
    {Rule::Kind::one_of, "audio_url|media_name"},
    {Rule::Kind::at_most_one, "audio_url|media_name"},
    {Rule::Kind::at_most_one, "invalid_audio_url|invalid_media_name"},
};
constexpr Rule stream_rules[] = {{Rule::Kind::one_of, "stream_url"}};

constexpr CommandSpec table[] = {
    {"dial", "POST", Needs::nothing, dial_groups, dial_rules},
    {"answer", "POST", Needs::live, answer_groups, {}},
    {"reject", "POST", Needs::live, reject_groups, {}},
    {"hangup", "POST", Needs::live, hangup_groups, {}},
    {"transfer", "POST", Needs::answered, transfer_groups, transfer_rules},
    {"bridge", "POST", Needs::answered, bridge_groups, bridge_rules},
    {"gather", "POST", Needs::answered, gather_groups, gather_rules},
    {"gather_using_speak", "POST", Needs::answered, gather_speak_groups, gather_rules},
    {"gather_using_audio", "POST", Needs::answered, gather_audio_groups, gather_audio_rules},
    {"gather_stop", "POST", Needs::answered, tag_groups, {}},
    {"speak", "POST", Needs::answered, speak_groups, {}},
    {"playback_start", "POST", Needs::answered, playback_groups, playback_rules},
    {"playback_stop", "POST", Needs::answered, playback_stop_groups, {}},
    {"record_start",
     "POST",
     Needs::live,
     record_start_groups,
     {}},  // has its own code when too early
    {"record_stop", "POST", Needs::answered, recording_groups, {}},
    {"record_pause", "POST", Needs::answered, recording_groups, {}},
    {"record_resume", "POST", Needs::answered, recording_groups, {}},
    {"streaming_start", "POST", Needs::answered, streaming_start_groups, stream_rules},
    {"streaming_stop", "POST", Needs::answered, streaming_stop_groups, {}},
    {"send_dtmf", "POST", Needs::answered, send_dtmf_groups, {}},
    {"client_state_update", "PUT", Needs::live, client_state_groups, {}},
};

}  // namespace

std::span<const CommandSpec> command_table() {
    return table;
}

const CommandSpec* find_command(std::string_view name) {
    const auto* const found = std::ranges::find(table, name, &CommandSpec::name);
    return found == std::end(table) ? nullptr : found;
}

bool is_webhook_key(std::string_view name) {
    return name == "call.bridge" || is_call_event(name);
}

bool is_call_event(std::string_view event_type) {
    return std::ranges::find(words::call_events, event_type) != words::call_events.end();
}

}  // namespace gw::simulator
