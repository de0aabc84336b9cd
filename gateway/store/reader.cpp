// SPDX-License-Identifier: Apache-2.0
#include "gateway/store/reader.hpp"

namespace gw::store {
namespace {

void run_guarded(JobFor<ReadSide>& job, ReadSide& side) {
    try {
        job.run(side);
    } catch (const SqliteError& error) {
        job.fail(Error(error.errc(), error.what()));
    } catch (const std::exception& error) {
        job.fail(Error(Errc::internal, error.what()));
    }
}

}  // namespace

Reader::Reader(const std::string& path, const SqliteOptions& options)
    : options_(options),
      db_(path, Access::read_only, options.busy_timeout),
      side_(db_),
      begin_(db_, "BEGIN"),
      commit_(db_, "COMMIT"),
      queue_(options.queue_max) {
    db_.exec("PRAGMA cache_size = -4096");
    thread_ = std::thread([this] { loop(); });
}

Reader::~Reader() {
    queue_.close();
    thread_.join();
}

void Reader::loop() {
    while (true) {
        Jobs<ReadSide> taken = queue_.take();
        if (taken.empty()) {
            return;
        }
        if (const auto failure = answer(taken)) {
            for (auto& job : taken) {
                job->fail(*failure);
            }
        }
        std::vector<std::unique_ptr<Job>> done(std::make_move_iterator(taken.begin()),
                                               std::make_move_iterator(taken.end()));
        resume_all(std::move(done));
    }
}

std::optional<Error> Reader::answer(Jobs<ReadSide>& taken) {
    try {
        begin_.run();
        for (auto& job : taken) {
            if (std::chrono::steady_clock::now() - job->queued_at > options_.wait_max) {
                job->fail(Error(Errc::unavailable, "the store was too slow; this was not read"));
            } else {
                run_guarded(*job, side_);
            }
        }
        commit_.run();
    } catch (const SqliteError& error) {
        db_.rollback();
        return Error(error.errc(), error.what());
    }
    return std::nullopt;
}

}  // namespace gw::store
