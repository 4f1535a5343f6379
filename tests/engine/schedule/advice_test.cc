#include "engine/schedule/advice.h"

#include <gtest/gtest.h>

#include "tests/engine/schedule/texts.h"

namespace hourwheel::advice_test {
namespace {

std::string told(const ScheduleSpec& spec, std::string_view from = "2027-01-01T00:00:00Z") {
  std::string out;
  for (const Advice& advice : advise(spec, compiled(spec), at(from))) {
    out += std::string(out.empty() ? "" : "\n").append(advice.code).append(": ") + advice.detail;
  }
  return out;
}

TEST(AdviceTest, PlainSchedulesGetNone) {
  for (std::string_view cron : {"0 9 * * 1-5", "*/15 * * * *", "* * * * *", "* * * * * *",
                                "0 0 L * *", "0 */6 * * *", "0 0 1-28 * *", "@hourly"}) {
    EXPECT_EQ(told(cron_spec(cron)), "") << cron;
  }
  EXPECT_EQ(told(every_spec(minutes(15), Instant{0})), "");
  ScheduleSpec once;
  once.at = at("2027-01-01T00:00:00Z");
  EXPECT_EQ(told(once), "");
}

TEST(AdviceTest, TellsWhichMonthsAreTooShort) {
  EXPECT_EQ(told(cron_spec("0 9 31 * *")),
            "short-months: day 31 comes in only 7 of the 12 months each year; L is the last day of "
            "every month");
  EXPECT_EQ(told(cron_spec("0 9 30 * *")),
            "short-months: day 30 comes in only 11 of the 12 months each year; L is the last day "
            "of every month");
  EXPECT_EQ(told(cron_spec("0 9 1,31 4,5 *")),
            "short-months: day 31 comes in only 1 of the 2 months each year; L is the last day of "
            "every month");
  EXPECT_EQ(told(cron_spec("0 9 31 1,3,5 *")), "");
  EXPECT_EQ(told(cron_spec("0 9 29 2 *")), "leap-years-only: 29 February comes in leap years only");
}

TEST(AdviceTest, TellsThatEitherDayFieldMatches) {
  EXPECT_TRUE(told(cron_spec("0 9 13 * 5")).starts_with("either-day-matches: "));
  ScheduleSpec both = cron_spec("0 9 13 * 5");
  both.dom_dow = DomDow::kAnd;
  EXPECT_EQ(told(both), "");
}

TEST(AdviceTest, TellsWhichStepsAreUneven) {
  EXPECT_EQ(told(cron_spec("*/7 * * * *")),
            "uneven-step: minute steps of 7 start again each hour: after 56 comes 0, 4 minutes "
            "later");
  EXPECT_EQ(told(cron_spec("0 */5 * * *")),
            "uneven-step: hour steps of 5 start again each day: after 20 comes 0, 4 hours later");
  EXPECT_EQ(told(cron_spec("0 0 */2 * *")),
            "uneven-step: day-of-month steps of 2 start again each month: after 31 comes 1, 1 day "
            "later");
  EXPECT_EQ(told(cron_spec("5/15 * * * *")), "");
}

TEST(AdviceTest, TellsOfAStarWhereAZeroMayBeMeant) {
  EXPECT_TRUE(told(cron_spec("* 9 * * *")).starts_with("every-minute-of-hour: "));
  EXPECT_TRUE(told(cron_spec("* 0 9 * * *")).starts_with("every-second-of-minute: "));
}

TEST(AdviceTest, TellsThatAFifthWeekdayIsRare) {
  EXPECT_EQ(told(cron_spec("0 9 * * 5#5")),
            "fifth-weekday: a fifth Friday comes in some months only; 5L is the last Friday");
}

TEST(AdviceTest, TellsWhatIntervalsDo) {
  EXPECT_TRUE(told(every_spec(milliseconds(200), Instant{0})).starts_with("sub-second: "));
  EXPECT_TRUE(told(every_spec(hours(24), Instant{0})).starts_with("elapsed-days: "));
}

TEST(AdviceTest, TellsThatJitterIsClipped) {
  ScheduleSpec spec = cron_spec("*/5 * * * *");
  spec.jitter = minutes(5);
  EXPECT_EQ(told(spec),
            "jitter-clipped: a jitter of 5 minutes is longer than the 5 minutes between two due "
            "instants: it is clipped before the next");
  spec.jitter = minutes(4);
  EXPECT_EQ(told(spec), "");
}

TEST(AdviceTest, TellsWhatTheNextChangesOfTheClocksDo) {  // C-18
  ScheduleSpec spec = cron_spec("30 2 * * *", "Europe/Berlin");
  EXPECT_EQ(told(spec),
            "dst-gap: 2027-03-28 02:30 does not exist in Europe/Berlin (clocks go from 02:00 to "
            "03:00): fires at 03:00\n"
            "dst-overlap: 2027-10-31 02:30 comes twice in Europe/Berlin (clocks go back from 03:00 "
            "to 02:00): this is the first time, and it fires at this one alone");
  spec.changes = {DstGap::kSkip, DstOverlap::kBoth};
  EXPECT_EQ(told(spec),
            "dst-gap: 2027-03-28 02:30 does not exist in Europe/Berlin (clocks go from 02:00 to "
            "03:00): does not fire\n"
            "dst-overlap: 2027-10-31 02:30 comes twice in Europe/Berlin (clocks go back from 03:00 "
            "to 02:00): this is the first time, and it fires at the second too");
  spec.changes.overlap = DstOverlap::kSecond;
  EXPECT_TRUE(told(spec).ends_with("this is the second time, and it fires at this one alone"));
  EXPECT_EQ(told(cron_spec("30 4 * * *", "Europe/Berlin")), "");
  EXPECT_EQ(told(cron_spec("*/15 * * * *", "Europe/Berlin")), "");
}

}  // namespace
}  // namespace hourwheel::advice_test
