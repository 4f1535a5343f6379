// The verbs of `run` that choose by filter, and what attempts did: what they ask a server, and what
// they print.
#include <gtest/gtest.h>

#include <string>

#include "tests/tools/asked_program.h"

namespace hourwheel::run_verbs_test {
namespace {

TEST(RunsByFilter, WhatTheRunLogKeepsIsListedByStateTriggerAndResult) {
  Asked all = ask_all("run list --state all --limit 5", {{200, R"({"runs":[]})"}});
  EXPECT_EQ(all.requests[0], "GET /v1/runs?page_size=5 HTTP/1.1\n");
  Asked some =
      ask_all("run list --state succeeded,canceled --trigger manual --result timed_out --limit 5",
              {{200, R"({"runs":[{"id":"r1","task_id":"t1","state":"canceled","trigger":"manual",
      "due_at":"2030-01-01T00:00:00.000Z"}]})"}});
  EXPECT_EQ(some.requests[0],
            "GET /v1/runs?state=succeeded%2Ccanceled&trigger=manual&result=timed_out&page_size=5 "
            "HTTP/1.1\n");
  Asked dead =
      ask_all("run list --result timed_out --error slow --limit 5", {{200, R"({"runs":[]})"}});
  EXPECT_EQ(dead.requests[0],
            "GET /v1/runs?state=dead&result=timed_out&error=slow&page_size=5 HTTP/1.1\n");
  for (const char* part : {"STATE", "canceled", "TRIGGER", "manual"}) {
    EXPECT_TRUE(has(some.client.output, part)) << some.client.output;
  }
}

TEST(RunsByFilter, OpenRunsAreCanceledAndDeadOnesDeletedByFilter) {
  Asked cancel = ask_all("run cancel -l a:b --yes",
                         {{200, R"({"matched":2,"changed":0,"left":2,"done":true})"},
                          {200, R"({"matched":2,"changed":2,"left":0,"done":false,
                              "next_page_token":"further"})"},
                          {200, R"({"matched":1,"changed":1,"left":0,"done":true})"}});
  EXPECT_EQ(cancel.requests[1],
            "POST /v1/runs:bulk HTTP/1.1\n"
            R"({"filter":{"label":["a:b"]},"action":"cancel"})");
  EXPECT_EQ(cancel.client.output, "cancel: 3 open runs asked to end, 0 left\n");
  EXPECT_EQ(cancel.requests[2],
            "POST /v1/runs:bulk HTTP/1.1\n"
            R"({"filter":{"label":["a:b"]},"action":"cancel","page_token":"further"})");
  Asked gone = ask_all("run delete --task t1 --dry-run", {{200, R"({"matched":1})"}});
  EXPECT_EQ(gone.requests[0],
            "POST /v1/runs:bulk HTTP/1.1\n"
            R"({"filter":{"state":"dead","task_id":"t1"},"action":"delete","dry_run":true})");
  EXPECT_EQ(gone.client.output, "1 dead run to delete\n");
  Asked refused = ask_all("run redrive --result connect_failed,timed_out --error refused --dry-run",
                          {{200, R"({"matched":3})"}});
  EXPECT_EQ(refused.requests[0],
            "POST /v1/runs:bulk HTTP/1.1\n"
            R"({"filter":{"state":"dead","result":"connect_failed,timed_out","error":"refused"},)"
            R"("action":"redrive","rate":10,"dry_run":true})");
  for (const char* wrong : {"run cancel", "run delete", "run cancel r1 --task t1",
                            "run cancel --task t1 --result timed_out"}) {
    EXPECT_EQ(run_alone(std::string(wrong) + " --server http://127.0.0.1:1").code, 2) << wrong;
  }
}

TEST(RunVerbs, WhatAttemptsDidOnTheWireIsWide) {
  const std::string body = R"({"attempts":[{"number":1,"outcome":"responded",
      "remote_addr":"192.0.2.1:443","connection_reused":false,"tls_ms":31,"ttfb_ms":8,
      "response_headers":{"Server":"nginx","X-Request-Id":"7f3a"}}]})";
  Asked wide = ask_all("run attempts r1 -o wide", {{200, body}});
  EXPECT_TRUE(has(wide.client.output, "REMOTE         REUSED  CONNECT MS  TLS MS  FIRST BYTE MS"))
      << wide.client.output;
  EXPECT_TRUE(has(wide.client.output, "192.0.2.1:443  false   -           31      8"))
      << wide.client.output;
  EXPECT_TRUE(has(wide.client.output, R"({"Server":"nginx","X-Request-Id":"7f3a"})"))
      << wide.client.output;
  Asked narrow = ask_all("run attempts r1", {{200, body}});
  EXPECT_FALSE(has(narrow.client.output, "nginx")) << narrow.client.output;
  EXPECT_FALSE(has(narrow.client.output, "192.0.2.1")) << narrow.client.output;
}

TEST(RunVerbs, LogsAreABlockAnAttemptWithWhatItWasAnswered) {
  const std::string body =
      R"({"attempts":[{"number":1,"outcome":"responded","status_code":503,"duration_ms":45,)"
      R"("error":{"code":"status","message":"it answered 503"},"truncated":true,)"
      R"("response_body":"{\n\t\"no\": \"\u001b[2Jway\"\r\n\n}\n"},)"
      R"({"number":2,"outcome":"responded","status_code":200,"response_headers_truncated":true,)"
      R"("response_headers":{"X-Request-Id":"7f3a","Server":"n\u001b[2J"},)"
      R"("response_body_base64":"AAEC"},)"
      R"({"number":3,"outcome":"connect_failed"}]})";
  Asked logs = ask_all("run logs r1", {{200, body}});
  EXPECT_EQ(logs.requests[0], "GET /v1/runs/r1/attempts HTTP/1.1\n");
  EXPECT_EQ(logs.client.output,
            "ATTEMPT:  1\n"
            "TOOK MS:  45\n"
            "OUTCOME:  responded\n"
            "STATUS:   503\n"
            "ERROR:    status: it answered 503\n"
            "RESPONSE, its beginning:\n"
            "    {\n"
            "     \"no\": \" [2Jway\"\n"
            "    \n"
            "    }\n"
            "\n"
            "ATTEMPT:  2\n"
            "OUTCOME:  responded\n"
            "STATUS:   200\n"
            "HEADERS, some of them:\n"
            "    Server: n [2J\n"
            "    X-Request-Id: 7f3a\n"
            "RESPONSE, in base64:\n"
            "    AAEC\n"
            "\n"
            "ATTEMPT:  3\n"
            "OUTCOME:  connect_failed\n");
  EXPECT_EQ(ask_all("run logs r1 -o json", {{200, body}}).client.output, body + "\n");
  EXPECT_EQ(ask_all("run logs r1 -o name", {{200, body}}).client.output, "1\n2\n3\n");
  EXPECT_EQ(ask_all("run logs r1", {{200, R"({"attempts":[]})"}}).client.output,
            "no attempt has ended yet\n");
  EXPECT_EQ(ask_all("run logs r1", {{404, ""}}).client.code, 3);
}

}  // namespace
}  // namespace hourwheel::run_verbs_test
