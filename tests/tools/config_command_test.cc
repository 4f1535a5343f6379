// Where the options of `serve` come from: flags, the environment, a file, defaults.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/tools/finished_program.h"

namespace hourwheel::config_command_test {
namespace {

class ConfigCommand : public ::testing::Test {
 protected:
  void SetUp() override {
    file_ = testing::TempDir() + "hourwheel-" + std::to_string(getpid()) + ".toml";
  }
  void TearDown() override { std::filesystem::remove(file_); }

  void write(const std::string& text) { std::ofstream(file_) << text; }
  [[nodiscard]] FinishedProgram run(const std::string& verb,
                                    const std::string& environment = "") const {
    return run_program(environment + " " + program("hourwheel") + " config " + verb + " " + file_ +
                       " 2>&1");
  }
  static bool has(const FinishedProgram& finished, const std::string& line) {
    return finished.output.find(line + "\n") != std::string::npos;
  }

  std::string file_;
};

TEST_F(ConfigCommand, PrintsEachValueWithItsSource) {
  write(
      "[serve]\nlisten = \"127.0.0.1:9999\"\nshards = 3\nrequire-if-match = true\n"
      "data = \"/srv/a\"\n");
  const FinishedProgram out = run("print", "HOURWHEEL_DATA=/srv/b HOURWHEEL_RUN_LOG_BYTES=1MiB");
  EXPECT_EQ(out.code, 0);
  EXPECT_TRUE(out.output.starts_with("[serve]\n")) << out.output;
  EXPECT_TRUE(has(out, "listen = \"127.0.0.1:9999\"  # file")) << out.output;
  EXPECT_TRUE(has(out, "shards = 3  # file")) << out.output;
  EXPECT_TRUE(has(out, "require-if-match = true  # file")) << out.output;
  EXPECT_TRUE(has(out, "data = \"/srv/b\"  # environment")) << out.output;
  EXPECT_TRUE(has(out, "run-log-bytes = 1048576  # environment")) << out.output;
  EXPECT_TRUE(has(out, "dev = false  # default")) << out.output;
}

TEST_F(ConfigCommand, WhatItPrintsIsAFileThatSaysTheSame) {
  write("[serve]\nlisten = \"127.0.0.1:9999\"\ndev = true\nio = \"libevent\"\n");
  const FinishedProgram first = run("print");
  ASSERT_EQ(first.code, 0) << first.output;
  write(first.output);
  const FinishedProgram again = run("print");
  EXPECT_EQ(again.code, 0) << again.output;
  for (const char* line : {"listen = \"127.0.0.1:9999\"  # file", "dev = true  # file",
                           "io = \"libevent\"  # file", "demo = false  # file"}) {
    EXPECT_TRUE(has(again, line)) << line << "\n" << again.output;
  }
}

TEST_F(ConfigCommand, CertificateAndKeyGoTogether) {
  write("[serve]\ntls-certificate = \"/c.pem\"\ntls-key = \"/k.pem\"\ndemo = false\n");
  const FinishedProgram out = run("print", "HOURWHEEL_TLS_CLIENT_CA=/clients.pem");
  EXPECT_EQ(out.code, 0) << out.output;
  EXPECT_TRUE(has(out, "tls-certificate = \"/c.pem\"  # file")) << out.output;
  EXPECT_TRUE(has(out, "tls-client-ca = \"/clients.pem\"  # environment")) << out.output;
  for (const char* wrong :
       {"tls-certificate = \"/c.pem\"\n", "tls-key = \"/k.pem\"\n",
        "tls-certificate = \"/c.pem\"\ntls-key = \"\"\n", "tls-client-ca = \"/a.pem\"\n",
        "tls-certificate = \"/c.pem\"\ntls-key = \"/k.pem\"\ndemo = true\n"}) {
    write(std::string("[serve]\n") + wrong);
    EXPECT_EQ(run("check").code, 2) << wrong;
  }
}

TEST_F(ConfigCommand, ThePublicUrlIsCheckedAndAFlagComesFirst) {
  write("[serve]\npublic-url = \"https://file.example\"\n");
  const std::string by_file = "public-url = \"https://file.example\"  # file";
  EXPECT_TRUE(has(run("print"), by_file)) << run("print").output;
  const FinishedProgram out = run("print", "HOURWHEEL_PUBLIC_URL=http://env.example:8080/wheel/");
  EXPECT_TRUE(has(out, "public-url = \"http://env.example:8080/wheel/\"  # environment"))
      << out.output;
  for (const char* wrong : {"h.example", "ftp://h.example", "https://h.example/?a=b",
                            "https://me@h.example", "https://", "https://h.example:0"}) {
    write(std::string("[serve]\npublic-url = \"") + wrong + "\"\n");
    const FinishedProgram refused = run("check");
    EXPECT_EQ(refused.code, 2) << wrong;
    EXPECT_NE(refused.output.find("public-url"), std::string::npos) << refused.output;
  }
  write("[serve]\n");
  EXPECT_TRUE(run("print").output.find("# public-url is by itself: ") != std::string::npos);
}

TEST_F(ConfigCommand, OpenedRangesAreAListOfNetworksThatMayBeOpened) {
  write("[serve]\negress-allow = [\"10.0.0.0/8\", \"fd00:1234::/48\"]\n");
  const FinishedProgram list = run("print");
  EXPECT_TRUE(has(list, "egress-allow = \"10.0.0.0/8,fd00:1234::/48\"  # file")) << list.output;
  EXPECT_TRUE(has(list, "max-in-flight-per-destination = 1024  # default")) << list.output;
  EXPECT_TRUE(has(list, "breaker-failures = 20  # default")) << list.output;
  write(list.output);
  EXPECT_TRUE(has(run("print"), "egress-allow = \"10.0.0.0/8,fd00:1234::/48\"  # file"));
  const FinishedProgram out = run("print", "HOURWHEEL_EGRESS_ALLOW=127.0.0.1,::1,172.16.0.0/12");
  EXPECT_TRUE(has(out, "egress-allow = \"127.0.0.1,::1,172.16.0.0/12\"  # environment"))
      << out.output;
  for (const char* wrong : {"", "10.0.0.0/33", "10.0.0.1/8", "0.0.0.0/0", "8.8.8.0/24", "::/0",
                            "169.254.169.254", "10.0.0.0/8,fe80::/10", "lan", "10.0.0.0/8;::1"}) {
    write(std::string("[serve]\negress-allow = \"") + wrong + "\"\n");
    const FinishedProgram refused = run("check");
    EXPECT_EQ(refused.code, 2) << wrong;
    EXPECT_NE(refused.output.find("egress-allow"), std::string::npos) << refused.output;
  }
  write("[serve]\n");
  EXPECT_NE(run("print").output.find("# egress-allow is by itself: "), std::string::npos);
  for (const char* wrong : {"0", "1025", "-1", "many"}) {
    EXPECT_EQ(run("check", std::string("HOURWHEEL_MAX_IN_FLIGHT_PER_DESTINATION=") + wrong).code, 2)
        << wrong;
  }
  for (const char* wrong : {"10001", "-1", "many"}) {
    EXPECT_EQ(run("check", std::string("HOURWHEEL_BREAKER_FAILURES=") + wrong).code, 2) << wrong;
  }
}

TEST_F(ConfigCommand, AVariableWithoutAValueIsNone) {
  write("[serve]\nrequire-if-match = true  # \"yes\"\n");
  const FinishedProgram out = run("print", "HOURWHEEL_REQUIRE_IF_MATCH= HOURWHEEL_CONFIG=");
  EXPECT_TRUE(has(out, "require-if-match = true  # file")) << out.output;
}

TEST_F(ConfigCommand, WhatIsWrongWithItIsNothingToOtherCommands) {
  write("[serve]\nshards = 0\n");
  const FinishedProgram out = run_program("HOURWHEEL_SHARDS=none HOURWHEEL_CONFIG=" + file_ + " " +
                                          program("hourwheel") + " version 2>&1");
  EXPECT_EQ(out.code, 0) << out.output;
}

TEST_F(ConfigCommand, TheEnvironmentNamesTheFile) {
  write("[serve]\nshards = 7\n");
  const std::string print = program("hourwheel") + " config print 2>&1";
  const FinishedProgram out = run_program("HOURWHEEL_CONFIG=" + file_ + " " + print);
  EXPECT_EQ(out.code, 0);
  EXPECT_TRUE(has(out, "shards = 7  # file")) << out.output;
  EXPECT_EQ(run_program("HOURWHEEL_CONFIG=" + file_ + ".absent " + print).code, 2);
}

TEST_F(ConfigCommand, WhatIsWrongIsNamed) {
  const struct {
    const char* text;
    const char* names;
  } kCases[] = {
      {"[serve]\nlisten = \"127.0.0.1:1\"\nlissten = \"x\"\n", "serve.lissten"},
      {"listen = \"127.0.0.1:1\"\n", "listen"},
      {"[server]\nlisten = \"127.0.0.1:1\"\n", "server"},
      {"[serve]\nshards = 0\n", "shards"},
      {"[serve]\nio = \"magic\"\n", "magic"},
      {"[serve]\nrun-log-bytes = \"much\"\n", "run-log-bytes"},
      {"[serve]\nstorage-reserve = \"-5\"\n", "-5"},
      {"[serve]\nstorage-reserve = 010\n", "010"},
      {"[serve]\ndata = \"/a#b\"\n", "/a#b"},
  };
  for (const auto& one : kCases) {
    write(one.text);
    const FinishedProgram out = run("check");
    EXPECT_EQ(out.code, 2) << one.text;
    EXPECT_NE(out.output.find(one.names), std::string::npos) << one.text << out.output;
  }
  std::filesystem::remove(file_);
  EXPECT_EQ(run("check").code, 2) << "a file that is named must be there";
  write("[serve]\n");
  EXPECT_EQ(run("check").code, 0);
  EXPECT_EQ(run("check", "HOURWHEEL_SHARDS=none").code, 2);
}

// The server itself goes by the same: the folder is not ours, and is named in the refusal.
TEST_F(ConfigCommand, ServeGoesByTheFileAndAFlagComesFirst) {
  const std::string other = file_ + ".d";
  std::filesystem::create_directory(other);
  std::ofstream(other + "/thesis.txt") << "mine";
  write("[serve]\ndata = \"" + other + "\"\n");
  const std::string serve = program("hourwheel") + " serve --config " + file_;
  const FinishedProgram by_file = run_program(serve + " 2>&1");
  EXPECT_EQ(by_file.code, 1);
  EXPECT_NE(by_file.output.find(other), std::string::npos) << by_file.output;
  const FinishedProgram by_flag = run_program(serve + " --data /proc/none 2>&1");
  EXPECT_NE(by_flag.output.find("/proc/none"), std::string::npos) << by_flag.output;
  std::filesystem::remove_all(other);
}

}  // namespace
}  // namespace hourwheel::config_command_test
