// What takes long: a list of everything and a backup, left alone and with a kill -9 in the middle.
#include <filesystem>

#include "tests/e2e/crowd.h"
#include "tests/e2e/fixture.h"

namespace hourwheel::long_requests_test {
namespace {

constexpr size_t kTasks = 20'000;

class LongRequest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(node_.start());
    create_crowd(node_, {"stored", kTasks, R"("2199-01-01T00:00:00Z")",
                         R"(,"payload":")" + std::string(200, 'x') + '"'});
  }
  void expect_all_there_after_a_restart() {
    ASSERT_TRUE(node_.start());
    EXPECT_EQ(200, node_.call("GET", "/readyz").status);
    HttpAnswer list = node_.call("GET", "/tasks");
    EXPECT_TRUE(list.complete);
    EXPECT_EQ(kTasks, elements(list.body).size());
  }
  Node node_;
};

TEST_F(LongRequest, LongListComesToItsEndWithNobodyElseAsking) {
  HttpClient client(node_.port(), 5'000);
  auto list = client.request("GET", "/tasks");
  ASSERT_TRUE(list);
  EXPECT_TRUE(list->complete) << "stopped after " << list->body.size() << " bytes";
  EXPECT_EQ(kTasks, elements(list->body).size());
}

TEST_F(LongRequest, KillDuringALongListLosesNothing) {
  HttpClient reader(node_.port());
  ASSERT_TRUE(reader.send("GET /tasks HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  // More than the sockets hold is still to come when its first bytes are here.
  HttpClient other(node_.port());
  ASSERT_EQ(200, other.request("GET", "/livez")->status);
  node_.kill();
  auto answer = reader.receive();
  EXPECT_TRUE(!answer || !answer->complete) << "the list was over before the kill";
  expect_all_there_after_a_restart();
}

TEST_F(LongRequest, KillDuringABackupLeavesTheServerItsFilesAndTheNextBackupWhole) {
  const std::string copies = node_.folder() + "-copies";
  std::filesystem::create_directory(copies);
  HttpClient client(node_.port());
  const std::string body = R"({"path":")" + copies + R"(/first"})";
  ASSERT_TRUE(client.send("POST /v1/admin/backup HTTP/1.1\r\nHost: localhost\r\n" +
                          std::string(kJsonFields) +
                          "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body));
  HttpClient other(node_.port());
  ASSERT_EQ(200, other.request("GET", "/livez")->status);
  node_.kill();
  expect_all_there_after_a_restart();

  HttpAnswer answer =
      node_.call("POST", "/v1/admin/backup", R"({"path":")" + copies + R"(/second"})");
  EXPECT_EQ(200, answer.status) << answer.body;
  auto files = elements(member(answer.body, "files"));
  EXPECT_EQ(2U, files.size());
  for (const std::string& file : files) {
    EXPECT_EQ(static_cast<uintmax_t>(number_member(file, "bytes")),
              std::filesystem::file_size(member(file, "path")));
  }
  std::filesystem::remove_all(copies);
}

}  // namespace
}  // namespace hourwheel::long_requests_test
