// `hourwheel` as a program against a server whose answers the test has written: what it asks, what
// it prints and its exit code.
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "tests/tools/asked_program.h"

namespace hourwheel::command_line_test {
namespace {

constexpr const char* kManual =
    "run-1kt7y337a3hd88djvtqb2236tx-3-m9f86d081884c7d659a2feaa0c55ad015";

struct AskedOnce {
  std::string request;
  FinishedProgram client;
};

AskedOnce ask(const std::string& arguments, const Answer& answer) {
  Asked asked = ask_all(arguments, {answer});
  return {std::move(asked.requests.front()), std::move(asked.client)};
}

std::string dead_run(const std::string& error) {
  std::string run = R"({"id":")";
  run.append(kManual).append(R"(","task_id":"t1","state":"dead",)");
  return run.append(R"("due_at":"2026-01-01T00:00:00.000Z","error":)").append(error).append("}");
}

TEST(CommandLine, HelpShowsTheWordsOfAChoiceAndNothingElse) {
  for (const char* verb : {"serve", "task", "run", "cron next"}) {
    FinishedProgram help = run_alone(std::string(verb) + " --help");
    EXPECT_EQ(help.code, 0) << verb;
    EXPECT_FALSE(has(help.output, "->")) << help.output;
    for (char c : help.output) EXPECT_TRUE(c == '\n' || (c >= ' ' && c <= '~')) << verb;
  }
  EXPECT_TRUE(has(run_alone("task --help").output, "--output json|name|ndjson|table|wide"));
  EXPECT_TRUE(has(run_alone("serve --help").output, "--io auto|libevent|uring"));
}

TEST(CommandLine, AWrongChoiceIsToldTheRightOnes) {
  FinishedProgram wrong = run_alone("serve --io foo");
  EXPECT_EQ(wrong.code, 2);
  EXPECT_TRUE(wrong.output.starts_with("--io: \"foo\" is none of auto|libevent|uring\n"))
      << wrong.output;
}

TEST(CommandLine, ARunLogOfNoBytesIsRefused) {
  for (const char* size : {"0", "-1", "5 cows"}) {
    FinishedProgram wrong = run_alone(std::string("serve --run-log-bytes '") + size + "'");
    EXPECT_EQ(wrong.code, 2) << size;
    EXPECT_TRUE(wrong.output.starts_with("--run-log-bytes: ")) << wrong.output;
  }
}

TEST(CommandLine, ChoicesAreTakenInAnyCase) {
  FinishedProgram json = run_alone("cron next @daily -n 1 --from 2027-01-01 -o JSON");
  EXPECT_EQ(json.code, 0);
  EXPECT_TRUE(json.output.starts_with("{\"times\":")) << json.output;
}

TEST(CommandLine, AWordNobodyKnowsIsNamed) {
  for (const char* wrong :
       {"bogus", "task bogus", "run bogus", "task get --bogus", "pause bogus"}) {
    FinishedProgram finished = run_alone(wrong);
    EXPECT_EQ(finished.code, 2) << wrong;
    EXPECT_TRUE(has(finished.output, "bogus")) << finished.output;
  }
  EXPECT_TRUE(has(run_alone("task").output, "required"));
}

TEST(CommandLine, AnEmptyIdIsRefusedBeforeAnybodyIsAsked) {
  for (const char* verb : {"resume", "task delete", "run cancel"}) {
    FinishedProgram finished = run_alone(std::string(verb) + " '' --server http://127.0.0.1:1");
    EXPECT_EQ(finished.code, 2) << verb;
    EXPECT_TRUE(has(finished.output, "an id is not empty")) << finished.output;
  }
}

TEST(CommandLine, AnIdIsNeverCut) {
  const std::string run = dead_run(R"({"code":"status","message":"the target answered 503"})");
  EXPECT_TRUE(has(ask("task run t1", {202, run}).client.output, kManual));
  EXPECT_TRUE(has(ask("task runs t1", {200, R"({"runs":[)" + run + "]}"}).client.output, kManual));
  EXPECT_TRUE(has(ask("run list", {200, R"({"runs":[)" + run + "]}"}).client.output, kManual));
  const std::string id(128, 'i');
  AskedOnce tasks = ask("task list", {200, R"({"tasks":[{"id":")" + id + R"("}]})"});
  EXPECT_TRUE(has(tasks.client.output, id)) << tasks.client.output;
}

TEST(CommandLine, AnErrorReadsAsACodeAndAMessage) {
  const std::string message = "connecting to 127.0.0.1:9 failed: nobody listens there, nor will";
  const std::string run = dead_run(R"({"code":"connect_failed","message":")" + message + R"("})");
  for (const char* verb : {"run list", "run get r1"}) {
    const bool list = std::string(verb) == "run list";
    AskedOnce asked = ask(verb, {200, list ? R"({"runs":[)" + run + "]}" : run});
    EXPECT_EQ(asked.client.code, 0);
    EXPECT_TRUE(has(asked.client.output, "  connect_failed: " + message + "\n"))
        << asked.client.output;
    EXPECT_TRUE(has(asked.client.output, "  t1")) << asked.client.output;
  }
}

TEST(CommandLine, ProseIsCutBetweenCharactersAndKeepsToItsLine) {
  std::string umlauts;
  for (int i = 0; i < 40; ++i) umlauts += "\u00fc";
  Asked asked = ask_all("task list",
                        {{200, R"({"tasks":[{"id":"t1","description":"a\n)" + umlauts + R"("}]})"}},
                        "COLUMNS=60");
  EXPECT_TRUE(has(asked.client.output, "  a \u00fc\u00fc")) << asked.client.output;
  EXPECT_TRUE(asked.client.output.ends_with("\u00fc\u2026\n")) << asked.client.output;
  EXPECT_FALSE(has(asked.client.output, umlauts)) << asked.client.output;
}

TEST(CommandLine, ALabelIsWrittenWithAColonOrAnEqualsSign) {
  for (const char* label : {"team:billing", "team=billing"}) {
    AskedOnce asked =
        ask(std::string("pause --reason r -o json -l ") + label, {201, R"({"id":"pause-1"})"});
    EXPECT_EQ(asked.client.code, 0);
    EXPECT_EQ(asked.client.output, "{\"id\":\"pause-1\"}\n");
    EXPECT_EQ(asked.request,
              "POST /v1/admin/pause HTTP/1.1\n"
              R"({"reason":"r","labels":{"team":"billing"}})");
  }
  AskedOnce url = ask("pause --reason r -l at:http://x/?a=b", {201, "{}"});
  EXPECT_TRUE(has(url.request, R"("labels":{"at":"http://x/?a=b"})")) << url.request;
}

TEST(CommandLine, PausesAreShownToPeopleAndToPrograms) {
  const std::string pause =
      R"({"id":"pause-1","labels":{"team":"billing"},"reason":"a move","since":"x"})";
  const Answer begun{201, pause};
  EXPECT_EQ(ask("pause --reason r", begun).client.output,
            "ID:      pause-1\nLABELS:  team:billing\nSINCE:   x\nREASON:  a move\n");
  EXPECT_EQ(ask("pause --reason r -o name", begun).client.output, "pause-1\n");
  EXPECT_EQ(ask("resume pause-1 -o ndjson", {200, pause}).client.output, pause + "\n");
  const Answer all{200, "{\"pauses\":[" + pause + "]}"};
  EXPECT_EQ(ask("resume -o json", all).client.output, all.body + "\n");
  EXPECT_EQ(ask("resume -o ndjson", all).client.output, pause + "\n");
  EXPECT_EQ(ask("resume -o name", all).client.output, "pause-1\n");
  const std::string table = ask("resume", all).client.output;
  EXPECT_TRUE(has(table, "pause-1  team:billing  x      -      -      a move\n")) << table;
  EXPECT_EQ(ask("log-level -o name", {200, R"({"level":"info"})"}).client.output, "info\n");
  EXPECT_EQ(ask("log-level debug -o json", {200, R"({"level":"debug"})"}).client.output,
            "{\"level\":\"debug\"}\n");
}

TEST(CommandLine, FiltersAreSentWithAColonHoweverTheyAreWritten) {
  const std::string by_key = "label=team%3Abilling&label=at%3Ahttp%3A%2F%2Fx%2F%3Fa%3Db";
  for (const char* labels :
       {"-l team:billing -l at:http://x/?a=b", "-l team=billing --label at=http://x/?a=b"}) {
    const std::string said = labels;
    EXPECT_TRUE(has(ask("task list " + said, {200, "{\"tasks\":[]}"}).request, by_key)) << said;
    EXPECT_TRUE(has(ask("run list " + said, {200, "{\"runs\":[]}"}).request, by_key)) << said;
    EXPECT_TRUE(has(ask("task export " + said, {200, ""}).request, by_key)) << said;
    for (const char* verb : {"task delete --dry-run ", "run cancel --dry-run "}) {
      EXPECT_TRUE(has(ask(verb + said, {200, "{\"matched\":0}"}).request,
                      R"("label":["team:billing","at:http://x/?a=b"])"))
          << verb << said;
    }
  }
}

TEST(CommandLine, WhatIsNoLabelIsRefusedWhereverOneIsTaken) {
  for (const char* verb : {"pause --reason r", "task list", "task create @daily", "task export",
                           "task delete --yes", "run list", "run cancel --yes"}) {
    for (const char* wrong : {"team", "team!=a", ":a", "=a", "Team:a", "''"}) {
      FinishedProgram finished =
          run_alone(std::string(verb) + " --server http://127.0.0.1:1 -l " + wrong);
      EXPECT_EQ(finished.code, 2) << verb << " " << wrong;
      EXPECT_TRUE(has(finished.output, "a label is written key:value or key=value"))
          << verb << " " << wrong << ": " << finished.output;
    }
  }
}

TEST(CommandLine, RefusalsOfAPauseReadAsThoseOfOtherVerbs) {
  const std::string problem = R"({"code":"not-found","detail":"no pause pause-7","errors":[]})";
  AskedOnce missing = ask("resume pause-7", {404, problem});
  EXPECT_EQ(missing.client.code, 3);
  EXPECT_TRUE(missing.client.output.starts_with("hourwheel: not-found: no pause pause-7\n"))
      << missing.client.output;
  EXPECT_EQ(missing.request, "POST /v1/admin/resume HTTP/1.1\n{\"id\":\"pause-7\"}");
  AskedOnce invalid =
      ask("pause --reason r --until soon",
          {422, R"({"code":"validation-failed","detail":"1 field","errors":[{"pointer":"/until",)"
                R"("detail":"an instant like 2030-01-01T00:00:00Z is expected, with a zone"}]})"});
  EXPECT_EQ(invalid.client.code, 1);
  EXPECT_EQ(invalid.client.output,
            "hourwheel: validation-failed: 1 field\n"
            "  /until: an instant like 2030-01-01T00:00:00Z is expected, with a zone\n");
  EXPECT_EQ(ask("resume", {409, problem}).client.code, 5);
}

TEST(CommandLine, AnAnswerThatIsNoJsonStillHasItsExitCode) {
  AskedOnce proxy = ask("task get t1", {404, "<html>"});
  EXPECT_EQ(proxy.client.code, 3);
  EXPECT_EQ(proxy.client.output, "hourwheel: the server answered 404\n");
}

}  // namespace
}  // namespace hourwheel::command_line_test
