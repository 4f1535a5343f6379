// What the system may refuse a server: descriptors, larger files, memory, a flush. None of it may
// lose what was acknowledged, and want of descriptors is not the end of it.
#include <sys/resource.h>
#include <sys/socket.h>

#include <csignal>

#include "tests/e2e/crowd.h"
#include "tests/e2e/fixture.h"
#include "tests/support/power_cut/power_cut.h"

namespace hourwheel::limits_test {
namespace {

// At rest a server with two shards has about 40 open.
constexpr uint64_t kFewDescriptors = 128;
constexpr size_t kClients = 300;

std::string far_task(const std::string& id, size_t payload) {
  return R"({"id":")" + id + R"(","schedule":"2199-01-01T00:00:00Z","payload":")" +
         std::string(payload, 'x') + R"("})";
}

TEST(Limits, WithFewDescriptorsClientsBeyondAreTurnedAwayAndFiringGoesOn) {
  Node node;
  node.set_limits({{RLIMIT_NOFILE, kFewDescriptors}});
  ASSERT_TRUE(node.start());
  HttpClient early(node.port());
  ASSERT_EQ(200, early.request("GET", "/livez")->status);
  std::vector<HttpClient> idle;
  for (size_t i = 0; i < kClients; ++i) idle.emplace_back(node.port());

  // A target that the server is not connected to yet.
  RecordingTarget target;
  auto created =
      early.request("POST", "/v1/tasks",
                    R"({"id":"beat","schedule":{"every":"200ms"},"target":{"kind":"http","url":")" +
                        target.url() + R"(/beat"}})",
                    kJsonFields);
  ASSERT_TRUE(created);
  EXPECT_EQ(201, created->status) << created->body;
  ASSERT_TRUE(target.await_path("/beat", 5, kPatience));
  for (const ReceivedAttempt& attempt : target.received()) {
    EXPECT_EQ(1U, attempt.attempt) << "an attempt before it found no descriptor";
  }
  size_t turned_away = 0;
  for (HttpClient& client : idle) turned_away += client.closed_by_peer_now() ? 1 : 0;
  EXPECT_GT(turned_away, kClients - kFewDescriptors);

  // They have ended when the server has closed them too.
  for (HttpClient& client : idle) {
    shutdown(client.fd(), SHUT_WR);
    EXPECT_TRUE(client.closed_by_peer());
  }
  EXPECT_EQ(200, node.call("GET", "/readyz").status);
  auto exit = node.stop();
  EXPECT_TRUE(exit && exit->code == 0);
}

// Creates far tasks "far-FIRST" and so on until one is refused or the server is gone, or there are
// `most`; gives how many there are then.
size_t create_until_refused(const Node& node, size_t payload, size_t first, size_t most) {
  HttpClient client(node.port(), 20'000);
  for (size_t made = first; made < most; ++made) {
    auto answer = client.request("POST", "/v1/tasks",
                                 far_task("far-" + std::to_string(made), payload), kJsonFields);
    if (!answer) return made;
    if (answer->status == 201) continue;
    EXPECT_EQ(503, answer->status) << answer->body;
    return made;
  }
  return most;
}

void expect_all_there(Node& node, size_t acknowledged) {
  node.set_limits({});
  ASSERT_TRUE(node.start());
  HttpClient client(node.port(), 20'000);
  for (size_t i = 0; i < acknowledged; ++i) {
    auto answer = client.request("GET", "/v1/tasks/far-" + std::to_string(i));
    ASSERT_TRUE(answer);
    EXPECT_EQ(200, answer->status) << "lost: far-" << i;
  }
}

TEST(Limits, TheLargestFileIsAnEndOfTheSpaceAndNoSignalKills) {
  constexpr uint64_t kLargestFile = 1 << 20;
  constexpr size_t kPayload = 16 << 10;
  Node node;
  node.set_limits({{RLIMIT_FSIZE, kLargestFile}});
  ASSERT_TRUE(node.start());
  const size_t acknowledged = create_until_refused(node, kPayload, 0, 4 * kLargestFile / kPayload);
  EXPECT_GT(acknowledged, 0U);
  EXPECT_LT(acknowledged, 4 * kLargestFile / kPayload);
  if (auto exit = node.server().wait_for_exit(milliseconds(1))) {
    EXPECT_FALSE(exit->signal) << "signal " << *exit->signal;
  } else {
    node.kill();
  }
  expect_all_there(node, acknowledged);
}

TEST(Limits, WithoutMoreMemoryItStopsAndTheNextStartHasEverything) {
  // Less than it has: from now on it gets no more than lies ready in its heap.
  constexpr rlim_t kNoMore = 1 << 20;
  Node node;
  ASSERT_TRUE(node.start());
  ASSERT_EQ(50U, create_until_refused(node, 1'000, 0, 50));
  const rlimit both{kNoMore, kNoMore};
  ASSERT_EQ(0, prlimit(node.server().pid(), RLIMIT_DATA, &both, nullptr));
  const size_t acknowledged = create_until_refused(node, 64 << 10, 50, 2'000);
  EXPECT_LT(acknowledged, 2'000U) << "it never ran out of memory";
  auto exit = node.server().wait_for_exit(kPatience);
  ASSERT_TRUE(exit) << "it goes on without memory";
  EXPECT_TRUE(exit->signal == SIGABRT || exit->code) << node.server().output();
  expect_all_there(node, acknowledged);
}

// C-22: what the disk made of a flush that failed nobody knows, so the files are read anew.
TEST(Limits, AFailedFlushEndsTheServerAndTheNextStartHasEverything) {
  constexpr int kDataFileFailed = 70;
  Random random(1);
  for (Survival survival : {Survival::kNothing, Survival::kInOrder, Survival::kScattered}) {
    Node node;
    PowerCut disk(node.folder());
    node.set_environment(disk.environment());
    node.add_arguments(kSmallReserve);
    ASSERT_TRUE(node.start());
    ASSERT_EQ(50U, create_until_refused(node, 1'000, 0, 50));
    disk.fail_flushes(1);
    // Mostly none: but the other file's flushes do not fail.
    const size_t acknowledged = create_until_refused(node, 1'000, 50, 10'000);
    auto exit = node.server().wait_for_exit(kPatience);
    ASSERT_TRUE(exit) << "it goes on after a failed flush";
    EXPECT_EQ(kDataFileFailed, exit->code.value_or(-1)) << node.server().output();
    Status seen = disk.process_ended();
    ASSERT_TRUE(seen) << seen.error().detail;
    disk.cut_power({survival, 50}, random);
    node.set_environment({});
    expect_all_there(node, acknowledged);
  }
}

}  // namespace
}  // namespace hourwheel::limits_test
