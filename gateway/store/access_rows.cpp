// SPDX-License-Identifier: Apache-2.0
#include "gateway/store/access_rows.hpp"

#include <algorithm>

namespace gw::store {
namespace {

bool same(std::string_view stored, const ports::Digest& digest) {
    return std::ranges::equal(
        stored, digest, [](char a, std::uint8_t b) { return static_cast<std::uint8_t>(a) == b; });
}

}  // namespace

AccessWrites::AccessWrites(Connection& db)
    : db_(db),
      select_once_(db,
                   "SELECT content, begun_at, status, content_type, body FROM idempotency "
                   "WHERE id = ?"),
      replace_once_(db, "REPLACE INTO idempotency (id, content, begun_at) VALUES (?, ?, ?)"),
      // A record that was never answered is told from one that is gone by the rows it touches.
      answer_once_(db,
                   "UPDATE idempotency SET status = coalesce(status, ?2), content_type = "
                   "iif(status IS NULL, ?3, content_type), body = iif(status IS NULL, ?4, body) "
                   "WHERE id = ?1"),
      delete_once_(db, "DELETE FROM idempotency WHERE id = ?"),
      sweep_once_(db,
                  "DELETE FROM idempotency WHERE rowid IN (SELECT rowid FROM idempotency "
                  "WHERE begun_at < ? LIMIT ?)"),
      insert_audit_(db,
                    "INSERT INTO audit (at, request_id, key_id, org_id, project_id, address, "
                    "method, path, call_id, status) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)") {}

Result<ports::OnceFound> AccessWrites::begin_once(const ports::OnceRequest& request,
                                                  UtcTime kept_since) {
    {
        Statement& s = select_once_;
        s.put_blob(request.id);
        const StatementGuard guard(s);
        if (s.next()) {
            const bool same_content = same(s.get_view(), request.content);
            if (s.get_time() >= kept_since) {
                if (!same_content) {
                    return ports::OnceFound(ports::OnceOtherContent{});
                }
                const auto status = s.get_optional_int();
                if (!status) {
                    return ports::OnceFound(ports::OnceUnfinished{});
                }
                ports::KeptAnswer kept;
                kept.status = static_cast<unsigned>(*status);
                kept.content_type = s.get_text();
                kept.body = s.get_text();
                return ports::OnceFound(std::move(kept));
            }
        }
    }
    replace_once_.put_blob(request.id).put_blob(request.content).put(request.at).run();
    return ports::OnceFound(ports::OnceBegun{});
}

Result<void> AccessWrites::answer_once(const ports::Digest& id, const ports::KeptAnswer& answer) {
    answer_once_.put_blob(id).put(std::int64_t{answer.status});
    answer_once_.put(answer.content_type).put(answer.body).run();
    if (db_.changes() == 0) {
        return Error(Errc::not_found, "no such idempotency record");
    }
    return {};
}

Result<void> AccessWrites::forget_once(const ports::Digest& id) {
    delete_once_.put_blob(id).run();
    return {};
}

Result<std::size_t> AccessWrites::sweep_once(UtcTime before, std::size_t limit) {
    sweep_once_.put(before).put(static_cast<std::int64_t>(limit)).run();
    return static_cast<std::size_t>(db_.changes());
}

Result<void> AccessWrites::record(const ports::AuditEntry& entry) {
    Statement& s = insert_audit_;
    s.put(entry.at).put(entry.request_id).put(entry.key_id).put(entry.org_id);
    s.put(entry.project_id).put(entry.address).put(entry.method).put(entry.path);
    s.put(entry.call_id).put(std::int64_t{entry.status}).run();
    return {};
}

}  // namespace gw::store
