#pragma once
// SPDX-License-Identifier: Apache-2.0
// What the reader answers about many calls: pages of the list, and sums. Every query names the
// index it walks, because without statistics SQLite guesses, and a wrong guess reads all history.
#include "gateway/ports/call_store.hpp"
#include "gateway/store/sqlite.hpp"

#include <map>
#include <memory>
#include <string>

namespace gw::store {

class CallLists {
public:
    explicit CallLists(Connection& db);

    Result<ports::CallPage> list(const ports::ProjectScope& scope, const ports::CallFilter& filter,
                                 const std::optional<ports::CallCursor>& after, std::size_t limit);
    Result<ports::CallSummary> summarize(const ports::ProjectScope& scope,
                                         const ports::SummaryFilter& filter);

private:
    Statement& statement_of(const std::string& sql);
    void add_days(ports::CallSummary& sum, ProjectId project, const ports::SummaryFilter& filter);
    void add_live(ports::CallSummary& sum, ProjectId project, const ports::SummaryFilter& filter);

    Connection& db_;
    Statement sum_days_;
    Statement sum_live_;
    std::map<std::string, std::unique_ptr<Statement>> statements_;  // of lists, by their text
};

}  // namespace gw::store
