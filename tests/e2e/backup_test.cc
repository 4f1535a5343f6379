// `hourwheel db`: a server that runs is backed up, and another one goes on with the copy.
#include <algorithm>
#include <filesystem>
#include <fstream>

#include "tests/e2e/fixture.h"

namespace hourwheel::backup_test {
namespace {

class BackupTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(node_.start());
    ASSERT_EQ(node_.call("POST", "/v1/tasks", R"({"id":"kept","schedule":"2040-01-01T00:00:00Z"})")
                  .status,
              201);
    ASSERT_EQ(node_.call("POST", "/v1/admin/pause", R"({"reason":"r","labels":{"a":"b"}})").status,
              201);
  }
  ~BackupTest() override { std::filesystem::remove_all(backup_); }
  Ended db(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "db");
    return run_to_the_end(arguments);
  }
  Ended back_up() {
    return db({"backup", node_.folder(), "--to", backup_, "--server",
               "http://" + node_.server().address()});
  }

  Node node_;
  std::string backup_ = node_.folder() + "-backup";
};

TEST_F(BackupTest, OfARunningServerIsRestoredAndServed) {
  const Ended made = back_up();
  ASSERT_EQ(made.code, 0) << made.output;
  const std::string version = member(node_.call("GET", "/v1/tasks/kept").body, "version");
  node_.kill();

  Node again({}, backup_ + "/restored");
  const Ended restored = db({"restore", "--from", backup_, "--to", again.folder()});
  ASSERT_EQ(restored.code, 0) << restored.output;
  ASSERT_TRUE(again.start());
  EXPECT_EQ(member(again.call("GET", "/v1/tasks/kept").body, "version"), version);
  EXPECT_EQ(elements(member(again.call("GET", "/v1/admin/pauses").body, "pauses")).size(), 1U);
  HttpAnswer made_later =
      again.call("POST", "/v1/tasks", R"({"id":"new","schedule":"2040-01-01T00:00:00Z"})");
  EXPECT_GT(number_member(made_later.body, "version"), int64_t{1} << 32)
      << "C-3: no version that the former server gave out comes again";
  const HttpAnswer secret = again.call("PUT", "/v1/secrets/new", R"({"value":"v"})");
  EXPECT_GT(number_member(secret.body, "version"), int64_t{1} << 32) << secret.body;
}

TEST_F(BackupTest, CheckRefusesAFolderInUseAndFindsDamageInAClosedOne) {  // C-23
  const Ended in_use = db({"check", node_.folder()});
  EXPECT_EQ(in_use.code, 2);
  EXPECT_NE(in_use.output.find("in use"), std::string::npos) << in_use.output;
  ASSERT_TRUE(node_.stop());
  const Ended clean = db({"check", node_.folder()});
  EXPECT_EQ(clean.code, 0) << clean.output;
  const Ended json = db({"check", node_.folder(), "-o", "json"});
  EXPECT_EQ(json.code, 0);
  EXPECT_EQ(member(json.output, "damaged"), "0") << json.output;
  EXPECT_EQ(elements(member(json.output, "files")).size(), 3U) << "two shards and the system file";
  for (const char* name : {"/shard-000.db", "/shard-001.db"}) {
    std::fstream file(node_.folder() + name, std::ios::in | std::ios::out | std::ios::binary);
    std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    const size_t at = bytes.find("2040-01-01");
    if (at == std::string::npos) continue;
    file.clear();
    file.seekp(static_cast<std::streamoff>(at));
    file.put('3');
  }
  const Ended damaged = db({"check", node_.folder()});
  EXPECT_EQ(damaged.code, 1) << damaged.output;
  EXPECT_NE(damaged.output.find("definition "), std::string::npos) << damaged.output;
  const Ended lines = db({"check", node_.folder(), "-o", "ndjson"});
  EXPECT_EQ(lines.code, 1);
  EXPECT_EQ(std::count(lines.output.begin(), lines.output.end(), '\n'), 3) << lines.output;
  EXPECT_NE(lines.output.find(R"("table":"definition")"), std::string::npos) << lines.output;
}

TEST_F(BackupTest, ABackupNeverOverwritesAndAServerGoesOn) {
  ASSERT_EQ(back_up().code, 0);
  const Ended again = back_up();
  EXPECT_EQ(again.code, 2);
  EXPECT_NE(again.output.find("not an empty folder"), std::string::npos) << again.output;
  EXPECT_EQ(node_.call("GET", "/readyz").status, 200);
}

}  // namespace
}  // namespace hourwheel::backup_test
