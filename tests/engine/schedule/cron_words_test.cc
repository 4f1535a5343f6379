// The wider dialect of C-16: words of the day fields, the year, H, and days that must match both.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "tests/engine/schedule/texts.h"

namespace hourwheel::cron_words_test {
namespace {

using Texts = std::vector<std::string>;

std::string refusal(std::string_view text) {
  auto cron = Cron::parse(text);
  return cron ? "accepted" : cron.error().detail;
}

// The dates of the first n matches on or after a date.
Texts dates(std::string_view text, std::string_view from, int n, const CronReading& reading = {}) {
  auto cron = Cron::parse(text, reading);
  EXPECT_TRUE(cron) << text << ": " << refusal(text);
  Texts out;
  CivilSecond c{day_of(*parse_date(from)) * kSecondsPerDay};
  for (int i = 0; cron && i < n; ++i) {
    auto match = cron->first_from(c);
    out.push_back(match ? to_text(Instant{match->s * 1000}).substr(0, 10) : "none");
    if (!match) break;
    c = {match->s + 1};
  }
  return out;
}

TEST(CronDays, LIsTheLastDayOfTheMonth) {  // C-16
  EXPECT_EQ(dates("0 0 L * *", "2027-12-01", 4),
            (Texts{"2027-12-31", "2028-01-31", "2028-02-29", "2028-03-31"}));
  EXPECT_EQ(dates("0 0 L-3 * *", "2026-02-01", 2), (Texts{"2026-02-25", "2026-03-28"}));
  EXPECT_EQ(dates("0 0 L-0 2 *", "2026-01-01", 1), Texts{"2026-02-28"});
  EXPECT_EQ(dates("0 0 L-30 * *", "2026-02-01", 2), (Texts{"2026-03-01", "2026-05-01"}));
  EXPECT_EQ(dates("0 0 1,L * *", "2026-02-02", 2), (Texts{"2026-02-28", "2026-03-01"}));
}

TEST(CronDays, WIsTheNearestWeekdayWithinTheMonth) {  // C-16
  // 2026-08-15 is a Saturday, 2026-11-15 a Sunday, 2026-12-15 a Tuesday.
  EXPECT_EQ(dates("0 0 15W 8,11,12 *", "2026-08-01", 3),
            (Texts{"2026-08-14", "2026-11-16", "2026-12-15"}));
  EXPECT_EQ(dates("0 0 1W 8 *", "2026-01-01", 1), Texts{"2026-08-03"});   // a Saturday
  EXPECT_EQ(dates("0 0 31W 5 *", "2026-01-01", 1), Texts{"2026-05-29"});  // a Sunday
  EXPECT_EQ(dates("0 0 31W * *", "2026-04-01", 1), Texts{"2026-05-29"});  // April has no 31st
  EXPECT_EQ(dates("0 0 LW * *", "2026-01-01", 5),
            (Texts{"2026-01-30", "2026-02-27", "2026-03-31", "2026-04-30", "2026-05-29"}));
  EXPECT_EQ(dates("0 0 1W,15W * *", "2026-08-01", 2), (Texts{"2026-08-03", "2026-08-14"}));
}

TEST(CronDays, ANumberPicksOneOfTheMonthsWeekdays) {  // C-16
  EXPECT_EQ(dates("0 0 * * 5#2", "2026-11-01", 2), (Texts{"2026-11-13", "2026-12-11"}));
  EXPECT_EQ(dates("0 0 * * fri#2,MON#1", "2026-11-01", 2), (Texts{"2026-11-02", "2026-11-13"}));
  EXPECT_EQ(dates("0 0 * * 7#5", "2026-11-01", 2), (Texts{"2026-11-29", "2027-01-31"}));
  EXPECT_EQ(dates("0 0 * * 5L", "2026-11-01", 2), (Texts{"2026-11-27", "2026-12-25"}));
  EXPECT_EQ(dates("0 0 * * friL", "2026-11-01", 1), Texts{"2026-11-27"});
  EXPECT_EQ(dates("0 0 * * 5#L", "2026-11-01", 1), Texts{"2026-11-27"});
  EXPECT_EQ(dates("0 0 * * 0L,7#1", "2026-11-01", 2), (Texts{"2026-11-01", "2026-11-29"}));
}

TEST(CronDays, TwoRestrictedFieldsMatchOnEitherOrIfAskedToOnBoth) {  // C-19
  const CronReading both{DomDow::kAnd, ElapsedRule::kPattern, {}};
  EXPECT_EQ(dates("0 0 13 * 5", "2026-11-01", 2), (Texts{"2026-11-06", "2026-11-13"}));
  EXPECT_EQ(dates("0 0 13 * 5", "2026-11-01", 2, both), (Texts{"2026-11-13", "2027-08-13"}));
  EXPECT_EQ(dates("0 0 L * fri", "2026-11-01", 1, both), Texts{"2027-04-30"});
  EXPECT_EQ(dates("0 0 25-31 12 5L", "2026-11-01", 2, both), (Texts{"2026-12-25", "2027-12-31"}));
  EXPECT_EQ(dates("0 0 ? * 5", "2026-11-01", 1, both), Texts{"2026-11-06"});
  EXPECT_EQ(dates("0 0 8-14 * 1#3", "2026-11-01", 1, both), Texts{"none"});
}

TEST(CronYears, BoundTheExpression) {  // C-16
  EXPECT_EQ(dates("0 0 0 1 1 ? 2030", "2026-01-01", 2), (Texts{"2030-01-01", "none"}));
  EXPECT_EQ(dates("0 0 0 29 2 ? 2026-2040/2", "2026-01-01", 5),
            (Texts{"2028-02-29", "2032-02-29", "2036-02-29", "2040-02-29", "none"}));
  EXPECT_EQ(dates("0 0 0 1 1 ? 2199,1970", "1970-01-01", 3),
            (Texts{"1970-01-01", "2199-01-01", "none"}));
  EXPECT_EQ(dates("0 0 0 1 1 ? *", "2400-01-01", 1), Texts{"2400-01-01"});
  EXPECT_EQ(dates("0 0 0 1 1 ? */100", "1971-01-01", 3),
            (Texts{"2070-01-01", "2170-01-01", "none"}));
  EXPECT_EQ(dates("0 0 0 30 2 ? 2027", "2026-01-01", 1), Texts{"none"});
  EXPECT_EQ(dates("0 0 0 29 2 ? 2027", "2026-01-01", 1), Texts{"none"});
}

TEST(CronDays, NamesWhatItRefuses) {
  EXPECT_EQ(refusal("0 0 0 1 1 ? 1969"), "year 1969 is outside 1970-2199");
  EXPECT_EQ(refusal("0 0 0 1 1 ? 2200"), "year 2200 is outside 1970-2199");
  EXPECT_EQ(refusal("0 0 0 1 1 ? 2030-2027"), "year '2030-2027' runs backwards");
  EXPECT_EQ(refusal("0 0 0 1 1 ? H"), "'H' does not belong in year");
  EXPECT_EQ(refusal("0 0 L-31 * *"), "day-of-month 'L-31' is not L, L-1 to L-30 or LW");
  EXPECT_EQ(refusal("0 0 L3 * *"), "day-of-month 'L3' is not L, L-1 to L-30 or LW");
  EXPECT_EQ(refusal("0 0 32W * *"), "day-of-month 32 is outside 1-31");
  EXPECT_EQ(refusal("0 0 W * *"), "day-of-month '' is not a value from 1-31");
  EXPECT_EQ(refusal("0 0 1-5W * *"), "day-of-month '1-5' is not a value from 1-31");
  EXPECT_EQ(refusal("0 0 * * 5#6"), "day-of-week '5#6' is not such as 5#1 to 5#5 or 5#L");
  EXPECT_EQ(refusal("0 0 * * 5#0"), "day-of-week '5#0' is not such as 5#1 to 5#5 or 5#L");
  EXPECT_EQ(refusal("0 0 * * 8#1"), "day-of-week 8 is outside 0-7");
  EXPECT_EQ(refusal("0 0 * * L"), "day-of-week 'L' needs its day: 5L is the month's last Friday");
  EXPECT_EQ(refusal("0 L * * *"), "hour 'L' is not a value from 0-23");
  EXPECT_EQ(refusal("0 0 * 5#2 *"), "month '5#2' is not a value from 1-12 or jan-dec");
  EXPECT_EQ(refusal("H(5 * * * *"), "minute 'H(5' is not of the form H(2-5)");
  EXPECT_EQ(refusal("H() * * * *"), "minute 'H()' is not of the form H(2-5)");
  EXPECT_EQ(refusal("H(9-2) * * * *"), "minute 'H(9-2)' has no values between its ends");
  EXPECT_EQ(refusal("H(0-60) * * * *"), "minute 60 is outside 0-59");
  EXPECT_EQ(refusal("H/61 * * * *"), "minute step '61' is outside 1-60");
  EXPECT_EQ(refusal("H(0-7) * * * H(0-7)"), "day-of-week 'H(0-7)' has no values between its ends");
}

// --- H ---

std::vector<int> minutes_of(std::string_view text, SpreadSeed seed) {
  auto cron = Cron::parse(text, {DomDow::kOr, ElapsedRule::kPattern, seed});
  EXPECT_TRUE(cron) << text;
  std::vector<int> out;
  for (int m = 0; cron && m < 60; ++m) {
    if ((cron->sets().minutes >> m & 1) != 0) out.push_back(m);
  }
  return out;
}

TEST(CronSpread, TakesOneValueForATask) {  // C-16
  std::set<int> taken;
  for (uint64_t seed = 0; seed < 2'000; ++seed) {
    auto minutes = minutes_of("H * * * *", {seed});
    ASSERT_EQ(minutes.size(), 1U);
    EXPECT_EQ(minutes, minutes_of("H * * * *", {seed}));
    taken.insert(minutes[0]);
  }
  EXPECT_EQ(taken.size(), 60U);  // and all of them for many
}

TEST(CronSpread, KeepsItsValueForEver) {  // C-16: these must not change, or tasks move
  SpreadSeed seed = spread_seed(task_key("nightly-report"));
  auto cron = Cron::parse("H H H H H H", {DomDow::kOr, ElapsedRule::kPattern, seed});
  ASSERT_TRUE(cron);
  EXPECT_EQ(seed.value, spread_seed(task_key("nightly-report")).value);
  EXPECT_NE(seed, spread_seed(task_key("nightly-report2")));
  auto match = cron->first_from({1'800'000'000});
  ASSERT_TRUE(match);
  EXPECT_EQ(to_text(Instant{match->s * 1000}), "2027-10-01T07:11:50.000Z");
}

TEST(CronSpread, StepsFromADrawnStart) {  // C-16
  std::set<int> starts;
  for (uint64_t seed = 0; seed < 500; ++seed) {
    auto minutes = minutes_of("H/15 * * * *", {seed});
    ASSERT_EQ(minutes.size(), 4U);
    for (size_t i = 1; i < 4; ++i) EXPECT_EQ(minutes[i] - minutes[i - 1], 15);
    starts.insert(minutes[0]);
  }
  EXPECT_EQ(starts.size(), 15U);
}

TEST(CronSpread, StaysWithinItsRange) {  // C-16
  std::set<int> taken;
  std::set<int> first;
  for (uint64_t seed = 0; seed < 500; ++seed) {
    auto minutes = minutes_of("H(10-19) * * * *", {seed});
    ASSERT_EQ(minutes.size(), 1U);
    taken.insert(minutes[0]);
    auto stepped = minutes_of("H(10-29)/10 * * * *", {seed});
    ASSERT_EQ(stepped.size(), 2U);
    EXPECT_EQ(stepped[1], stepped[0] + 10);
    first.insert(stepped[0]);
  }
  EXPECT_EQ(std::vector<int>(taken.begin(), taken.end()),
            (std::vector<int>{10, 11, 12, 13, 14, 15, 16, 17, 18, 19}));
  EXPECT_EQ(first, taken);
}

TEST(CronSpread, DrawsADayThatEveryMonthHas) {  // C-16
  for (uint64_t seed = 0; seed < 200; ++seed) {
    auto cron = Cron::parse("0 0 H * *", {DomDow::kOr, ElapsedRule::kPattern, {seed}});
    ASSERT_TRUE(cron);
    EXPECT_EQ(cron->count({0}, {31'536'000}), 12U) << seed;  // 1970
  }
}

TEST(CronSpread, FieldsAreDrawnIndependently) {
  std::set<std::pair<int, int>> pairs;
  for (uint64_t seed = 0; seed < 1'000; ++seed) {
    auto cron = Cron::parse("H(0-9) H(0-9) * * *", {DomDow::kOr, ElapsedRule::kPattern, {seed}});
    auto match = cron->first_from({0});
    pairs.insert({static_cast<int>(match->s / 60 % 60), static_cast<int>(match->s / 3600)});
  }
  EXPECT_GT(pairs.size(), 90U);
}

// --- what a describer builds on ---

TEST(CronTexts, AreTheFieldsAsWritten) {
  auto five = split_cron(" 0\t9 * * 1-5 ");
  ASSERT_TRUE(five);
  EXPECT_EQ(five->at(CronFieldName::kSecond), "0");
  EXPECT_EQ(five->at(CronFieldName::kHour), "9");
  EXPECT_EQ(five->at(CronFieldName::kDayOfWeek), "1-5");
  EXPECT_EQ(five->at(CronFieldName::kYear), "*");
  auto seven = split_cron("*/5 0 9 L * ? 2030");
  ASSERT_TRUE(seven);
  EXPECT_EQ(seven->at(CronFieldName::kSecond), "*/5");
  EXPECT_EQ(seven->at(CronFieldName::kYear), "2030");
  EXPECT_EQ(split_cron("@weekly")->at(CronFieldName::kDayOfWeek), "0");
  EXPECT_FALSE(split_cron("* * *"));
}

}  // namespace
}  // namespace hourwheel::cron_words_test
