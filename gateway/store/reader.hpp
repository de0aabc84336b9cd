#pragma once
// SPDX-License-Identifier: Apache-2.0
// The thread that reads, on its own connection: it never waits for the writer nor the writer for
// it. All that waits is answered from one snapshot, taken after the request arrived.
#include "gateway/store/call_lists.hpp"
#include "gateway/store/call_reads.hpp"
#include "gateway/store/job.hpp"
#include "gateway/store/sqlite_store.hpp"

#include <thread>

namespace gw::store {

// What a read may use.
struct ReadSide {
    explicit ReadSide(Connection& connection)
        : db(connection), calls(connection), lists(connection), outbox(connection) {}
    Connection& db;
    CallReads calls;
    CallLists lists;
    OutboxReads outbox;
};

class Reader {
public:
    Reader(const std::string& path, const SqliteOptions& options);
    ~Reader();  // answers what waits, then ends
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    JobQueue<ReadSide>& queue() { return queue_; }

private:
    void loop();
    std::optional<Error> answer(Jobs<ReadSide>& taken);

    const SqliteOptions options_;
    Connection db_;
    ReadSide side_;
    Statement begin_;
    Statement commit_;
    JobQueue<ReadSide> queue_;
    std::thread thread_;
};

}  // namespace gw::store
