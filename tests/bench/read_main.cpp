// SPDX-License-Identifier: Apache-2.0
// How long the API's reads take over a long history: pages of the list under every kind of filter,
// and the summary of a month, through the store as the gateway uses it. Makes its own database.
// Prints one JSON line for each repeat; exit 1 when a figure is not met in one of them.
#include "gateway/store/sqlite.hpp"
#include "gateway/store/sqlite_store.hpp"
#include "tests/bench/latency.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <iostream>
#include <random>
#include <string>
#include <vector>

namespace {

using namespace gw;
using Steady = std::chrono::steady_clock;
namespace asio = boost::asio;

constexpr std::chrono::sys_days first_day{std::chrono::year(2026) / 10 / 1};
constexpr std::chrono::days month{31};
constexpr double page_p99_ms_max = 10;
constexpr double summary_max_ms_max = 100;

template <class T>
T run(asio::awaitable<Result<T>> task) {
    asio::io_context io;
    std::optional<Result<T>> result;
    asio::co_spawn(io, std::move(task), [&](std::exception_ptr, Result<T> got) { result = got; });
    io.run();
    return result.value().value();
}

void run_commit(store::SqliteStore& store, ports::CallCommit commit) {
    asio::io_context io;
    asio::co_spawn(io, store.commit(std::move(commit)), [](std::exception_ptr, Result<void>) {});
    io.run();
}

// The row that all others are copies of.
void add_template(store::SqliteStore& store) {
    ports::CallCommit birth;
    Call& call = birth.call;
    call.id = store.next_call_id();
    call.version = 1;
    call.project_id = ProjectId(1);
    call.agent_id = AgentId(1);
    call.org_id = OrgId(1);
    call.agent_public_id = "agent_28c51f81";
    call.from = "+31612345678";
    call.to = "+31850012345";
    call.language = "en-US";
    call.status = CallStatus::completed;
    call.disposition = Disposition::answered;
    call.ended_reason = EndedReason::caller_hangup;
    call.created_at = UtcTime(first_day);
    call.started_at = call.created_at;
    call.ended_at = call.created_at + std::chrono::seconds(127);
    call.metadata_json = R"({"customer":"4711","note":"a few words about the call"})";
    run_commit(store, std::move(birth));
}

std::string value_of(const std::string& column, std::int64_t calls) {
    const std::string share = "((n * 7919) % 1000)";
    if (column == "id") {
        return "n + 1";
    }
    if (column == "agent_id") {
        return "1 + n % 50";
    }
    if (column == "created_at") {
        const std::int64_t first = micros_of(UtcTime(first_day));
        const std::int64_t span = std::chrono::microseconds(month).count();
        return fmt::format("{} + n * {}", first, span / (calls + 1));
    }
    if (column == "status") {
        return "CASE WHEN " + share + " < 950 THEN 'completed' WHEN " + share +
               " < 960 THEN 'failed' WHEN " + share + " < 961 THEN 'busy' ELSE 'canceled' END";
    }
    if (column == "disposition") {
        return "CASE WHEN " + share + " < 930 THEN 'answered' WHEN " + share +
               " < 949 THEN 'transferred' WHEN " + share + " < 950 THEN 'voicemail' WHEN " + share +
               " < 960 THEN 'failed' WHEN " + share + " < 961 THEN 'busy' ELSE 'no-answer' END";
    }
    if (column == "duration_seconds") {
        return "n % 600";
    }
    if (column == "total_cost") {
        return "(n % 600) * 4200";
    }
    return "t." + column;
}

// Copies of the only row of the table, one for each number.
void multiply(store::Connection& db, const std::string& table, std::int64_t calls) {
    store::Statement columns(db, "SELECT name FROM pragma_table_info(?)");
    columns.put(table);
    std::string names;
    std::string values;
    while (columns.next()) {
        const std::string name = columns.get_text();
        names += (names.empty() ? "" : ", ") + name;
        values += (values.empty() ? "" : ", ") + value_of(name, calls);
    }
    db.exec(
        fmt::format("WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM "
                    "numbers WHERE n < {} - 1) INSERT INTO {} ({}) SELECT {} FROM numbers, "
                    "(SELECT * FROM {} WHERE id = 1) AS t",
                    calls, table, names, values, table));
}

void fill(const std::string& path, std::int64_t calls) {
    store::Connection db(path, store::Access::create, std::chrono::seconds(5));
    db.exec("PRAGMA synchronous = OFF; PRAGMA cache_size = -262144");
    db.exec("BEGIN");
    multiply(db, "calls", calls);
    multiply(db, "call_course", calls);
    db.exec("DELETE FROM call_days");
    db.exec(
        "INSERT INTO call_days SELECT project_id, created_at / 86400000000, agent_id, status, "
        "disposition, count(*), sum(duration_seconds), sum(minutes_used_hundredths), "
        "sum(total_cost), sum(recording_cost), sum(llm_discount) FROM calls GROUP BY 1, 2, 3, 4, "
        "5");
    db.exec("COMMIT");
}

std::vector<ports::CallFilter> filters() {
    std::vector<ports::CallFilter> all(1);
    using enum CallStatus;
    for (const auto status : {ringing, in_progress, completed, failed, busy, canceled, rejected}) {
        all.emplace_back().status = status;
    }
    using D = Disposition;
    for (const auto disposition :
         {D::answered, D::no_answer, D::transferred, D::busy, D::voicemail, D::rejected}) {
        all.emplace_back().disposition = disposition;
    }
    ports::CallFilter both;
    both.status = completed;
    for (const auto disposition : {D::answered, D::voicemail, D::busy}) {
        both.disposition = disposition;
        all.push_back(both);
    }
    const std::size_t of_all_agents = all.size();
    for (std::size_t i = 0; i < of_all_agents; ++i) {
        all.push_back(all[i]);
        all.back().agent_id = AgentId(17);
        all.push_back(all[i]);
        all.back().created_from = UtcTime(first_day + std::chrono::days(10));
        all.back().created_before = UtcTime(first_day + std::chrono::days(13));
    }
    return all;
}

bench::Latency time_lists(store::SqliteStore& store, int rounds) {
    std::mt19937_64 random(7);
    bench::Latency latency;
    for (int round = 0; round < rounds; ++round) {
        for (const auto& filter : filters()) {
            std::optional<ports::CallCursor> after;
            if (round % 2 == 1) {
                const auto second = static_cast<std::int64_t>(random() % (31 * 86'400));
                after = {UtcTime(first_day) + std::chrono::seconds(second), CallId(1)};
            }
            const auto begin = Steady::now();
            (void)run(store.list({{ProjectId(1)}}, filter, after, 100));
            latency.add(Steady::now() - begin);
        }
    }
    return latency;
}

bench::Latency time_summaries(store::SqliteStore& store, int rounds) {
    bench::Latency latency;
    ports::SummaryFilter filter;
    filter.from_day = first_day;
    filter.to_day = first_day + month - std::chrono::days(1);
    for (int round = 0; round < rounds; ++round) {
        filter.agent_id = round % 2 == 0 ? std::nullopt : std::optional(AgentId(17));
        const auto begin = Steady::now();
        (void)run(store.summarize({{ProjectId(1)}}, filter));
        latency.add(Steady::now() - begin);
    }
    return latency;
}

struct Plan {
    std::int64_t calls = 0;
    int rounds = 0;
    std::chrono::duration<double> filled{};
};

// One report, on one line. Whether the figures were met.
bool measure(store::SqliteStore& store, const Plan& plan) {
    const auto sum = run(store.summarize({{ProjectId(1)}}, {}));
    const auto pages = time_lists(store, plan.rounds);
    const auto sums = time_summaries(store, plan.rounds * 5);
    const bool met = pages.quantile_ms(0.99) <= page_p99_ms_max &&
                     sums.max_ms() <= summary_max_ms_max && sum.total_calls == plan.calls;
    fmt::print(
        "{{\"calls\":{},\"filled_s\":{:.1f},\"pages\":{},\"page_p50_ms\":{:.2f},"
        "\"page_p99_ms\":{:.2f},\"page_max_ms\":{:.2f},\"summaries\":{},"
        "\"summary_p50_ms\":{:.2f},\"summary_max_ms\":{:.2f},\"met\":{}}}\n",
        sum.total_calls, plan.filled.count(), pages.count(), pages.quantile_ms(0.5),
        pages.quantile_ms(0.99), pages.max_ms(), sums.count(), sums.quantile_ms(0.5), sums.max_ms(),
        met);
    std::fflush(stdout);
    return met;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::cerr << "usage: gw-reads FOLDER [CALLS [ROUNDS [REPEATS]]]\n";
        return 2;
    }
    const std::int64_t calls = argc > 2 ? std::atoll(argv[2]) : 1'000'000;
    const int rounds = argc > 3 ? std::atoi(argv[3]) : 40;
    const int repeats = argc > 4 ? std::atoi(argv[4]) : 1;
    const std::string path = (std::filesystem::path(argv[1]) / "reads.db").string();
    if (std::filesystem::exists(path)) {
        std::cerr << "gw-reads: " << path << " is there already\n";
        return 2;
    }
    add_template(*store::open_sqlite_store(path));
    const auto begin = Steady::now();
    fill(path, calls);
    const std::chrono::duration<double> filled = Steady::now() - begin;
    const auto store = store::open_sqlite_store(path);
    bool all_met = true;
    for (int repeat = 0; repeat < repeats; ++repeat) {
        all_met = measure(*store, {.calls = calls, .rounds = rounds, .filled = filled}) && all_met;
    }
    return all_met ? 0 : 1;
}
