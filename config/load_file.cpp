// SPDX-License-Identifier: Apache-2.0
#include "config/load.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <system_error>

namespace gw::config {
namespace {

constexpr std::size_t config_bytes_max = 4 * 1024 * 1024;
constexpr std::size_t reference_bytes_max = 64 * 1024;

std::string why(int error) {
    return std::generic_category().message(error);
}

struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
};

FileText read_text_file(const std::filesystem::path& path, std::size_t bytes_max) {
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (!std::filesystem::exists(status)) {
        const bool absent = status.type() == std::filesystem::file_type::not_found;
        return {{}, absent ? "does not exist" : "cannot be read: " + error.message()};
    }
    if (std::filesystem::is_directory(status)) {
        return {{}, "is a directory"};
    }
    // A pipe or device could block the start for ever.
    if (!std::filesystem::is_regular_file(status)) {
        return {{}, "is not a regular file"};
    }
    const std::unique_ptr<std::FILE, Close> file(std::fopen(path.c_str(), "rbe"));
    if (!file) {
        return {{}, "cannot be opened: " + why(errno)};
    }
    std::string text(bytes_max + 1, '\0');
    const auto length = std::fread(text.data(), 1, text.size(), file.get());
    if (std::ferror(file.get()) != 0) {
        return {{}, "cannot be read: " + why(errno)};
    }
    if (length > bytes_max) {
        return {{}, "is larger than " + std::to_string(bytes_max) + " bytes"};
    }
    text.resize(length);
    return {std::move(text), {}};
}

std::optional<std::string> process_env(const std::string& name) {
    // Read once at the start, before there are threads that could change the environment.
    const char* value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe)
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

}  // namespace

LoadResult load_file(const std::filesystem::path& path) {
    const auto read = read_text_file(path, config_bytes_max);
    if (!read.text) {
        return {{}, {path.string() + ": " + read.fault}};
    }
    if (read.text->find_first_not_of(" \t\r\n") == std::string::npos) {
        return {{}, {path.string() + ": is empty"}};
    }
    return load_text(*read.text, path.string(), process_env,
                     [folder = path.parent_path()](const std::string& name) {
                         return read_text_file(folder / name, reference_bytes_max);
                     });
}

}  // namespace gw::config
