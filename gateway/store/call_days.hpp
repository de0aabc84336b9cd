#pragma once
// SPDX-License-Identifier: Apache-2.0
// The sums of the calls that are over, by day: exact at every commit, because they are written in
// its transaction. Live calls are in none.
#include "gateway/domain/call.hpp"
#include "gateway/store/sqlite.hpp"

namespace gw::store {

class CallDays {
public:
    explicit CallDays(Connection& db);

    // What the row of the call, about to be changed, counts for.
    void take_out(CallId id);
    // What the call counts for from now on.
    void add(const Call& call);

private:
    Statement select_counted_;
    Statement add_;
};

}  // namespace gw::store
