// SPDX-License-Identifier: Apache-2.0
#include "gateway/keys_command.hpp"

#include "gateway/directory_seed.hpp"
#include "gateway/http/sha256.hpp"
#include "gateway/obs/system_clock.hpp"
#include "gateway/obs/system_random.hpp"
#include "gateway/options.hpp"
#include "gateway/store/key_admin.hpp"
#include "gateway/store/owner_lock.hpp"
#include "gateway/store/sqlite_store.hpp"

#include <algorithm>
#include <array>
#include <ostream>
#include <string_view>

namespace gw {
namespace {

constexpr std::size_t secret_bytes = 24;  // 192 bits, 48 hexadecimal digits
constexpr std::size_t name_bytes_max = 100;

// What the next start would do; nothing while a gateway serves, because it has done so.
void prepare_database(const config::Settings& settings, const std::string& path) {
    try {
        store::open_sqlite_store(path)->seed(directory_seed(settings));
    } catch (const store::OwnedByAnother&) {
        return;
    }
}

bool is_name(std::string_view text) {
    return text.size() <= name_bytes_max && std::ranges::none_of(text, [](char c) {
               return static_cast<unsigned char>(c) < 0x20 || c == '\x7f';
           });
}

std::string new_secret(std::string_view prefix) {
    std::array<std::uint8_t, secret_bytes> bytes{};
    obs::make_system_random()->fill(bytes);
    return std::string(prefix) + ports::hex_of(bytes);
}

}  // namespace

int create_key(const config::Settings& settings, const KeyToCreate& wanted, std::ostream& out,
               std::ostream& err) {
    if (!is_name(wanted.name)) {
        err << "--name: at most 100 bytes, without control characters\n";
        return 1;
    }
    const std::string path = sqlite_path(settings);
    prepare_database(settings, path);
    store::KeyAdmin admin(path);
    store::NewKey made{.key = {}, .name = wanted.name};
    made.key.scope = wanted.scope == "full" ? ports::Scope::full : ports::Scope::read;
    if (!wanted.project.empty()) {
        made.key.project_id = admin.project(wanted.project);
        if (!made.key.project_id) {
            err << "the database has no project " << wanted.project << '\n';
            return 1;
        }
    } else {
        made.key.org_id = OrgId(wanted.org);
        if (!admin.has_org(*made.key.org_id)) {
            err << "the database has no organisation " << wanted.org << '\n';
            return 1;
        }
    }
    const std::string secret = new_secret(made.key.project_id ? "sfy_live_" : "sfy_org_");
    made.key.hash = http::Sha256()(secret);
    admin.create(made, obs::make_system_clock()->utc());
    out << secret << '\n' << std::flush;
    if (!out) {
        err << "the key could not be written out: revoke " << ports::key_id_of(made.key.hash)
            << " and make another\n";
        return 1;
    }
    err << "id " << ports::key_id_of(made.key.hash) << "; the key is shown this once\n";
    return 0;
}

int list_keys(const config::Settings& settings, std::ostream& out) {
    out << "ID\tSCOPE\tOWNER\tCREATED\tREVOKED\tNAME\n";
    for (const auto& record : store::KeyAdmin(sqlite_path(settings)).list()) {
        out << ports::key_id_of(record.key.hash) << '\t'
            << (record.key.scope == ports::Scope::full ? "full" : "read") << '\t' << record.owner
            << '\t' << (record.created_at ? to_rfc3339(*record.created_at) : "configuration")
            << '\t';
        if (record.key.revoked) {
            out << (record.revoked_at ? to_rfc3339(*record.revoked_at) : "yes");
        } else {
            out << "no";
        }
        out << '\t' << record.name << '\n';
    }
    return 0;
}

int revoke_key(const config::Settings& settings, const std::string& id, std::ostream& out,
               std::ostream& err) {
    const std::string path = sqlite_path(settings);
    prepare_database(settings, path);
    switch (store::KeyAdmin(path).revoke(id, obs::make_system_clock()->utc())) {
        case store::RevokeOutcome::revoked:
            out << id << " is revoked\n";
            return 0;
        case store::RevokeOutcome::already_revoked:
            out << id << " was revoked before\n";
            return 0;
        case store::RevokeOutcome::unknown:
            err << "there is no key " << id << "; `keys list` has them all\n";
            return 1;
        case store::RevokeOutcome::ambiguous:
            err << "more than one key begins with " << id << "; give more of its hash\n";
            return 1;
    }
    return 1;
}

}  // namespace gw
