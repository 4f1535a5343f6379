#include "engine/schedule/cron.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/base/random.h"
#include "tests/engine/schedule/texts.h"

namespace hourwheel::cron_test {
namespace {

std::string refusal(std::string_view text) {
  auto cron = Cron::parse(text);
  if (cron) {
    return "accepted";
  }
  EXPECT_EQ(cron.error().code, ErrorCode::kInvalidSchedule);
  EXPECT_EQ(cron.error().field, "/schedule");
  return cron.error().detail;
}

// The first n matches from a date-time on, as "MM-DD hh:mm:ss" behind the year.
std::vector<std::string> matches(std::string_view text, std::string_view from, int n) {
  auto cron = Cron::parse(text);
  EXPECT_TRUE(cron) << refusal(text);
  std::vector<std::string> out;
  CivilSecond c = parse_local_time(from)->second;
  for (int i = 0; cron && i < n; ++i) {
    auto match = cron->first_from(c);
    if (!match) {
      out.emplace_back("none");
      break;
    }
    out.push_back(to_text(Instant{match->s * 1000}).substr(0, 19));
    c = {match->s + 1};
  }
  return out;
}
using Texts = std::vector<std::string>;

TEST(Cron, HasFiveFieldsWithMinutesFirst) {
  EXPECT_EQ(matches("30 9 * * *", "2026-01-01T00:00:00", 2),
            (Texts{"2026-01-01T09:30:00", "2026-01-02T09:30:00"}));
  EXPECT_EQ(matches(" \t*/20  8-9 * * * ", "2026-01-01T08:30:00", 4),
            (Texts{"2026-01-01T08:40:00", "2026-01-01T09:00:00", "2026-01-01T09:20:00",
                   "2026-01-01T09:40:00"}));
}

TEST(Cron, HasSixFieldsWithSecondsFirst) {
  EXPECT_EQ(matches("*/30 59 23 31 12 *", "2026-01-01T00:00:00", 3),
            (Texts{"2026-12-31T23:59:00", "2026-12-31T23:59:30", "2027-12-31T23:59:00"}));
}

TEST(Cron, KnowsTheMacros) {
  const std::string from = "2026-11-24T02:10:00";  // a Tuesday
  EXPECT_EQ(matches("@yearly", from, 1), Texts{"2027-01-01T00:00:00"});
  EXPECT_EQ(matches("@annually", from, 1), Texts{"2027-01-01T00:00:00"});
  EXPECT_EQ(matches("@monthly", from, 1), Texts{"2026-12-01T00:00:00"});
  EXPECT_EQ(matches("@weekly", from, 1), Texts{"2026-11-29T00:00:00"});
  EXPECT_EQ(matches("@daily", from, 1), Texts{"2026-11-25T00:00:00"});
  EXPECT_EQ(matches("@midnight", from, 1), Texts{"2026-11-25T00:00:00"});
  EXPECT_EQ(matches("@hourly", from, 1), Texts{"2026-11-24T03:00:00"});
  EXPECT_NE(refusal("@reboot"), "accepted");
  EXPECT_NE(refusal("@DAILY"), "accepted");
  EXPECT_NE(refusal("@"), "accepted");
}

TEST(Cron, KnowsNamesInAnyCase) {
  EXPECT_EQ(matches("0 0 1 JAN,jul *", "2026-02-01T00:00:00", 2),
            (Texts{"2026-07-01T00:00:00", "2027-01-01T00:00:00"}));
  EXPECT_EQ(matches("0 0 * * Mon-wEd", "2026-11-24T00:00:01", 3),  // from a Tuesday
            (Texts{"2026-11-25T00:00:00", "2026-11-30T00:00:00", "2026-12-01T00:00:00"}));
}

TEST(Cron, TakesZeroAndSevenForSunday) {
  for (std::string day : {"0", "7", "sun", "7-7", "0-0"}) {
    EXPECT_EQ(matches("0 0 * * " + day, "2026-11-24T00:00:00", 2),
              (Texts{"2026-11-29T00:00:00", "2026-12-06T00:00:00"}))
        << day;
  }
  EXPECT_EQ(matches("0 0 * * 5-7", "2026-11-24T00:00:00", 3),
            (Texts{"2026-11-27T00:00:00", "2026-11-28T00:00:00", "2026-11-29T00:00:00"}));
  EXPECT_EQ(matches("0 0 * * 7-1", "2026-11-24T00:00:00", 3),
            (Texts{"2026-11-29T00:00:00", "2026-11-30T00:00:00", "2026-12-06T00:00:00"}));
  EXPECT_EQ(matches("0 0 * * 0-7", "2026-11-24T00:00:00", 2),
            (Texts{"2026-11-24T00:00:00", "2026-11-25T00:00:00"}));
}

TEST(Cron, WrapsRangesRound) {
  EXPECT_EQ(matches("0 0 * * fri-mon", "2026-11-24T00:00:00", 5),
            (Texts{"2026-11-27T00:00:00", "2026-11-28T00:00:00", "2026-11-29T00:00:00",
                   "2026-11-30T00:00:00", "2026-12-04T00:00:00"}));
  EXPECT_EQ(matches("0 22-2/2 * * *", "2026-01-01T00:00:00", 4),
            (Texts{"2026-01-01T00:00:00", "2026-01-01T02:00:00", "2026-01-01T22:00:00",
                   "2026-01-02T00:00:00"}));
  EXPECT_EQ(matches("0 0 30-2 nov-jan *", "2026-11-24T00:00:00", 5),
            (Texts{"2026-11-30T00:00:00", "2026-12-01T00:00:00", "2026-12-02T00:00:00",
                   "2026-12-30T00:00:00", "2026-12-31T00:00:00"}));
}

TEST(Cron, StepsFromTheFirstValueOfItsRange) {
  EXPECT_EQ(matches("5/25 0 * * *", "2026-01-01T00:00:00", 4),
            (Texts{"2026-01-01T00:05:00", "2026-01-01T00:30:00", "2026-01-01T00:55:00",
                   "2026-01-02T00:05:00"}));
  EXPECT_EQ(matches("0 0 */10 * *", "2026-01-01T00:00:00", 4),  // 1, 11, 21, 31
            (Texts{"2026-01-01T00:00:00", "2026-01-11T00:00:00", "2026-01-21T00:00:00",
                   "2026-01-31T00:00:00"}));
  EXPECT_EQ(matches("10-20/5,59 0 1 1 *", "2026-01-01T00:00:00", 4),
            (Texts{"2026-01-01T00:10:00", "2026-01-01T00:15:00", "2026-01-01T00:20:00",
                   "2026-01-01T00:59:00"}));
}

TEST(Cron, MatchesEitherDayFieldWhenBothAreRestricted) {
  // The 13th, and every Friday.
  EXPECT_EQ(matches("0 0 13 * 5", "2026-11-07T00:00:00", 3),
            (Texts{"2026-11-13T00:00:00", "2026-11-20T00:00:00", "2026-11-27T00:00:00"}));
  EXPECT_EQ(matches("0 0 1 * 5", "2026-11-28T00:00:00", 3),
            (Texts{"2026-12-01T00:00:00", "2026-12-04T00:00:00", "2026-12-11T00:00:00"}));
  // A star or a question mark does not restrict; a step does.
  EXPECT_EQ(matches("0 0 ? * 5", "2026-11-24T00:00:00", 1), Texts{"2026-11-27T00:00:00"});
  EXPECT_EQ(matches("0 0 13 * ?", "2026-11-24T00:00:00", 1), Texts{"2026-12-13T00:00:00"});
  EXPECT_EQ(matches("0 0 */15 * 2", "2026-11-24T00:00:01", 2),
            (Texts{"2026-12-01T00:00:00", "2026-12-08T00:00:00"}));
}

TEST(Cron, SkipsMonthsThatAreTooShort) {
  EXPECT_EQ(matches("0 0 31 * *", "2026-01-31T00:00:01", 3),
            (Texts{"2026-03-31T00:00:00", "2026-05-31T00:00:00", "2026-07-31T00:00:00"}));
  EXPECT_EQ(matches("0 0 29,30 2 *", "2026-01-01T00:00:00", 2),
            (Texts{"2028-02-29T00:00:00", "2032-02-29T00:00:00"}));
}

TEST(Cron, LeapsOver2100) {
  EXPECT_EQ(matches("0 0 29 2 *", "2092-03-01T00:00:00", 3),
            (Texts{"2096-02-29T00:00:00", "2104-02-29T00:00:00", "2108-02-29T00:00:00"}));
}

TEST(Cron, NeverMatchesADateThatDoesNotExist) {
  for (std::string text : {"0 0 30 2 *", "0 0 31 2,4,6,9,11 *", "0 0 30-31 feb ?"}) {
    EXPECT_EQ(matches(text, "2026-01-01T00:00:00", 1), Texts{"none"}) << text;
  }
  // With a day of the week it does: C-19's "either".
  EXPECT_EQ(matches("0 0 30 2 1", "2026-01-01T00:00:00", 1), Texts{"2026-02-02T00:00:00"});
}

TEST(Cron, TellsElapsedTimeFromFixedTimes) {
  for (std::string text : {"0 9 * * *", "0,30 9,21 1-5 */2 mon-fri", "15 0 9 * * *", "@daily"}) {
    EXPECT_FALSE(Cron::parse(text)->follows_elapsed_time()) << text;
  }
  for (std::string text : {"* 9 * * *", "0 */2 * * *", "0 9-17 * * *", "*/5 0 9 * * *",
                           "5/10 9 * * *", "0 2,3-4 * * *", "@hourly"}) {
    EXPECT_TRUE(Cron::parse(text)->follows_elapsed_time()) << text;
  }
  // H alone is one time of the day; H/n is an interval.
  EXPECT_FALSE(Cron::parse("H H * * *")->follows_elapsed_time());
  EXPECT_FALSE(Cron::parse("H(0-29) H(1-3) * * *")->follows_elapsed_time());
  EXPECT_TRUE(Cron::parse("H/15 3 * * *")->follows_elapsed_time());
  // cronie looks at a leading star only.
  CronReading cronie{DomDow::kOr, ElapsedRule::kLeadingStar, {}};
  EXPECT_FALSE(Cron::parse("0 1-3 * * *", cronie)->follows_elapsed_time());
  EXPECT_FALSE(Cron::parse("0/15 3 * * *", cronie)->follows_elapsed_time());
  EXPECT_TRUE(Cron::parse("*/15 3 * * *", cronie)->follows_elapsed_time());
  EXPECT_TRUE(Cron::parse("0 * * * *", cronie)->follows_elapsed_time());
}

TEST(Cron, NamesTheFieldAndTheValueItRefuses) {
  EXPECT_EQ(refusal("75 * * * *"), "minute 75 is outside 0-59");
  EXPECT_EQ(refusal("60 * * * * *"), "second 60 is outside 0-59");
  EXPECT_EQ(refusal("0 24 * * *"), "hour 24 is outside 0-23");
  EXPECT_EQ(refusal("0 0 0 * *"), "day-of-month 0 is outside 1-31");
  EXPECT_EQ(refusal("0 0 1 13 *"), "month 13 is outside 1-12");
  EXPECT_EQ(refusal("0 0 * * 8"), "day-of-week 8 is outside 0-7");
  EXPECT_EQ(refusal("0 0 1 foo *"), "month 'foo' is not a value from 1-12 or jan-dec");
  EXPECT_EQ(refusal("0 0 * * monday"), "day-of-week 'monday' is not a value from 0-7 or sun-sat");
  EXPECT_EQ(refusal("0 0 mon * *"), "day-of-month 'mon' is not a value from 1-31");
  EXPECT_EQ(refusal("-5 * * * *"), "minute '' is not a value from 0-59");
  EXPECT_EQ(refusal("5- * * * *"), "minute '' is not a value from 0-59");
  EXPECT_EQ(refusal("1-2-3 * * * *"), "minute '2-3' is not a value from 0-59");
  EXPECT_EQ(refusal("1,,2 * * * *"), "minute has an empty entry");
  EXPECT_EQ(refusal("1, * * * *"), "minute has an empty entry");
  EXPECT_EQ(refusal("*/0 * * * *"), "minute step '0' is outside 1-60");
  EXPECT_EQ(refusal("*/61 * * * *"), "minute step '61' is outside 1-60");
  EXPECT_EQ(refusal("*/x * * * *"), "minute step 'x' is not a number");
  EXPECT_EQ(refusal("*/ * * * *"), "minute step '' is not a number");
  EXPECT_EQ(refusal("*/2/2 * * * *"), "minute step '2/2' is not a number");
  EXPECT_EQ(refusal("0 ? * * *"), "'?' stands for any day and does not belong in hour");
  EXPECT_EQ(refusal("+5 * * * *"), "minute '+5' is not a value from 0-59");
  EXPECT_EQ(refusal("1.5 * * * *"), "minute '1.5' is not a value from 0-59");
}

TEST(Cron, RefusesHostileText) {
  EXPECT_EQ(refusal(""), "cron has 5, 6 or 7 fields, '' has 0");
  EXPECT_EQ(refusal("   "), "cron has 5, 6 or 7 fields, '   ' has 0");
  EXPECT_EQ(refusal("* * * *"), "cron has 5, 6 or 7 fields, '* * * *' has 4");
  EXPECT_EQ(refusal("* * * * * * * *"), "cron has 5, 6 or 7 fields, '* * * * * * * *' has 8");
  EXPECT_EQ(refusal(std::string(10'240, '*')), "a schedule of 10240 bytes is longer than 1024");
  EXPECT_EQ(refusal("99999999999999999999999 * * * *"),
            "minute '99999999999999999999999' is outside 0-59");
  EXPECT_EQ(refusal("4294967296 * * * *"), "minute '4294967296' is outside 0-59");
  EXPECT_EQ(refusal("*/99999999999999999999 * * * *"),
            "minute step '99999999999999999999' is outside 1-60");
  EXPECT_EQ(refusal(std::string("*\0 * * * *", 10)), "minute '*?' is not a value from 0-59");
  EXPECT_EQ(refusal("\n* * * * *"), "minute '?*' is not a value from 0-59");
  EXPECT_NE(refusal("0\xc2\xa0"
                    "9 * * *"),
            "accepted");
}

TEST(Cron, ParsesOrRefusesAnyText) {
  const std::vector<std::string> entries = {"*", "1", "2-7", "*/3", "6/2", "5,6", "12-3"};
  const std::vector<std::string> pieces = {"*", "?", "0",   "7",   "31",  "60", "-",
                                           "/", ",", "L",   "W",   "#",   "H",  "H(",
                                           ")", "@", "sun", "JAN", "\xff"};
  Random random(3);
  int accepted = 0;
  for (int i = 0; i < 100'000; ++i) {
    std::string text;
    for (uint64_t field = 4 + random.below(5); field > 0; --field) {
      if (random.chance(85)) {
        text += entries[random.below(entries.size())];
      }
      for (uint64_t n = random.chance(15) ? 1 + random.below(4) : 0; n > 0; --n) {
        text += pieces[random.below(pieces.size())];
      }
      text += random.chance(95) ? " " : "\t ";
    }
    auto cron = Cron::parse(text);
    if (cron) {
      ++accepted;
      auto match = cron->first_from(CivilSecond{1'800'000'000});
      ASSERT_TRUE(!match || (match->s >= 1'800'000'000 && cron->matches(*match))) << text;
    }
  }
  EXPECT_GT(accepted, 500);
}

TEST(Cron, CountsWhatItMatches) {
  Random random(4);
  for (std::string text : {"* * * * * *", "*/7 3-50/4 1,13,23 * * *", "0 0 31 * *",
                           "59 59 23 28-3 feb sun", "0 0 13 * fri"}) {
    Cron cron = *Cron::parse(text);
    for (int i = 0; i < 40; ++i) {
      CivilSecond from{1'700'000'000 + static_cast<int64_t>(random.below(100'000'000))};
      CivilSecond end{from.s + static_cast<int64_t>(random.below(uint64_t{1} << random.below(28)))};
      uint64_t walked = 0;
      uint64_t budget = 100'000;
      for (auto m = cron.first_from(from); m && *m < end && walked < budget;
           m = cron.first_from({m->s + 1})) {
        ++walked;
      }
      if (walked < budget) {
        ASSERT_EQ(cron.count(from, end), walked) << text << " " << from.s << " " << end.s;
      }
    }
  }
  EXPECT_EQ(Cron::parse("* * * * * *")->count({100}, {100}), 0u);
  EXPECT_EQ(Cron::parse("* * * * * *")->count({100}, {99}), 0u);
  EXPECT_EQ(Cron::parse("* * * * * *")->count({1}, {1'000'000'007}), 1'000'000'006u);
}

}  // namespace
}  // namespace hourwheel::cron_test
