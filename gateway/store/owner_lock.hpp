#pragma once
// SPDX-License-Identifier: Apache-2.0
// The file that says which process owns a database: "<database>.lock", locked with flock and
// holding the owner's pid. The lock goes with the process, however it ends; the file stays.
#include <stdexcept>
#include <string>

namespace gw::store {

// "another telnyx-gateway (pid N) uses this database: …"
class OwnedByAnother : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

class OwnerLock {
public:
    // Throws OwnedByAnother, or std::runtime_error that says why the file cannot be made.
    explicit OwnerLock(const std::string& database_path);
    ~OwnerLock();
    OwnerLock(const OwnerLock&) = delete;
    OwnerLock& operator=(const OwnerLock&) = delete;

private:
    int fd_ = -1;
};

}  // namespace gw::store
