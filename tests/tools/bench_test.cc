// `bench`: what it asks of a server, what it makes of the answers, and what it leaves.
#include <gtest/gtest.h>

#include <csignal>
#include <string>

#include "tests/tools/asked_program.h"
#include "tools/hourwheel/bench_report.h"
#include "tools/hourwheel/interrupt.h"

namespace hourwheel::bench_test {
namespace {

constexpr const char* kMade = R"({"id":"t"})";
constexpr const char* kBusy = R"({"code":"overloaded","detail":"too much"})";

// "bench:0123456789abcdef", as the first line has it.
std::string label_in(const std::string& output) {
  const size_t at = output.find("bench:");
  return at == std::string::npos ? "" : output.substr(at, 6 + 16);
}

std::string task_with(const std::string& label) {
  return R"({"type":"one-time","schedule":{"delay":"P30D"},"labels":{"bench":")" + label.substr(6) +
         "\"}}";
}

TEST(Bench, CreatesWithItsLabelCountsRefusalsAndDeletesWhatItMade) {
  Asked asked =
      ask_all("bench --creates 2 --connections 1 --batch 2 --fire 0 -o json",
              {{201, kMade},
               {201, kMade},
               {503, kBusy},
               {200, R"({"results":[{"status":201,"id":"a"},{"status":429,"id":"b"}]})"},
               {200, R"({"matched":3,"changed":3,"failed":0,"in_flight":0,"done":true})"}},
              "HOURWHEEL_TOKEN=hw_x");
  const std::string& output = asked.client.output;
  const std::string label = label_in(output);
  const std::string task = task_with(label);
  EXPECT_TRUE(has(output, "hourwheel task delete -l " + label + " --yes")) << output;
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(asked.requests[i], "POST /v1/tasks HTTP/1.1\n" + task);
  }
  EXPECT_EQ(asked.requests[3],
            "POST /v1/tasks:batch HTTP/1.1\n"
            R"({"operations":[{"op":"create","task":)" +
                task + R"(},{"op":"create","task":)" + task + "}]}");
  EXPECT_EQ(asked.requests[4],
            "POST /v1/tasks:bulk HTTP/1.1\n"
            R"({"filter":{"label":[")" +
                label + R"("]},"action":"delete"})");
  for (const std::string& head : asked.heads) {
    EXPECT_TRUE(has(head, "\r\nAuthorization: Bearer hw_x\r\n")) << head;
  }
  EXPECT_FALSE(has(asked.heads[1], "Expect:")) << asked.heads[1];
  for (const std::string& part :
       {std::string(R"("shares_machine":true,"interrupted":false,"removed":3,"parts":[)"),
        std::string(R"({"part":"create","tasks":1,)"),
        std::string(R"("refused":{"503":1},"lost":0})"),
        std::string(R"({"part":"batch","tasks":1,)"),
        std::string(R"("refused":{"429":1},"lost":0})"), R"("label":")" + label + "\""}) {
    EXPECT_TRUE(has(output, part)) << part << " in " << output;
  }
  EXPECT_EQ(asked.client.code, 1) << "not all was done";
}

TEST(Bench, WhereTheServerDoesNotLetItMakesNothingMore) {
  Asked asked = ask_all("bench", {{403, R"({"code":"forbidden","detail":"Not you."})"}});
  EXPECT_TRUE(has(asked.client.output, "forbidden: Not you.")) << asked.client.output;
  EXPECT_EQ(asked.client.code, 4);
}

TEST(Bench, AServerThatIsAwayIsNotCalledOnWithoutEnd) {
  CannedServer server;
  Pipe client =
      begin_program("HOURWHEEL_URL=" + server.url() + " " + program("hourwheel") +
                    " bench --creates 50 --connections 1 --batch 10 --fire 0 -o ndjson 2>&1");
  server.answer(201, kMade);
  EXPECT_TRUE(server.reset().starts_with("POST /v1/tasks HTTP/1.1\n"));
  EXPECT_TRUE(server.reset().starts_with("POST /v1/tasks:batch HTTP/1.1\n")) << "it went on";
  server.answer(200, R"({"matched":1,"changed":1,"failed":0,"done":true})");
  const FinishedProgram done = finish_program(std::move(client));
  EXPECT_TRUE(has(done.output, R"({"part":"create","tasks":0,)")) << done.output;
  EXPECT_TRUE(has(done.output, R"("refused":{},"lost":1})")) << done.output;
  EXPECT_EQ(done.code, 1);
}

TEST(Bench, WhatIsLeftIsNamed) {
  Asked asked = ask_all("bench --creates 1 --connections 1 --batch 1 --fire 0",
                        {{201, kMade},
                         {201, kMade},
                         {200, R"({"results":[{"status":201,"id":"a"}]})"},
                         {403, R"({"code":"forbidden","detail":"Not you."})"}});
  const std::string& output = asked.client.output;
  EXPECT_TRUE(has(output, "not all is deleted: hourwheel task delete -l " + label_in(output)))
      << output;
  EXPECT_TRUE(has(output, "PART")) << "what was measured is told all the same: " << output;
  EXPECT_EQ(asked.client.code, 4);
}

TEST(Bench, AServerThatDoesNotSendToTheSinkIsToldHowItWould) {
  Asked asked = ask_all(
      "bench --creates 0",
      {{201, kMade},
       {201, R"({"id":"first"})"},
       {200,
        R"({"runs":[{"id":"r","state":"dead","error":{"code":"address_denied","message":"no"}}]})"},
       {200, R"({"matched":2,"changed":2,"failed":0,"done":true})"}});
  const std::string& output = asked.client.output;
  EXPECT_TRUE(has(asked.requests[1], R"("retry":{"max_attempts":1},"target":{"kind":"http","url":)"
                                     R"("http://127.0.0.1:)"))
      << asked.requests[1];
  EXPECT_TRUE(
      has(asked.requests[1], R"("labels":{"bench":")" + label_in(output).substr(6) + "\"}}"))
      << asked.requests[1];
  EXPECT_EQ(asked.requests[2], "GET /v1/tasks/first/runs?page_size=1 HTTP/1.1\n");
  EXPECT_TRUE(asked.requests[3].starts_with("POST /v1/tasks:bulk HTTP/1.1\n"));
  EXPECT_TRUE(has(output, "address_denied: no")) << output;
  EXPECT_TRUE(has(output, "with --dev, or with --egress-allow 127.0.0.1;")) << output;
  EXPECT_FALSE(has(output, "PART")) << "nothing was measured: " << output;
  EXPECT_EQ(asked.client.code, 1);
}

TEST(Bench, LengthsAndNumbersHaveBounds) {
  for (const char* wrong : {"--duration 5x", "--duration 2h", "--duration 1ms", "--connections 0",
                            "--batch 1001", "--creates 0 --fire 0", "--sink-listen here",
                            "--sink-url https://h.example/", "--sink-listen 0.0.0.0:0"}) {
    EXPECT_EQ(run_alone(std::string("bench ") + wrong).code, 2) << wrong;
  }
}

BenchReport whole_report() {
  BenchReport report;
  report.server = "http://h.example";
  report.label = "bench:1";
  report.removed = 2'501;
  report.creates.push_back({"create", {}});
  LoadTally& tally = report.creates.back().tally;
  tally.requests = 2'500;
  tally.tasks = 2'500;
  tally.took = milliseconds(2'000);
  tally.latency.add(1'500);
  return report;
}

FirePart whole_fire() {
  FirePart fire;
  fire.tasks = 10;
  fire.arrived = 10;
  fire.made.tasks = 10;
  fire.lateness.add(2'000);
  return fire;
}

TEST(BenchReport, TellsRatesAndPercentiles) {
  EXPECT_EQ(bench_json(whole_report()),
            R"({"server":"http://h.example","label":"bench:1","shares_machine":false,)"
            R"("interrupted":false,"removed":2501,"parts":[{"part":"create","tasks":2500,)"
            R"("tasks_per_second":1250,"requests":2500,"requests_per_second":1250,)"
            R"("p50_ms":1.500,"p99_ms":1.500,"p999_ms":1.500,"max_ms":1.500,"took_ms":2000.000,)"
            R"("refused":{},"lost":0}]})");
  EXPECT_TRUE(is_whole(whole_report()));
  BenchReport fired = whole_report();
  fired.fire = whole_fire();
  EXPECT_TRUE(
      has(bench_json(fired),
          R"(},{"part":"fire","tasks":10,"arrived":10,"missing":0,"duplicates":0,"early":0,)"
          R"("p50_ms":2.000,"p99_ms":2.000,"p999_ms":2.000,"max_ms":2.000,)"
          R"("refused":{},"lost":0}]})"))
      << bench_json(fired);
  EXPECT_TRUE(is_whole(fired));
  EXPECT_FALSE(has(bench_notes(whole_report()), "refused"));
}

TEST(BenchReport, WhatWasNotMeasuredIsNotMadeUp) {
  BenchReport report = whole_report();
  report.creates.back().tally = {};
  report.removed.reset();
  const std::string json = bench_json(report);
  EXPECT_TRUE(has(json, R"("removed":null)")) << json;
  EXPECT_TRUE(has(json, R"("tasks_per_second":0)")) << json;
  EXPECT_FALSE(has(json, "p50_ms")) << json;
  EXPECT_FALSE(has(bench_notes(report), "Deleted"));
}

TEST(BenchReport, EachFaultMakesItLessThanWhole) {
  auto spoiled = [](auto spoil) {
    BenchReport report = whole_report();
    report.fire = whole_fire();
    spoil(report);
    return !is_whole(report);
  };
  EXPECT_TRUE(spoiled([](BenchReport& report) { report.removed.reset(); }));
  EXPECT_TRUE(spoiled([](BenchReport& report) { report.interrupted = true; }));
  EXPECT_TRUE(spoiled([](BenchReport& report) { report.creates[0].tally.lost = 1; }));
  EXPECT_TRUE(spoiled([](BenchReport& report) { report.creates[0].tally.refused[503] = 1; }));
  EXPECT_TRUE(spoiled([](BenchReport& report) { report.creates[0].tally.tasks = 0; }));
  EXPECT_TRUE(spoiled([](BenchReport& report) { report.fire->arrived = 9; }));
  EXPECT_TRUE(spoiled([](BenchReport& report) { report.fire->duplicates = 1; }));
  EXPECT_TRUE(spoiled([](BenchReport& report) { report.fire->early = 1; }));
  EXPECT_TRUE(spoiled([](BenchReport& report) { report.fire->made.lost = 1; }));
  EXPECT_FALSE(spoiled([](BenchReport& report) { report.fire->arrived = 11; }))
      << "of a create without an answer";
}

TEST(BenchReport, PeopleAreToldWhatTheNumbersDoNotSay) {
  BenchReport report = whole_report();
  report.creates[0].tally.refused[429] = 7;
  report.creates[0].tally.lost = 2;
  report.creates[0].tally.lost_why = "reset";
  report.shares_machine = true;
  report.fire = whole_fire();
  report.fire->arrived = 7;
  report.fire->duplicates = 2;
  const std::string notes = bench_notes(report);
  for (const char* part :
       {"create: refused with 429: 7\n", "create: without an answer (reset): 2\n",
        "share a machine", "2501 tasks", "fire: runs that did not arrive: 3\n",
        "fire: arrivals of a run that had arrived: 2\n"}) {
    EXPECT_TRUE(has(notes, part)) << part << " in " << notes;
  }
  report.shares_machine = false;
  EXPECT_FALSE(has(bench_notes(report), "share a machine"));
}

TEST(Interrupt, ASignalIsSeenOnceAndForAllAndEndsNothing) {
  {
    Interrupt interrupt;
    EXPECT_FALSE(interrupt.came());
    raise(SIGPIPE);
    EXPECT_FALSE(interrupt.came()) << "it is no wish of anybody";
    raise(SIGINT);
    EXPECT_TRUE(interrupt.came());
    EXPECT_TRUE(interrupt.came());
  }
  sigset_t blocked;
  sigprocmask(SIG_BLOCK, nullptr, &blocked);
  EXPECT_EQ(sigismember(&blocked, SIGINT), 0) << "they end the program again";
  EXPECT_EQ(sigismember(&blocked, SIGTERM), 0);
}

}  // namespace
}  // namespace hourwheel::bench_test
