// `hourwheel bench` before a real server: it measures, and leaves nothing.
#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>

#include "tests/e2e/fixture.h"

namespace hourwheel::bench_test {
namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// The text from there on; empty: it is not in it.
std::string from(const std::string& text, const std::string& begin) {
  return text.substr(std::min(text.find(begin), text.size()));
}

class BenchOfServer : public testing::Test {
 protected:
  // Interrupted after so long, unless it ends before.
  Ended bench(const std::string& arguments, const std::string& seconds = "60") {
    const std::string command = "timeout --foreground --preserve-status --signal=INT " + seconds +
                                " " + HW_SERVER +
                                " bench --server http://127.0.0.1:" + std::to_string(node_.port()) +
                                " " + arguments + " 2>&1";
    std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
    Ended ended;
    std::array<char, 4096> bytes{};
    while (size_t got = fread(bytes.data(), 1, bytes.size(), pipe.get())) {
      ended.output.append(bytes.data(), got);
    }
    ended.code = WEXITSTATUS(pclose(pipe.release()));
    return ended;
  }
  size_t tasks_left() {
    return elements(member(node_.call("GET", "/v1/tasks").body, "tasks")).size();
  }

  Node node_;
};

TEST_F(BenchOfServer, CreatesInBothWaysOverConnectionsThatAreKept) {
  ASSERT_TRUE(node_.start());
  const Ended ended =
      bench("--creates 1000 --connections 8 --batch 50 --duration 50s --fire 0 -o json");
  EXPECT_EQ(0, ended.code) << ended.output;
  const std::string json = from(ended.output, "{\"server\"");
  const auto parts = elements(member(json, "parts"));
  ASSERT_EQ(2U, parts.size()) << ended.output;
  for (const std::string& part : {parts[0], parts[1]}) {
    EXPECT_EQ("1000", member(part, "tasks")) << part;
    EXPECT_TRUE(has(part, R"("p999_ms":)")) << "of requests that made no connection: " << part;
    EXPECT_EQ("0", member(part, "lost")) << part;
  }
  EXPECT_EQ("1000", member(parts[0], "requests"));
  EXPECT_EQ("20", member(parts[1], "requests"));
  EXPECT_EQ("2001", member(json, "removed")) << "with the one that was made first";
  EXPECT_EQ("true", member(json, "shares_machine"));
  EXPECT_EQ(0U, tasks_left());
}

TEST_F(BenchOfServer, AnInterruptEndsItAndWhatItMadeIsDeleted) {
  ASSERT_TRUE(node_.start());
  const Ended ended = bench("--creates 10000000 --connections 4 --duration 50s --fire 0", "1");
  EXPECT_EQ(130, ended.code) << ended.output;
  EXPECT_TRUE(has(ended.output, "It was interrupted")) << ended.output;
  EXPECT_TRUE(has(ended.output, "Deleted what was made")) << ended.output;
  EXPECT_EQ(0U, tasks_left());
}

TEST_F(BenchOfServer, EveryRunArrivesOnceAndItsLatenessIsTold) {
  ASSERT_TRUE(node_.start());
  const Ended ended =
      bench("--creates 100 --fire 250 --spread 500ms --lead 3s --connections 4 -o ndjson");
  EXPECT_EQ(0, ended.code) << ended.output;
  const std::string fire = from(ended.output, R"({"part":"fire")");
  EXPECT_EQ("250", member(fire, "tasks")) << ended.output;
  EXPECT_EQ("250", member(fire, "arrived"));
  EXPECT_EQ("0", member(fire, "missing"));
  EXPECT_EQ("0", member(fire, "duplicates"));
  EXPECT_EQ("0", member(fire, "early"));
  EXPECT_NE("", member(fire, "p99_ms"));
  EXPECT_EQ(0U, tasks_left());
}

TEST_F(BenchOfServer, TheAdviceWhereLoopbackIsRefusedHelps) {
  node_.leave_out_dev();
  ASSERT_TRUE(node_.start());
  const std::string arguments = "--creates 0 --fire 10 --spread 100ms";
  Ended ended = bench(arguments);
  EXPECT_EQ(1, ended.code) << ended.output;
  EXPECT_TRUE(has(ended.output, "address_denied")) << ended.output;
  EXPECT_TRUE(has(ended.output, "--egress-allow 127.0.0.1;")) << ended.output;
  EXPECT_EQ(0U, tasks_left());
  node_.stop();
  node_.add_arguments({"--egress-allow", "127.0.0.1"});
  ASSERT_TRUE(node_.start());
  ended = bench(arguments);
  EXPECT_EQ(0, ended.code) << ended.output;
}

}  // namespace
}  // namespace hourwheel::bench_test
