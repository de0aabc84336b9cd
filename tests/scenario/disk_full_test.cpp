// SPDX-License-Identifier: Apache-2.0
// The disk under the database is full: what cannot be kept is not accepted, and when there is space
// again the gateway goes on by itself. A small tmpfs where the system lets us mount one, else a
// limit on the size of the process's files.
#include "tests/scenario/world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <sys/mount.h>
#include <sys/resource.h>

namespace gw::scenario {
namespace {

using nlohmann::json;

// A folder whose disk can be filled and emptied.
class SmallDisk {
public:
    SmallDisk() {
        mounted_ = ::mount("tmpfs", folder_.path().c_str(), "tmpfs", 0, "size=16m") == 0;
        if (!mounted_) {
            // Inherited by the gateway: a write beyond the limit is then an error and no signal.
            former_ = std::signal(SIGXFSZ, SIG_IGN);
        }
    }
    ~SmallDisk() {
        if (mounted_) {
            ::umount2(folder_.path().c_str(), MNT_DETACH);
        } else {
            std::signal(SIGXFSZ, former_);
        }
    }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;

    [[nodiscard]] std::string path() const { return folder_.path().string(); }

    void fill(pid_t gateway) {
        if (!mounted_) {
            limit(gateway, 4096);
            return;
        }
        std::ofstream filler(filler_path(), std::ios::binary);
        const std::string block(4096, 'x');
        while (filler.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
        }
    }
    void empty(pid_t gateway) {
        if (mounted_) {
            std::filesystem::remove(filler_path());
        } else {
            limit(gateway, RLIM_INFINITY);
        }
    }

private:
    [[nodiscard]] std::filesystem::path filler_path() const { return folder_.path() / "filler"; }
    static void limit(pid_t process, rlim_t bytes) {
        const rlimit both{.rlim_cur = bytes, .rlim_max = RLIM_INFINITY};
        ASSERT_EQ(::prlimit(process, RLIMIT_FSIZE, &both, nullptr), 0);
    }

    TemporaryFolder folder_;
    bool mounted_ = false;
    void (*former_)(int) = SIG_DFL;
};

TEST(DiskFull, RefusesEventsUntilThereIsSpaceAndLosesNone) {
    SmallDisk disk;
    WorldOptions options;
    options.data_folder = disk.path();
    World world(std::move(options));
    const std::string leg = world.place_call({{"steps", json::array()}});
    ASSERT_TRUE(eventually([&] { return world.only_call()["status"] == "in-progress"; }));

    disk.fill(world.gateway().pid());
    // Keys pressed now take the log's last reserve; soon a webhook is answered 503 and not kept.
    const auto refused = [&] {
        const auto webhooks = world.carrier("webhook");
        return std::ranges::any_of(webhooks,
                                   [](const json& entry) { return entry["status"] == 503; });
    };
    ASSERT_TRUE(eventually([&] {
        world.control("POST", "/calls/" + leg + "/actions",
                      {{"press", "123456789*0#"}, {"gap_ms", 1}});
        return refused();
    }));
    ASSERT_TRUE(eventually([&] { return world.admin("/readyz").status == 503; }));
    EXPECT_EQ(world.admin("/healthz").status, 200U);
    EXPECT_EQ(world.only_call()["status"], "in-progress");  // read, and the call lives

    disk.empty(world.gateway().pid());
    ASSERT_TRUE(eventually([&] { return world.is_ready(); }));
    world.control("POST", "/calls/" + leg + "/actions", {{"hangup", true}});
    ASSERT_TRUE(world.quiesce());
    EXPECT_EQ(world.only_call()["status"], "completed");
    EXPECT_EQ(world.verdict({.receiver_saw_order = true, .times_are_the_carriers = true}), "");
}

}  // namespace
}  // namespace gw::scenario
