// SPDX-License-Identifier: Apache-2.0
#include "gateway/store/owner_lock.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <stdexcept>
#include <string_view>
#include <sys/file.h>
#include <unistd.h>

namespace gw::store {
namespace {

std::string first_word_of(int fd) {
    char text[32] = {};
    const auto size = ::pread(fd, text, sizeof text - 1, 0);
    const std::string_view view(text, size > 0 ? static_cast<std::size_t>(size) : 0);
    return std::string(view.substr(0, view.find_first_not_of("0123456789")));
}

}  // namespace

OwnerLock::OwnerLock(const std::string& database_path) {
    const std::string path = database_path + ".lock";
    fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd_ < 0) {
        throw std::runtime_error("cannot open " + path + ": " + std::strerror(errno));
    }
    if (::flock(fd_, LOCK_EX | LOCK_NB) != 0) {
        const int error = errno;
        const std::string pid = first_word_of(fd_);
        ::close(fd_);
        if (error == EWOULDBLOCK) {
            throw OwnedByAnother("another telnyx-gateway (pid " + (pid.empty() ? "?" : pid) +
                                 ") uses this database: " + database_path);
        }
        throw std::runtime_error("cannot lock " + path + ": " + std::strerror(error));
    }
    const std::string pid = std::to_string(::getpid()) + "\n";
    if (::ftruncate(fd_, 0) != 0 || ::pwrite(fd_, pid.data(), pid.size(), 0) < 0) {
        const int error = errno;  // a full disk: the lock holds, only the pid is missing
        static_cast<void>(error);
    }
}

OwnerLock::~OwnerLock() {
    ::close(fd_);
}

}  // namespace gw::store
