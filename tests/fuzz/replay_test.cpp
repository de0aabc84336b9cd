// SPDX-License-Identifier: Apache-2.0
// The seeds and kept crashes of a fuzzer as an ordinary test, in every build.
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);

namespace {

namespace fs = std::filesystem;

TEST(FuzzCorpus, EverySeedAndKeptCrashHolds) {
    std::istringstream folders(GW_CORPUS);
    std::size_t files = 0;
    for (std::string folder; std::getline(folders, folder, ':');) {
        const fs::path path = fs::path(GW_SOURCE_DIR) / "tests" / folder;
        ASSERT_TRUE(fs::is_directory(path)) << path;
        for (const fs::directory_entry& entry : fs::directory_iterator(path)) {
            std::ifstream file(entry.path(), std::ios::binary);
            const std::vector<char> bytes(std::istreambuf_iterator<char>(file), {});
            SCOPED_TRACE(entry.path().string());
            EXPECT_EQ(LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                             bytes.size()),
                      0);
            ++files;
        }
    }
    EXPECT_GE(files, 5U) << "a corpus that is not there";
}

}  // namespace
