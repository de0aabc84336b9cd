#pragma once
// SPDX-License-Identifier: Apache-2.0
// Rows ⇄ domain values. The lists of columns stand beside the functions that put and get them in
// that order. A word in a row that this gateway does not know throws std::runtime_error: the row is
// of a newer one or damaged.
#include "gateway/ports/call_store.hpp"
#include "gateway/store/sqlite.hpp"

#include <string>

namespace gw::store {

// All of them, in the order of get_call.
std::string call_columns();
// "INSERT INTO calls (…) VALUES (…)", for put_call.
std::string insert_call_sql();
// Sets the columns of that change, if the row has the version; for put_call_update. An index is
// written anew when a column it depends on is set, the same value or not: by a change of the
// course, none is.
std::string update_call_sql(CallChange change);
void put_call(Statement& statement, const Call& call);
void put_call_update(Statement& statement, const Call& call, std::uint64_t version,
                     CallChange change);
// From a SELECT of call_columns().
Call get_call(Statement& statement);

// kind, occurred_at and the ids are columns of their own; this is the rest.
std::string parked_fields_json(const CarrierEvent& event);
// Fills in what parked_fields_json wrote.
void read_parked_fields(std::string_view json, CarrierEvent& event);

}  // namespace gw::store
