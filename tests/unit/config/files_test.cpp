// SPDX-License-Identifier: Apache-2.0
// The loader on real files, and the two files that must follow the table: the example and the
// reference.
#include "config/definition.hpp"
#include "config/load.hpp"
#include "config/reference.hpp"
#include "tests/unit/config/sample.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

namespace gw::config {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

std::string slurp(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    EXPECT_TRUE(in) << path;
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

class Files : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = (fs::temp_directory_path() / "gw-config-XXXXXX").string();
        ASSERT_NE(mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
    }
    void TearDown() override { fs::remove_all(folder_); }

    fs::path write(const std::string& name, const std::string& text) {
        std::ofstream(folder_ / name, std::ios::binary) << text;
        return folder_ / name;
    }
    std::vector<std::string> faults_of(const std::string& name) {
        return load_file(folder_ / name).faults;
    }
    std::string at(const std::string& name) { return (folder_ / name).string(); }

    fs::path folder_;
};

TEST_F(Files, LoadsAndFollowsFileReferencesFromItsOwnFolder) {
    write("telnyx.key", "KEYfromfile\r\n");
    const auto result =
        load_file(write("gw.json", test::with(test::valid, "KEYcanary", "file:telnyx.key")));
    ASSERT_THAT(result.faults, IsEmpty());
    EXPECT_EQ(result.settings->telnyx.api_key.reveal(), "KEYfromfile");
}

TEST_F(Files, TellsWhyAReferenceCannotBeRead) {
    fs::create_directory(folder_ / "folder");
    write("big", std::string(70'000, 'x'));
    const auto fault = [&](const std::string& to) {
        write("gw.json", test::with(test::valid, "KEYcanary", "file:" + to));
        const auto faults = faults_of("gw.json");
        return faults.size() == 1 ? faults[0] : testing::PrintToString(faults);
    };
    const auto start = at("gw.json") + ": $.telnyx.api_key: file ";
    EXPECT_EQ(fault("absent"), start + "\"absent\" does not exist");
    EXPECT_EQ(fault("folder"), start + "\"folder\" is a directory");
    EXPECT_EQ(fault("big"), start + "\"big\" is larger than 65536 bytes");
    EXPECT_EQ(fault("/dev/null"), start + "\"/dev/null\" is not a regular file");
}

TEST_F(Files, TellsWhyTheFileItselfCannotBeRead) {
    write("empty", "");
    write("blank", " \n\t");
    write("huge", std::string(4 * 1024 * 1024 + 1, ' '));
    EXPECT_THAT(faults_of("absent"), ElementsAre(at("absent") + ": does not exist"));
    EXPECT_THAT(load_file(folder_).faults, ElementsAre(folder_.string() + ": is a directory"));
    EXPECT_THAT(faults_of("empty"), ElementsAre(at("empty") + ": is empty"));
    EXPECT_THAT(faults_of("blank"), ElementsAre(at("blank") + ": is empty"));
    EXPECT_THAT(faults_of("huge"), ElementsAre(at("huge") + ": is larger than 4194304 bytes"));
}

TEST(Example, PassesTheCheck) {
    const auto text = slurp(fs::path(GW_SOURCE_DIR) / "config/gateway.example.json");
    const auto result =
        test::load(text, {{"TELNYX_API_KEY", "KEYx"},
                          {"TELNYX_PUBLIC_KEY", std::string(test::public_key)},
                          {"AGENT_WEBHOOK_SECRET", std::string(test::webhook_secret)},
                          {"ORG_WEBHOOK_SECRET", std::string(test::webhook_secret)}});
    EXPECT_THAT(result.faults, IsEmpty());
    ASSERT_TRUE(result.settings);
    EXPECT_EQ(result.settings->agents.at(0).rates.call_rate_per_minute_micro, 220'000);
}

TEST(Reference, IsWhatTheTableSays) {
    EXPECT_EQ(slurp(fs::path(GW_SOURCE_DIR) / "config/REFERENCE.md"), reference_markdown())
        << "The table changed. Regenerate: cmake --build build/debug --target config-reference && "
           "build/debug/config-reference > config/REFERENCE.md";
}

TEST(Definition, NamesEveryKeyOnceBelowAnObjectNamedBefore) {
    std::set<std::string_view> seen;
    for (const auto& row : definition()) {
        EXPECT_TRUE(seen.insert(row.path).second) << row.path;
        auto path = row.path;
        if (row.is_list()) {
            path.remove_suffix(2);
        }
        const auto dot = path.rfind('.');
        EXPECT_TRUE(dot == std::string_view::npos || seen.contains(path.substr(0, dot)))
            << row.path;
        EXPECT_NE(row.text, "") << row.path;
        EXPECT_EQ(row.kind == Kind::choice, !row.words.empty()) << row.path;
        EXPECT_LE(row.range.min, row.range.max) << row.path;
    }
}

}  // namespace
}  // namespace gw::config
