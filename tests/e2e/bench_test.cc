// `hourwheel bench` before a real server: it measures, and leaves nothing.
#include <array>
#include <cstdio>
#include <memory>

#include "tests/e2e/fixture.h"

namespace hourwheel::bench_test {
namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

class BenchOfServer : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(node_.start()); }

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
  const Ended ended = bench("--creates 3000 --connections 8 --batch 100 --duration 20s -o json");
  EXPECT_EQ(0, ended.code) << ended.output;
  const std::string json = ended.output.substr(ended.output.find("{\"server\""));
  const auto parts = elements(member(json, "parts"));
  ASSERT_LE(2U, parts.size()) << ended.output;
  for (const std::string& part : {parts[0], parts[1]}) {
    EXPECT_EQ("3000", member(part, "tasks")) << part;
    EXPECT_TRUE(has(part, R"("p999_ms":)")) << "of requests that made no connection: " << part;
    EXPECT_EQ("0", member(part, "lost")) << part;
  }
  EXPECT_EQ("3000", member(parts[0], "requests"));
  EXPECT_EQ("30", member(parts[1], "requests"));
  EXPECT_EQ("6001", member(json, "removed")) << "with the one that was made first";
  EXPECT_EQ("true", member(json, "shares_machine"));
  EXPECT_EQ(0U, tasks_left());
}

TEST_F(BenchOfServer, AnInterruptEndsItAndWhatItMadeIsDeleted) {
  const Ended ended = bench("--creates 10000000 --connections 4 --duration 50s", "1");
  EXPECT_EQ(130, ended.code) << ended.output;
  EXPECT_TRUE(has(ended.output, "It was interrupted")) << ended.output;
  EXPECT_TRUE(has(ended.output, "Deleted what was made")) << ended.output;
  EXPECT_EQ(0U, tasks_left());
}

}  // namespace
}  // namespace hourwheel::bench_test
