// SPDX-License-Identifier: Apache-2.0
// Each rule against planted faults, and against what looks like one and is none.
#include "tests/tidy/rules.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gw::tidy {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

auto at_line(std::size_t line, const char* what) {
    return testing::AllOf(Field(&Finding::line, line), Field(&Finding::what, HasSubstr(what)));
}

Tree one(std::string path, std::string text) {
    return {{std::move(path), std::move(text)}};
}

Tree including(std::string from, const std::string& target) {
    return {{std::move(from), "#include \"" + target + "\"\n"}, {target, ""}};
}

TEST(CodeOf, BlanksCommentsAndLiteralsButKeepsLines) {
    EXPECT_EQ(code_of("a; // b\nc"), "a;     \nc");
    EXPECT_EQ(code_of("a/* b\nc */d"), "a    \n    d");
    EXPECT_EQ(code_of("f(\"x\\\"y\", 'z')"), "f(      ,    )");
    EXPECT_EQ(code_of("n = 10'000; m"), "n = 10'000; m");
    EXPECT_EQ(code_of("R\"sql(a \" b)sql\" c"), "                 c");
    EXPECT_EQ(code_of("\"// no comment\" x"), "                x");
}

TEST(Includes, MayPointDown) {
    EXPECT_THAT(check_includes(including("gateway/app/a.cpp", "gateway/domain/b.hpp")), IsEmpty());
    EXPECT_THAT(check_includes(including("gateway/http/a.cpp", "gateway/net/b.hpp")), IsEmpty());
    EXPECT_THAT(check_includes(including("telnyx/a.cpp", "telnyx/wire/b.hpp")), IsEmpty());
    EXPECT_THAT(check_includes(including("gateway/compose.cpp", "gateway/store/b.hpp")), IsEmpty());
    EXPECT_THAT(check_includes(including("tests/sim/a.cpp", "gateway/app/b.hpp")), IsEmpty());
}

TEST(Includes, MayNotPointUp) {
    EXPECT_THAT(check_includes(including("gateway/domain/a.cpp", "gateway/ports/b.hpp")),
                ElementsAre(at_line(1, "gateway/domain may not include gateway/ports")));
    EXPECT_THAT(check_includes(including("gateway/net/a.cpp", "gateway/app/b.hpp")), SizeIs(1));
    EXPECT_THAT(check_includes(including("gateway/app/a.cpp", "gateway/compose.hpp")), SizeIs(1));
    EXPECT_THAT(check_includes(including("telnyx/wire/a.cpp", "telnyx/b.hpp")), SizeIs(1));
    EXPECT_THAT(check_includes(including("gateway/app/a.cpp", "tests/fakes/b.hpp")), SizeIs(1));
    EXPECT_THAT(check_includes(including("gateway/compose.cpp", "tests/fakes/b.hpp")), SizeIs(1));
}

TEST(Includes, AdaptersMayNotIncludeEachOther) {
    EXPECT_THAT(check_includes(including("gateway/http/a.cpp", "gateway/store/b.hpp")), SizeIs(1));
    EXPECT_THAT(check_includes(including("gateway/webhooks/a.cpp", "telnyx/b.hpp")), SizeIs(1));
    EXPECT_THAT(check_includes(including("telnyx/a.cpp", "gateway/http/b.hpp")), SizeIs(1));
}

TEST(Includes, TheApplicationSeesOneHeaderOfTheNetworkLayer) {
    EXPECT_THAT(check_includes(including("gateway/app/a.cpp", "gateway/net/task_group.hpp")),
                IsEmpty());
    EXPECT_THAT(check_includes(including("gateway/app/a.cpp", "gateway/net/http_types.hpp")),
                SizeIs(1));
}

TEST(Includes, LeadToAFileByItsPathFromTheRoot) {
    EXPECT_THAT(check_includes(one("gateway/app/a.cpp", "\n#include \"b.hpp\"\n")),
                ElementsAre(at_line(2, "no path from the root")));
}

TEST(Includes, EveryFileLiesInALayer) {
    EXPECT_THAT(check_includes(including("other/a.cpp", "gateway/domain/b.hpp")),
                ElementsAre(at_line(1, "lies in no layer")));
}

TEST(UnusedHeaders, AreFound) {
    const Tree tree = {{"config/a.hpp", ""},
                       {"config/b.hpp", ""},
                       {"config/a.cpp", "#include \"config/a.hpp\"\n"}};
    EXPECT_THAT(check_unused_headers(tree), ElementsAre(Field(&Finding::path, "config/b.hpp")));
}

TEST(Banned, CallsAreFoundInCodeOnly) {
    EXPECT_THAT(check_banned(one("gateway/app/a.cpp", "x;\nco_spawn(e, f(), asio::detached);\n")),
                ElementsAre(at_line(2, "asio::detached")));
    EXPECT_THAT(check_banned(one("tests/sim/a.cpp", "std::this_thread::sleep_for(1s);\n")),
                SizeIs(1));
    EXPECT_THAT(check_banned(one("gateway/app/a.cpp", "// asio::detached is banned\n")), IsEmpty());
    EXPECT_THAT(check_banned(one("gateway/app/a.cpp", "log(\"std::cout\");\n")), IsEmpty());
}

TEST(Banned, CallsHavePlacesWhereTheyBelong) {
    EXPECT_THAT(check_banned(one("gateway/net/task_group.cpp", "asio::detached\n")), IsEmpty());
    EXPECT_THAT(check_banned(one("gateway/cli.cpp", "std::cout << 1;\n")), IsEmpty());
    EXPECT_THAT(check_banned(one("gateway/http/a.cpp", "std::cout << 1;\n")), SizeIs(1));
    EXPECT_THAT(check_banned(one("tests/sim/a.cpp", "std::cout << 1;\n")), IsEmpty());
    EXPECT_THAT(check_banned(one("gateway/app/a.cpp", "std::mutex m;\n")), SizeIs(1));
    EXPECT_THAT(check_banned(one("gateway/obs/a.cpp", "std::mutex m;\n")), IsEmpty());
    EXPECT_THAT(check_banned(one("gateway/app/a.cpp", "system_clock::now();\n")), SizeIs(1));
}

TEST(Banned, WordsMatchWhole) {
    EXPECT_THAT(check_banned(one("gateway/app/a.cpp", "std::snprintf(b, n, f);\n")), IsEmpty());
    EXPECT_THAT(check_banned(one("gateway/app/a.cpp", "std::printf(f);\n")), SizeIs(1));
}

TEST(Banned, IncludesStayInTheirFolders) {
    EXPECT_THAT(check_banned(one("gateway/http/a.cpp", "#include <boost/beast/http.hpp>\n")),
                SizeIs(1));
    EXPECT_THAT(check_banned(one("gateway/net/a.cpp", "#include <boost/beast/http.hpp>\n")),
                IsEmpty());
    EXPECT_THAT(check_banned(one("gateway/app/a.cpp", "#include <nlohmann/json.hpp>\n")),
                SizeIs(1));
    EXPECT_THAT(check_banned(one("gateway/domain/a.hpp", "#include <boost/asio/awaitable.hpp>\n")),
                SizeIs(1));
    EXPECT_THAT(check_banned(one("gateway/http/a.cpp", "#include <sqlite3.h>\n")), SizeIs(1));
}

TEST(CoAwait, OperandsMayNotBuildWithBraces) {
    EXPECT_THAT(check_co_await(one("a.cpp", "x;\nco_await save(Row{a, b});\n")),
                ElementsAre(at_line(2, "braces")));
    EXPECT_THAT(check_co_await(one("a.cpp", "co_await save({.id = a});\n")), SizeIs(1));
    EXPECT_THAT(check_co_await(one("a.cpp", "auto r = co_await f(a,\n  {b});\n")), SizeIs(1));
    EXPECT_THAT(check_co_await(one("a.cpp", "co_await f(std::vector<Id>{a});\n")), SizeIs(1));
}

TEST(CoAwait, OperandsMayNotHoldACapturingLambda) {
    EXPECT_THAT(check_co_await(one("a.cpp", "co_await run([p] { use(p); });\n")),
                ElementsAre(at_line(1, "captures")));
    EXPECT_THAT(check_co_await(one("a.cpp", "co_await run(x, [&] { y(); });\n")), SizeIs(1));
}

TEST(CoAwait, WhatStandsAroundTheOperandIsFree) {
    EXPECT_THAT(check_co_await(one("a.cpp", "if (co_await f(a)) {\n  g({1});\n}\n")), IsEmpty());
    EXPECT_THAT(check_co_await(one("a.cpp", "T t{co_await f(), U{1}};\n")), IsEmpty());
    EXPECT_THAT(check_co_await(one("a.cpp", "Row row{a};\nco_await save(std::move(row));\n")),
                IsEmpty());
    EXPECT_THAT(check_co_await(one("a.cpp", "co_await run([](int i) { return i; });\n")),
                IsEmpty());
    EXPECT_THAT(check_co_await(one("a.cpp", "co_await rows[i].save(names[0]);\n")), IsEmpty());
    EXPECT_THAT(check_co_await(one("a.cpp", "co_await write({});\n")), IsEmpty());
    EXPECT_THAT(check_co_await(one("a.cpp", "co_await stop(seconds{5});\n")), IsEmpty());
}

TEST(Sizes, AreBoundedAndTestsMayBeLonger) {
    const auto lines = [](std::size_t count) { return std::string(count, '\n'); };
    EXPECT_THAT(check_sizes(one("config/a.cpp", lines(400))), IsEmpty());
    EXPECT_THAT(check_sizes(one("config/a.cpp", lines(401))), SizeIs(1));
    EXPECT_THAT(check_sizes(one("tests/sim/a.cpp", lines(600))), IsEmpty());
    EXPECT_THAT(check_sizes(one("tests/sim/a.cpp", lines(601))), SizeIs(1));
}

TEST(HeaderOpenings, NeedGuardLicenceAndASentence) {
    const std::string good =
        "#pragma once\n// SPDX-License-Identifier: Apache-2.0\n// What it is.\n";
    EXPECT_THAT(check_header_openings(one("a.hpp", good)), IsEmpty());
    EXPECT_THAT(check_header_openings(one("a.hpp", "#pragma once\n// What it is.\n")), SizeIs(1));
    EXPECT_THAT(check_header_openings(one("a.hpp", "#ifndef A\n" + good)), SizeIs(1));
    EXPECT_THAT(check_header_openings(one("a.cpp", "int a;\n")), IsEmpty());
}

TEST(Characters, StrangeOnesAreFound) {
    EXPECT_THAT(check_characters(one("a.cpp", "a\tb\n")), ElementsAre(at_line(1, "tab")));
    EXPECT_THAT(check_characters(one("a.cpp", "a\rb\n")), ElementsAre(at_line(1, "control")));
    EXPECT_THAT(check_characters(one("a.cpp", "a \xE2\x80\xAE b\n")),
                ElementsAre(at_line(1, "invisible")));
    EXPECT_THAT(check_characters(one("a.cpp", "a \xC2\x85 b\n")), SizeIs(1));
    EXPECT_THAT(check_characters(one("a.md", "a \n")), ElementsAre(at_line(1, "blank")));
    EXPECT_THAT(check_characters(one("a.md", "a")), ElementsAre(at_line(0, "line break")));
    EXPECT_THAT(check_characters(one("a.md", "\xC3\xA9 \xE2\x86\x92 \xE2\x80\x93\n")), IsEmpty());
    EXPECT_THAT(check_characters(one("tests/fuzz/corpus/a.json", "\x01")), IsEmpty());
}

TEST(Markers, NameAnIssue) {
    const std::string marker = std::string("TO") + "DO";
    EXPECT_THAT(check_markers(one("a.cpp", "// " + marker + ": later\n")), SizeIs(1));
    EXPECT_THAT(check_markers(one("a.cpp", "// " + marker + "(#12): later\n")), IsEmpty());
    EXPECT_THAT(check_markers(one("a.cpp", "\"name-XXXXXX\"\n")), IsEmpty());
}

TEST(Readmes, StandInEveryFolderWithCode) {
    EXPECT_THAT(check_readmes(one("gateway/app/a.cpp", "")),
                ElementsAre(Field(&Finding::path, "gateway/app")));
    EXPECT_THAT(check_readmes({{"gateway/app/a.cpp", ""}, {"gateway/app/README.md", ""}}),
                IsEmpty());
    EXPECT_THAT(check_readmes({{"tests/unit/config/a.cpp", ""}, {"tests/unit/README.md", ""}}),
                IsEmpty());
}

TEST(SelfContained, NothingOutsideIsNamed) {
    const std::string outside = std::string("../") + "shared/x.json";
    EXPECT_THAT(check_self_contained(one("tests/a.cpp", "open(\"" + outside + "\")\n")), SizeIs(1));
    EXPECT_THAT(check_self_contained(one("tests/a.cpp", "open(\"../fixtures/x\")\n")), IsEmpty());
}

TEST(Links, LeadToFilesAndFolders) {
    const Tree tree = {{"docs/a.md",
                        "[b](../config/b.md#part) [c](../config) [d](https://x.y/z)\n"
                        "[e](nowhere.md)\n"},
                       {"config/b.md", "\n"}};
    EXPECT_THAT(check_links(tree), ElementsAre(at_line(2, "nowhere.md")));
}

TEST(Names, OfFilesAndFunctionsExist) {
    const Tree tree = {{"docs/tour.md",
                        "`gateway/a.cpp`: `serve()` calls `Call::apply()`\n"
                        "`gateway/b.cpp`\n`gateway/a.cpp` has `gone()`\n"},
                       {"gateway/a.cpp", "int serve() { return apply(); }\n"}};
    EXPECT_THAT(check_names(tree, "docs/tour.md"),
                ElementsAre(at_line(2, "does not exist"), at_line(3, "has no gone()")));
    EXPECT_THAT(check_names(tree, "docs/none.md"), SizeIs(1));
}

TEST(Signals, OfTheRunbookStandInTheProduct) {
    const Tree tree = {{"deploy/RUNBOOK.md",
                        "| `gw_calls{by}`, `gone` | see `elsewhere` |\nand `prose`\n"
                        "| `gw_calls` | see `gateway_gone{by}` |\n"},
                       {"gateway/a.cpp", "counter(\"gw_calls\");\n"},
                       {"tests/a.cpp", "counter(\"gone\");\n"}};
    EXPECT_THAT(check_signals(tree, "deploy/RUNBOOK.md"),
                ElementsAre(at_line(1, "called gone"), at_line(3, "called gateway_gone")));
}

// A tree with one test, one golden row, and a table of these rows.
Tree specified_by(const std::string& rows) {
    return {
        {"tests/unit/a_test.cpp", "TEST_F(Suite,\n       Holds) {}\nTEST(Suite, DISABLED_Old) {}"},
        {"tests/golden/apply.txt", "== ringing\ncall.hangup | applied | failed / error | -\n"},
        {"tests/spec/a.md",
         "# A\n\n| id | statement | golden rows | proved by | later |\n"
         "| --- | --- | --- | --- | --- |\n" +
             rows}};
}

TEST(Specification, ARowThatIsProvedIsRight) {
    EXPECT_THAT(check_specification(specified_by(
                    "| a | It is so. | | `Suite.Holds` | |\n"
                    "| b.c-2 | It will be. | | | voice |\n"
                    "| d | It ends so. | `ringing > call.hangup > failed / error : -` | | |\n")),
                IsEmpty());
    EXPECT_THAT(check_specification({{"tests/spec/README.md", "| id |\n| - |\n| a |\n"}}),
                IsEmpty());
}

TEST(Specification, ARowThatIsNotIsFound) {
    const std::pair<const char*, const char*> wrong[] = {
        {"| a | It is so. | | `Suite.Lost` | |", "no test is called Suite.Lost"},
        {"| a | It is so. | | `Suite.Old` | |", "no test is called Suite.Old"},
        {"| a | It is so. | | `Suite.Holds` `Suite.H` | |", "no test is called Suite.H"},
        {"| a | It is so. | | Suite.Holds | |", "nothing proves it"},
        {"| a | It is so. | | | |", "nothing proves it"},
        {"| a | | | `Suite.Holds` | |", "states nothing"},
        {"| A | It is so. | | `Suite.Holds` | |", "has no id"},
        {"| | It is so. | | `Suite.Holds` | |", "has no id"},
        {"| a | It will be. | | | some day |", "no issue is called some day"},
        {"| a | It is so. | `Suite.Holds` | |", "has 4 cells"},
        {"| a | It is so. | | `Suite.Holds` |", "has 4 cells"},
        {"|a | It is so. | | `Suite.Holds` | |", "is no row"},
        {"| a | So. | `ringing > call.hangup` | | |", "is no `state > input > result`"},
        {"| a | So. | `ringing > call.cost > failed` | | |", "no golden row `ringing > call.cost`"},
        {"| a | So. | `gone > call.hangup > failed` | | |", "no golden row `gone > call.hangup`"},
        {"| a | So. | `ringing > call.hangup > fail` | | |", "says"},
        {"| a | So. | `ringing > call.hangup > busy` | | |", "says | applied | failed / error"},
    };
    for (const auto& [row, what] : wrong) {
        EXPECT_THAT(check_specification(specified_by("| z | Right. | | `Suite.Holds` | |\n" +
                                                     std::string(row) + "\n")),
                    ElementsAre(at_line(6, what)))
            << row;
    }
    EXPECT_THAT(check_specification(specified_by("| a | So. | | `Suite.Holds` | |\n"
                                                 "| a | So. | | `Suite.Holds` | |\n")),
                ElementsAre(at_line(6, "the id a is taken")));
    EXPECT_THAT(check_specification(specified_by("")), ElementsAre(at_line(0, "has no row")));
    EXPECT_THAT(check_specification({{"tests/spec/b.md",
                                      "| id | statement |\n| --- | --- |\n"
                                      "| a | So. |\n"}}),
                ElementsAre(at_line(3, "without column proved by")));
}

}  // namespace
}  // namespace gw::tidy
