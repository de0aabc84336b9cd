#pragma once
// SPDX-License-Identifier: Apache-2.0
// What the contract suites run over: a store that can be closed and opened again, and samples to
// put in it.
#include "gateway/ports/call_store.hpp"
#include "gateway/ports/directory.hpp"
#include "gateway/ports/outbox.hpp"
#include "tests/fakes/run_awaitable.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

namespace gw::contract {

// A folder of its own under the system's temporary one; gone with the object.
class TempFolder {
public:
    TempFolder();
    ~TempFolder();
    TempFolder(const TempFolder&) = delete;
    TempFolder& operator=(const TempFolder&) = delete;
    [[nodiscard]] std::string file(const std::string& name) const {
        return (path_ / name).string();
    }
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

class StoreSubject {
public:
    virtual ~StoreSubject() = default;
    virtual ports::CallStore& calls() = 0;
    virtual ports::Outbox& outbox() = 0;
    virtual ports::DirectoryStore& directory() = 0;
    virtual void reopen() = 0;
};

using MakeSubject = std::unique_ptr<StoreSubject> (*)();
std::unique_ptr<StoreSubject> make_memory_subject();
std::unique_ptr<StoreSubject> make_sqlite_subject();

struct Implementation {
    const char* name;
    MakeSubject make;
};
inline constexpr Implementation implementations[] = {{"Memory", make_memory_subject},
                                                     {"Sqlite", make_sqlite_subject}};

class StoreContract : public testing::TestWithParam<Implementation> {
protected:
    std::unique_ptr<StoreSubject> subject_ = GetParam().make();

    ports::CallStore& calls() { return subject_->calls(); }
    ports::Outbox& outbox() { return subject_->outbox(); }
    Result<void> commit(ports::CallCommit commit) {
        return fakes::run_awaitable(calls().commit(std::move(commit)));
    }
    Errc commit_error(ports::CallCommit commit);  // fails the test when it succeeds
    Call load(CallId id);                         // fails the test when it is not there
};

using fakes::run_awaitable;

inline UtcTime at(std::int64_t second) {
    return utc_from_micros(1'763'900'000'000'000 + second * 1'000'000);
}

// Every field has a value of its own, so that a mixed-up column shows.
Call full_call(CallId id);
// Ringing, of project 1 and agent 11; its leg is made of its id.
Call plain_call(CallId id, std::int64_t created_second);
CarrierEvent event(const std::string& id, const std::string& type, const Call& call);
ports::TimelineEntry entry_of(CarrierEvent event, std::uint32_t seq);
// The first commit of a call, with the event "<leg>-initiated".
ports::CallCommit birth(const Call& call);
// The next commit of a call as it stands, without entries; the version goes up.
ports::CallCommit next_commit(Call call);
// An outbound event with one delivery to each endpoint.
ports::OutboundEvent outbound(ports::CallStore& store, const std::string& id,
                              std::uint32_t sequence, std::vector<std::int64_t> endpoints);
// All fields, one a line.
std::string text_of(const Call& call);

}  // namespace gw::contract
