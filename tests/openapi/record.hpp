#pragma once
// SPDX-License-Identifier: Apache-2.0
// Keeps what tests in C++ are answered, one JSON line per answer, for answers.test.mjs to hold it
// against docs/openapi.json. Does nothing unless GW_RECORD_ANSWERS names a file. Any thread, any
// number of processes.
#include "gateway/net/http_types.hpp"

#include <nlohmann/json.hpp>

#include <cstdlib>
#include <fcntl.h>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/file.h>
#include <unistd.h>

namespace gw::openapi {

struct AnswerSeen {
    std::string method;  // empty, as the target: the request was no HTTP
    std::string target;
    std::optional<bool> key_is_good;  // nothing: whoever saw it cannot know
    unsigned status = 0;
    const net::Headers& headers;
    std::string_view body;
    bool has_stream = false;  // the body is a stream's beginning, perhaps nothing of it
};

inline void append_line(const char* file, std::string line) {
    line += '\n';
    const int out = ::open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    bool kept = out >= 0 && ::flock(out, LOCK_EX) == 0;
    for (std::size_t at = 0; kept && at < line.size();) {
        const ssize_t wrote = ::write(out, line.data() + at, line.size() - at);
        kept = wrote > 0;
        at += kept ? static_cast<std::size_t>(wrote) : 0;
    }
    if (out >= 0) {
        ::close(out);
    }
    if (!kept) {
        throw std::runtime_error("GW_RECORD_ANSWERS: cannot write " + std::string(file));
    }
}

inline void record_answer(const AnswerSeen& seen) {
    const char* file = std::getenv("GW_RECORD_ANSWERS");
    if (file == nullptr || *file == '\0') {
        return;
    }
    auto fields = nlohmann::json::array();
    for (const net::Header& field : seen.headers) {
        fields.push_back({field.name, field.value});
    }
    const nlohmann::json line = {
        {"method", seen.method},
        {"target", seen.target},
        {"key_is_good", seen.key_is_good ? nlohmann::json(*seen.key_is_good) : nlohmann::json()},
        {"status", seen.status},
        {"headers", std::move(fields)},
        {"body", std::string(seen.body)},
        {"has_stream", seen.has_stream}};
    append_line(file, line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

}  // namespace gw::openapi
