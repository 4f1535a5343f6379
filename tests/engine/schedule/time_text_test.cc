#include "engine/schedule/time_text.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "engine/base/random.h"

namespace hourwheel::time_text_test {
namespace {

std::string refusal(std::string_view text) {
  auto t = parse_instant(text);
  return t ? "accepted as " + to_text(*t) : t.error().detail;
}
std::string duration_refusal(std::string_view text) {
  auto d = parse_duration(text);
  return d ? "accepted as " + to_text(*d) : d.error().detail;
}

TEST(InstantText, IsReadWithAnyOffsetAndPrintedInUtc) {
  EXPECT_EQ(parse_instant("1970-01-01T00:00:00Z"), Instant{0});
  EXPECT_EQ(parse_instant("2001-09-09T01:46:40Z"), Instant{1'000'000'000'000});
  EXPECT_EQ(to_text(*parse_instant("2026-12-24T08:00:00+01:00")), "2026-12-24T07:00:00.000Z");
  EXPECT_EQ(to_text(*parse_instant("2026-12-24T00:30:00+05:45")), "2026-12-23T18:45:00.000Z");
  EXPECT_EQ(to_text(*parse_instant("2026-12-31T20:00:00-23:59")), "2027-01-01T19:59:00.000Z");
  EXPECT_EQ(to_text(*parse_instant("2026-12-24t08:00:00z")), "2026-12-24T08:00:00.000Z");
  EXPECT_EQ(to_text(*parse_instant("2026-12-24T08:00:00-00:00")), "2026-12-24T08:00:00.000Z");
}

TEST(InstantText, CutsDecimalsToMilliseconds) {
  EXPECT_EQ(to_text(*parse_instant("2026-11-23T21:15:00.1Z")), "2026-11-23T21:15:00.100Z");
  EXPECT_EQ(to_text(*parse_instant("2026-11-23T21:15:00.0129Z")), "2026-11-23T21:15:00.012Z");
  EXPECT_EQ(to_text(*parse_instant("2026-11-23T21:15:00.999999999Z")), "2026-11-23T21:15:00.999Z");
  EXPECT_EQ(refusal("2026-11-23T21:15:00.Z"),
            "a fraction of a second needs 1 to 9 digits in '2026-11-23T21:15:00.Z'");
  EXPECT_EQ(refusal("2026-11-23T21:15:00.1234567890Z"),
            "a fraction of a second needs 1 to 9 digits in '2026-11-23T21:15:00.1234567890Z'");
}

TEST(InstantText, RollsSecondSixtyOver) {
  EXPECT_EQ(to_text(*parse_instant("2016-12-31T23:59:60Z")), "2017-01-01T00:00:00.000Z");
  EXPECT_EQ(to_text(*parse_instant("2016-12-31T23:59:60.5Z")), "2017-01-01T00:00:00.500Z");
  EXPECT_EQ(refusal("2016-12-31T23:59:61Z"), "second 61 is outside 0-60 in '2016-12-31T23:59:61Z'");
}

TEST(InstantText, NamesThePartThatIsOutOfItsRange) {
  EXPECT_EQ(refusal("2026-13-01T00:00:00Z"), "month 13 is outside 1-12 in '2026-13-01T00:00:00Z'");
  EXPECT_EQ(refusal("2026-00-01T00:00:00Z"), "month 0 is outside 1-12 in '2026-00-01T00:00:00Z'");
  EXPECT_EQ(refusal("2026-04-31T00:00:00Z"), "day 31 is outside 1-30 in '2026-04-31T00:00:00Z'");
  EXPECT_EQ(refusal("2026-02-29T00:00:00Z"), "day 29 is outside 1-28 in '2026-02-29T00:00:00Z'");
  EXPECT_EQ(refusal("2100-02-29T00:00:00Z"), "day 29 is outside 1-28 in '2100-02-29T00:00:00Z'");
  EXPECT_TRUE(parse_instant("2000-02-29T00:00:00Z"));
  EXPECT_EQ(refusal("2026-01-01T24:00:00Z"), "hour 24 is outside 0-23 in '2026-01-01T24:00:00Z'");
  EXPECT_EQ(refusal("2026-01-01T00:60:00Z"), "minute 60 is outside 0-59 in '2026-01-01T00:60:00Z'");
  EXPECT_EQ(refusal("2026-01-01T00:00:00+24:00"),
            "offset hour 24 is outside 0-23 in '2026-01-01T00:00:00+24:00'");
}

TEST(InstantText, HoldsTheYears1970To9999AfterTheOffset) {
  EXPECT_EQ(parse_instant("9999-12-31T23:59:59.999Z"), kLastInstant);
  EXPECT_EQ(parse_instant("1969-12-31T23:59:00-00:01"), Instant{0});
  EXPECT_FALSE(parse_instant("1969-12-31T23:59:59.999Z"));
  EXPECT_FALSE(parse_instant("1970-01-01T00:00:00+00:01"));
  EXPECT_FALSE(parse_instant("9999-12-31T23:59:60Z"));
  EXPECT_FALSE(parse_instant("9999-12-31T23:59:59-00:01"));
  EXPECT_FALSE(parse_instant("0000-01-01T00:00:00Z"));
}

TEST(InstantText, RefusesEverythingElse) {
  for (std::string text :
       {"", "Z", "2026", "2026-12-24", "2026-12-24 08:00:00Z", "2026-12-24T08:00Z",
        "2026-12-24T08:00:00", "2026-12-24T08:00:00+01", "2026-12-24T08:00:00+0100",
        "2026-12-24T08:00:00+1:000", "2026-12-24T08:00:00Zx", " 2026-12-24T08:00:00Z",
        "2026-12-24T08:00:00Z ", "+2026-12-24T08:00:00Z", "-026-12-24T08:00:00Z",
        "20261-12-24T08:00:00Z", "2026-1a-24T08:00:00Z", "2026-12-24T08:00:00,5Z"}) {
    EXPECT_FALSE(parse_instant(text)) << text;
  }
  EXPECT_FALSE(parse_instant(std::string("2026-12-24T08:00:00Z\0", 21)));
  EXPECT_FALSE(parse_instant(std::string(10'240, '9')));
  EXPECT_FALSE(parse_instant("2026-12-24T08:00:00." + std::string(10'240, '1') + "Z"));
  EXPECT_EQ(refusal("2026-12-24T08:00:00"),
            "'2026-12-24T08:00:00' has no offset: end it with Z or one such as +01:00");
}

TEST(InstantText, ShowsHostileTextCutAndInAscii) {
  EXPECT_EQ(refusal(std::string("a\0b\xff\n", 5)),
            "'a?b?"
            "?' is not a date and time such as 2026-12-24T08:00:00Z");
  EXPECT_EQ(
      refusal(std::string(10'240, 'x')),
      "'" + std::string(40, 'x') + "...' is not a date and time such as 2026-12-24T08:00:00Z");
}

TEST(InstantText, ComesBackFromEveryPrintedInstant) {
  Random random(7);
  for (int i = 0; i < 20'000; ++i) {
    Instant t{static_cast<int64_t>(random.below(static_cast<uint64_t>(kLastInstant.ms) + 1))};
    ASSERT_EQ(parse_instant(to_text(t)), t) << to_text(t);
  }
  EXPECT_EQ(to_text(kLastInstant), "9999-12-31T23:59:59.999Z");
  std::string appended = "due ";
  append_text(appended, kFirstInstant);
  EXPECT_EQ(appended, "due 1970-01-01T00:00:00.000Z");
}

TEST(LocalTimeText, HasNoOffset) {
  auto local = parse_local_time("1970-01-02T00:00:01.25");
  ASSERT_TRUE(local);
  EXPECT_EQ(local->second, CivilSecond{86'401});
  EXPECT_EQ(local->ms, 250);
  EXPECT_FALSE(parse_local_time("1970-01-02T00:00:01Z"));
  EXPECT_FALSE(parse_local_time("1970-01-02T00:00:01+01:00"));
  EXPECT_FALSE(parse_local_time("1969-12-31T23:59:59"));
  EXPECT_FALSE(parse_local_time("9999-12-31T23:59:60"));
  EXPECT_FALSE(parse_local_time(""));
}

TEST(DurationText, IsReadInIsoAndShortForm) {
  EXPECT_EQ(parse_duration("PT15M"), minutes(15));
  EXPECT_EQ(parse_duration("P2W"), hours(14 * 24));
  EXPECT_EQ(parse_duration("P2D"), hours(48));
  EXPECT_EQ(parse_duration("P1DT2H3M4.5S"), milliseconds(93'784'500));
  EXPECT_EQ(parse_duration("PT0.0019S"), milliseconds(1));
  EXPECT_EQ(parse_duration("PT0S"), Duration{});
  EXPECT_EQ(parse_duration("250ms"), milliseconds(250));
  EXPECT_EQ(parse_duration("90s"), seconds(90));
  EXPECT_EQ(parse_duration("15m"), minutes(15));
  EXPECT_EQ(parse_duration("1h30m"), minutes(90));
  EXPECT_EQ(parse_duration("2d"), hours(48));
  EXPECT_EQ(parse_duration("1d1h1m1s1ms"), milliseconds(90'061'001));
  EXPECT_EQ(parse_duration("90m"), minutes(90));
  EXPECT_EQ(parse_duration("PT100H"), hours(100));
}

TEST(DurationText, IsRefusedWhenMalformed) {
  for (std::string text :
       {"P",      "PT",    "P1DT",      "1",     "s",    "1x",    "1h1h",  "1m1h",   "PT1M1H",
        "P1H",    "PT1D",  "P1W2D",     "P1D1W", "pt1m", "PT1m",  "1H",    "PT1,5S", "1.5h",
        "PT1.5M", "1 h",   " 1h",       "1h ",   "+1h",  "PT+1H", "PT-1H", "1e3s",   "0x1s",
        "PT.5S",  "PT5.S", "P1DT1DT1H", "1h,",   "T1H",  "--1h"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
  EXPECT_FALSE(parse_duration(std::string("1h\0", 3)));
  EXPECT_FALSE(parse_duration(std::string(10'240, 'P')));
  EXPECT_FALSE(parse_duration(std::string(10'240, '1')));
}

TEST(DurationText, SaysWhyItIsRefused) {
  EXPECT_EQ(duration_refusal("P1Y"), "years and months have no fixed length in 'P1Y'");
  EXPECT_EQ(duration_refusal("P1M"), "years and months have no fixed length in 'P1M'");
  EXPECT_EQ(duration_refusal("-PT1M"), "a duration is not negative, unlike '-PT1M'");
  EXPECT_EQ(duration_refusal("1.5h"), "only seconds may have decimals in '1.5h'");
  EXPECT_EQ(duration_refusal("P1WT1H"),
            "weeks stand alone in an ISO 8601 duration, unlike in 'P1WT1H'");
  EXPECT_EQ(duration_refusal("soon"), "'soon' is not a duration such as PT15M, 90s or 1h30m");
}

TEST(DurationText, NeverOverflows) {
  // The longest is the time from 1970 to the last millisecond of 9999.
  EXPECT_EQ(parse_duration("253402300799999ms"), Duration{kLastInstant.ms});
  EXPECT_FALSE(parse_duration("253402300800000ms"));
  EXPECT_FALSE(parse_duration("253402300799s1000ms"));
  EXPECT_FALSE(parse_duration("P2932896DT24H"));  // 2932896 days are 8029 years and 354 days
  EXPECT_FALSE(parse_duration("P2932897D"));
  EXPECT_TRUE(parse_duration("P2932896DT23H59M59.999S"));
  EXPECT_FALSE(parse_duration("9223372036854775807d"));
  EXPECT_FALSE(parse_duration("18446744073709551617s"));
  EXPECT_FALSE(parse_duration("PT" + std::string(10'000, '9') + "S"));
}

TEST(DurationText, IsPrintedCanonically) {
  EXPECT_EQ(to_text(Duration{}), "PT0S");
  EXPECT_EQ(to_text(minutes(90)), "PT1H30M");
  EXPECT_EQ(to_text(hours(24)), "P1D");
  EXPECT_EQ(to_text(milliseconds(250)), "PT0.25S");
  EXPECT_EQ(to_text(milliseconds(86'400'001)), "P1DT0.001S");
  EXPECT_EQ(to_text(milliseconds(60'500)), "PT1M0.5S");
  EXPECT_EQ(to_text(milliseconds(-1500)), "-PT1.5S");
  // 2^63 ms are 106751991167 days, 7 h 12 min 55.808 s.
  EXPECT_EQ(to_text(Duration{std::numeric_limits<int64_t>::min()}), "-P106751991167DT7H12M55.808S");
}

TEST(DurationText, ComesBackFromEveryPrintedDuration) {
  Random random(8);
  for (int i = 0; i < 20'000; ++i) {
    Duration d{static_cast<int64_t>(random.next() >> (17 + random.below(40)))};
    d.ms = d.ms > kLastInstant.ms ? kLastInstant.ms : d.ms;
    ASSERT_EQ(parse_duration(to_text(d)), d) << to_text(d);
  }
}

}  // namespace
}  // namespace hourwheel::time_text_test
