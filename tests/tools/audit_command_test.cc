// `audit` and `stats`: what they ask a server, what they print, and their exit codes.
#include <gtest/gtest.h>

#include "tests/tools/asked_program.h"

namespace hourwheel::audit_command_test {
namespace {

constexpr const char* kEntry =
    R"({"id":"aud-0-1048576","at":"2030-01-01T00:00:00.000Z","action":"pause",)"
    R"("actor":{"kind":"client","key_id":"key0000001","address":"10.0.0.7"},)"
    R"("task_id":"t1","version":17,"note":"a move"})";

TEST(AuditCommand, AListAsksWithItsFiltersAndGoesOnToTheNextPage) {
  const std::string entry = kEntry;
  Asked asked = ask_all("audit list --task t/1 --key k --after 2030-01-01T00:00:00Z --all",
                        {{200, "{\"entries\":[" + entry + "],\"next_page_token\":\"abc\"}"},
                         {200, "{\"entries\":[" + entry + "]}"}});
  EXPECT_TRUE(asked.requests[0].starts_with(
      "GET /v1/audit?task_id=t%2F1&key_id=k&after=2030-01-01T00%3A00%3A00Z"))
      << asked.requests[0];
  EXPECT_TRUE(has(asked.requests[1], "page_token=abc")) << asked.requests[1];
  for (const char* part : {"pause", "t1", "key0000001", "10.0.0.7", "a move"}) {
    EXPECT_TRUE(has(asked.client.output, part)) << part << " in " << asked.client.output;
  }
  EXPECT_EQ(asked.client.code, 0);
}

TEST(AuditCommand, ALineAnEntryIsWhatTheServerSaid) {
  Asked asked =
      ask_all("audit list -o ndjson", {{200, "{\"entries\":[" + std::string(kEntry) + "]}"}});
  EXPECT_EQ(asked.client.output, std::string(kEntry) + '\n');
}

TEST(AuditCommand, AVerdictIsTheExitCode) {
  const std::string chain =
      R"("chains":[{"source":"shard-000","rows":1,"entries":2,"first_row":1,"last_row":1,)"
      R"("complete":true,"head":"sha256:00","broken":null}]})";
  Asked good = ask_all("audit verify", {{200, R"({"intact":true,)" + chain}});
  EXPECT_TRUE(good.requests[0].starts_with("GET /v1/audit:verify HTTP/1.1"));
  EXPECT_TRUE(has(good.client.output, "shard-000")) << good.client.output;
  EXPECT_EQ(good.client.code, 0);
  EXPECT_EQ(ask_all("audit verify", {{200, R"({"intact":false,)" + chain}}).client.code, 1);
  EXPECT_EQ(ask_all("audit verify", {{200, R"({"intact":null,)" + chain}}).client.code, 1);
}

TEST(AuditCommand, StatsAreShownAsACard) {
  Asked asked = ask_all(
      "stats",
      {{200, R"({"at":"2030-01-01T00:00:00.000Z","now":{"runs_in_flight":3,"tasks":{"paused":77}},)"
             R"("since_start":{"runs":{"dead":41},"lateness_p99_ms":1.5},"series":[]})"}});
  EXPECT_TRUE(asked.requests[0].starts_with("GET /v1/stats HTTP/1.1"));
  for (const char* part : {"RUNS IN FLIGHT", "3", "PAUSED TASKS", "77", "41", "1.5"}) {
    EXPECT_TRUE(has(asked.client.output, part)) << part << " in " << asked.client.output;
  }
}

TEST(AuditCommand, BreakersThatAreOpenAreATableBelowTheCard) {
  const std::string stats =
      R"({"at":"2030-01-01T00:00:00.000Z","now":{"breakers_open":2,"breakers":[)"
      R"({"destination":"https://crm.example:8443","since":"2029-12-31T23:58:00.000Z",)"
      R"("next_probe_at":"2030-01-01T00:00:21.000Z","failures":27,"shards":2}]},)"
      R"("since_start":{},"series":[]})";
  const std::string shown = ask_all("stats", {{200, stats}}).client.output;
  const size_t count = shown.find("BREAKERS OPEN");
  const size_t head = shown.find("DESTINATION");
  ASSERT_NE(count, std::string::npos) << shown;
  ASSERT_NE(head, std::string::npos) << shown;
  EXPECT_LT(count, head);
  const std::string table = shown.substr(head);
  for (const char* part : {"NEXT PROBE", "https://crm.example:8443", "27", "SHARDS"}) {
    EXPECT_TRUE(has(table, part)) << part << " in " << table;
  }
  EXPECT_EQ(ask_all("stats -o ndjson", {{200, stats}}).client.output, stats + "\n");
  const std::string none =
      ask_all("stats", {{200, R"({"now":{"breakers_open":0,"breakers":[]},"since_start":{}})"}})
          .client.output;
  EXPECT_FALSE(has(none, "DESTINATION")) << none;
}

TEST(AuditCommand, WhatIsNoInstantIsRefusedBeforeAnythingIsAsked) {
  EXPECT_EQ(run_alone("audit list --after soon").code, 2);
}

}  // namespace
}  // namespace hourwheel::audit_command_test
