#include "engine/schedule/describe.h"

#include <gtest/gtest.h>

#include "engine/schedule/describe_rrule.h"
#include "tests/engine/schedule/texts.h"

namespace hourwheel::describe_test {
namespace {

struct Case {
  std::string_view written;
  std::string_view sentence;
};

constexpr Case kTimesOfDay[] = {
    {"0 9 * * *", "At 09:00 every day"},
    {"0 9,12,17 * * *", "At 09:00, 12:00 and 17:00 every day"},
    {"0,30 9,17 * * *", "At 09:00, 09:30, 17:00 and 17:30 every day"},
    {"17,9,17 9 * * *", "At 09:09 and 09:17 every day"},
    {"30 0 9 * * *", "At 09:00:30 every day"},
    {"0,30 0 9 * * *", "At 09:00:00 and 09:00:30 every day"},
    {"@daily", "At 00:00 every day"},
    {"@midnight", "At 00:00 every day"},
    {"@weekly", "At 00:00 on Sunday"},
    {"@monthly", "At 00:00 on day 1 of the month"},
    {"@yearly", "At 00:00 on 1 January"},
};

constexpr Case kRepeating[] = {
    {"* * * * *", "Every minute"},
    {"* * * * * *", "Every second"},
    {"*/15 * * * *", "Every 15 minutes"},
    {"5/15 * * * *", "Every 15 minutes from minute 5"},
    {"*/7 * * * *", "Every 7 minutes from minute 0 of each hour"},
    {"5/7 * * * *", "Every 7 minutes from minute 5 of each hour"},
    {"50/15 * * * *", "Every 15 minutes from minute 50 of each hour"},
    {"*/10 * * * * *", "Every 10 seconds"},
    {"*/7 * * * * *", "Every 7 seconds from second 0 of each minute"},
    {"0 * * * *", "Every hour"},
    {"@hourly", "Every hour"},
    {"15 * * * *", "At minute 15 of every hour"},
    {"0,30 * * * *", "At minutes 0 and 30 of every hour"},
    {"0-29 * * * *", "At minutes 0 to 29 of every hour"},
    {"0-30/10,45 * * * *", "At minutes 0, 10, 20, 30 and 45 of every hour"},
    {"0 */6 * * *", "Every 6 hours"},
    {"15 */6 * * *", "Every 6 hours from 00:15"},
    {"0 2/6 * * *", "Every 6 hours from 02:00"},
    {"0 */5 * * *", "Every 5 hours from 00:00 of each day"},
    {"0 9-17 * * *", "Every hour from 09:00 to 17:00"},
    {"30 9-17/2 * * *", "Every 2 hours from 09:30 to 17:30"},
    {"30 9-18/2 * * *", "Every 2 hours from 09:30 to 17:30"},
    {"0 22-6 * * *", "Every hour from 22:00 to 06:00"},
    {"*/15 9-17 * * *", "Every 15 minutes, 09:00 to 17:59"},
    {"*/15 9 * * *", "Every 15 minutes, 09:00 to 09:59"},
    {"* 9,12 * * *", "Every minute, in the hours 9 and 12"},
    {"*/20 */2 * * *", "Every 20 minutes, in every 2nd hour"},
    {"0,30 9-17 * * *", "At minutes 0 and 30 of the hours 9 to 17"},
    {"0,30 */2 * * *", "At minutes 0 and 30 of every 2nd hour"},
    {"30 * * * * *", "At second 30 of every minute"},
    {"30 */5 * * * *", "At second 30 of every 5th minute"},
    {"30 15 * * * *", "At second 30 of minute 15 of every hour"},
    {"* 30 9 * * *", "Every second of minute 30, 09:00 to 09:59"},
};

constexpr Case kDays[] = {
    {"0 9 * * 1-5", "At 09:00, Monday to Friday"},
    {"0 9 * * mon-fri", "At 09:00, Monday to Friday"},
    {"0 9 * * fri-mon", "At 09:00, Friday to Monday"},
    {"0 9 * * 5-7", "At 09:00, Friday to Sunday"},
    {"0 9 * * 7-2", "At 09:00, Sunday to Tuesday"},
    {"0 9 * * 7", "At 09:00 on Sunday"},
    {"0 9 * * 1,3,5", "At 09:00 on Monday, Wednesday and Friday"},
    {"0 9 * * 1-5/2", "At 09:00 on Monday, Wednesday and Friday"},
    {"0 9 * * */2", "At 09:00 on Sunday, Tuesday, Thursday and Saturday"},
    {"0 9 * 1,7 1-5", "At 09:00, Monday to Friday in January and July"},
    {"0 9 1 * *", "At 09:00 on day 1 of the month"},
    {"0 9 1,15 * *", "At 09:00 on days 1 and 15 of the month"},
    {"0 9 1-7 * *", "At 09:00 on days 1 to 7 of the month"},
    {"0 9 1-7,15 * *", "At 09:00 on days 1 to 7 and 15 of the month"},
    {"0 9 */2 * *", "At 09:00 on every 2nd day from day 1 of the month"},
    {"0 9 1 */3 *", "At 09:00 on day 1 of every 3rd month from January"},
    {"0 9 1 jan-mar *", "At 09:00 on day 1 of January to March"},
    {"0 9 24 12 *", "At 09:00 on 24 December"},
    {"0 9 1 1,7 *", "At 09:00 on 1 January and 1 July"},
    {"0 9 * 6 *", "At 09:00 every day in June"},
    {"*/15 * * 6 *", "Every 15 minutes in June"},
    {"*/15 9-17 * * 1-5", "Every 15 minutes, 09:00 to 17:59, Monday to Friday"},
    {"0 9 13 * 5", "At 09:00 on day 13 of the month or on Friday"},
    {"0 9 1-7 * mon-fri", "At 09:00 on days 1 to 7 of the month or on Monday to Friday"},
    {"0 9 */1 * 1", "At 09:00 every day"},
};

constexpr Case kWordsOfDays[] = {
    {"0 9 L * *", "At 09:00 on the last day of the month"},
    {"0 9 L-1 * *", "At 09:00 on the day before the last of the month"},
    {"0 9 L-3 * *", "At 09:00 on the 3rd day before the last of the month"},
    {"0 9 LW * *", "At 09:00 on the last workday of the month"},
    {"0 9 15W * *", "At 09:00 on the workday nearest to day 15 of the month"},
    {"0 9 1,15,L * *", "At 09:00 on days 1 and 15 and the last day of the month"},
    {"0 9 L 2 *", "At 09:00 on the last day of February"},
    {"0 9 * * 5#2", "At 09:00 on the second Friday of the month"},
    {"0 9 * * fri#2", "At 09:00 on the second Friday of the month"},
    {"30 2 * * 5L", "At 02:30 on the last Friday of the month"},
    {"30 2 * * 5#L", "At 02:30 on the last Friday of the month"},
    {"0 9 * * 1#1,1#3", "At 09:00 on the first Monday and the third Monday of the month"},
    {"0 9 * 3 7L", "At 09:00 on the last Sunday of March"},
    {"0 0 9 1 1 * 2027", "At 09:00 on 1 January, in 2027"},
    {"0 0 9 * * * 2027-2030", "At 09:00 every day, in 2027 to 2030"},
    {"0 0 9 * * 1-5 2028/4", "At 09:00, Monday to Friday, in every 4th year from 2028"},
};

constexpr Case kDrawn[] = {
    {"H H * * *", "At a time of the day fixed by the task's id every day"},
    {"H 3 * * *", "At a time from 03:00 to 03:59 fixed by the task's id every day"},
    {"H H(0-5) * * 1-5", "At a time from 00:00 to 05:59 fixed by the task's id, Monday to Friday"},
    {"H * * * *", "At a minute fixed by the task's id of every hour"},
    {"H(0-29) * * * *", "At a minute from 0 to 29 fixed by the task's id of every hour"},
    {"H/15 * * * *", "Every 15 minutes from a minute fixed by the task's id"},
    {"0 H * * *", "At minute 0 of an hour fixed by the task's id"},
    {"0 9 H * *", "At 09:00 on a day fixed by the task's id of the month"},
    {"0 9 * * H", "At 09:00 on a weekday fixed by the task's id"},
};

// Without what is said of the zone.
void expect_sentences(std::span<const Case> cases) {
  constexpr std::string_view kZone = ", UTC";
  for (const Case& c : cases) {
    std::string sentence = describe(cron_spec(c.written));
    if (sentence.ends_with(kZone)) sentence.resize(sentence.size() - kZone.size());
    EXPECT_EQ(sentence, c.sentence) << c.written;
  }
}

TEST(DescribeTest, NamesTimesOfTheDay) {
  expect_sentences(kTimesOfDay);
}
TEST(DescribeTest, SaysHowOftenWhatRepeatsWithinADay) {
  expect_sentences(kRepeating);
}
TEST(DescribeTest, NamesTheDays) {
  expect_sentences(kDays);
}
TEST(DescribeTest, HasWordsForLastNearestAndNth) {
  expect_sentences(kWordsOfDays);
}
TEST(DescribeTest, SaysWhatTheTasksIdDecides) {
  expect_sentences(kDrawn);
}

TEST(DescribeTest, NamesTheZoneWhereItMakesADifference) {
  EXPECT_EQ(describe(cron_spec("0 9 * * 1-5", "Europe/Berlin")),
            "At 09:00, Monday to Friday, Europe/Berlin");
  EXPECT_EQ(describe(cron_spec("0 9 * * 1-5")), "At 09:00, Monday to Friday, UTC");
  EXPECT_EQ(describe(cron_spec("*/15 * * * *")), "Every 15 minutes");
  EXPECT_EQ(describe(cron_spec("*/15 * * * 6")), "Every 15 minutes on Saturday, UTC");
  EXPECT_EQ(describe(cron_spec("0 * * * *", "Asia/Kolkata")), "Every hour, Asia/Kolkata");
}

TEST(DescribeTest, QuotesWhatItDoesNotUnderstand) {
  EXPECT_EQ(describe(cron_spec("0 9 Q * *", "Europe/Berlin")),
            "By cron '0 9 Q * *', Europe/Berlin");
}

TEST(DescribeTest, SaysLengthsOfTime) {
  EXPECT_EQ(describe(minutes(15)), "15 minutes");
  EXPECT_EQ(describe(minutes(90)), "1 hour and 30 minutes");
  EXPECT_EQ(describe(hours(1) + minutes(1) + seconds(1)), "1 hour, 1 minute and 1 second");
  EXPECT_EQ(describe(milliseconds(250)), "250 milliseconds");
  EXPECT_EQ(describe(hours(24)), "24 hours");
  EXPECT_EQ(describe(hours(48)), "2 days of 24 hours");
  EXPECT_EQ(describe(Duration{}), "0 seconds");
}

TEST(DescribeTest, SaysIntervalsAndInstants) {
  auto every = [](Duration d) { return describe(every_spec(d, Instant{0})); };
  EXPECT_EQ(every(minutes(15)), "Every 15 minutes");
  EXPECT_EQ(every(hours(1)), "Every hour");
  EXPECT_EQ(every(minutes(90)), "Every 1 hour and 30 minutes");
  EXPECT_EQ(every(hours(24)), "Every 24 hours");
  ScheduleSpec once;
  once.at = at("2026-12-24T08:00:00Z");
  EXPECT_EQ(describe(once), "Once, at 2026-12-24 08:00:00 UTC");
  once.at = at("2026-12-24T08:00:00.250Z");
  EXPECT_EQ(describe(once), "Once, at 2026-12-24 08:00:00.250 UTC");
}

TEST(DescribeTest, SaysSimpleRecurrenceRulesAndQuotesTheOthers) {
  constexpr Case kRules[] = {
      {"FREQ=DAILY", "Every day"},
      {"FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR", "Every 2 weeks on Monday and Friday"},
      {"FREQ=MONTHLY;BYDAY=-1FR", "Every month on the last Friday"},
      {"FREQ=MONTHLY;BYDAY=2TU;BYHOUR=9;BYMINUTE=0", "Every month on the second Tuesday at 09:00"},
      {"FREQ=MONTHLY;BYMONTHDAY=1,15,-1", "Every month on day 1, day 15 and the last day"},
      {"FREQ=YEARLY;BYMONTH=1,7;BYMONTHDAY=1", "Every year on day 1 in January and July"},
      {"FREQ=DAILY;BYHOUR=9,17;BYMINUTE=30;BYSECOND=5", "Every day at 09:30:05 and 17:30:05"},
      {"FREQ=DAILY;COUNT=10", "Every day, 10 times"},
      {"FREQ=DAILY;UNTIL=20270328T000000Z", "Every day, until 2027-03-28"},
      {"freq=daily", "Every day"},
      {"FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1", "By rule FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1"},
      {"FREQ=DAILY;BYMINUTE=30", "By rule FREQ=DAILY;BYMINUTE=30"},
      {"FREQ=MONTHLY;BYMONTHDAY=-3", "By rule FREQ=MONTHLY;BYMONTHDAY=-3"},
      {"FREQ=FORTNIGHTLY", "By rule FREQ=FORTNIGHTLY"},
      {"nonsense", "By rule nonsense"},
  };
  for (const Case& c : kRules) EXPECT_EQ(describe_rrule(c.written), c.sentence);
}

}  // namespace
}  // namespace hourwheel::describe_test
