#pragma once
// SPDX-License-Identifier: Apache-2.0
// From a file to Settings. Every fault is collected, so that one run shows them all; each names the
// file and the JSON path, none shows a secret. Hides JSON. Blocking; meant for the start of the
// process.
#include "config/settings.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gw::config {

struct LoadResult {
    std::optional<Settings> settings;  // present if and only if there is no fault
    std::vector<std::string> faults;   // "FILE: $.agents[0].max_duration: must be 1..86400, is -5"
};

// The value of an environment variable, or nothing.
using EnvLookup = std::function<std::optional<std::string>(const std::string& name)>;

struct FileText {
    std::optional<std::string> text;
    std::string fault;  // why there is no text: "does not exist", "is a directory" ...
};
// The content of the file that a "file:PATH" names.
using FileRead = std::function<FileText(const std::string& path)>;

// A missing FileRead refuses every "file:" reference.
LoadResult load_text(std::string_view text, std::string_view name, const EnvLookup& env,
                     const FileRead& file = {});

// Reads `path`; "file:" references are relative to its folder, "env:" ones are the process's own.
LoadResult load_file(const std::filesystem::path& path);

}  // namespace gw::config
