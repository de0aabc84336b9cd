// SPDX-License-Identifier: Apache-2.0
#include "gateway/store/wal_vfs.hpp"

#include "gateway/store/sqlite.hpp"

#include <sqlite3.h>

#include <cstring>
#include <memory>
#include <mutex>
#include <new>
#include <stdexcept>
#include <utility>

namespace gw::store {
namespace {

// SQLite 3.40.1 os_unix.c, seekAndWriteFd, takes at most 0x1ffff bytes a write.
constexpr std::size_t gathered_max = 127 * 1024;

// What SQLite holds as the file: this, and right behind it the file of the usual VFS.
struct GatheringFile {
    sqlite3_file base;
    sqlite3_file* real;
    char* bytes;  // gathered_max, waiting to be written at `offset`
    std::size_t size;
    sqlite3_int64 offset;
};

GatheringFile* self(sqlite3_file* file) {
    return reinterpret_cast<GatheringFile*>(file);
}

// What could not be written is dropped: SQLite rolls back and writes it again.
int flush(GatheringFile* file) {
    if (file->size == 0) {
        return SQLITE_OK;
    }
    const int size = static_cast<int>(std::exchange(file->size, 0));
    return file->real->pMethods->xWrite(file->real, file->bytes, size, file->offset);
}

int close_file(sqlite3_file* base) {
    GatheringFile* file = self(base);
    flush(file);
    sqlite3_free(file->bytes);
    return file->real->pMethods->xClose(file->real);
}

int read_file(sqlite3_file* base, void* out, int size, sqlite3_int64 offset) {
    GatheringFile* file = self(base);
    if (const int code = flush(file); code != SQLITE_OK) {
        return code;
    }
    return file->real->pMethods->xRead(file->real, out, size, offset);
}

int write_file(sqlite3_file* base, const void* bytes, int size, sqlite3_int64 offset) {
    GatheringFile* file = self(base);
    const auto length = static_cast<std::size_t>(size);
    const bool follows = offset == file->offset + static_cast<sqlite3_int64>(file->size);
    if (file->size > 0 && (!follows || file->size + length > gathered_max)) {
        if (const int code = flush(file); code != SQLITE_OK) {
            return code;
        }
    }
    if (length > gathered_max) {
        return file->real->pMethods->xWrite(file->real, bytes, size, offset);
    }
    if (file->size == 0) {
        file->offset = offset;
    }
    std::memcpy(file->bytes + file->size, bytes, length);
    file->size += length;
    return SQLITE_OK;
}

int truncate_file(sqlite3_file* base, sqlite3_int64 size) {
    GatheringFile* file = self(base);
    if (const int code = flush(file); code != SQLITE_OK) {
        return code;
    }
    return file->real->pMethods->xTruncate(file->real, size);
}

int sync_file(sqlite3_file* base, int flags) {
    GatheringFile* file = self(base);
    if (const int code = flush(file); code != SQLITE_OK) {
        return code;
    }
    return file->real->pMethods->xSync(file->real, flags);
}

int size_of_file(sqlite3_file* base, sqlite3_int64* size) {
    GatheringFile* file = self(base);
    if (const int code = flush(file); code != SQLITE_OK) {
        return code;
    }
    return file->real->pMethods->xFileSize(file->real, size);
}

int lock_file(sqlite3_file* base, int level) {
    sqlite3_file* real = self(base)->real;
    return real->pMethods->xLock(real, level);
}
int unlock_file(sqlite3_file* base, int level) {
    sqlite3_file* real = self(base)->real;
    return real->pMethods->xUnlock(real, level);
}
int check_lock(sqlite3_file* base, int* reserved) {
    sqlite3_file* real = self(base)->real;
    return real->pMethods->xCheckReservedLock(real, reserved);
}
int control_file(sqlite3_file* base, int operation, void* argument) {
    sqlite3_file* real = self(base)->real;
    return real->pMethods->xFileControl(real, operation, argument);
}
int sector_size(sqlite3_file* base) {
    sqlite3_file* real = self(base)->real;
    return real->pMethods->xSectorSize(real);
}
int characteristics(sqlite3_file* base) {
    sqlite3_file* real = self(base)->real;
    return real->pMethods->xDeviceCharacteristics(real);
}

constexpr sqlite3_io_methods gathering_methods() {
    sqlite3_io_methods methods{};
    methods.iVersion = 1;  // shared memory and mapping belong to the database's file
    methods.xClose = close_file;
    methods.xRead = read_file;
    methods.xWrite = write_file;
    methods.xTruncate = truncate_file;
    methods.xSync = sync_file;
    methods.xFileSize = size_of_file;
    methods.xLock = lock_file;
    methods.xUnlock = unlock_file;
    methods.xCheckReservedLock = check_lock;
    methods.xFileControl = control_file;
    methods.xSectorSize = sector_size;
    methods.xDeviceCharacteristics = characteristics;
    return methods;
}
constexpr sqlite3_io_methods methods_of_log = gathering_methods();

int open_file(sqlite3_vfs* vfs, const char* name, sqlite3_file* out, int flags, int* out_flags) {
    auto* usual = static_cast<sqlite3_vfs*>(vfs->pAppData);
    if ((flags & SQLITE_OPEN_WAL) == 0) {
        return usual->xOpen(usual, name, out, flags, out_flags);
    }
    auto* file = new (out) GatheringFile{};
    file->real = reinterpret_cast<sqlite3_file*>(file + 1);
    const int code = usual->xOpen(usual, name, file->real, flags, out_flags);
    if (code != SQLITE_OK) {
        return code;  // without methods SQLite does not close it
    }
    file->bytes = static_cast<char*>(sqlite3_malloc64(gathered_max));
    if (file->bytes == nullptr) {
        file->real->pMethods->xClose(file->real);
        return SQLITE_NOMEM;
    }
    file->base.pMethods = &methods_of_log;
    return SQLITE_OK;
}

}  // namespace

const char* gathering_vfs() {
    static constexpr const char* name = "gw-gathering";
    static sqlite3_vfs vfs;
    static std::once_flag once;
    std::call_once(once, [] {
        configure_library();
        sqlite3_vfs* usual = sqlite3_vfs_find(nullptr);
        if (usual == nullptr) {
            throw std::runtime_error("SQLite has no access to files");
        }
        vfs = *usual;  // all but opening is the usual's own
        vfs.szOsFile += static_cast<int>(sizeof(GatheringFile));
        vfs.pNext = nullptr;
        vfs.zName = name;
        vfs.pAppData = usual;
        vfs.xOpen = open_file;
        if (sqlite3_vfs_register(&vfs, 0) != SQLITE_OK) {
            throw std::runtime_error("SQLite does not take the gathering of its log");
        }
    });
    return name;
}

}  // namespace gw::store
