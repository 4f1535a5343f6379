// Starts that are killed at each of their writes and flushes, with and without a power cut: the
// very first on an empty folder, and one on the files of an older version. The next start completes
// what was begun, and nothing is lost.
#include <cstdio>
#include <filesystem>
#include <functional>

#include "tests/e2e/crowd.h"
#include "tests/e2e/fixture.h"
#include "tests/e2e/older_folder.h"
#include "tests/support/power_cut/power_cut.h"

namespace hourwheel::killed_start_test {
namespace {

namespace fs = std::filesystem;

constexpr size_t kStored = 200;
constexpr size_t kFired = 20;

class KilledStart : public testing::Test {
 protected:
  // Of the server that starts after the one that was killed.
  using Check = std::function<void(Node&)>;

  // False when the point was not reached as often: the start was whole.
  bool kill_start(KillPoint point, int64_t nth, bool cuts_power) {
    SCOPED_TRACE(std::string(kKillPointNames[static_cast<size_t>(point)]) + " " +
                 std::to_string(nth) + (cuts_power ? " and a power cut" : ""));
    Node node;
    node.add_arguments(kSmallReserve);
    if (!before_.empty()) fs::copy(before_, node.folder(), fs::copy_options::recursive);
    bool killed = false;
    {
      PowerCut disk(node.folder());
      node.set_environment(disk.environment());
      disk.arm(point, nth);
      Status started = node.try_start();
      killed = disk.died_at() == point;
      EXPECT_TRUE(started || killed) << started.error().detail;
      if (started) node.kill();
      Status seen = disk.process_ended();
      EXPECT_TRUE(seen) << seen.error().detail;
      if (cuts_power) disk.cut_power(random_);
    }
    node.set_environment({});
    if (node.start()) check_(node);
    return killed;
  }

  // At every `stride`th pass of the point; gives the number of starts that it killed.
  int kill_at_each(KillPoint point, int64_t stride) {
    int killed = 0;
    while (kill_start(point, 1 + killed * stride, killed % 2 == 0) && !HasFailure()) ++killed;
    std::printf("%s: %d starts killed\n", kKillPointNames[static_cast<size_t>(point)], killed);
    return killed;
  }
  void kill_at_every_point() {
    EXPECT_GT(kill_at_each(KillPoint::kBeforeWrite, 1), 20);
    EXPECT_GT(kill_at_each(KillPoint::kDuringWrite, 1), 20);
    EXPECT_GT(kill_at_each(KillPoint::kBeforeFlush, 1), 5);
    EXPECT_GT(kill_at_each(KillPoint::kAfterFlush, 1), 5);
  }
  void kill_at_some_points() {
    EXPECT_GT(kill_at_each(KillPoint::kDuringWrite, 5), 4);
    EXPECT_GT(kill_at_each(KillPoint::kBeforeFlush, 2), 3);
  }

  std::string before_;  // what the folder holds before the start; empty: nothing
  Check check_;
  Random random_{20261127};
};

class FirstStart : public KilledStart {
 protected:
  void SetUp() override {
    check_ = [this](Node& node) {
      HttpAnswer answer = node.call("POST", "/v1/tasks",
                                    R"({"schedule":{"delay":1},"target":{"kind":"http","url":")" +
                                        target_.url() + R"(/first"}})");
      EXPECT_EQ(201, answer.status) << answer.body;
      EXPECT_TRUE(target_.await_path("/first", ++first_, kPatience));
    };
  }

  RecordingTarget target_;
  size_t first_ = 0;
};

TEST_F(FirstStart, KilledHalfWayLeavesAFolderThatServes) {
  kill_at_some_points();
}

using FullFirstStart = FirstStart;
TEST_F(FullFirstStart, KilledAtEveryWriteAndFlushLeavesAFolderThatServes) {
  kill_at_every_point();
}

class Upgrade : public KilledStart {
 protected:
  void SetUp() override {
    RecordingTarget target;
    Node node;
    node.add_arguments(kSmallReserve);
    ASSERT_TRUE(node.start());
    create_crowd(node, {"stored", kStored, R"("2199-01-01T00:00:00Z")",
                        R"(,"payload":")" + std::string(300, 'x') + '"'});
    create_crowd(node, {"fired", kFired, R"({"delay":1})",
                        R"(,"target":{"kind":"http","url":")" + target.url() + R"(/fired"})"});
    ASSERT_TRUE(target.await_path("/fired", kFired, kPatience));
    auto exit = node.stop();
    ASSERT_TRUE(exit && exit->code == 0);
    make_older(node.folder());
    before_ = node.folder() + "-before";
    fs::copy(node.folder(), before_, fs::copy_options::recursive);
    check_ = expect_whole;
  }
  void TearDown() override { fs::remove_all(before_); }

  // Every task and run is there, and what the newer version added works.
  static void expect_whole(Node& node) {
    EXPECT_EQ(kStored + kFired, elements(node.call("GET", "/tasks").body).size());
    for (size_t i = 0; i < kFired; ++i) {
      const std::string runs =
          node.call("GET", "/v1/tasks/fired-" + std::to_string(i) + "/runs").body;
      EXPECT_EQ(1U, elements(member(runs, "runs")).size()) << runs;
    }
    EXPECT_EQ(200, node.call("GET", "/v1/runs?state=dead").status);
    HttpAnswer paused = node.call("POST", "/v1/admin/pause", R"({"reason":"test"})");
    EXPECT_EQ(201, paused.status) << paused.body;
  }
};

TEST_F(Upgrade, KilledHalfWayIsCompletedByTheNextStart) {
  kill_at_some_points();
}

using FullUpgrade = Upgrade;
TEST_F(FullUpgrade, KilledAtEveryWriteAndFlushIsCompletedByTheNextStart) {
  kill_at_every_point();
}

}  // namespace
}  // namespace hourwheel::killed_start_test
