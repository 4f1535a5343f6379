// The examples of RFC 5545, section 3.8.5.3, in its order. Where its UNTIL is an instant in the
// zone America/New_York, the local time stands here: the zone is not the rule's matter.
#include <gtest/gtest.h>

#include "tests/engine/schedule/rrule_texts.h"

namespace hourwheel::rrule_rfc_test {
namespace {

struct Example {
  const char* dtstart;
  const char* rule;
  const char* days;  // the first ones; 09:00 each
  bool ends;         // nothing comes after them
};

constexpr Example kExamples[] = {
    // Daily for 10 occurrences.
    {"1997-09-02T09:00:00", "FREQ=DAILY;COUNT=10", "1997-09 2 3 4 5 6 7 8 9 10 11", true},
    // Every other day, forever.
    {"1997-09-02T09:00:00", "FREQ=DAILY;INTERVAL=2",
     "1997-09 2 4 6 8 10 12 14 16 18 20 22 24 26 28 30 1997-10 2 4 6", false},
    // Every 10 days, 5 occurrences.
    {"1997-09-02T09:00:00", "FREQ=DAILY;INTERVAL=10;COUNT=5", "1997-09 2 12 22 1997-10 2 12", true},
    // Weekly for 10 occurrences.
    {"1997-09-02T09:00:00", "FREQ=WEEKLY;COUNT=10",
     "1997-09 2 9 16 23 30 1997-10 7 14 21 28 1997-11 4", true},
    // Weekly until December 24, 1997.
    {"1997-09-02T09:00:00", "FREQ=WEEKLY;UNTIL=19971224T000000",
     "1997-09 2 9 16 23 30 1997-10 7 14 21 28 1997-11 4 11 18 25 1997-12 2 9 16 23", true},
    // Every other week, forever.
    {"1997-09-02T09:00:00", "FREQ=WEEKLY;INTERVAL=2;WKST=SU",
     "1997-09 2 16 30 1997-10 14 28 1997-11 11 25 1997-12 9 23 1998-01 6 20 1998-02 3 17", false},
    // Weekly on Tuesday and Thursday for five weeks, in two ways.
    {"1997-09-02T09:00:00", "FREQ=WEEKLY;UNTIL=19971007T000000;WKST=SU;BYDAY=TU,TH",
     "1997-09 2 4 9 11 16 18 23 25 30 1997-10 2", true},
    {"1997-09-02T09:00:00", "FREQ=WEEKLY;COUNT=10;WKST=SU;BYDAY=TU,TH",
     "1997-09 2 4 9 11 16 18 23 25 30 1997-10 2", true},
    // Every other week on Monday, Wednesday and Friday until December 24, 1997.
    {"1997-09-01T09:00:00", "FREQ=WEEKLY;INTERVAL=2;UNTIL=19971224T000000;WKST=SU;BYDAY=MO,WE,FR",
     "1997-09 1 3 5 15 17 19 29 1997-10 1 3 13 15 17 27 29 31 1997-11 10 12 14 24 26 28 "
     "1997-12 8 10 12 22",
     true},
    // Every other week on Tuesday and Thursday, for 8 occurrences.
    {"1997-09-02T09:00:00", "FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH",
     "1997-09 2 4 16 18 30 1997-10 2 14 16", true},
    // Monthly on the first Friday for 10 occurrences.
    {"1997-09-05T09:00:00", "FREQ=MONTHLY;COUNT=10;BYDAY=1FR",
     "1997-09 5 1997-10 3 1997-11 7 1997-12 5 1998-01 2 1998-02 6 1998-03 6 1998-04 3 1998-05 1 "
     "1998-06 5",
     true},
    // Monthly on the first Friday until December 24, 1997.
    {"1997-09-05T09:00:00", "FREQ=MONTHLY;UNTIL=19971224T000000;BYDAY=1FR",
     "1997-09 5 1997-10 3 1997-11 7 1997-12 5", true},
    // Every other month on the first and last Sunday of the month for 10 occurrences.
    {"1997-09-07T09:00:00", "FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU",
     "1997-09 7 28 1997-11 2 30 1998-01 4 25 1998-03 1 29 1998-05 3 31", true},
    // Monthly on the second-to-last Monday of the month for 6 months.
    {"1997-09-22T09:00:00", "FREQ=MONTHLY;COUNT=6;BYDAY=-2MO",
     "1997-09 22 1997-10 20 1997-11 17 1997-12 22 1998-01 19 1998-02 16", true},
    // Monthly on the third-to-the-last day of the month, forever.
    {"1997-09-28T09:00:00", "FREQ=MONTHLY;BYMONTHDAY=-3",
     "1997-09 28 1997-10 29 1997-11 28 1997-12 29 1998-01 29 1998-02 26", false},
    // Monthly on the 2nd and 15th of the month for 10 occurrences.
    {"1997-09-02T09:00:00", "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=2,15",
     "1997-09 2 15 1997-10 2 15 1997-11 2 15 1997-12 2 15 1998-01 2 15", true},
    // Monthly on the first and last day of the month for 10 occurrences.
    {"1997-09-30T09:00:00", "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1",
     "1997-09 30 1997-10 1 31 1997-11 1 30 1997-12 1 31 1998-01 1 31 1998-02 1", true},
    // Every 18 months on the 10th thru 15th of the month for 10 occurrences.
    {"1997-09-10T09:00:00", "FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12,13,14,15",
     "1997-09 10 11 12 13 14 15 1999-03 10 11 12 13", true},
    // Every Tuesday, every other month.
    {"1997-09-02T09:00:00", "FREQ=MONTHLY;INTERVAL=2;BYDAY=TU",
     "1997-09 2 9 16 23 30 1997-11 4 11 18 25 1998-01 6 13 20 27 1998-03 3 10 17 24 31", false},
    // Yearly in June and July for 10 occurrences.
    {"1997-06-10T09:00:00", "FREQ=YEARLY;COUNT=10;BYMONTH=6,7",
     "1997-06 10 1997-07 10 1998-06 10 1998-07 10 1999-06 10 1999-07 10 2000-06 10 2000-07 10 "
     "2001-06 10 2001-07 10",
     true},
    // Every other year on January, February, and March for 10 occurrences.
    {"1997-03-10T09:00:00", "FREQ=YEARLY;INTERVAL=2;COUNT=10;BYMONTH=1,2,3",
     "1997-03 10 1999-01 10 1999-02 10 1999-03 10 2001-01 10 2001-02 10 2001-03 10 2003-01 10 "
     "2003-02 10 2003-03 10",
     true},
    // Every third year on the 1st, 100th, and 200th day for 10 occurrences.
    {"1997-01-01T09:00:00", "FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200",
     "1997-01 1 1997-04 10 1997-07 19 2000-01 1 2000-04 9 2000-07 18 2003-01 1 2003-04 10 "
     "2003-07 19 2006-01 1",
     true},
    // Every 20th Monday of the year, forever.
    {"1997-05-19T09:00:00", "FREQ=YEARLY;BYDAY=20MO", "1997-05 19 1998-05 18 1999-05 17", false},
    // Monday of week number 20 (where the default start of the week is Monday), forever.
    {"1997-05-12T09:00:00", "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", "1997-05 12 1998-05 11 1999-05 17",
     false},
    // Every Thursday in March, forever.
    {"1997-03-13T09:00:00", "FREQ=YEARLY;BYMONTH=3;BYDAY=TH",
     "1997-03 13 20 27 1998-03 5 12 19 26 1999-03 4 11 18 25", false},
    // Every Thursday, but only during June, July, and August, forever.
    {"1997-06-05T09:00:00", "FREQ=YEARLY;BYDAY=TH;BYMONTH=6,7,8",
     "1997-06 5 12 19 26 1997-07 3 10 17 24 31 1997-08 7 14 21 28 1998-06 4 11 18 25 "
     "1998-07 2 9 16 23 30 1998-08 6 13 20 27",
     false},
    // Every Friday the 13th, forever. DTSTART is none, and so no instance here.
    {"1997-09-02T09:00:00", "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13",
     "1998-02 13 1998-03 13 1998-11 13 1999-08 13 2000-10 13", false},
    // The first Saturday that follows the first Sunday of the month, forever.
    {"1997-09-13T09:00:00", "FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13",
     "1997-09 13 1997-10 11 1997-11 8 1997-12 13 1998-01 10 1998-02 7 1998-03 7 1998-04 11 "
     "1998-05 9 1998-06 13",
     false},
    // Every 4 years, the first Tuesday after a Monday in November, forever (election day).
    {"1996-11-05T09:00:00", "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8",
     "1996-11 5 2000-11 7 2004-11 2", false},
    // The third instance into the month of one of Tuesday, Wednesday, or Thursday, for the next 3.
    {"1997-09-04T09:00:00", "FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3",
     "1997-09 4 1997-10 7 1997-11 6", true},
    // The second-to-last weekday of the month.
    {"1997-09-29T09:00:00", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2",
     "1997-09 29 1997-10 30 1997-11 27 1997-12 30 1998-01 29 1998-02 26 1998-03 30", false},
    // Where the days generated make a difference because of WKST.
    {"1997-08-05T09:00:00", "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO",
     "1997-08 5 10 19 24", true},
    {"1997-08-05T09:00:00", "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU",
     "1997-08 5 17 19 31", true},
    // An invalid date (February 30) is ignored.
    {"2007-01-15T09:00:00", "FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5",
     "2007-01 15 30 2007-02 15 2007-03 15 30", true},
};

TEST(RruleOfTheStandard, HasTheDaysThatItsExamplesName) {
  for (const Example& example : kExamples) {
    auto expected = days(example.days);
    Rrule rule = rule_of(example.rule, example.dtstart);
    if (example.ends) expected.emplace_back("none");
    EXPECT_EQ(instances(rule, example.dtstart, static_cast<int>(expected.size())), expected)
        << example.rule;
  }
}

TEST(RruleOfTheStandard, HasTheManyDaysOfItsLongExamples) {
  // Daily until December 24, 1997: the last is on the 23rd.
  Rrule daily = rule_of("FREQ=DAILY;UNTIL=19971224T000000", "1997-09-02T09:00:00");
  EXPECT_EQ(daily.count({}, civil("2100-01-01T00:00:00")), 29U + 31 + 30 + 23);
  EXPECT_EQ(instances(daily, "1997-12-23T00:00:00", 2),
            (std::vector<std::string>{"1997-12-23T09:00:00", "none"}));
  // Every day in January, for 3 years, in two ways.
  for (const char* text : {"FREQ=YEARLY;UNTIL=20000131T090000;BYMONTH=1;BYDAY=SU,MO,TU,WE,TH,FR,SA",
                           "FREQ=DAILY;UNTIL=20000131T090000;BYMONTH=1"}) {
    Rrule january = rule_of(text, "1998-01-01T09:00:00");
    EXPECT_EQ(january.count({}, civil("2100-01-01T00:00:00")), 93U) << text;
    EXPECT_EQ(instances(january, "1999-01-31T09:00:01", 1), days("2000-01 1")) << text;
    EXPECT_EQ(instances(january, "2000-01-31T09:00:01", 1), std::vector<std::string>{"none"});
  }
}

TEST(RruleOfTheStandard, HasTheTimesThatItsExamplesName) {
  const char* start = "1997-09-02T09:00:00";
  EXPECT_EQ(instances(rule_of("FREQ=HOURLY;INTERVAL=3;UNTIL=19970902T170000", start), start, 4),
            (std::vector<std::string>{"1997-09-02T09:00:00", "1997-09-02T12:00:00",
                                      "1997-09-02T15:00:00", "none"}));
  EXPECT_EQ(instances(rule_of("FREQ=MINUTELY;INTERVAL=15;COUNT=6", start), start, 7),
            (std::vector<std::string>{"1997-09-02T09:00:00", "1997-09-02T09:15:00",
                                      "1997-09-02T09:30:00", "1997-09-02T09:45:00",
                                      "1997-09-02T10:00:00", "1997-09-02T10:15:00", "none"}));
  EXPECT_EQ(instances(rule_of("FREQ=MINUTELY;INTERVAL=90;COUNT=4", start), start, 5),
            (std::vector<std::string>{"1997-09-02T09:00:00", "1997-09-02T10:30:00",
                                      "1997-09-02T12:00:00", "1997-09-02T13:30:00", "none"}));
}

TEST(RruleOfTheStandard, HasEveryTwentyMinutesOfTheDayInTwoWays) {
  const char* start = "1997-09-02T09:00:00";
  Rrule daily = rule_of("FREQ=DAILY;BYHOUR=9,10,11,12,13,14,15,16;BYMINUTE=0,20,40", start);
  Rrule minutely = rule_of("FREQ=MINUTELY;INTERVAL=20;BYHOUR=9,10,11,12,13,14,15,16", start);
  auto expected = instances(daily, start, 100);
  EXPECT_EQ(expected[0], "1997-09-02T09:00:00");
  EXPECT_EQ(expected[23], "1997-09-02T16:40:00");
  EXPECT_EQ(expected[24], "1997-09-03T09:00:00");
  EXPECT_EQ(instances(minutely, start, 100), expected);
  EXPECT_EQ(minutely.count({}, civil("1998-09-02T00:00:00")), 365U * 24);
}

}  // namespace
}  // namespace hourwheel::rrule_rfc_test
