// Schedules of the whole dialect with all their options against walks through every minute or
// second. The quick suites try some thousands of expressions, the full one a hundred thousand.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/base/random.h"
#include "tests/engine/schedule/clock_walk.h"
#include "tests/engine/schedule/texts.h"

namespace hourwheel::schedule_oracle_test {
namespace {

struct Drawn {
  RandomCron cron;
  ScheduleSpec spec;
  bool elapsed = false;
  std::string name;
};

Exclusion random_exclusion(Random& random, const ClockWalk& walk) {
  auto span = static_cast<uint64_t>((walk.end() - walk.from()).ms);
  Exclusion exclusion;
  if (random.chance(50)) {
    CivilSecond shown{
        whole_second(walk.from() + Duration{static_cast<int64_t>(random.below(span))})};
    exclusion.date = date_of(day_of(shown));
  } else {
    exclusion.range.from = walk.from() + Duration{static_cast<int64_t>(random.below(span))};
    exclusion.range.to =
        exclusion.range.from + Duration{static_cast<int64_t>(1 + random.below(span / 3))};
  }
  return exclusion;
}

Drawn draw(Random& random, const std::string& zone, const ClockWalk& walk, size_t fields) {
  constexpr DstGap kGaps[] = {DstGap::kFireAfter, DstGap::kSkip};
  constexpr DstOverlap kOverlaps[] = {DstOverlap::kFirst, DstOverlap::kSecond, DstOverlap::kBoth};
  Drawn drawn{RandomCron(random, fields, random.chance(60)), {}, false, ""};
  ScheduleSpec& spec = drawn.spec;
  spec = cron_spec(drawn.cron.text(), zone);
  spec.changes = {kGaps[random.below(2)], kOverlaps[random.below(3)]};
  spec.elapsed = random.chance(70) ? ElapsedRule::kPattern : ElapsedRule::kLeadingStar;
  spec.dom_dow = drawn.cron.both_days ? DomDow::kAnd : DomDow::kOr;
  drawn.elapsed =
      spec.elapsed == ElapsedRule::kPattern ? drawn.cron.is_spread() : drawn.cron.is_starred();
  auto span = static_cast<uint64_t>((walk.end() - walk.from()).ms);
  if (random.chance(15)) {
    spec.start_at = walk.from() + Duration{static_cast<int64_t>(random.below(span))};
  }
  if (random.chance(15)) {
    spec.end_at = walk.from() + Duration{static_cast<int64_t>(random.below(span))};
  }
  for (uint64_t n = random.chance(20) ? 1 + random.below(4) : 0; n > 0; --n) {
    spec.exclude.push_back(random_exclusion(random, walk));
  }
  drawn.name = spec.cron + " in " + zone + ", gap " +
               std::to_string(static_cast<int>(spec.changes.gap)) + ", overlap " +
               std::to_string(static_cast<int>(spec.changes.overlap)) + ", elapsed " +
               std::to_string(static_cast<int>(spec.elapsed)) + ", dom_dow " +
               std::to_string(static_cast<int>(spec.dom_dow)) + ", from " + to_text(walk.from());
  return drawn;
}

bool is_excluded(const ScheduleSpec& spec, Instant t, const Shown& shown) {
  for (const Exclusion& exclusion : spec.exclude) {
    CivilDate date{shown.year, static_cast<uint32_t>(shown.month),
                   static_cast<uint32_t>(shown.day)};
    bool within = t >= exclusion.range.from && t < exclusion.range.to;
    if (exclusion.date ? *exclusion.date == date : within) return true;
  }
  return false;
}

// Everything the schedule answers for the walk's time, against the walk.
class Comparison {
 public:
  Comparison(const Drawn& drawn, const ClockWalk& walk, Random& random)
      : drawn_(drawn), walk_(walk), random_(random) {
    expected_ = walk.dues(drawn.cron, drawn.spec.changes, drawn.elapsed);
    std::erase_if(expected_, [&](const WalkedDue& due) {
      return due.due < drawn.spec.start_at.value_or(kFirstInstant) ||
             due.due >= drawn.spec.end_at.value_or(kLastInstant);
    });
  }

  // How many due instants there were; a refusal counts as none.
  size_t run() {
    auto schedule = Schedule::compile(drawn_.spec, {});
    if (!schedule) {
      EXPECT_EQ(schedule.error().code, ErrorCode::kNeverFires) << drawn_.name;
      for (const WalkedDue& due : expected_) {
        EXPECT_TRUE(is_excluded(drawn_.spec, due.due, walk_.shown_at(due.due))) << drawn_.name;
      }
      return 0;
    }
    expect_dues(*schedule);
    expect_counts(*schedule);
    std::vector<LeftOut> left_out =
        walk_.left_out(drawn_.cron, drawn_.spec.changes.gap, drawn_.elapsed);
    std::erase_if(left_out, [&](const LeftOut& time) {
      return time.change < drawn_.spec.start_at.value_or(kFirstInstant) ||
             time.change >= drawn_.spec.end_at.value_or(kLastInstant);
    });
    EXPECT_EQ(schedule->left_out(walk_.from(), walk_.end(), 100'000), left_out) << drawn_.name;
    return expected_.size();
  }

 private:
  void expect_dues(const Schedule& schedule) {
    size_t n = 0;
    for (auto due = schedule.first_from(walk_.from()); due && *due < walk_.end();
         due = schedule.next_after(*due)) {
      ASSERT_LT(n, expected_.size()) << drawn_.name << ": also due at " << to_text(*due);
      const WalkedDue& walked = expected_[n++];
      ASSERT_EQ(to_text(*due), to_text(walked.due)) << drawn_.name;
      const Shown& shown = walk_.shown_at(*due);
      Occurrence told = schedule.explain(*due);
      ASSERT_EQ(told.note, walked.note) << drawn_.name << " " << to_text(*due);
      ASSERT_EQ(told.meant.s, walked.meant) << drawn_.name << " " << to_text(*due);
      ASSERT_EQ(told.local.s, shown.civil) << drawn_.name;
      ASSERT_EQ(told.offset_s, shown.civil - whole_second(*due)) << drawn_.name;
      ASSERT_EQ(told.excluded, is_excluded(drawn_.spec, *due, shown))
          << drawn_.name << " " << to_text(*due);
    }
    ASSERT_EQ(n, expected_.size()) << drawn_.name;
  }

  void expect_counts(const Schedule& schedule) {
    auto span = static_cast<uint64_t>((walk_.end() - walk_.from()).ms);
    for (int i = 0; i < 4; ++i) {
      Instant a = walk_.from() + Duration{static_cast<int64_t>(random_.below(span))};
      Instant b = a + Duration{static_cast<int64_t>(random_.below(span))};
      if (!expected_.empty() && random_.chance(50)) {
        a = expected_[random_.below(expected_.size())].due;  // edges are where counts go wrong
      }
      b = std::min(b, walk_.end() - milliseconds(1));
      Missed missed;
      for (const WalkedDue& due : expected_) {
        if (due.due >= a && due.due <= b) missed = {missed.count + 1, due.due};
      }
      ASSERT_EQ(schedule.missed(a, b).value_or(Missed{}), missed)
          << drawn_.name << " " << to_text(a) << " " << to_text(b);
    }
  }

  const Drawn& drawn_;
  const ClockWalk& walk_;
  Random& random_;
  std::vector<WalkedDue> expected_;
};

struct Place {
  std::string zone;
  Instant from;
};

// A change of the clocks of the zone (or any time, if it has none), with a day and more before it.
Place random_place(Random& random, const std::string& zone, Duration lead, Duration grid) {
  // From 1973 on every offset is a whole number of minutes; before, a walk by minutes misses
  // matches.
  Instant t = at("1973-01-01T00:00:00Z") + hours(24 * pick(random, 0, 100 * 365));
  Instant change = TimeZone::find(zone)->next_transition(t).value_or(t);
  return {zone, Instant{floor_divide(change.ms, grid.ms) * grid.ms} - lead};
}

size_t compare(Random& random, const Place& place, Duration length, Duration step,
               int expressions) {
  ClockWalk walk(*TimeZone::find(place.zone), place.from, place.from + length, step);
  size_t dues = 0;
  for (int i = 0; i < expressions && !testing::Test::HasFailure(); ++i) {
    size_t fields = step == minutes(1) ? 5 : 6 + random.below(2);
    Drawn drawn = draw(random, place.zone, walk, fields);
    dues += Comparison(drawn, walk, random).run();
  }
  return dues;
}

const std::vector<Place>& hard_places() {
  static const std::vector<Place> places = {
      {"Europe/Berlin", at("2026-03-27T10:00:00Z")},
      {"Europe/Berlin", at("2026-10-23T10:00:00Z")},
      {"Europe/Berlin", at("2051-03-24T10:00:00Z")},
      {"America/New_York", at("2026-10-30T10:00:00Z")},
      {"Australia/Lord_Howe", at("2026-04-03T10:00:00Z")},  // half an hour
      {"Australia/Lord_Howe", at("2026-10-02T10:00:00Z")},
      {"America/Santiago", at("2026-04-03T10:00:00Z")},  // midnight is shown twice, or never
      {"America/Santiago", at("2026-09-04T10:00:00Z")},
      {"America/St_Johns", at("2010-11-06T00:00:00Z")},  // set back over midnight
      {"Africa/Cairo", at("2026-04-22T10:00:00Z")},
      {"Pacific/Apia", at("2011-12-28T10:00:00Z")},      // a day is missing
      {"Antarctica/Troll", at("2026-03-27T10:00:00Z")},  // two hours
      {"Antarctica/Troll", at("2026-10-23T10:00:00Z")},
      {"Antarctica/Casey", at("2010-03-03T00:00:00Z")},  // three hours
      {"America/Caracas", at("2016-04-29T00:00:00Z")},
      {"UTC", at("2100-02-26T10:00:00Z")},
  };
  return places;
}

TEST(ScheduleOracle, MinutesAroundHardChangesAgreeWithAWalk) {  // C-16, C-18, C-19
  Random random(20'261'126);
  size_t dues = 0;
  for (const Place& place : hard_places()) {
    dues += compare(random, place, hours(96), minutes(1), 60);
    ASSERT_FALSE(HasFailure()) << "seed 20261126";
  }
  EXPECT_GT(dues, 10'000U);
}

TEST(ScheduleOracle, SecondsAroundAChangeAgreeWithAWalk) {  // C-16, C-18
  Random random(7);
  size_t dues = 0;
  for (const Place& place : hard_places()) {
    auto change = TimeZone::find(place.zone)->next_transition(place.from);
    Place near{place.zone, change.value_or(place.from) - hours(1) - minutes(30)};
    dues += compare(random, near, hours(3), seconds(1), 20);
    ASSERT_FALSE(HasFailure()) << "seed 7";
  }
  EXPECT_GT(dues, 1'000U);
}

TEST(ScheduleOracle, EveryZoneAgreesWithAWalk) {  // C-18
  Random random(11);
  for (const std::string& zone : zone_names()) {
    compare(random, random_place(random, zone, hours(30), minutes(1)), hours(48), minutes(1), 3);
    ASSERT_FALSE(HasFailure()) << "seed 11";
  }
}

TEST(FullScheduleOracle, AHundredThousandExpressionsInAllZonesAgreeWithAWalk) {  // C-16, C-18, C-19
  constexpr int kExpressions = 100'000;
  Random random(1);
  const std::vector<std::string> zones = zone_names();
  for (int done = 0; done < kExpressions;) {
    for (const std::string& zone : zones) {
      if (random.chance(80)) {
        Place place = random_place(random, zone, hours(30), minutes(1));
        compare(random, place, hours(48), minutes(1), 100);
        done += 100;
      } else {
        Place place = random_place(random, zone, hours(2), seconds(1));
        compare(random, place, hours(4), seconds(1), 20);
        done += 20;
      }
      ASSERT_FALSE(HasFailure()) << "seed 1, after " << done << " expressions";
    }
  }
}

// --- days, without a clock ---

// Each day of some years, by the C library.
void expect_days_agree(Random& random, int years) {
  RandomCron cron(random, 7, false);
  cron.second = cron.minute = cron.hour = RandomField{"0", {}, 0, {}};
  for (RandomField* field : {&cron.second, &cron.minute, &cron.hour}) field->add(0);
  auto parsed = Cron::parse(cron.text(), {cron.both_days ? DomDow::kAnd : DomDow::kOr, {}, {}});
  ASSERT_TRUE(parsed) << cron.text() << ": " << parsed.error().detail;
  int64_t first =
      day_of(CivilDate{pick(random, 1970, 2199), static_cast<uint32_t>(pick(random, 1, 12)), 1});
  int64_t end = first + 366 * years;
  uint64_t count = 0;
  int64_t asked = first;  // the day from which the next match was asked for
  for (int64_t day = first; day < end; ++day) {
    CivilSecond midnight{day * kSecondsPerDay};
    bool matches = cron.matches(Shown(midnight.s));
    ASSERT_EQ(parsed->matches(midnight), matches) << cron.text() << " on day " << day;
    if (!matches) continue;
    ++count;
    ASSERT_EQ(parsed->first_from({asked * kSecondsPerDay}), midnight)
        << cron.text() << " from day " << asked;
    asked = day + 1;
  }
  auto beyond = parsed->first_from({asked * kSecondsPerDay});
  ASSERT_TRUE(!beyond || beyond->s >= end * kSecondsPerDay) << cron.text();
  ASSERT_EQ(parsed->count({first * kSecondsPerDay}, {end * kSecondsPerDay}), count) << cron.text();
}

TEST(ScheduleOracle, DaysAgreeWithTheCLibrary) {  // C-16, C-19
  Random random(3);
  for (int i = 0; i < 300 && !HasFatalFailure(); ++i) expect_days_agree(random, 2);
}

TEST(FullScheduleOracle, DaysOfManyExpressionsAgreeWithTheCLibrary) {  // C-16, C-19
  Random random(4);
  for (int i = 0; i < 20'000 && !HasFatalFailure(); ++i) expect_days_agree(random, 8);
}

}  // namespace
}  // namespace hourwheel::schedule_oracle_test
