#pragma once
// SPDX-License-Identifier: Apache-2.0
// SQLite's usual access to files, but for the write-ahead log: SQLite writes it in pieces of 24 and
// 4096 bytes, two system calls a page; here pieces that follow one another are gathered and written
// when the log is synced (or read, measured or cut). Nothing is published before that sync, because
// the writer runs with synchronous=FULL: SQLite syncs the log before it moves the end that other
// connections read up to.
namespace gw::store {

// The name to open a writing connection with. Registers it at the first call; any thread.
const char* gathering_vfs();

}  // namespace gw::store
