#include "engine/schedule/time_zone.h"

#include <gtest/gtest.h>
#include <time.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "engine/base/random.h"
#include "tests/engine/schedule/texts.h"

namespace hourwheel::time_zone_test {
namespace {

CivilSecond civil(std::string_view text) {
  auto local = parse_local_time(text);
  EXPECT_TRUE(local) << text;
  return local ? local->second : CivilSecond{};
}
TimeZone zone(std::string_view name) {
  auto found = TimeZone::find(name);
  EXPECT_TRUE(found) << name;
  return found.value_or(TimeZone());
}

TEST(TimeZone, IsFoundByItsIanaName) {
  for (std::string name : {"UTC", "Etc/UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires",
                           "Etc/GMT+5", "GMT", "America/Port-au-Prince"}) {
    EXPECT_TRUE(TimeZone::find(name)) << name;
  }
  EXPECT_EQ(zone("UTC"), TimeZone());
  EXPECT_EQ(zone("Europe/Berlin"), zone("Europe/Berlin"));
}

TEST(TimeZone, RefusesWhatIsNoZone) {
  for (std::string name : {"",
                           "Mars/Olympus",
                           "europe/berlin ",
                           "Europe",
                           "Europe/",
                           "/Europe/Berlin",
                           "Europe//Berlin",
                           "../../etc/passwd",
                           "./Europe/Berlin",
                           "Europe/Berlin/",
                           "tzdata.zi",
                           "zone1970.tab",
                           "right/Europe/Berlin",
                           "posix/Europe/Berlin",
                           "posixrules",
                           "localtime",
                           "Factory",
                           "libc:localtime",
                           "Fixed/UTC+01:00:00",
                           "A/B/C/D",
                           "+01:00",
                           "Z"}) {
    auto found = TimeZone::find(name);
    ASSERT_FALSE(found) << name;
    EXPECT_EQ(found.error().code, ErrorCode::kInvalidTimezone);
    EXPECT_EQ(found.error().field, "/schedule/timezone");
  }
  EXPECT_FALSE(TimeZone::find(std::string("Europe/Berlin\0", 14)));
  EXPECT_FALSE(TimeZone::find(std::string(10'240, 'A')));
  EXPECT_EQ(TimeZone::find("Mars/Olympus").error().detail,
            "'Mars/Olympus' is not a time zone of the IANA database");
}

TEST(TimeZone, TellsAGapByItsThreeInstants) {
  // Berlin, 2026-03-29: 02:00 CET becomes 03:00 CEST at 01:00 UTC.
  CivilLookup found = zone("Europe/Berlin").lookup(civil("2026-03-29T02:30:00"));
  EXPECT_EQ(found.kind, CivilKind::kGap);
  EXPECT_EQ(to_text(found.before), "2026-03-29T01:30:00.000Z");
  EXPECT_EQ(to_text(found.transition), "2026-03-29T01:00:00.000Z");
  EXPECT_EQ(to_text(found.after), "2026-03-29T00:30:00.000Z");
}

TEST(TimeZone, TellsAnOverlapByItsThreeInstants) {
  // Berlin, 2026-10-25: 03:00 CEST becomes 02:00 CET at 01:00 UTC.
  CivilLookup found = zone("Europe/Berlin").lookup(civil("2026-10-25T02:30:00"));
  EXPECT_EQ(found.kind, CivilKind::kOverlap);
  EXPECT_EQ(to_text(found.before), "2026-10-25T00:30:00.000Z");
  EXPECT_EQ(to_text(found.transition), "2026-10-25T01:00:00.000Z");
  EXPECT_EQ(to_text(found.after), "2026-10-25T01:30:00.000Z");
  EXPECT_EQ(zone("Europe/Berlin").lookup(civil("2026-10-25T03:00:00")).kind, CivilKind::kUnique);
}

TEST(TimeZone, KeepsItsRulesAfter2037) {
  // Summer time is there in the summers of 2038 and 9998 as in today's.
  for (std::string year : {"2038", "2060", "2437", "2438", "3000", "9998"}) {
    EXPECT_EQ(zone("America/New_York").civil_at(at(year + "-07-01T16:00:00Z")),
              civil(year + "-07-01T12:00:00"))
        << year;
    EXPECT_EQ(zone("America/New_York").civil_at(at(year + "-01-01T17:00:00Z")),
              civil(year + "-01-01T12:00:00"))
        << year;
  }
}

TEST(TimeZone, FindsTheNextTransition) {
  TimeZone berlin = zone("Europe/Berlin");
  EXPECT_EQ(text_or_none(berlin.next_transition(at("2026-01-01T00:00:00Z"))),
            "2026-03-29T01:00:00.000Z");
  EXPECT_EQ(text_or_none(berlin.next_transition(at("2026-03-29T00:59:59.999Z"))),
            "2026-03-29T01:00:00.000Z");
  EXPECT_EQ(text_or_none(berlin.next_transition(at("2026-03-29T01:00:00Z"))),
            "2026-10-25T01:00:00.000Z");
  // The rules of March 9999 are those of March 1999 plus twenty cycles of 400 years, but today's
  // rule: the last Sunday. 9999-03-28 is one (1999-03-28 was).
  EXPECT_EQ(text_or_none(berlin.next_transition(at("9999-01-01T00:00:00Z"))),
            "9999-03-28T01:00:00.000Z");
  EXPECT_EQ(TimeZone().next_transition(at("2026-01-01T00:00:00Z")), std::nullopt);
  // India has kept its offset since 1945.
  EXPECT_EQ(zone("Asia/Kolkata").next_transition(kFirstInstant), std::nullopt);
  EXPECT_EQ(zone("Asia/Kolkata").next_transition(at("2500-01-01T00:00:00Z")), std::nullopt);
}

TEST(TimeZone, AgreesWithTheCLibraryEverywhere) {
  std::vector<std::string> names = zone_names();
  ASSERT_GT(names.size(), 250u);
  Random random(11);
  const uint64_t span = static_cast<uint64_t>(at("2450-01-01T00:00:00Z").ms) / 1000;
  for (const std::string& name : names) {
    ASSERT_EQ(setenv("TZ", name.c_str(), 1), 0);
    tzset();
    TimeZone ours = zone(name);
    for (int i = 0; i < 200; ++i) {
      auto second = static_cast<time_t>(random.below(span));
      tm shown{};
      ASSERT_NE(localtime_r(&second, &shown), nullptr);
      Instant t{second * 1000};
      ASSERT_EQ(ours.civil_at(t).s - second, shown.tm_gmtoff) << name << " " << to_text(t);
      CivilLookup back = ours.lookup(ours.civil_at(t));
      ASSERT_TRUE(back.before == t || back.after == t) << name << " " << to_text(t);
    }
  }
  setenv("TZ", "UTC", 1);
  tzset();
}

TEST(TimeZone, ChangesItsOffsetAtTransitionsAndNowhereElse) {
  Random random(12);
  for (const std::string& name : zone_names()) {
    TimeZone ours = zone(name);
    for (int64_t year : {1970, 2010, 2030, 2434, 2436, 2437, 3001, 7777}) {
      Instant t{day_of(CivilDate{static_cast<int32_t>(year), 1, 1}) * kSecondsPerDay * 1000};
      Instant end = t + hours(24 * 730);
      while (t < end) {
        int64_t offset = ours.civil_at(t).s - whole_second(t);
        Instant stop = std::min(ours.next_transition(t).value_or(end), end);
        for (int i = 0; i < 20; ++i) {
          Instant within{t.ms +
                         static_cast<int64_t>(random.below(static_cast<uint64_t>((stop - t).ms)))};
          ASSERT_EQ(ours.civil_at(within).s - whole_second(within), offset)
              << name << " " << to_text(within);
        }
        ASSERT_TRUE(stop == end || ours.civil_at(stop).s - whole_second(stop) != offset)
            << name << " " << to_text(stop);
        t = stop;
      }
    }
  }
}

// What the arithmetic of Calendar rests on.
TEST(TimeZone, ChangesItsOffsetAtMostOnceInADayAndAHalf) {
  for (const std::string& name : zone_names()) {
    std::optional<Instant> last;
    auto change = zone(name).next_transition(kFirstInstant - milliseconds(1));
    while (change && *change < at("2110-01-01T00:00:00Z")) {
      ASSERT_TRUE(!last || *change - *last > hours(36)) << name << " " << to_text(*change);
      last = change;
      change = zone(name).next_transition(*change);
    }
  }
}

}  // namespace
}  // namespace hourwheel::time_zone_test
