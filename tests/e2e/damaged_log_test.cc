// A write-ahead log that the disk damaged after the server was killed (C-23): nobody goes on
// without what was acknowledged, unless somebody says so.
#include <filesystem>
#include <fstream>

#include "tests/e2e/fixture.h"

namespace hourwheel::damaged_log_test {
namespace {

constexpr int kTasks = 40;

std::string id_of(int task) {
  return "task-" + std::to_string(100 + task);
}

// Changes two bytes where a log first has the text; the file's name, or nothing if none has it.
std::string damage_log(const std::string& folder, const std::string& text) {
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename();
    if (!name.ends_with("-wal")) continue;
    std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
    std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    const size_t at = bytes.find(text);
    if (at == std::string::npos) continue;
    file.clear();
    file.seekp(static_cast<std::streamoff>(at));
    file << "??";
    return name;
  }
  return "";
}

Ended db(const std::string& verb, const std::string& folder) {
  return run_to_the_end({"db", verb, folder});
}

TEST(DamagedLogTest, NobodyGoesOnUntilItIsGivenUp) {  // C-1, C-23
  Node node;
  ASSERT_TRUE(node.start());
  for (int i = 0; i < kTasks; ++i) {  // each in a commit of its own
    const std::string body = R"({"id":")" + id_of(i) + R"(","schedule":"2040-01-01T00:00:00Z"})";
    ASSERT_EQ(node.call("POST", "/v1/tasks", body).status, 201);
  }
  node.kill();
  const std::string log = damage_log(node.folder(), id_of(kTasks / 2));
  ASSERT_FALSE(log.empty());

  const Status started = node.try_start();
  ASSERT_FALSE(started);
  EXPECT_NE(started.error().detail.find(log), std::string::npos) << started.error().detail;
  const Ended damaged = db("check", node.folder());
  EXPECT_EQ(damaged.code, 1) << damaged.output;
  EXPECT_NE(damaged.output.find(log), std::string::npos) << damaged.output;

  const Ended given_up = db("give-up", node.folder());
  EXPECT_EQ(given_up.code, 0) << given_up.output;
  const Ended clean = db("check", node.folder());
  EXPECT_EQ(clean.code, 0) << clean.output;
  ASSERT_TRUE(node.start());
  EXPECT_EQ(node.call("GET", "/v1/tasks/" + id_of(0)).status, 200) << "from before the damage";
  EXPECT_EQ(node.call("GET", "/v1/tasks/" + id_of(kTasks / 2)).status, 404);
  const std::string later = R"({"id":"later","schedule":"2040-01-01T00:00:00Z"})";
  EXPECT_EQ(node.call("POST", "/v1/tasks", later).status, 201);
}

}  // namespace
}  // namespace hourwheel::damaged_log_test
