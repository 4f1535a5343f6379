// `server`, `stats`, `health`, `log-level`, `drain` and `version`: what they ask a server, what
// they print, and their exit codes.
#include <gtest/gtest.h>

#include <string>

#include "tests/tools/asked_program.h"

namespace hourwheel::server_verbs_test {
namespace {

TEST(ServerVerbs, HealthSaysWhatTheServerSays) {
  Asked level = ask_all("log-level", {{200, R"({"level":"info"})"}});
  EXPECT_EQ(level.client.code, 0);
  EXPECT_NE(level.client.output.find("info"), std::string::npos) << level.client.output;
  Asked set = ask_all("log-level debug", {{200, R"({"level":"debug"})"}});
  EXPECT_EQ(set.client.code, 0);
  Asked ready = ask_all("health", {{200, "[+]store ok\n"}});
  EXPECT_EQ(ready.requests[0], "GET /readyz?verbose HTTP/1.1\n");
  EXPECT_EQ(ready.client.output, "[+]store ok\n");
  EXPECT_EQ(ready.client.code, 0);
  EXPECT_EQ(ask_all("health", {{503, "[-]draining\n"}}).client.code, 1);
  Asked json =
      ask_all("health -o json", {{503, "[+]data files open\n[-]not draining\nnot ready\n"}});
  EXPECT_EQ(json.client.output,
            R"({"ready":false,"status":503,"checks":[{"check":"data files open","ok":true},)"
            R"({"check":"not draining","ok":false}]})"
            "\n");
  EXPECT_EQ(json.client.code, 1);
  EXPECT_EQ(run_alone("health --server http://127.0.0.1:1").code, 6);
}

TEST(ServerVerbs, ADrainIsAskedFor) {
  Asked asked = ask_all("drain", {{202, R"({"draining":true})"}});
  EXPECT_EQ(asked.requests[0], "POST /v1/admin/drain HTTP/1.1\n");
  EXPECT_EQ(asked.client.output, "the server stops when what is in flight is done\n");
  EXPECT_EQ(asked.client.code, 0);
  EXPECT_EQ(ask_all("drain -o ndjson", {{202, R"({"draining":true})"}}).client.output,
            "{\"draining\":true}\n");
  EXPECT_NE(ask_all("drain", {{403, R"({"code":"forbidden"})"}}).client.code, 0);
}

TEST(ServerVerbs, TheServerIsShown) {
  Asked asked = ask_all("server", {{200, R"({"version":"9.9","storage":{"state":"low"}})"}});
  EXPECT_EQ(asked.requests[0], "GET /v1/server HTTP/1.1\n");
  EXPECT_TRUE(has(asked.client.output, "9.9")) << asked.client.output;
  EXPECT_TRUE(has(asked.client.output, "low")) << asked.client.output;
}

TEST(ServerVerbs, TheVersionIsWrittenForPeopleAndForPrograms) {
  EXPECT_TRUE(run_alone("version").output.starts_with("hourwheel "));
  EXPECT_TRUE(run_alone("version -o json").output.starts_with("{\"version\":\""));
}

}  // namespace
}  // namespace hourwheel::server_verbs_test
