// SPDX-License-Identifier: Apache-2.0
// The rules over the repository as it is.
#include "tests/tidy/rules.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

namespace gw::tidy {
namespace {

namespace fs = std::filesystem;

Tree read_tree() {
    const std::set<std::string> skipped = {".git", ".cache", "build", "data", "node_modules"};
    const fs::path root = GW_SOURCE_DIR;
    Tree tree;
    for (auto at = fs::recursive_directory_iterator(
             root, fs::directory_options::follow_directory_symlink);
         at != fs::recursive_directory_iterator(); ++at) {
        if (at->is_directory() && skipped.contains(at->path().filename().string())) {
            at.disable_recursion_pending();
        } else if (at->is_regular_file()) {
            std::ifstream in(at->path(), std::ios::binary);
            tree.push_back({fs::relative(at->path(), root).generic_string(),
                            std::string(std::istreambuf_iterator<char>(in), {})});
        }
    }
    std::sort(tree.begin(), tree.end(),
              [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
    return tree;
}

const Tree& tree() {
    static const Tree read = read_tree();
    return read;
}

void expect_none(const Findings& findings) {
    for (const Finding& finding : findings) {
        ADD_FAILURE() << finding.path << ":" << finding.line << ": " << finding.what;
    }
}

TEST(Tree, IsFoundWithAllItsLayers) {
    for (const char* path : {"gateway/domain/apply.cpp", "telnyx/webhook_endpoint.cpp",
                             "config/load.cpp", "tests/run.sh", "README.md"}) {
        EXPECT_TRUE(std::any_of(tree().begin(), tree().end(), [&](const SourceFile& file) {
            return file.path == path;
        })) << path;
    }
}
TEST(Tree, IncludesFollowTheLayers) {
    expect_none(check_includes(tree()));
}
TEST(Tree, EveryHeaderIsUsed) {
    expect_none(check_unused_headers(tree()));
}
TEST(Tree, BannedCallsAreAbsent) {
    expect_none(check_banned(tree()));
}
TEST(Tree, OperandsOfCoAwaitBuildNothing) {
    expect_none(check_co_await(tree()));
}
TEST(Tree, FilesAreSmall) {
    expect_none(check_sizes(tree()));
}
TEST(Tree, HeadersSayWhatTheyAre) {
    expect_none(check_header_openings(tree()));
}
TEST(Tree, TextsHoldNoStrangeCharacters) {
    expect_none(check_characters(tree()));
}
TEST(Tree, MarkersNameIssues) {
    expect_none(check_markers(tree()));
}
TEST(Tree, EveryCodeFolderHasAReadme) {
    expect_none(check_readmes(tree()));
}
TEST(Tree, StandsAlone) {
    expect_none(check_self_contained(tree()));
}
TEST(Tree, LinksLeadSomewhere) {
    expect_none(check_links(tree()));
}
TEST(Tree, TheTourNamesWhatExists) {
    expect_none(check_names(tree(), "docs/tour.md"));
}
TEST(Tree, TheRunbookNamesWhatExists) {
    expect_none(check_signals(tree(), "deploy/RUNBOOK.md"));
}
TEST(Tree, EveryLineOfTheSpecificationIsProved) {
    expect_none(check_specification(tree()));
    for (const char* path :
         {"tests/spec/calls.md", "tests/spec/control.md", "tests/spec/lifecycle.md"}) {
        EXPECT_TRUE(std::any_of(tree().begin(), tree().end(), [&](const SourceFile& file) {
            return file.path == path;
        })) << path;
    }
}

}  // namespace
}  // namespace gw::tidy
