// What the server refuses to do at its start, and in how many words.
#include <algorithm>
#include <fstream>

#include "tests/e2e/fixture.h"

namespace hourwheel::refusals_test {
namespace {

void expect_one_sentence(const std::string& output) {
  EXPECT_EQ(1, std::count(output.begin(), output.end(), '\n')) << output;
}

TEST(Start, SecondServerOnTheSameFolderIsRefused) {
  Node node;
  ASSERT_TRUE(node.start());
  Ended ended = run_to_the_end(node.arguments("127.0.0.1:0"));
  EXPECT_EQ(1, ended.code);
  EXPECT_NE(std::string::npos, ended.output.find("in use by another server (pid " +
                                                 std::to_string(node.server().pid()) + ")"))
      << ended.output;
  expect_one_sentence(ended.output);
  EXPECT_EQ(200, node.call("GET", "/livez").status);
}

TEST(Start, OtherMachinesAreNotServedWithoutKeys) {
  Node node;
  Ended ended = run_to_the_end(node.arguments("0.0.0.0:0"));
  EXPECT_EQ(78, ended.code);
  for (const char* way : {"hourwheel key create", "--insecure-no-auth"}) {
    EXPECT_NE(std::string::npos, ended.output.find(way)) << ended.output;
  }
  expect_one_sentence(ended.output);
}

TEST(Start, NewerSchemaIsRefusedAndLeftAlone) {
  Node node;
  ASSERT_TRUE(node.start());
  auto exit = node.stop();
  ASSERT_TRUE(exit && exit->code == 0);
  // SQLite keeps user_version at byte 60 of the file, big-endian.
  constexpr std::streamoff kUserVersion = 60;
  const std::string file = node.folder() + "/shard-000.db";
  {
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekp(kUserVersion);
    stream.write("\0\0\0\x63", 4);
    ASSERT_TRUE(stream.good());
  }
  Ended ended = run_to_the_end(node.arguments("127.0.0.1:0"));
  EXPECT_EQ(1, ended.code);
  EXPECT_NE(std::string::npos, ended.output.find("schema version 99")) << ended.output;
  EXPECT_NE(std::string::npos, ended.output.find(file)) << ended.output;
  std::ifstream stream(file, std::ios::binary);
  stream.seekg(kUserVersion + 3);
  EXPECT_EQ(0x63, stream.get());
}

TEST(Start, FolderOfSomethingElseIsRefused) {
  Node node;
  std::ofstream(node.folder() + "/thesis.txt") << "mine";
  Ended ended = run_to_the_end(node.arguments("127.0.0.1:0"));
  EXPECT_EQ(1, ended.code);
  EXPECT_NE(std::string::npos, ended.output.find("thesis.txt")) << ended.output;
  expect_one_sentence(ended.output);
}

TEST(Start, IoUringThatIsDeniedIsNotReplacedWhenItWasAskedForByName) {
  Node node({"uring", ServerProcess::Confinement::kWithoutIoUring, nullptr});
  auto started = ServerProcess::start({HW_SERVER, node.arguments("127.0.0.1:0"), kPatience,
                                       ServerProcess::Errors::kInOutput,
                                       ServerProcess::Confinement::kWithoutIoUring});
  ASSERT_FALSE(started);
  EXPECT_NE(std::string::npos, started.error().detail.find("io_uring")) << started.error().detail;
}

}  // namespace
}  // namespace hourwheel::refusals_test
