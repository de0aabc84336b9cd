// SPDX-License-Identifier: Apache-2.0
#include "gateway/store/outbox_writes.hpp"

namespace gw::store {

OutboxWrites::OutboxWrites(Connection& db)
    : db_(db),
      select_delivery_(db, "SELECT call_id, webhook_event FROM deliveries WHERE id = ?"),
      insert_attempt_(db,
                      "INSERT INTO delivery_attempts (id, delivery_id, call_id, webhook_event, "
                      "number, at, url) VALUES (?, ?, ?, ?, ?, ?, ?) "
                      "ON CONFLICT (id) DO NOTHING"),
      count_attempt_(db, "UPDATE deliveries SET attempts = ?, open_attempt = ? WHERE id = ?"),
      select_attempt_(db, "SELECT delivery_id, ended_at FROM delivery_attempts WHERE id = ?"),
      finish_attempt_(db,
                      "UPDATE delivery_attempts SET ended_at = ?, status_code = ?, success = ?, "
                      "error = ? WHERE id = ?"),
      reschedule_(db, "UPDATE deliveries SET next_at = ?, open_attempt = NULL WHERE id = ?"),
      delete_delivery_(db, "DELETE FROM deliveries WHERE id = ?"),
      close_attempts_(db,
                      "UPDATE delivery_attempts SET ended_at = ?, success = 0, "
                      "error = 'outcome unknown: gateway restarted' WHERE id IN "
                      "(SELECT open_attempt FROM deliveries WHERE open_attempt IS NOT NULL)"),
      reopen_deliveries_(db,
                         "UPDATE deliveries SET next_at = created_at, open_attempt = NULL "
                         "WHERE open_attempt IS NOT NULL") {}

Result<void> OutboxWrites::begin_attempt(const ports::AttemptStart& start) {
    select_delivery_.put(start.delivery_id);
    const StatementGuard guard(select_delivery_);
    if (!select_delivery_.next()) {
        return Error(Errc::not_found,
                     "delivery " + std::to_string(start.delivery_id.value()) + " is not owed");
    }
    const std::int64_t call_id = select_delivery_.get_int();
    const std::int64_t webhook_event = select_delivery_.get_int();
    insert_attempt_.put(start.id).put(start.delivery_id).put(call_id).put(webhook_event);
    insert_attempt_.put(start.number).put(start.at).put(start.url).run();
    if (db_.changes() == 0) {
        return {};  // told before; its result may be known by now
    }
    count_attempt_.put(start.number).put(start.id).put(start.delivery_id).run();
    return {};
}

Result<void> OutboxWrites::finish_attempt(const ports::AttemptEnd& end) {
    {
        select_attempt_.put(end.id);
        const StatementGuard guard(select_attempt_);
        if (!select_attempt_.next() || select_attempt_.get_int() != end.delivery_id.value()) {
            return Error(Errc::not_found,
                         "attempt " + std::to_string(end.id.value()) + " is not on record");
        }
        if (!select_attempt_.next_is_null()) {
            return {};
        }
    }
    finish_attempt_.put(end.at);
    if (end.status_code) {
        finish_attempt_.put(std::int64_t{*end.status_code});
    } else {
        finish_attempt_.put_null();
    }
    finish_attempt_.put(end.success);
    if (end.error.empty()) {
        finish_attempt_.put_null();
    } else {
        finish_attempt_.put(end.error);
    }
    finish_attempt_.put(end.id).run();
    if (end.next_at) {
        reschedule_.put(*end.next_at).put(end.delivery_id).run();
    } else {
        delete_delivery_.put(end.delivery_id).run();
    }
    return {};
}

Result<void> OutboxWrites::give_up(DeliveryId id) {
    delete_delivery_.put(id).run();
    return {};
}

Result<std::size_t> OutboxWrites::close_interrupted(UtcTime now) {
    close_attempts_.put(now).run();
    const auto closed = static_cast<std::size_t>(db_.changes());
    reopen_deliveries_.run();
    return closed;
}

}  // namespace gw::store
