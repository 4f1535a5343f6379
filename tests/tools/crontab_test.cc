// How the lines of a crontab are read, what they become, and what the report says.
#include "tools/hourwheel/crontab.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "engine/schedule/time_text.h"
#include "tests/tools/asked_program.h"
#include "tools/hourwheel/crontab_report.h"
#include "tools/hourwheel/crontab_task.h"

namespace hourwheel::crontab_test {
namespace {

Instant now() {
  return *parse_instant("2026-11-28T00:00:00Z");
}

struct Row {
  const char* written;
  const char* schedule;  // of the task's body; empty: refused
  const char* says;      // part of the refusal or of a remark; empty: no remark
};

// In Berlin, unless the line is a macro's.
constexpr Row kRows[] = {
    {"30 2 * * * x", R"({"cron":"30 2 * * *","timezone":"Europe/Berlin","dst":"cron"})", ""},
    {"*/15 * * * * x", R"("cron":"*/15 * * * *")", ""},
    {"0 0 1 1 * x", R"("cron":"0 0 1 1 *")", ""},
    {"0 9-17 * * 1-5 x", R"("cron":"0 9-17 * * 1-5")", ""},
    {"0 9 * * mon-fri x", R"("cron":"0 9 * * mon-fri")", ""},
    {"0 9 * * MON,WED x", R"("cron":"0 9 * * MON,WED")", ""},
    {"0 0 1 jan,jul * x", R"("cron":"0 0 1 jan,jul *")", ""},
    {"0 0 * * 0 x", R"("cron":"0 0 * * 0")", ""},
    {"0 0 * * 7 x", R"("cron":"0 0 * * 7")", ""},
    {"5,35 * * * * x", R"("cron":"5,35 * * * *")", ""},
    {"10-40/10 * * * * x", R"("cron":"10-40/10 * * * *")", ""},
    {"0 4 8-14 * * x", R"("cron":"0 4 8-14 * *")", ""},
    {"\t 0   5\t*  *  *   x", R"("cron":"0 5 * * *")", ""},
    {"@hourly x", R"("cron":"@hourly")", ""},
    {"@daily x", R"("cron":"@daily")", ""},
    {"@midnight x", R"("cron":"@midnight")", ""},
    {"@weekly x", R"("cron":"@weekly")", ""},
    {"@monthly x", R"("cron":"@monthly")", ""},
    {"@yearly x", R"("cron":"@yearly")", ""},
    {"@annually x", R"("cron":"@annually")", ""},
    {"@every_minute x", R"("cron":"* * * * *")", ""},
    {"@every_second x", R"("cron":"* * * * * *")", ""},
    {"-0 5 * * * x", R"("cron":"0 5 * * *")", ""},
    // Both day fields.
    {"0 9 13 * 5 x", R"("cron":"0 9 13 * 5","timezone":"Europe/Berlin","dst":"cron"})", ""},
    {"0 9 */2 * 1 x", R"("dst":"cron","dom_dow":"and"})", ""},
    {"0 9 1 * */2 x", R"("dom_dow":"and"})", ""},
    {"0 9 */2 * * x", R"("cron":"0 9 */2 * *","timezone":"Europe/Berlin","dst":"cron"})", ""},
    {"0 9 1-7 * 1 x", R"("cron":"0 9 1-7 * 1","timezone":"Europe/Berlin","dst":"cron"})", ""},
    // What is otherwise here.
    {"0~59 3 * * * x", R"("cron":"H(0-59) 3 * * *")", "minute of 0~59 is drawn once"},
    {"~ 3 * * * x", R"("cron":"H(0-59) 3 * * *")", "minute of ~ is drawn once"},
    {"0 ~6 * * * x", R"("cron":"0 H(0-6) * * *")", "hour of ~6 is drawn once"},
    {"0 3 * * 1~ x", R"~("cron":"0 3 * * H(1-6)")~", "day of week of 1~ is drawn once"},
    {"0 22-2 * * * x", R"("cron":"0 22-2 * * *")", "hour range 22-2 wraps round here"},
    {"0 5 * * * mail -s hi you%Hello%there", R"("cron":"0 5 * * *")", "follows % is sent"},
    {"5/10 * * * * x", R"("cron":"5/10 * * * *")", "minute 5/10 goes on to the field's end"},
    {"0 9 * * 1,fri-mon x", R"("cron":"0 9 * * 1,fri-mon")", "range fri-mon wraps round"},
    {"0 9 * nov-FEB * x", R"("cron":"0 9 * nov-FEB *")", "range nov-FEB wraps round"},
    {"0 1,22-2 * * * x", R"("cron":"0 1,22-2 * * *")", "range 22-2 wraps round"},
    {"0 9 L * * x", R"("cron":"0 9 L * *")", "day of month L says L"},
    {"0 9 15W * * x", R"("cron":"0 9 15W * *")", "15W says W"},
    {"0 9 * * fri#2 x", R"("cron":"0 9 * * fri#2")", "fri#2 says #"},
    {"H 9 * * * x", R"("cron":"H 9 * * *")", "minute H says H"},
    {"0 9 ? * 1 x", R"("cron":"0 9 ? * 1")", "day of month ? says ?"},
    {"0 9 * jul-aug wed,thu x", R"("cron":"0 9 * jul-aug wed,thu")", ""},
    // What cannot be.
    {"@reboot x", "", "follows the start of a machine"},
    {"@sometimes x", "", "@sometimes"},
    {"0 0 31 2 * x", "", "names no date that exists"},
    {"75 0 * * * x", "", "75"},
    {"0 25 * * * x", "", "25"},
    {"0 0 * * 8 x", "", "8"},
    {"0 0 * foo * x", "", "foo"},
    {"0 0 * * *", "", "there is no command"},
    {"0 0 * *", "", "neither five fields nor a macro"},
    {"hello", "", "neither five fields nor a macro"},
    {"0 */5 * * * * x", "", "a sixth field (*)"},
    {"0 0 12 * * ? x", "", "a sixth field (?)"},
    {"0 5 * * * caf\xe9", "", "not UTF-8"},
};

TEST(CrontabLines, EachBecomesATaskOrIsRefusedWithAReason) {
  for (const Row& row : kRows) {
    const Crontab crontab = read_crontab(row.written, {false, "Europe/Berlin"});
    ASSERT_EQ(crontab.entries.size(), 1U) << row.written;
    const CrontabTask task = tasks_of(crontab, {"crontab-", ""}, now()).front();
    if (*row.schedule == '\0') {
      EXPECT_TRUE(has(task.refusal, row.says)) << row.written << ": " << task.refusal;
      EXPECT_EQ(task.body, "") << row.written;
      continue;
    }
    EXPECT_EQ(task.refusal, "") << row.written;
    EXPECT_TRUE(has(task.body, row.schedule)) << row.written << ": " << task.body;
    EXPECT_EQ(task.remarks.empty(), *row.says == '\0') << row.written;
    for (const std::string& remark : task.remarks) {
      EXPECT_TRUE(has(remark, row.says)) << row.written;
    }
  }
  EXPECT_GE(std::size(kRows), 40U);
}

TEST(Crontab, CommentsRightAboveALineDescribeIt) {
  const Crontab crontab = read_crontab(
      "# m h  dom mon dow   command\n"
      "# Far away.\n"
      "\n"
      "# Backs up\n"
      "##  the database.\n"
      "# 0 1 * * * switched off\n"
      "0 2 * * * backup\n"
      "0 3 * * * other\n",
      {});
  ASSERT_EQ(crontab.entries.size(), 2U);
  EXPECT_EQ(crontab.entries[0].comment, "Backs up the database.");
  EXPECT_EQ(crontab.entries[0].line, 7U);
  EXPECT_EQ(crontab.entries[1].comment, "");
}

TEST(Crontab, SettingsHoldForTheLinesBelow) {
  const Crontab crontab = read_crontab(
      "MAILTO = \"root\"\n"
      "0 1 * * * a\n"
      "CRON_TZ=Asia/Tokyo\n"
      "0 1 * * * b\n"
      "TZ='America/New_York'\n"
      "0 1 * * * B=1 c\n"
      "CRON_TZ=\n"
      "0 1 * * * d\n",
      {false, "Europe/Berlin"});
  ASSERT_EQ(crontab.entries.size(), 4U);
  EXPECT_EQ(crontab.entries[0].timezone, "Europe/Berlin");
  EXPECT_EQ(crontab.entries[1].timezone, "Asia/Tokyo");
  EXPECT_EQ(crontab.entries[2].timezone, "Asia/Tokyo");
  EXPECT_EQ(crontab.entries[2].command, "B=1 c");
  EXPECT_EQ(crontab.entries[3].timezone, "Europe/Berlin");
  ASSERT_EQ(crontab.settings.size(), 4U);
  EXPECT_EQ(crontab.settings[0].name, "MAILTO");
  EXPECT_EQ(crontab.settings[0].value, "root");
  EXPECT_TRUE(has(remark_on(crontab.settings[0]), "no mail is sent"));
  EXPECT_EQ(remark_on(crontab.settings[1]), "");
  EXPECT_EQ(crontab.settings[2].value, "America/New_York");
  EXPECT_TRUE(has(remark_on(crontab.settings[2]), "the commands' environment"));
  EXPECT_TRUE(has(remark_on(crontab.settings[3]), "the default zone again"));
}

TEST(Crontab, APercentSignSplitsTheCommandFromItsInput) {
  const Crontab crontab = read_crontab(R"(0 1 * * * date +\%F | x%one%two\%)", {});
  EXPECT_EQ(crontab.entries[0].command, "date +%F | x");
  EXPECT_EQ(*crontab.entries[0].input, "one\ntwo%");
}

TEST(Crontab, TheUserStandsBeforeTheCommandOfTheSystem) {
  const Crontab crontab = read_crontab("17 * * * *\troot    cd / && run-parts x\n", {true, ""});
  EXPECT_EQ(crontab.entries[0].user, "root");
  EXPECT_EQ(crontab.entries[0].command, "cd / && run-parts x");
  const CrontabTask task = tasks_of(crontab, {"c-", "http://h/{user}/{id}"}, now()).front();
  EXPECT_TRUE(has(task.body, R"("labels":{"imported-from":"crontab","user":"root"})")) << task.body;
  EXPECT_TRUE(has(task.body, R"("url":"http://h/root/)" + task.id + "\"")) << task.body;
}

TEST(CrontabTasks, AnIdComesFromTheCommandAndStays) {
  const CrontabAim aim{"crontab-", ""};
  const auto tasks = tasks_of(read_crontab("0 1 * * * /opt/Do_It.sh -a\n"
                                           "0 2 * * * /opt/Do_It.sh -b\n",
                                           {}),
                              aim, now());
  EXPECT_TRUE(tasks[0].id.starts_with("crontab-do-it-sh-")) << tasks[0].id;
  EXPECT_NE(tasks[0].id, tasks[1].id);
  const auto later = tasks_of(read_crontab("\n\n*/5 * * * * /opt/Do_It.sh -a\n", {}), aim, now());
  EXPECT_EQ(later[0].id, tasks[0].id);
}

TEST(CrontabTasks, OfLinesWithOneCommandNoneTakesAnothersPlace) {
  const CrontabAim aim{"", ""};
  const auto all = tasks_of(
      read_crontab("0 1 * * * a\n0 2 * * * a\n0 3 * * * a\n0 3 * * * a\n", {}), aim, now());
  const auto left = tasks_of(read_crontab("0 2 * * * a\n0 3 * * * a\n", {}), aim, now());
  EXPECT_NE(all[0].id, all[1].id);
  EXPECT_EQ(left[0].id, all[1].id);
  EXPECT_EQ(left[1].id, all[2].id);
  EXPECT_EQ(all[3].id, all[2].id + "-2");
}

TEST(CrontabTasks, ACommandIsThePayload) {
  const CrontabTask task =
      tasks_of(read_crontab("# Why.\n0 1 * * * echo \"a\"%b\n", {}), {"", "http://h/run"}, now())
          .front();
  EXPECT_TRUE(task.body.ends_with(
      R"("schedule":{"cron":"0 1 * * *"},"description":"Why.","labels":{"imported-from":"crontab"},)"
      R"("target":{"kind":"http","url":"http://h/run"},"payload":{"command":"echo \"a\"","input":"b"}})"))
      << task.body;
  EXPECT_TRUE(task.id.starts_with("echo-")) << task.id;
}

TEST(CrontabTasks, AZoneThatIsNoneIsRefusedWithItsLine) {
  const auto tasks = tasks_of(read_crontab("CRON_TZ=Mars/Olympus\n0 1 * * * x\n", {}), {}, now());
  EXPECT_TRUE(has(tasks[0].refusal, "Mars/Olympus")) << tasks[0].refusal;
}

TEST(CrontabReport, LinesAreSortedByTheirFate) {
  const Crontab crontab = read_crontab("MAILTO=root\n0 1 * * * a\n@reboot b\n0~9 1 * * * c\n",
                                       {false, "Europe/Berlin"});
  const std::string report = crontab_report(crontab, tasks_of(crontab, {}, now()));
  EXPECT_TRUE(
      report.starts_with("3 lines that start a command: 1 taken as they are, 1 with "
                         "something otherwise, 1 not taken\n"))
      << report;
  const size_t same = report.find("\nTaken as they are\n  line 2: 0 1 * * * a\n");
  const size_t other = report.find("\nTaken, and something is otherwise here\n  line 4: ");
  const size_t refused = report.find("\nNot taken\n  line 3: @reboot b\n");
  EXPECT_TRUE(same < other && other < refused && refused != std::string::npos) << report;
  EXPECT_TRUE(has(report, ": At 01:00 every day, Europe/Berlin\n")) << report;
  EXPECT_TRUE(has(report, "\nSettings\n  line 1: MAILTO=root: no mail is sent")) << report;
}

// --- the command ---

TEST(ImportCrontab, ADryRunAsksNobodyAndIsContent) {
  FinishedProgram dry = run_program(
      "printf '0 1 * * * a\\n@reboot b\\n' | " + program("hourwheel") +
      " import crontab - --dry-run --timezone Europe/Berlin --server http://127.0.0.1:1");
  EXPECT_EQ(dry.code, 0);
  EXPECT_TRUE(has(dry.output, "The zone is Europe/Berlin.\n2 lines")) << dry.output;
}

TEST(ImportCrontab, TasksArePrintedForWhoeverAppliesThem) {
  FinishedProgram lines = run_program("printf '0 1 * * * a\\n' | " + program("hourwheel") +
                                      " import crontab - --dry-run -o ndjson 2>/dev/null");
  EXPECT_TRUE(lines.output.starts_with(R"({"id":"crontab-a-)")) << lines.output;
}

TEST(ImportCrontab, WhereNobodyCanBeAskedNothingIsCreatedWithoutApply) {
  FinishedProgram finished =
      run_program("printf '0 1 * * * a\\n' | " + program("hourwheel") + " import crontab - 2>&1");
  EXPECT_EQ(finished.code, 1);
  EXPECT_TRUE(has(finished.output, "nothing was created: --apply")) << finished.output;
}

TEST(ImportCrontab, ApplyCreatesWhatCanBeTakenAndTellsWhetherThatWasAll) {
  const std::string lines = "printf '0 1 * * * a\\n@reboot b\\n' |";
  Asked asked = ask_all("import crontab - --apply", {{404, ""}, {201, R"({"version":1})"}}, lines);
  EXPECT_TRUE(asked.requests[1].starts_with("PUT /v1/tasks/crontab-a-")) << asked.requests[1];
  EXPECT_TRUE(has(asked.client.output, "\ncreated crontab-a-")) << asked.client.output;
  EXPECT_EQ(asked.client.code, 1);
  EXPECT_EQ(ask_all("import crontab - --apply", {{404, ""}, {201, R"({"version":1})"}},
                    "printf '0 1 * * * a\\n' |")
                .client.code,
            0);
}

TEST(ImportCrontab, AZoneThatIsNoneIsSaidAtOnce) {
  EXPECT_EQ(run_alone("import crontab /dev/null --timezone Mars/Olympus").code, 2);
}

}  // namespace
}  // namespace hourwheel::crontab_test
