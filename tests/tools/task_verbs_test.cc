// The verbs of `task` and `run`, and `watch`: what they ask a server, what they print, and their
// exit codes.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/support/temp_folder.h"
#include "tests/tools/asked_program.h"
#include "tools/hourwheel/json_text.h"
#include "tools/hourwheel/task_apply.h"
#include "tools/hourwheel/task_edit.h"

namespace hourwheel::task_verbs_test {
namespace {

constexpr const char* kTask =
    R"({"id":"t1","schedule":"@daily","paused":null,"state":"active","version":17,"in_flight":0})";

std::string problem(const std::string& code) {
  return R"({"code":")" + code + R"(","detail":"because"})";
}

TEST(TaskVerbs, APauseCarriesItsReasonAndItsEnd) {
  Asked asked =
      ask_all("task pause t1 --reason 'a move' --until 2030-01-01T00:00:00Z", {{200, kTask}});
  EXPECT_EQ(asked.requests[0],
            "POST /v1/tasks/t1/pause HTTP/1.1\n"
            R"({"reason":"a move","until":"2030-01-01T00:00:00Z"})");
  EXPECT_EQ(asked.client.output, "paused t1 (in flight: 0)\n");
  EXPECT_EQ(asked.client.code, 0);
}

TEST(TaskVerbs, AResumeNamesItsTask) {
  Asked asked = ask_all("task resume t/1", {{200, R"({"id":"t/1","version":2})"}});
  EXPECT_EQ(asked.requests[0], "POST /v1/tasks/t%2F1/resume HTTP/1.1\n");
  EXPECT_EQ(asked.client.output, "resumed t/1\n");
}

TEST(TaskVerbs, ADeleteHoldsToAVersionWhenOneIsGiven) {
  Asked asked = ask_all("task delete t1 --if-match 17", {{412, problem("version-mismatch")}});
  EXPECT_TRUE(has(asked.heads[0], "\r\nIf-Match: \"17\"\r\n")) << asked.heads[0];
  EXPECT_EQ(asked.client.code, 5);
}

TEST(TaskVerbs, ADeleteGivesAServerTheVersionThatItDemands) {
  Asked asked = ask_all("task delete t1", {{428, problem("precondition-required")},
                                           {200, kTask},
                                           {200, R"({"id":"t1","in_flight":2})"}});
  EXPECT_FALSE(has(asked.heads[0], "If-Match"));
  EXPECT_EQ(asked.requests[1], "GET /v1/tasks/t1 HTTP/1.1\n");
  EXPECT_TRUE(has(asked.heads[2], "\r\nIf-Match: \"17\"\r\n")) << asked.heads[2];
  EXPECT_EQ(asked.client.output, "deleted t1 (in flight: 2)\n");
  EXPECT_EQ(asked.client.code, 0);
}

TEST(TaskVerbs, AListAsksWithEveryFilter) {
  Asked asked = ask_all(
      "task list --state active,paused --type recurring --kind cron -q 'a b' --target-host h "
      "--due-after 2030-01-01T00:00:00Z --due-before 2030-01-02T00:00:00Z --last-result dead "
      "-l a:b -l c:d --limit 7",
      {{200, R"({"tasks":[]})"}});
  EXPECT_EQ(asked.requests[0],
            "GET /v1/tasks?state=active%2Cpaused&type=recurring&schedule_kind=cron&q=a%20b&"
            "target_host=h&next_due_after=2030-01-01T00%3A00%3A00Z&"
            "next_due_before=2030-01-02T00%3A00%3A00Z&last_result=dead&label=a%3Ab&label=c%3Ad&"
            "view=basic&page_size=7 HTTP/1.1\n");
}

TEST(TaskVerbs, PayloadsAreAskedForOnlyWhereTheyAreShown) {
  for (const char* format : {"table", "wide", "name"}) {
    Asked asked = ask_all(std::string("task list -o ") + format, {{200, R"({"tasks":[]})"}});
    EXPECT_EQ(asked.requests[0], "GET /v1/tasks?view=basic&page_size=50 HTTP/1.1\n") << format;
  }
  for (const char* format : {"json", "ndjson"}) {
    Asked asked = ask_all(std::string("task list -o ") + format, {{200, R"({"tasks":[]})"}});
    EXPECT_EQ(asked.requests[0], "GET /v1/tasks?page_size=50 HTTP/1.1\n") << format;
  }
}

TEST(TaskVerbs, AListGoesFromPageToPageUntilItsLimit) {
  Asked asked = ask_all("task list --limit 3 -o json",
                        {{200, R"({"tasks":[{"id":"a"}],"next_page_token":"p1"})"},
                         {200, R"({"tasks":[],"next_page_token":"p2"})"},
                         {200, R"({"tasks":[{"id":"b"},{"id":"c"}],"next_page_token":"p3"})"}});
  EXPECT_EQ(asked.requests[1], "GET /v1/tasks?page_size=2&page_token=p1 HTTP/1.1\n");
  EXPECT_EQ(asked.requests[2], "GET /v1/tasks?page_size=2&page_token=p2 HTTP/1.1\n");
  EXPECT_EQ(asked.client.output,
            R"({"tasks":[{"id":"a"},{"id":"b"},{"id":"c"}],"next_page_token":"p3"})"
            "\n");
}

TEST(TaskVerbs, AllMeansToTheEndOfTheList) {
  Asked asked = ask_all("task runs t1 --all -o json",
                        {{200, R"({"runs":[{"id":"a"}],"next_page_token":"p1"})"},
                         {200, R"({"runs":[{"id":"b"}]})"}});
  EXPECT_EQ(asked.requests[1], "GET /v1/tasks/t1/runs?page_size=1000&page_token=p1 HTTP/1.1\n");
  EXPECT_EQ(asked.client.output, "{\"runs\":[{\"id\":\"a\"},{\"id\":\"b\"}]}\n");
}

TEST(TaskVerbs, OnlyATextPointsToAPageAndNoneToItself) {
  Asked ended = ask_all("task list --all -o name",
                        {{200, R"({"tasks":[{"id":"a"}],"next_page_token":null})"}});
  EXPECT_EQ(ended.client.output, "a\n");
  EXPECT_EQ(ended.client.code, 0);
  const Answer page{200, R"({"tasks":[{"id":"a"}],"next_page_token":"p"})"};
  Asked circle = ask_all("task list --all -o name", {page, page});
  EXPECT_TRUE(has(circle.client.output, "the same page again and again")) << circle.client.output;
  EXPECT_EQ(circle.client.code, 1);
}

TEST(TaskVerbs, OnePageIsPrintedAsItCame) {
  const std::string page = R"({"tasks": [ {"id":"a"} ], "next_page_token":"p"})";
  EXPECT_EQ(ask_all("task list --limit 1 -o json", {{200, page}}).client.output, page + "\n");
}

TEST(TaskVerbs, WhatLiesAheadHasASentenceAndWarnings) {
  Asked asked =
      ask_all("task upcoming t1 -n 2", {{200, R"({"times":[{"utc":"2030-01-01T00:00:00.000Z",
      "local":"2030-01-01T01:00:00","offset":"+01:00"}],"text":"At 01:00","warnings":[
      {"code":"short-months","detail":"Not each month."}]})"}});
  EXPECT_EQ(asked.requests[0], "GET /v1/tasks/t1/upcoming?count=2 HTTP/1.1\n");
  EXPECT_TRUE(asked.client.output.starts_with("At 01:00\n\n")) << asked.client.output;
  EXPECT_TRUE(has(asked.client.output, "2030-01-01T01:00:00  +01:00")) << asked.client.output;
  EXPECT_TRUE(has(asked.client.output, "short-months: Not each month.\n"));
}

TEST(TaskVerbs, MembersWithAnOptionMakeATask) {
  Asked asked = ask_all(
      "task create '0 9 * * *' --id t1 --timezone Europe/Berlin -l team=a "
      "--target http://h/ --payload '{\"n\":1}' --max-attempts 2 --keep-runs 50",
      {{201, kTask}});
  EXPECT_EQ(asked.requests[0],
            "POST /v1/tasks HTTP/1.1\n"
            R"({"id":"t1","schedule":{"cron":"0 9 * * *","timezone":"Europe/Berlin"},)"
            R"("labels":{"team":"a"},"target":{"kind":"http","url":"http://h/"},"payload":{"n":1},)"
            R"("retry":{"max_attempts":2},"retention":{"count":50}})");
}

// --- apply ---

TEST(TaskApply, AFileIsATaskAnArrayLinesOrAPage) {
  for (const char* text :
       {R"([{"id":"a","n":1},{"id":"b"}])", "{\"id\":\"a\",\"n\":1}\n\n{\"id\":\"b\"}\n",
        R"({"tasks":[{"id":"a","n":1},{"id":"b"}],"next_page_token":"x"})"}) {
    auto tasks = read_task_texts(text);
    ASSERT_TRUE(tasks.has_value()) << text;
    ASSERT_EQ(tasks->size(), 2U) << text;
    EXPECT_EQ(tasks->front().body, R"({"id":"a","n":1})");
    EXPECT_EQ(tasks->back().id, "b");
  }
  EXPECT_EQ(read_task_texts("{\n \"id\": \"a\"\n}")->size(), 1U);
}

TEST(TaskApply, AFileThatSaysNoTasksIsRefusedWithThePlace) {
  EXPECT_EQ(read_task_texts("").error().detail, "the file has no tasks");
  EXPECT_EQ(read_task_texts(R"([{"id":"a"},{"schedule":"@daily"}])").error().detail,
            "task 2 of the file: it has no id");
  EXPECT_EQ(read_task_texts("[1]").error().detail, "task 1 of the file: it is no object");
  EXPECT_TRUE(has(read_task_texts("{\"id\":\"a\"}\n{\n").error().detail, "task 2 of the file"));
}

TEST(TaskApply, WhatIsAbsentIsCreatedAndWhatIsThereIsWrittenOverItsVersion) {
  Asked asked = ask_all("task apply -f -",
                        {{404, problem("not-found")},
                         {201, R"({"id":"a","version":1})"},
                         {200, R"({"id":"b","version":7})"},
                         {200, R"({"id":"b","version":8})"},
                         {200, R"({"id":"c","version":9})"},
                         {200, R"({"id":"c","version":9})"}},
                        R"(printf '{"id":"a"}\n{"id":"b"}\n{"id":"c"}\n' |)");
  EXPECT_EQ(asked.requests[1], "PUT /v1/tasks/a HTTP/1.1\n{\"id\":\"a\"}");
  EXPECT_TRUE(has(asked.heads[1], "\r\nIf-None-Match: *\r\n"));
  EXPECT_TRUE(has(asked.heads[3], "\r\nIf-Match: \"7\"\r\n"));
  EXPECT_EQ(asked.client.output, "created a\nreplaced b\nunchanged c\n");
  EXPECT_EQ(asked.client.code, 0);
}

TEST(TaskApply, ARefusalDoesNotKeepTheOthersBack) {
  Asked asked = ask_all("task apply -f -",
                        {{404, ""}, {422, problem("never-fires")}, {404, ""}, {201, kTask}},
                        R"(printf '[{"id":"a"},{"id":"b"}]' |)");
  EXPECT_TRUE(has(asked.client.output, "never-fires: because\n")) << asked.client.output;
  EXPECT_TRUE(has(asked.client.output, "hourwheel: a was not applied\n")) << asked.client.output;
  EXPECT_TRUE(has(asked.client.output, "created b\n")) << asked.client.output;
  EXPECT_EQ(asked.client.code, 1);
}

TEST(TaskApply, WhatIsNotThereOrHasNoVersionIsNotWrittenOver) {
  for (const Answer& answer :
       {Answer{200, "<html>"}, Answer{200, R"({"id":"a"})"}, Answer{200, "[]"}, Answer{302, ""}}) {
    Asked asked = ask_all("task apply -f -", {answer}, R"(printf '{"id":"a"}' |)");
    EXPECT_TRUE(has(asked.client.output, "a was not applied")) << asked.client.output;
    EXPECT_EQ(asked.client.code, 1);
  }
}

TEST(Answers, ARedirectIsNoSuccess) {
  Asked read = ask_all("task list", {{302, R"({"tasks":[]})"}});
  EXPECT_EQ(read.client.output, "hourwheel: the server redirects to http://elsewhere/\n");
  EXPECT_EQ(read.client.code, 1);
  Asked written = ask_all("task apply -f -", {{404, ""}, {307, kTask}}, R"(printf '{"id":"a"}' |)");
  EXPECT_TRUE(has(written.client.output, "the server redirects to")) << written.client.output;
  EXPECT_EQ(written.client.code, 1);
  Asked removed = ask_all("task delete t1", {{301, kTask}});
  EXPECT_TRUE(has(removed.client.output, "the server redirects to")) << removed.client.output;
  EXPECT_EQ(removed.client.code, 1);
  EXPECT_EQ(ask_all("task list", {{203, R"({"tasks":[]})"}}).client.code, 0);
}

TEST(Answers, APasswordInAUrlIsNotShown) {
  FinishedProgram finished = run_alone("task list --server http://me:secret@127.0.0.1:1");
  EXPECT_TRUE(has(finished.output, "no answer from http://127.0.0.1:1/v1/")) << finished.output;
  EXPECT_FALSE(has(finished.output, "secret")) << finished.output;
}

TEST(Answers, OnlyHttpIsSpoken) {
  FinishedProgram finished = run_alone("health --server file:///etc");
  EXPECT_TRUE(has(finished.output, "protocol")) << finished.output;
  EXPECT_EQ(finished.code, 6);
}

TEST(Answers, AnIdOfDotsStaysAsItIs) {
  Asked asked = ask_all("task get ..", {{404, problem("not-found")}});
  EXPECT_EQ(asked.requests[0], "GET /v1/tasks/.. HTTP/1.1\n");
}

// --- edit ---

class TaskEdit : public testing::Test {
 protected:
  Asked edit(const std::string& editor, const std::vector<Answer>& answers,
             const std::string& format = "table") const {
    return ask_all("task edit t1 -o " + format, answers,
                   "TMPDIR=" + folder_.path() + " EDITOR='" + editor + "'");
  }
  size_t kept() const {
    size_t files = 0;
    for ([[maybe_unused]] const auto& one : std::filesystem::directory_iterator(folder_.path()))
      ++files;
    return files;
  }

  test::TempFolder folder_;
};

TEST_F(TaskEdit, OnlyWhatAClientCanSetIsShown) {
  auto task = JsonText::read(R"({"id":"t1","labels":{},"retry":{"max_attempts":5},"version":17})");
  EXPECT_EQ(editable(task->top()),
            "{\n  \"id\": \"t1\",\n  \"labels\": {},\n  \"retry\": {\n    \"max_attempts\": 5\n  }"
            "\n}\n");
}

TEST_F(TaskEdit, WhatTheEditorWroteReplacesTheVersionThatWasShown) {
  Asked asked = edit("sed -i s/@daily/@hourly/", {{200, kTask}, {200, kTask}});
  ASSERT_EQ(asked.requests.size(), 2U);
  EXPECT_TRUE(asked.requests[1].starts_with("PUT /v1/tasks/t1 HTTP/1.1\n")) << asked.requests[1];
  EXPECT_TRUE(has(asked.requests[1], "@hourly")) << asked.requests[1];
  EXPECT_TRUE(has(asked.heads[1], "\r\nIf-Match: \"17\"\r\n")) << asked.heads[1];
  EXPECT_EQ(asked.client.output, "replaced t1\n");
  EXPECT_EQ(kept(), 0U);
}

TEST_F(TaskEdit, AnEditOfWhatHasChangedMeanwhileIsKept) {
  Asked asked = edit("sed -i s/@daily/@hourly/", {{200, kTask}, {412, problem("x")}});
  EXPECT_EQ(asked.client.code, 5);
  EXPECT_TRUE(has(asked.client.output, "t1 was changed by somebody else meanwhile"));
  EXPECT_TRUE(has(asked.client.output, "your edit is kept in " + folder_.path()))
      << asked.client.output;
  EXPECT_EQ(kept(), 1U);
}

TEST_F(TaskEdit, WhatIsRefusedOrIsNoJsonIsKept) {
  EXPECT_EQ(edit("sed -i s/@daily/@hourly/", {{200, kTask}, {422, problem("x")}}).client.code, 1);
  EXPECT_EQ(edit("sed -i s/:/=/", {{200, kTask}}).client.code, 2);
  EXPECT_EQ(edit("false", {{200, kTask}}).client.code, 1);
  EXPECT_EQ(kept(), 3U);
}

TEST_F(TaskEdit, AnEditThatIsRedirectedIsKept) {
  Asked asked = edit("sed -i s/@daily/@hourly/", {{200, kTask}, {302, ""}});
  EXPECT_EQ(asked.client.code, 1);
  EXPECT_TRUE(has(asked.client.output, "your edit is kept in ")) << asked.client.output;
  EXPECT_EQ(kept(), 1U);
}

TEST_F(TaskEdit, WhatHasNoVersionIsNotEdited) {
  EXPECT_EQ(edit("sed -i s/x/y/", {{200, R"({"id":"t1"})"}}).client.code, 1);
  EXPECT_EQ(kept(), 0U);
}

TEST_F(TaskEdit, AnInterruptIsTheEditorsOwn) {
  Asked alive = edit("kill -INT $PPID; kill -QUIT $PPID; sed -i s/@daily/@hourly/",
                     {{200, kTask}, {200, kTask}});
  EXPECT_EQ(alive.client.output, "replaced t1\n");
  Asked ended = edit("kill -INT $$; true", {{200, kTask}});
  EXPECT_TRUE(has(ended.client.output, "the editor failed")) << ended.client.output;
  EXPECT_EQ(ended.client.code, 1);
}

TEST_F(TaskEdit, WithoutAChangeNothingIsWritten) {
  Asked asked = edit("true", {{200, kTask}});
  EXPECT_EQ(asked.client.code, 0);
  EXPECT_EQ(asked.client.output, "nothing was changed\n");
  EXPECT_EQ(kept(), 0U);
}

TEST_F(TaskEdit, ProgramsGetTheTaskAsItIsStored) {
  const std::string stored = R"({"id":"t1","version":18})";
  Asked changed = edit("sed -i s/@daily/@hourly/", {{200, kTask}, {200, stored}}, "json");
  EXPECT_EQ(changed.client.output, stored + "\n");
  EXPECT_EQ(edit("true", {{200, kTask}}, "ndjson").client.output,
            std::string("nothing was changed\n") + kTask + "\n");
  EXPECT_EQ(kept(), 0U);
}

// --- many at once ---

TEST(Bulk, ManyTasksAreCountedAndChangedWithYes) {
  Asked asked =
      ask_all("task pause -l team:a --state active --reason r --yes",
              {{200, R"({"matched":3,"changed":0,"failed":0,"done":true})"},
               {200, R"({"matched":2,"changed":2,"failed":0,"in_flight":1,"done":false,
                 "next_page_token":"p"})"},
               {200, R"({"matched":1,"changed":1,"failed":0,"in_flight":0,"done":true})"}});
  EXPECT_EQ(asked.requests[0],
            "POST /v1/tasks:bulk HTTP/1.1\n"
            R"({"filter":{"state":"active","label":["team:a"]},"action":"pause","reason":"r",)"
            R"("dry_run":true})");
  EXPECT_TRUE(has(asked.requests[2], R"("page_token":"p"})")) << asked.requests[2];
  EXPECT_EQ(asked.client.output, "pause: 3 tasks matched, 3 changed, 0 failed (in flight: 1)\n");
  EXPECT_EQ(asked.client.code, 0);
}

TEST(Bulk, WhereNobodyCanBeAskedNothingIsChanged) {
  Asked asked = ask_all("task delete --all </dev/null", {{200, R"({"matched":3,"changed":0})"}});
  EXPECT_EQ(asked.client.code, 2);
  EXPECT_TRUE(has(asked.client.output, "3 tasks would be changed (delete)")) << asked.client.output;
  EXPECT_TRUE(has(asked.client.output, "say --yes")) << asked.client.output;
}

TEST(Bulk, ADryRunOnlyCounts) {
  Asked asked = ask_all("task delete --state completed --dry-run", {{200, R"({"matched":1})"}});
  EXPECT_EQ(asked.client.output, "1 task to delete\n");
  EXPECT_EQ(asked.client.code, 0);
}

TEST(Bulk, AnIdAndAFilterAreNotGivenTogetherAndNeitherIsNothing) {
  for (const char* wrong : {"task delete", "task delete t1 --state active", "run redrive",
                            "run redrive r1 --task t1"}) {
    FinishedProgram finished = run_alone(std::string(wrong) + " --server http://127.0.0.1:1");
    EXPECT_EQ(finished.code, 2) << wrong;
    EXPECT_TRUE(has(finished.output, "or say which")) << finished.output;
  }
}

TEST(Bulk, WhatGoesOnlyWithAnIdOrOnlyWithoutOneIsRefused) {
  for (const char* wrong :
       {"task delete t1 --dry-run", "task run t1 --dry-run", "task resume t1 --dry-run",
        "task pause t1 --reason r --dry-run", "run redrive r1 --dry-run",
        "task delete --state active --if-match 7", "task run -l a:b --wait",
        "task run -l a:b --payload 1", "run redrive --all --wait", "task delete --all -l a:b",
        "run redrive --all --task t1"}) {
    FinishedProgram finished = run_alone(std::string(wrong) + " --server http://127.0.0.1:1");
    EXPECT_EQ(finished.code, 2) << wrong << ": " << finished.output;
  }
}

TEST(Bulk, AFilterWithoutAValueIsRefused) {
  for (const char* wrong :
       {"task delete -l team:a --state '' --yes", "task delete --state active -l '' --yes",
        "task delete -l '' --yes", "run redrive --task '' --yes", "run redrive --task t1 -l ''",
        "run redrive --task t1 --due-before ''", "task delete t1 --if-match ''",
        "task list --text ''", "task run t1 --payload ''", "task export --last-result ''",
        "audit list --task ''"}) {
    FinishedProgram finished = run_alone(std::string(wrong) + " --server http://127.0.0.1:1");
    EXPECT_EQ(finished.code, 2) << wrong << ": " << finished.output;
  }
}

TEST(Bulk, DeadRunsThatMatchAreRedrivenAtARate) {
  Asked asked = ask_all("run redrive --task t1 -l a:b --rate 5 --yes",
                        {{200, R"({"matched":2,"changed":0,"left":0})"},
                         {200, R"({"matched":2,"changed":1,"left":1})"}});
  EXPECT_EQ(asked.requests[1],
            "POST /v1/runs:bulk HTTP/1.1\n"
            R"({"filter":{"state":"dead","task_id":"t1","label":["a:b"]},"action":"redrive",)"
            R"("rate":5})");
  EXPECT_EQ(asked.client.output, "redrive: 1 dead run open again, 1 left\n");
}

// --- runs ---

TEST(RunVerbs, DeadRunsAreListedByTaskLabelAndTime) {
  Asked asked = ask_all("run list --task t1 -l a:b --due-after 2030-01-01T00:00:00Z --limit 5",
                        {{200, R"({"runs":[]})"}});
  EXPECT_EQ(asked.requests[0],
            "GET /v1/runs?state=dead&task_id=t1&due_after=2030-01-01T00%3A00%3A00Z&label=a%3Ab&"
            "page_size=5 HTTP/1.1\n");
}

TEST(RunVerbs, AttemptsAreListed) {
  Asked asked = ask_all("run attempts r1", {{200, R"({"attempts":[{"number":1,
      "outcome":"responded","status_code":500,"response_body":"no\tway"}]})"}});
  EXPECT_EQ(asked.requests[0], "GET /v1/runs/r1/attempts HTTP/1.1\n");
  EXPECT_TRUE(has(asked.client.output, "responded  500")) << asked.client.output;
  EXPECT_TRUE(has(asked.client.output, "no way\n")) << asked.client.output;
}

TEST(RunVerbs, ARunThatIsWaitedForHasItsOwnExitCode) {
  const std::string pending = R"({"id":"r1","state":"pending"})";
  Asked good =
      ask_all("task run t1 --wait",
              {{202, pending}, {200, pending}, {200, R"({"id":"r1","state":"succeeded"})"}});
  EXPECT_EQ(good.requests[0], "POST /v1/tasks/t1/run HTTP/1.1\n");
  EXPECT_EQ(good.requests[2], "GET /v1/runs/r1 HTTP/1.1\n");
  EXPECT_EQ(good.client.code, 0);
  Asked bad = ask_all("run redrive r1 --wait -o json",
                      {{202, pending}, {200, R"({"id":"r1","state":"dead"})"}});
  EXPECT_EQ(bad.client.code, 7);
  EXPECT_EQ(bad.client.output, "{\"id\":\"r1\",\"state\":\"dead\"}\n");
}

TEST(RunVerbs, ARunIsSentWithAPayloadOfItsOwn) {
  const std::string pending = R"({"id":"r1","state":"pending"})";
  Asked given = ask_all("task run t1 --payload '{\"a\": 1.0}' -o json", {{202, pending}});
  EXPECT_EQ(given.requests[0], "POST /v1/tasks/t1/run HTTP/1.1\n{\"payload\":{\"a\": 1.0}}");
  EXPECT_TRUE(has(given.heads[0], "application/json")) << given.heads[0];
  EXPECT_EQ(given.client.code, 0) << given.client.output;
  Asked piped = ask_all("task run t1 --payload - -o json", {{202, pending}}, "echo 17 | ");
  EXPECT_EQ(piped.requests[0], "POST /v1/tasks/t1/run HTTP/1.1\n{\"payload\":17\n}");
  FinishedProgram nowhere = run_alone("task run t1 --payload @/none --server http://127.0.0.1:1");
  EXPECT_EQ(nowhere.code, 2) << nowhere.output;
  EXPECT_TRUE(has(nowhere.output, "cannot read /none")) << nowhere.output;
}

// --- what happens ---

TEST(WatchVerb, GoesOnBehindTheLastEventAndEndsWithARefusal) {
  const std::string first =
      "event: run.ended\ndata: {\"id\":\"run-1\",\"task_id\":\"t1\",\"state\":\"dead\"}\n\nid: "
      "5\n\n";
  Asked asked =
      ask_all("watch --type run.ended --type task.created --task t1",
              {{200, first},
               {200, "event: task.created\ndata: {\"id\":\"t2\",\"state\":\"active\"}\n\n"},
               {401, problem("unauthorized")}});
  EXPECT_EQ(asked.requests[0],
            "GET /v1/changes?types=run.ended%2Ctask.created&task_id=t1 HTTP/1.1\n");
  EXPECT_FALSE(has(asked.heads[0], "Last-Event-ID"));
  EXPECT_TRUE(has(asked.heads[1], "\r\nLast-Event-ID: 5\r\n")) << asked.heads[1];
  EXPECT_TRUE(has(asked.heads[2], "\r\nLast-Event-ID: 5\r\n")) << asked.heads[2];
  EXPECT_TRUE(has(asked.client.output, " run.ended t1 dead run-1\n")) << asked.client.output;
  EXPECT_TRUE(has(asked.client.output, " task.created t2 active\n")) << asked.client.output;
  EXPECT_EQ(asked.client.code, 4);
}

TEST(WatchVerb, LinesOfJsonHaveTheServersData) {
  Asked asked = ask_all(
      "watch -o ndjson",
      {{200, "event: task.deleted\ndata: {\"id\": \"t1\"}\n\n"}, {401, problem("unauthorized")}});
  EXPECT_TRUE(has(asked.client.output, "{\"event\":\"task.deleted\",\"data\":{\"id\": \"t1\"}}\n"))
      << asked.client.output;
}

}  // namespace
}  // namespace hourwheel::task_verbs_test
