// SPDX-License-Identifier: Apache-2.0
// The keys that seed the database: organisations, projects, webhook endpoints and API keys.
#include "config/binding.hpp"
#include "config/definition.hpp"

#include <array>

namespace gw::config {
namespace {

using S = Settings;
using binding::into;
using binding::make;
using enum Kind;
using enum Need;

// Each in the order of its enumeration in settings.hpp.
constexpr std::array<std::string_view, 4> tier_words{"payg", "starter", "growth", "enterprise"};
constexpr std::array<std::string_view, 3> level_words{"org", "project", "agent"};
constexpr std::array<std::string_view, 2> scope_words{"full", "read"};
constexpr std::int64_t id_max =
    9'007'199'254'740'991;  // what a JSON number holds exactly everywhere
constexpr Range id_range{1, id_max};
constexpr Range name_length{1, 255};
constexpr Range url_length{1, 2'048};
constexpr Range public_id_length{1, 80};
constexpr Range secret_length{1, 128};
constexpr Range many{0, 100'000};
constexpr Range event_count{1, 32};

}  // namespace

std::span<const std::string_view> event_words() {
    static constexpr std::array<std::string_view, 22> words{"*",
                                                            "call.ringing",
                                                            "call.started",
                                                            "call.ended",
                                                            "call.failed",
                                                            "call.recording_ready",
                                                            "call.recording_failed",
                                                            "call.dtmf.received",
                                                            "call.gather.completed",
                                                            "transfer.initiated",
                                                            "transfer.completed",
                                                            "transfer.failed",
                                                            "transcript.updated",
                                                            "speech.started",
                                                            "speech.ended",
                                                            "ai.speech.started",
                                                            "ai.speech.ended",
                                                            "barge_in",
                                                            "tool.invoked",
                                                            "tool.completed",
                                                            "tool.timeout",
                                                            "webhook.endpoint.disabled"};
    return words;
}

std::vector<Row> org_rows() {
    constexpr auto orgs = &S::orgs;
    constexpr auto projects = &S::projects;
    return {
        {"orgs[]", objects, make<orgs>, "Organisations.", {}, "[]", optional, false, false, many},
        {"orgs[].id",
         integer,
         into<orgs, &OrgSettings::id>,
         "Number, unique.",
         id_range,
         {},
         required},
        {"orgs[].name", text, into<orgs, &OrgSettings::name>, "Name.", name_length, {}, required},
        {"orgs[].tier",
         choice,
         into<orgs, &OrgSettings::tier>,
         "Decides requests a minute (300, 600, 1200, none) and calls at once (10, 50, 100, none).",
         {},
         R"("payg")",
         optional,
         false,
         false,
         {},
         tier_words},
        {"projects[]",
         objects,
         make<projects>,
         "Projects of organisations.",
         {},
         "[]",
         optional,
         false,
         false,
         many},
        {"projects[].id",
         integer,
         into<projects, &ProjectSettings::id>,
         "Number, unique.",
         id_range,
         {},
         required},
        {"projects[].public_id",
         project_id,
         into<projects, &ProjectSettings::public_id>,
         "Public id, unique.",
         public_id_length,
         {},
         required},
        {"projects[].org_id",
         integer,
         into<projects, &ProjectSettings::org_id>,
         "Its organisation.",
         id_range,
         {},
         required},
        {"projects[].name",
         text,
         into<projects, &ProjectSettings::name>,
         "Name.",
         name_length,
         {},
         required},
    };
}

std::vector<Row> access_rows() {
    constexpr auto endpoints = &S::webhook_endpoints;
    constexpr auto keys = &S::api_keys;
    using E = WebhookEndpointSettings;
    using K = ApiKeySettings;
    return {
        {"webhook_endpoints[]",
         objects,
         make<endpoints>,
         "Further receivers of events.",
         {},
         "[]",
         optional,
         false,
         false,
         many},
        {"webhook_endpoints[].level",
         choice,
         into<endpoints, &E::level>,
         "Whose events.",
         {},
         {},
         required,
         false,
         false,
         {},
         level_words},
        {"webhook_endpoints[].org_id", integer, into<endpoints, &E::owner_id>, "For level `org`.",
         id_range},
        {"webhook_endpoints[].project_id", integer, into<endpoints, &E::owner_id>,
         "For level `project`.", id_range},
        {"webhook_endpoints[].agent_id", integer, into<endpoints, &E::owner_id>,
         "For level `agent`.", id_range},
        {"webhook_endpoints[].url",
         http_url,
         into<endpoints, &E::url>,
         "Where to send them.",
         url_length,
         {},
         required},
        {"webhook_endpoints[].secret",
         webhook_secret,
         into<endpoints, &E::secret>,
         "Signs them.",
         secret_length,
         {},
         required,
         true},
        {"webhook_endpoints[].events[]",
         choice,
         into<endpoints, &E::events>,
         "Which of them.",
         {},
         R"(["*"])",
         optional,
         false,
         false,
         event_count,
         event_words()},
        {"api_keys[]",
         objects,
         make<keys>,
         "Keys of the REST API; `keys create` makes one.",
         {},
         "[]",
         optional,
         false,
         false,
         many},
        {"api_keys[].key_sha256",
         sha256,
         into<keys, &K::key_sha256>,
         "SHA-256 of the key, unique.",
         {64, 64},
         {},
         required},
        {"api_keys[].project_id", integer, into<keys, &K::project_id>, "Its project; or `org_id`.",
         id_range},
        {"api_keys[].org_id", integer, into<keys, &K::org_id>, "Its organisation; or `project_id`.",
         id_range},
        {"api_keys[].scope",
         choice,
         into<keys, &K::scope>,
         "Whether it may write.",
         {},
         R"("full")",
         optional,
         false,
         false,
         {},
         scope_words},
        {"api_keys[].name", text, into<keys, &K::name>, "For people.", name_length},
    };
}

}  // namespace gw::config
