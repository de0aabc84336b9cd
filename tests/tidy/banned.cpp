// SPDX-License-Identifier: Apache-2.0
#include "tests/tidy/lines.hpp"
#include "tests/tidy/rules.hpp"

#include <algorithm>
#include <array>

namespace gw::tidy {
namespace {

// Where a ban holds.
enum class Scope : std::uint8_t {
    everywhere,  // tests too
    product,     // all but tests/
    core,        // gateway/domain, gateway/ports, gateway/app
    headers,     // every header of the product
};

struct Ban {
    std::string_view token;
    Scope scope = Scope::everywhere;
    std::string_view instead;
    std::vector<std::string_view> allowed = {};  // files, or folders ending in '/'
};

const std::vector<Ban>& bans() {
    static const std::vector<Ban> table = {
        {.token = "asio::detached",
         .instead = "spawn through gw::net::TaskGroup, so that the coroutine has an owner",
         .allowed = {"gateway/net/task_group.cpp", "tests/unit/gateway/net/task_group_test.cpp",
                     "tests/contract/"}},
        {.token = "std::this_thread::sleep_for",
         .instead = "wait for the event itself, with a deadline on the clock port"},
        {.token = "std::this_thread::sleep_until",
         .instead = "wait for the event itself, with a deadline on the clock port"},
        {.token = "usleep(", .instead = "wait for the event itself, with a deadline"},
        {.token = "std::system(", .instead = "posix_spawn with an argument list"},
        {.token = "popen(", .instead = "posix_spawn with an argument list"},
        {.token = "printf(", .scope = Scope::product, .instead = "fmt, or the log port"},
        {.token = "fprintf(", .scope = Scope::product, .instead = "fmt, or the log port"},
        {.token = "sprintf(", .instead = "fmt, or std::to_chars"},
        {.token = "strcpy(", .instead = "std::string"},
        {.token = "strtok(", .instead = "std::string_view::find"},
        {.token = "std::cout",
         .scope = Scope::product,
         .instead = "the log port; only a program's own commands print",
         .allowed = {"gateway/cli.cpp", "config/reference/main.cpp"}},
        {.token = "std::cerr",
         .scope = Scope::product,
         .instead = "the log port; only a program's own commands print",
         .allowed = {"gateway/cli.cpp", "gateway/main.cpp", "gateway/serve.cpp"}},
        {.token = "system_clock::now",
         .scope = Scope::product,
         .instead = "gateway/ports/clock.hpp",
         .allowed = {"gateway/obs/system_clock.cpp"}},
        {.token = "steady_clock::now",
         .scope = Scope::product,
         .instead = "gateway/ports/clock.hpp",
         .allowed = {"gateway/obs/system_clock.cpp", "gateway/store/", "gateway/net/"}},
        {.token = "std::random_device",
         .scope = Scope::product,
         .instead = "gateway/ports/random.hpp",
         .allowed = {"gateway/obs/system_random.cpp"}},
        {.token = "rand()", .instead = "gateway/ports/random.hpp; in tests a seeded engine"},
        {.token = "std::mutex",
         .scope = Scope::core,
         .instead = "one thread owns a call; reach it by its mailbox"},
        {.token = "std::thread", .scope = Scope::core, .instead = "a coroutine in a TaskGroup"},
        {.token = "using namespace", .scope = Scope::headers, .instead = "full names in headers"},
    };
    return table;
}

struct IncludeBan {
    std::string_view prefix;  // of what stands in <…>
    Scope scope = Scope::everywhere;
    std::string_view instead;
    std::vector<std::string_view> allowed = {};
};

const std::vector<IncludeBan>& include_bans() {
    static const std::vector<IncludeBan> table = {
        {.prefix = "boost/beast",
         .instead = "gateway/net/http_types.hpp; Beast is instantiated in gateway/net only",
         .allowed = {"gateway/net/", "cmake/boost/"}},
        {.prefix = "nlohmann/json.hpp",
         .scope = Scope::product,
         .instead = "domain types; JSON ends in the files named for it",
         .allowed = {"config/json_tree.cpp", "gateway/doctor/judge.cpp",
                     "gateway/http/body_json.cpp", "gateway/replay/decode.cpp",
                     "gateway/replay/timeline_file.cpp", "gateway/store/directory_rows.cpp",
                     "gateway/store/in_call_json.cpp", "gateway/store/json_text.cpp",
                     "gateway/store/parked_rows.cpp", "gateway/store/rows.cpp",
                     "gateway/store/timeline_json.cpp", "gateway/webhooks/event_json.cpp",
                     "telnyx/wire/command_json.cpp"}},
        {.prefix = "boost/json",
         .scope = Scope::product,
         .instead = "nlohmann/json; Boost.JSON reads carrier events alone, where speed counts",
         .allowed = {"telnyx/wire/event_json.cpp", "cmake/boost/"}},
        {.prefix = "boost/asio",
         .scope = Scope::product,
         .instead = "nothing: the domain does no I/O",
         .allowed = {"gateway/ports/", "gateway/app/", "gateway/net/", "gateway/http/",
                     "gateway/store/", "gateway/webhooks/", "gateway/obs/", "telnyx/", "media/",
                     "cmake/boost/", "gateway/doctor_command.cpp", "gateway/main.cpp",
                     "gateway/serve.cpp", "gateway/compose.cpp", "gateway/compose.hpp"}},
        {.prefix = "sqlite3.h",
         .scope = Scope::product,
         .instead = "the store's port",
         .allowed = {"gateway/store/"}},
        {.prefix = "openssl/",
         .scope = Scope::product,
         .instead = "gateway/net (TLS) or a signing file",
         .allowed = {"gateway/net/", "gateway/webhooks/", "telnyx/webhook_signature.cpp",
                     "gateway/http/", "gateway/obs/"}},
    };
    return table;
}

bool listed(std::string_view path, const std::vector<std::string_view>& allowed) {
    return std::any_of(allowed.begin(), allowed.end(), [&](std::string_view entry) {
        return entry.ends_with('/') ? path.starts_with(entry) : path == entry;
    });
}

bool concerns(Scope scope, std::string_view path) {
    switch (scope) {
        case Scope::everywhere:
            return true;
        case Scope::product:
            return !is_test(path);
        case Scope::core:
            return path.starts_with("gateway/domain/") || path.starts_with("gateway/ports/") ||
                   path.starts_with("gateway/app/");
        case Scope::headers:
            return is_header(path) && !is_test(path);
    }
    return false;
}

// Where the operand of a co_await that begins at `at` ends: at ';', or at a bracket or comma that
// belongs to what is around it.
std::size_t end_of_operand(std::string_view code, std::size_t at) {
    int depth = 0;
    for (; at < code.size(); ++at) {
        const char c = code[at];
        if (c == '(' || c == '[' || c == '{') {
            ++depth;
        } else if (c == ')' || c == ']' || c == '}') {
            if (--depth < 0) {
                return at;
            }
        } else if (depth == 0 && (c == ';' || c == ',')) {
            return at;
        }
    }
    return at;
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// A brace that builds a value: right behind '(' or ',', or behind a type's name within the
// parentheses of the call. Bodies of captureless lambdas follow a ')' and build nothing.
std::string_view fault_in_operand(std::string_view operand) {
    for (std::size_t at = 0; at < operand.size(); ++at) {
        if (operand[at] == '{') {
            const std::size_t before =
                at == 0 ? std::string_view::npos : operand.find_last_not_of(" \n", at - 1);
            const std::size_t inside = operand.find_first_not_of(" \n", at + 1);
            // Nothing or a number: a scalar, whose end does nothing.
            const bool scalar = inside != std::string_view::npos &&
                                (operand[inside] == '}' || is_digit(operand[inside]));
            const char c = before == std::string_view::npos ? '(' : operand[before];
            if (!scalar && (c == '(' || c == ',' || c == '>' || is_word_character(c))) {
                return "builds a temporary with braces";
            }
        }
        if (operand[at] == '[' && at > 0) {
            const std::size_t before = operand.find_last_not_of(" \n", at - 1);
            const bool begins_lambda = before != std::string_view::npos &&
                                       (operand[before] == '(' || operand[before] == ',');
            if (begins_lambda && operand.substr(at, 2) != "[]") {
                return "holds a lambda that captures";
            }
        }
    }
    return {};
}

std::size_t line_of(std::string_view text, std::size_t at) {
    return 1 + static_cast<std::size_t>(
                   std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
}

}  // namespace

Findings check_banned(const Tree& tree) {
    Findings findings;
    for (const SourceFile& file : tree) {
        if (!is_code(file.path)) {
            continue;
        }
        const std::string code = code_of(file.text);
        for_each_line(code, [&](std::string_view line, std::size_t number) {
            for (const Ban& ban : bans()) {
                if (find_word(line, ban.token) != std::string_view::npos &&
                    concerns(ban.scope, file.path) && !listed(file.path, ban.allowed)) {
                    findings.push_back({file.path, number,
                                        std::string(ban.token) + " is banned here; use " +
                                            std::string(ban.instead)});
                }
            }
            if (!line.starts_with("#include <")) {
                return;
            }
            const std::string_view target = line.substr(10);
            for (const IncludeBan& ban : include_bans()) {
                if (target.starts_with(ban.prefix) && concerns(ban.scope, file.path) &&
                    !listed(file.path, ban.allowed)) {
                    findings.push_back({file.path, number,
                                        "<" + std::string(ban.prefix) + "> is banned here; use " +
                                            std::string(ban.instead)});
                }
            }
        });
    }
    return findings;
}

Findings check_co_await(const Tree& tree) {
    constexpr std::string_view keyword = "co_await";
    Findings findings;
    for (const SourceFile& file : tree) {
        if (!is_code(file.path)) {
            continue;
        }
        const std::string code = code_of(file.text);
        for (std::size_t at = find_word(code, keyword); at != std::string::npos;
             at = find_word(code, keyword, at + 1)) {
            const std::size_t begin = at + keyword.size();
            const std::string_view operand =
                std::string_view(code).substr(begin, end_of_operand(code, begin) - begin);
            if (const auto fault = fault_in_operand(operand); !fault.empty()) {
                findings.push_back({file.path, line_of(code, at),
                                    "the operand of co_await " + std::string(fault) +
                                        "; name it first, then move it"});
            }
        }
    }
    return findings;
}

}  // namespace gw::tidy
