#pragma once
// SPDX-License-Identifier: Apache-2.0
// Rows ⇄ domain values. The lists of columns stand beside the functions that put and get them in
// that order. A word in a row that this gateway does not know throws std::runtime_error: the row is
// of a newer one or damaged.
#include "gateway/ports/call_store.hpp"
#include "gateway/store/sqlite.hpp"

#include <string>

namespace gw::store {

// A call is a row of `calls` and one of `call_course`, joined by id. All their columns, in the
// order of get_call.
std::string call_columns();
// From a SELECT of call_columns().
Call get_call(Statement& statement);

// The id comes first, then put_course.
std::string insert_course_sql();
// If the row has the version: put_course, then the id and that version.
std::string update_course_sql();
void put_course(Statement& statement, const Call& call);

// The id comes first, then put_call of `anything`.
std::string insert_call_sql();
// Sets the columns of that change: put_call, then the id. Not for a change of the course, which has
// no column here.
std::string update_call_sql(CallChange change);
void put_call(Statement& statement, const Call& call, CallChange change);

// kind, occurred_at and the ids are columns of their own; this is the rest.
std::string parked_fields_json(const CarrierEvent& event);
// Fills in what parked_fields_json wrote.
void read_parked_fields(std::string_view json, CarrierEvent& event);

}  // namespace gw::store
