#include "gateway/domain/fault_point.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>

namespace gw {
namespace {

#ifdef GW_FAULT_POINTS

// The environment is read before main, so each death is that of a program started anew.
class FaultPointDeathTest : public testing::Test {
protected:
    void SetUp() override { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
    void TearDown() override { ::unsetenv("GW_FAULT"); }

    static void pass(int times) {
        for (int i = 0; i < times; ++i) {
            fault_point("somewhere.else");
            fault_point("test.point");
        }
        std::_Exit(7);
    }
};

TEST_F(FaultPointDeathTest, the_armed_point_kills_at_its_first_passing) {
    ::setenv("GW_FAULT", "test.point", 1);
    EXPECT_EXIT(pass(1), testing::KilledBySignal(SIGKILL), "");
}

TEST_F(FaultPointDeathTest, or_at_the_one_asked_for) {
    ::setenv("GW_FAULT", "test.point:3", 1);
    EXPECT_EXIT(pass(2), testing::ExitedWithCode(7), "");
    EXPECT_EXIT(pass(3), testing::KilledBySignal(SIGKILL), "");
}

TEST_F(FaultPointDeathTest, any_other_point_and_the_unarmed_program_live_on) {
    ::setenv("GW_FAULT", "test.poin", 1);
    EXPECT_EXIT(pass(5), testing::ExitedWithCode(7), "");
    ::setenv("GW_FAULT", "", 1);
    EXPECT_EXIT(pass(5), testing::ExitedWithCode(7), "");
    ::unsetenv("GW_FAULT");
    EXPECT_EXIT(pass(5), testing::ExitedWithCode(7), "");
}

#endif

}  // namespace
}  // namespace gw
