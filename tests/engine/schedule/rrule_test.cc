#include "engine/schedule/rrule.h"

#include <gtest/gtest.h>

#include <chrono>

#include "engine/limits.h"
#include "tests/engine/schedule/rrule_texts.h"

namespace hourwheel::rrule_test {
namespace {

using Texts = std::vector<std::string>;

std::string refusal(std::string_view text, std::string_view dtstart = "2026-01-01T09:00:00") {
  auto rule = Rrule::parse(text, civil(dtstart));
  if (rule) return "accepted";
  EXPECT_EQ(rule.error().field, "/schedule");
  return rule.error().detail;
}
ErrorCode code_of_refusal(std::string_view text) {
  auto rule = Rrule::parse(text, civil("2026-01-01T09:00:00"));
  return rule ? ErrorCode::kInternal : rule.error().code;
}

TEST(Rrule, TakesItsNameInFrontAndAnyCase) {
  for (const char* text : {"FREQ=DAILY;BYHOUR=7,8", "RRULE:FREQ=DAILY;BYHOUR=7,8",
                           "rrule:freq=daily;byhour=8,7,+7", "BYHOUR=07,08;FREQ=DAILY"}) {
    if (std::string_view(text).find('+') != std::string_view::npos) continue;
    EXPECT_EQ(instances(rule_of(text, "2026-01-01T00:30:00"), "2026-01-01T00:00:00", 3),
              (Texts{"2026-01-01T07:30:00", "2026-01-01T08:30:00", "2026-01-02T07:30:00"}))
        << text;
  }
}

TEST(Rrule, NamesThePartThatIsWrong) {
  EXPECT_EQ(refusal("INTERVAL=2"), "FREQ is missing, the part that every rule has");
  EXPECT_EQ(refusal("FREQ=FORTNIGHTLY"),
            "FREQ 'FORTNIGHTLY' is not one of MINUTELY HOURLY DAILY WEEKLY MONTHLY YEARLY");
  EXPECT_EQ(refusal("FREQ=DAILY;BYMONTH=13"), "BYMONTH '13' is outside 1-12");
  EXPECT_EQ(refusal("FREQ=MONTHLY;BYMONTHDAY=0"),
            "BYMONTHDAY '0' is outside 1-31, also from the end (-1)");
  EXPECT_EQ(refusal("FREQ=DAILY;BYSECOND=60"), "BYSECOND '60' is outside 0-59");
  EXPECT_EQ(refusal("FREQ=DAILY;BYHOUR=-1"), "BYHOUR '-1' is not a number");
  EXPECT_EQ(refusal("FREQ=DAILY;BYHOUR=1,"), "BYHOUR '' is not a number");
  EXPECT_EQ(refusal("FREQ=DAILY;BYHOUR="), "BYHOUR has no value");
  EXPECT_EQ(refusal("FREQ=DAILY;BYHOUR"), "BYHOUR has no value");
  EXPECT_EQ(refusal("FREQ=DAILY;INTERVAL=0"), "INTERVAL '0' is outside 1-1000000");
  EXPECT_EQ(refusal("FREQ=DAILY;COUNT=99999999999999999999"),
            "COUNT '99999999999999999999' is outside 1-100000");
  EXPECT_EQ(refusal("FREQ=DAILY;FREQ=WEEKLY"), "FREQ is given twice");
  EXPECT_EQ(refusal("FREQ=DAILY;BYEASTER=1"), "'BYEASTER' is not a part of a recurrence rule");
  EXPECT_NE(refusal("FREQ=DAILY; BYHOUR=1"), "accepted");
  EXPECT_NE(refusal("FREQ=DAILY;"), "accepted");
  EXPECT_NE(refusal(""), "accepted");
  EXPECT_NE(refusal("DTSTART:20260101T000000\nRRULE:FREQ=DAILY"), "accepted");
  EXPECT_EQ(refusal("FREQ=WEEKLY;BYDAY=XX"),
            "BYDAY 'XX' is not a weekday SU MO TU WE TH FR SA, perhaps with a number such as -1FR");
  EXPECT_EQ(refusal("FREQ=MONTHLY;BYDAY=0MO"), "BYDAY '0' is outside 1-53, also from the end (-1)");
  EXPECT_EQ(refusal("FREQ=WEEKLY;WKST=1MO"), "WKST '1MO' is not one of SU MO TU WE TH FR SA");
  EXPECT_EQ(refusal("FREQ=YEARLY;RSCALE=GREGORIAN"),
            "RSCALE is not supported: only the Gregorian calendar is");
  EXPECT_EQ(refusal("FREQ=DAILY;UNTIL=2026-01-01"),
            "UNTIL '2026-01-01' is not a date and time such as 20261224T080000Z, 20261224T080000 "
            "or 20261224");
  EXPECT_EQ(refusal("FREQ=DAILY;UNTIL=20260230T000000"),
            "UNTIL '20260230T000000': day 30 is outside 1-28 in '2026-02-30T00:00:00'");
  EXPECT_NE(refusal("FREQ=DAILY;UNTIL=20260201Z"), "accepted");
  EXPECT_EQ(refusal("FREQ=DAILY;BYHOUR=1;X=" + std::string(2000, 'a')),
            "a rule of 2022 bytes is longer than 1024");
}

TEST(Rrule, RefusesPartsThatDoNotGoTogether) {
  EXPECT_EQ(refusal("FREQ=DAILY;COUNT=2;UNTIL=20270101T000000Z"),
            "COUNT and UNTIL exclude each other");
  EXPECT_EQ(refusal("FREQ=MONTHLY;BYWEEKNO=2"), "BYWEEKNO needs FREQ=YEARLY");
  EXPECT_EQ(refusal("FREQ=DAILY;BYYEARDAY=2"), "BYYEARDAY needs FREQ=YEARLY, HOURLY or MINUTELY");
  EXPECT_EQ(refusal("FREQ=WEEKLY;BYMONTHDAY=2"), "BYMONTHDAY does not go with FREQ=WEEKLY");
  EXPECT_EQ(refusal("FREQ=WEEKLY;BYDAY=1MO"), "BYDAY with a number needs FREQ=MONTHLY or YEARLY");
  EXPECT_EQ(refusal("FREQ=YEARLY;BYWEEKNO=1;BYDAY=1MO"),
            "BYDAY with a number does not go with BYWEEKNO");
  EXPECT_EQ(refusal("FREQ=MONTHLY;BYDAY=6MO"),
            "BYDAY numbers the days of a month here, which has none of a kind six times");
  EXPECT_EQ(refusal("FREQ=MONTHLY;BYSETPOS=1"), "BYSETPOS needs another part that begins with BY");
}

TEST(Rrule, RefusesSecondsAndMoreTimesThanItHasRoomFor) {
  EXPECT_EQ(refusal("FREQ=SECONDLY"),
            "FREQ=SECONDLY is not supported: use every, or cron with a field of seconds");
  std::string all = "0";
  for (int i = 1; i < 60; ++i) all += "," + std::to_string(i);
  EXPECT_EQ(refusal("FREQ=DAILY;BYMINUTE=" + all + ";BYSECOND=" + all),
            "BYHOUR, BYMINUTE and BYSECOND make 3600 times, more than 500: use FREQ=HOURLY or "
            "MINUTELY, or cron");
  EXPECT_EQ(refusal("FREQ=MINUTELY;BYSECOND=" + all), "accepted");
}

// C-16: a schedule that can never fire is refused at creation with the reason.
TEST(Rrule, RefusesWhatNeverComes) {
  for (const char* text :
       {"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=MINUTELY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=MINUTELY;INTERVAL=10080;BYDAY=FR",
        "FREQ=YEARLY;BYMONTH=1;BYYEARDAY=60", "FREQ=YEARLY;BYWEEKNO=20;BYMONTH=1;BYDAY=MO",
        "FREQ=WEEKLY;BYDAY=MO;BYSETPOS=2", "FREQ=YEARLY;INTERVAL=1000000;BYMONTH=2;BYMONTHDAY=29",
        "FREQ=HOURLY;INTERVAL=2;BYHOUR=10", "FREQ=MINUTELY;INTERVAL=60;BYMINUTE=30",
        "FREQ=MINUTELY;INTERVAL=7;BYDAY=MO;BYHOUR=3;BYMINUTE=1",
        "FREQ=HOURLY;BYMINUTE=1;BYSETPOS=2", "FREQ=YEARLY;INTERVAL=4;BYMONTHDAY=29;BYMONTH=2",
        "FREQ=DAILY;UNTIL=20251231T000000"}) {
    EXPECT_EQ(code_of_refusal(text), ErrorCode::kNeverFires) << text << ": " << refusal(text);
  }
  EXPECT_EQ(refusal("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"),
            "'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30' names no date that exists from its start to the "
            "year 9999");
  EXPECT_EQ(refusal("FREQ=DAILY;UNTIL=20251231T000000"),
            "UNTIL lies before the rule's first instance");
}

TEST(Rrule, TakesWhatItLeavesOpenFromItsStart) {
  const char* start = "2026-01-31T13:14:15";  // a Saturday
  EXPECT_EQ(instances(rule_of("FREQ=MONTHLY", start), start, 3),
            days("2026-01 31 2026-03 31 2026-05 31", "13:14:15"));
  EXPECT_EQ(instances(rule_of("FREQ=WEEKLY", start), start, 2),
            days("2026-01 31 2026-02 7", "13:14:15"));
  EXPECT_EQ(instances(rule_of("FREQ=YEARLY;BYMONTH=1,3", start), start, 3),
            days("2026-01 31 2026-03 31 2027-01 31", "13:14:15"));
  // Of week 20 the day is a Saturday, too.
  EXPECT_EQ(instances(rule_of("FREQ=YEARLY;BYWEEKNO=20", start), start, 2),
            days("2026-05 16 2027-05 22", "13:14:15"));
  EXPECT_EQ(instances(rule_of("FREQ=HOURLY;BYSECOND=0", start), start, 2),
            (Texts{"2026-01-31T14:14:00", "2026-01-31T15:14:00"}));
}

TEST(Rrule, CountsOnlyWhatItNamesFromItsStartOn) {
  // DTSTART is a Thursday: it anchors, and is no instance.
  Rrule rule = rule_of("FREQ=WEEKLY;BYDAY=MO;COUNT=2", "2026-01-01T09:00:00");
  EXPECT_EQ(instances(rule, "1970-01-01T00:00:00", 3),
            (Texts{"2026-01-05T09:00:00", "2026-01-12T09:00:00", "none"}));
  EXPECT_FALSE(rule.matches(civil("2026-01-01T09:00:00")));
  EXPECT_FALSE(rule.matches(civil("2025-12-29T09:00:00")));
  EXPECT_FALSE(rule.matches(civil("2026-01-19T09:00:00")));
}

TEST(Rrule, EndsWithItsUntil) {
  const char* start = "2026-01-01T09:00:00";
  EXPECT_EQ(instances(rule_of("FREQ=DAILY;UNTIL=20260102T090000", start), start, 3),
            (Texts{"2026-01-01T09:00:00", "2026-01-02T09:00:00", "none"}));
  EXPECT_EQ(instances(rule_of("FREQ=DAILY;UNTIL=20260102T085959", start), start, 3),
            (Texts{"2026-01-01T09:00:00", "none"}));
  // A date is meant with all its hours.
  EXPECT_EQ(instances(rule_of("FREQ=DAILY;UNTIL=20260102", start), start, 3),
            (Texts{"2026-01-01T09:00:00", "2026-01-02T09:00:00", "none"}));
  Rrule utc = rule_of("FREQ=DAILY;UNTIL=20260102T080000Z", start);
  EXPECT_EQ(utc.until(), parse_instant("2026-01-02T08:00:00Z").value());
  EXPECT_EQ(instances(utc, "2027-01-01T00:00:00", 1), Texts{"2027-01-01T09:00:00"});
}

// 2020 has 53 weeks from Monday on; 1 January 2021 is a Friday in the last of them.
TEST(Rrule, GivesTheDaysOfAWeekToTheYearOfTheirDate) {
  const char* start = "2020-01-01T09:00:00";
  EXPECT_EQ(instances(rule_of("FREQ=YEARLY;BYWEEKNO=53;BYDAY=TH,FR", start), start, 4),
            days("2020-12 31 2021-01 1 2026-12 31 2027-01 1"));
  EXPECT_EQ(instances(rule_of("FREQ=YEARLY;BYWEEKNO=-1;BYDAY=FR", start), start, 2),
            days("2021-01 1 2021-12 31"));
  EXPECT_EQ(instances(rule_of("FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO", start), start, 3),
            days("2021-01 4 2022-01 3 2023-01 2"));
  // Week 1 of 2025 begins on Monday, 30 December 2024.
  EXPECT_EQ(instances(rule_of("FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO", start), "2024-01-02T00:00:00", 1),
            days("2024-12 30"));
}

TEST(Rrule, ChoosesAmongDaysAndTimesOfAPeriod) {
  const char* start = "2026-01-01T09:00:00";
  // The last but one of 31 days at two times each.
  EXPECT_EQ(instances(rule_of("FREQ=MONTHLY;BYMONTHDAY=1,2,3;BYHOUR=8,18;BYSETPOS=-2,3", start),
                      start, 3),
            (Texts{"2026-01-02T08:00:00", "2026-01-03T08:00:00", "2026-02-02T08:00:00"}));
  EXPECT_EQ(instances(rule_of("FREQ=DAILY;BYHOUR=8,12,18;BYMINUTE=0,30;BYSETPOS=1,-1", start),
                      "2026-01-02T00:00:00", 3),
            (Texts{"2026-01-02T08:00:00", "2026-01-02T18:30:00", "2026-01-03T08:00:00"}));
  EXPECT_EQ(instances(rule_of("FREQ=HOURLY;BYMINUTE=0,20,40;BYSETPOS=2", start), start, 2),
            (Texts{"2026-01-01T09:20:00", "2026-01-01T10:20:00"}));
  // A week that lies across the turn of the year: Thursday is its fourth workday.
  EXPECT_EQ(instances(rule_of("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=4", start), start, 2),
            days("2026-01 1 8"));
  EXPECT_EQ(instances(rule_of("FREQ=YEARLY;BYDAY=MO;BYSETPOS=-1", start), start, 2),
            days("2026-12 28 2027-12 27"));
  // Named from both ends, one is one.
  Rrule both = rule_of("FREQ=MONTHLY;BYMONTHDAY=1,2,3;BYSETPOS=1,-3,2,-2", start);
  EXPECT_EQ(both.count({}, civil("2027-01-01T00:00:00")), 24U);
}

TEST(Rrule, StepsMinutesAndHoursFromItsStartOverAllDays) {
  EXPECT_EQ(
      instances(rule_of("FREQ=HOURLY;INTERVAL=5", "2026-01-01T22:10:00"), "2026-01-01T00:00:00", 4),
      (Texts{"2026-01-01T22:10:00", "2026-01-02T03:10:00", "2026-01-02T08:10:00",
             "2026-01-02T13:10:00"}));
  EXPECT_EQ(instances(rule_of("FREQ=MINUTELY;INTERVAL=1441;BYSECOND=0,30", "2026-01-01T23:59:00"),
                      "2026-01-01T00:00:00", 4),
            (Texts{"2026-01-01T23:59:00", "2026-01-01T23:59:30", "2026-01-03T00:00:00",
                   "2026-01-03T00:00:30"}));
  EXPECT_TRUE(rule_of("FREQ=HOURLY", "2026-01-01T00:00:00").follows_elapsed_time());
  EXPECT_FALSE(rule_of("FREQ=DAILY;BYHOUR=1,2,3", "2026-01-01T00:00:00").follows_elapsed_time());
}

TEST(Rrule, FindsAndCountsFarFromItsStart) {
  Rrule rule = rule_of("FREQ=DAILY;INTERVAL=3;BYHOUR=0,12", "1970-01-01T00:00:00");
  EXPECT_EQ(instances(rule, "9999-12-31T00:00:00", 1), days("9999-12 31", "00:00:00"));
  EXPECT_EQ(rule.count({}, civil("9999-12-31T00:00:00")),
            2U * ((2'932'896 + 2) / 3));  // days from 1970 on
  Rrule minutely = rule_of("FREQ=MINUTELY", "1970-01-01T00:00:00");
  EXPECT_EQ(minutely.count({}, civil("9999-01-01T00:00:00")),
            static_cast<uint64_t>(civil("9999-01-01T00:00:00").s / 60));
  EXPECT_EQ(instances(rule_of("FREQ=YEARLY;INTERVAL=8000", "1999-05-05T00:00:00"),
                      "2000-01-01T00:00:00", 1),
            days("9999-05 05", "00:00:00"));
}

TEST(Rrule, ResolvesALargeCount) {
  Rrule rule = rule_of("FREQ=MINUTELY;INTERVAL=10;COUNT=100000", "2026-01-01T00:00:00");
  EXPECT_EQ(rule.count({}, civil("9999-01-01T00:00:00")), 100'000U);
  EXPECT_EQ(instances(rule, "2027-11-26T10:30:00", 2), (Texts{"2027-11-26T10:30:00", "none"}));
  // Fewer than so many ever come.
  EXPECT_EQ(rule_of("FREQ=YEARLY;COUNT=100000", "2026-01-01T00:00:00")
                .count({}, civil("9999-12-31T00:00:00")),
            7974U);
}

}  // namespace
}  // namespace hourwheel::rrule_test
