// `hourwheel cron next` as a program: nothing listens anywhere.
#include <gtest/gtest.h>

#include <string>

#include "tests/tools/finished_program.h"

namespace hourwheel::cron_command_test {
namespace {

// redirect: what becomes of its messages.
FinishedProgram run_cron(const std::string& arguments,
                         const std::string& redirect = "2>/dev/null") {
  return run_program(program("hourwheel") + " cron next " + arguments + " " + redirect);
}

TEST(CronCommand, PrintsInstantsTheSentenceAndWhatAGapDoes) {
  FinishedProgram out = run_cron("'30 2 * * *' --tz Europe/Berlin -n 3 --from 2027-03-27");
  EXPECT_EQ(out.code, 0);
  EXPECT_EQ(
      out.output,
      "At 02:30 every day, Europe/Berlin\n"
      "\n"
      "UTC                       LOCAL                OFFSET\n"
      "2027-03-27T01:30:00.000Z  2027-03-27 02:30     +01:00\n"
      "2027-03-28T01:00:00.000Z  2027-03-28 03:00     +02:00  2027-03-28 02:30 does not exist "
      "in Europe/Berlin (clocks go from 02:00 to 03:00): fires at 03:00\n"
      "2027-03-29T00:30:00.000Z  2027-03-29 02:30     +02:00\n");
}

TEST(CronCommand, ShowsWhatIsLeftOutBetweenTheOthers) {
  FinishedProgram out = run_cron(
      R"('{"cron":"30 2 * * *","timezone":"Europe/Berlin","dst_gap":"skip"}' -n 2 --from 2027-03-27)");
  EXPECT_EQ(out.code, 0);
  size_t left_out = out.output.find("(clocks go from 02:00 to 03:00): does not fire");
  EXPECT_NE(left_out, std::string::npos) << out.output;
  EXPECT_LT(left_out, out.output.find("2027-03-29T00:30:00.000Z"));
}

TEST(CronCommand, PrintsTheApisObjectAsJson) {
  FinishedProgram out = run_cron("@daily -n 1 --from 2027-03-27T12:00:00Z -o json");
  EXPECT_EQ(out.code, 0);
  EXPECT_EQ(out.output,
            R"({"times":[{"utc":"2027-03-28T00:00:00.000Z","local":"2027-03-28T00:00:00",)"
            R"("offset":"+00:00"}],"text":"At 00:00 every day, UTC","warnings":[]})"
            "\n");
}

TEST(CronCommand, TakesEveryFormOfASchedule) {
  EXPECT_TRUE(run_cron("15m").output.starts_with("Every 15 minutes\n"));
  EXPECT_TRUE(run_cron("PT15M").output.starts_with("Every 15 minutes\n"));
  EXPECT_TRUE(run_cron("'@every 90s'").output.starts_with("Every 1 minute and 30 seconds\n"));
  EXPECT_TRUE(run_cron("9999-01-01T00:00:00Z").output.starts_with("Once, at 9999-01-01 00:00:00 "));
  EXPECT_TRUE(run_cron("2998-07-01T12:00:00 --tz Europe/Berlin")
                  .output.starts_with("Once, at 2998-07-01 10:00:00 UTC"));
}

TEST(CronCommand, WarnsBesideItsOutput) {
  FinishedProgram all = run_cron("'0 9 13 * 5' -n 1", "2>&1 >/dev/null");
  EXPECT_TRUE(all.output.starts_with("either-day-matches: ")) << all.output;
}

TEST(CronCommand, RefusesWithTwoAndTheReason) {
  for (const char* wrong : {"'75 9 * * *'", "'0 9 * * *' --tz Mars/Base",
                            "'0 9 * * *' --from yesterday", "15m --tz UTC", "'{\"cron\":1}'", "'{'",
                            "'@daily' -n 0", "'@daily' --from 2027-01-01 --to 2026-01-01"}) {
    FinishedProgram out = run_cron(wrong, "2>&1");
    EXPECT_EQ(out.code, 2) << wrong;
    EXPECT_FALSE(out.output.empty()) << wrong;
  }
  EXPECT_EQ(run_cron("'75 9 * * *'", "2>&1").output, "hourwheel: minute 75 is outside 0-59\n");
}

}  // namespace
}  // namespace hourwheel::cron_command_test
