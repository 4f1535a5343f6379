// `hourwheel task import` and `export` against a server whose answers the test has written.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/support/temp_folder.h"
#include "tests/tools/canned_server.h"
#include "tests/tools/finished_program.h"

namespace hourwheel::transfer_command_test {
namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

class TransferCommandTest : public testing::Test {
 protected:
  TransferCommandTest() {
    std::ofstream(lines()) << "{\"id\":\"a\"}\n\n{\"id\":\"b\"}\n{\"id\":\"c\"}\n";
  }

  std::string lines() const { return folder_.file("lines"); }
  Pipe begin(const std::string& arguments) {
    return begin_program("HOURWHEEL_URL=" + server_.url() + " " + program("hourwheel") + " task " +
                         arguments + " 2>&1");
  }

  CannedServer server_;
  test::TempFolder folder_;
};

TEST_F(TransferCommandTest, LinesAreSentWithoutEmptyOnesAndCountedAsTheFileCounts) {
  Pipe client = begin("import - --mode upsert < " + lines());
  EXPECT_EQ(server_.answer(200, R"({"results":[
      {"line":1,"status":201,"id":"a","effect":"created"},
      {"line":2,"status":422,"id":"b","problem":{"code":"never-fires","detail":"It never does.",
        "errors":[{"pointer":"#/schedule","code":"never-fires","detail":"It never does."}]}},
      {"line":3,"status":200,"id":"c","effect":"replaced"}]})"),
            "POST /v1/tasks:import?mode=upsert HTTP/1.1\n"
            "{\"id\":\"a\"}\n{\"id\":\"b\"}\n{\"id\":\"c\"}\n");
  const FinishedProgram done = finish_program(std::move(client));
  EXPECT_EQ(done.code, 1);
  EXPECT_EQ(done.output,
            "line 3: never-fires: #/schedule: It never does.\n"
            "3 lines: 1 created, 1 replaced, 0 unchanged, 1 failed\n");
}

TEST_F(TransferCommandTest, WhatTheServerHadNoRoomForIsSentAgain) {
  Pipe client = begin("import " + lines());
  EXPECT_TRUE(has(server_.answer(503, R"({"code":"overloaded","detail":"too much"})"), "\"a\""));
  server_.answer(200, R"({"results":[{"line":1,"status":201,"effect":"created"},
      {"line":2,"status":503,"problem":{"code":"overloaded","detail":"too much"}},
      {"line":3,"status":200,"effect":"unchanged"}]})");
  EXPECT_EQ(server_.answer(200, R"({"results":[{"line":1,"status":201,"effect":"created"}]})"),
            "POST /v1/tasks:import?mode=create HTTP/1.1\n{\"id\":\"b\"}\n");
  const FinishedProgram done = finish_program(std::move(client));
  EXPECT_EQ(done.code, 0);
  EXPECT_EQ(done.output, "3 lines: 2 created, 0 replaced, 1 unchanged, 0 failed\n");
}

// As many lines as a key may send at once are found out by halves.
TEST_F(TransferCommandTest, WhatIsTooMuchForOneRequestIsSentInSeveral) {
  std::ofstream(lines(), std::ios::app) << "{\"id\":\"d\"}\n{\"id\":\"e\"}\n";
  auto made = [](size_t count) {
    std::string body = R"({"results":[)";
    for (size_t i = 0; i < count; ++i)
      body += (i == 0 ? "" : ",") + std::string("{\"status\":201,\"effect\":\"created\"}");
    return body + "]}";
  };
  auto ids = [](const std::string& request) {
    std::string found;
    for (char id : {'a', 'b', 'c', 'd', 'e'}) {
      if (has(request, std::string(1, '"') + id + "\"}")) found += id;
    }
    return found;
  };
  const std::string too_much = R"({"code":"payload-too-large","detail":"no more than 3"})";
  Pipe client = begin("import " + lines());
  EXPECT_EQ(ids(server_.answer(413, too_much)), "abcde");
  EXPECT_EQ(ids(server_.answer(200, made(2))), "ab");
  EXPECT_EQ(ids(server_.answer(413, too_much)), "cd") << "the server may change its mind";
  EXPECT_EQ(ids(server_.answer(200, made(1))), "c");
  EXPECT_EQ(ids(server_.answer(200, made(1))), "d");
  EXPECT_EQ(ids(server_.answer(413, too_much)), "e");
  const FinishedProgram done = finish_program(std::move(client));
  EXPECT_EQ(done.code, 1) << "one line is too much";
  EXPECT_TRUE(has(done.output, "4 lines: 4 created")) << done.output;
}

TEST_F(TransferCommandTest, APipeIsReadAsAFileIs) {
  Pipe client = begin_program("cat " + lines() + " | HOURWHEEL_URL=" + server_.url() + " " +
                              program("hourwheel") + " task import /dev/stdin 2>&1");
  server_.answer(200, R"({"results":[{"line":1,"status":201,"effect":"created"},
      {"line":2,"status":201,"effect":"created"},{"line":3,"status":201,"effect":"created"}]})");
  const FinishedProgram done = finish_program(std::move(client));
  EXPECT_EQ(done.code, 0);
  EXPECT_TRUE(has(done.output, "3 lines: 3 created")) << done.output;
}

TEST_F(TransferCommandTest, WhatCannotBeReadIsSaidSo) {
  const FinishedProgram done = finish_program(begin("import /tmp"));
  EXPECT_EQ(done.code, 1) << done.output;
}

TEST_F(TransferCommandTest, ARefusalOfTheWholeEndsIt) {
  Pipe client = begin("import " + lines());
  server_.answer(403, R"({"code":"forbidden","detail":"Not you."})");
  const FinishedProgram done = finish_program(std::move(client));
  EXPECT_EQ(done.code, 4);
  EXPECT_TRUE(has(done.output, "forbidden: Not you.")) << done.output;
}

TEST_F(TransferCommandTest, AnAnswerThatDoesNotFitIsNotTrusted) {
  for (const char* answer : {R"({"results":[]})", "not json"}) {
    Pipe client = begin("import " + lines());
    server_.answer(200, answer);
    const FinishedProgram done = finish_program(std::move(client));
    EXPECT_EQ(done.code, 1);
    EXPECT_TRUE(has(done.output, "cannot be read")) << done.output;
  }
}

TEST_F(TransferCommandTest, AnExportAsksWithItsFilterAndPrintsTheLines) {
  Pipe client = begin("export -l team:a -l x:b=c --state active,paused");
  EXPECT_EQ(server_.answer(200, "{\"id\":\"a\"}\n"),
            "GET /v1/tasks:export?state=active%2Cpaused&label=team%3Aa&label=x%3Ab%3Dc HTTP/1.1\n");
  const FinishedProgram done = finish_program(std::move(client));
  EXPECT_EQ(done.code, 0);
  EXPECT_EQ(done.output, "{\"id\":\"a\"}\n");
}

TEST_F(TransferCommandTest, AnExportThatIsRefusedLeavesNoFile) {
  const std::string file = folder_.file("out");
  std::ofstream(file) << "of before";
  Pipe client = begin("export -f " + file);
  server_.answer(403, R"({"code":"forbidden","detail":"Not you."})");
  EXPECT_EQ(finish_program(std::move(client)).code, 4);
  EXPECT_FALSE(std::filesystem::exists(file + ".part"));
  std::string kept;
  std::getline(std::ifstream(file), kept);
  EXPECT_EQ(kept, "of before");
}

}  // namespace
}  // namespace hourwheel::transfer_command_test
