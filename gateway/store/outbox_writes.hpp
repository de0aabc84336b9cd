#pragma once
// SPDX-License-Identifier: Apache-2.0
// What the writer does for deliveries, inside a transaction somebody else began.
#include "gateway/ports/outbox.hpp"
#include "gateway/store/sqlite.hpp"

namespace gw::store {

class OutboxWrites {
public:
    explicit OutboxWrites(Connection& db);

    Result<void> begin_attempt(const ports::AttemptStart& start);
    // A result that is on record already is left as it is: a repetition of the same write.
    Result<void> finish_attempt(const ports::AttemptEnd& end);
    Result<void> give_up(DeliveryId id);
    Result<std::size_t> close_interrupted(UtcTime now);

private:
    Connection& db_;
    Statement select_delivery_;
    Statement insert_attempt_;
    Statement count_attempt_;
    Statement select_attempt_;
    Statement finish_attempt_;
    Statement reschedule_;
    Statement delete_delivery_;
    Statement close_attempts_;
    Statement reopen_deliveries_;
};

}  // namespace gw::store
