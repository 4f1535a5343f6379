// Random cron expressions against a walk through every minute. The walk knows the sets of values
// the expression was made from, not its text; days come from the C library.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "engine/base/random.h"
#include "tests/engine/schedule/minute_walk.h"
#include "tests/engine/schedule/texts.h"

namespace hourwheel::schedule_property_test {
namespace {

struct Window {
  const char* zone;
  const char* from;  // the walk covers four days from here
};
// Each holds a change of the clocks, but for the last three.
constexpr Window kWindows[] = {
    {"Europe/Berlin", "2026-03-27T10:00:00Z"},
    {"Europe/Berlin", "2026-10-23T10:00:00Z"},
    {"Europe/Berlin", "2051-03-24T10:00:00Z"},
    {"America/New_York", "2026-03-06T10:00:00Z"},
    {"America/New_York", "2026-10-30T10:00:00Z"},
    {"Australia/Lord_Howe", "2026-04-03T10:00:00Z"},
    {"Australia/Lord_Howe", "2026-10-02T10:00:00Z"},
    {"America/Santiago", "2026-04-03T10:00:00Z"},
    {"America/Santiago", "2026-09-04T10:00:00Z"},
    {"Africa/Cairo", "2026-04-22T10:00:00Z"},
    {"Africa/Cairo", "2026-10-28T10:00:00Z"},
    {"Europe/Dublin", "2026-10-23T10:00:00Z"},
    {"Pacific/Apia", "2011-12-28T10:00:00Z"},
    {"Pacific/Apia", "2011-09-22T10:00:00Z"},
    {"Antarctica/Troll", "2026-03-27T10:00:00Z"},
    {"Antarctica/Troll", "2026-10-23T10:00:00Z"},
    {"America/Caracas", "2016-04-29T00:00:00Z"},
    {"Asia/Pyongyang", "2018-05-03T00:00:00Z"},
    {"Asia/Kolkata", "2028-02-27T10:00:00Z"},
    {"UTC", "2100-02-26T10:00:00Z"},
    {"Asia/Kathmandu", "2026-12-29T10:00:00Z"},
};

TEST(CronProperty, AgreesWithAWalkThroughEveryMinute) {
  constexpr uint64_t kSeed = 20'260'329;
  Random random(kSeed);
  uint64_t total = 0;
  for (int round = 0; round < 12; ++round) {
    for (const Window& window : kWindows) {
      const Expression expression = random_expression(random);
      std::string name = expression.text() + " " + window.zone + " " + window.from;
      auto schedule = Schedule::compile(cron_spec(expression.text(), window.zone), {});
      if (!schedule) {
        ASSERT_EQ(schedule.error().code, ErrorCode::kNeverFires) << name;
        continue;
      }
      TimeZone zone = *TimeZone::find(window.zone);
      Instant from = at(window.from);
      Instant end = from + hours(96);
      std::vector<Instant> expected = walk(expression, zone, from, end);
      total += expected.size();

      std::vector<Instant> found;
      for (auto due = schedule->first_from(from); due && *due < end;
           due = schedule->next_after(*due)) {
        found.push_back(*due);
      }
      ASSERT_EQ(found, expected) << name << " of seed " << kSeed;

      // missed() against the walk, for ranges inside the window.
      for (int i = 0; i < 20; ++i) {
        Instant a = from + Duration{static_cast<int64_t>(random.below(96 * 3'600'000))};
        Instant b =
            a + Duration{static_cast<int64_t>(random.below(static_cast<uint64_t>((end - a).ms)))};
        Missed missed;
        for (Instant due : expected) {
          if (due >= a && due <= b) {
            missed = {missed.count + 1, due};
          }
        }
        ASSERT_EQ(schedule->missed(a, b).value_or(Missed{}), missed)
            << name << " " << to_text(a) << " " << to_text(b);
      }
    }
  }
  EXPECT_GT(total, 10'000u);
}

TEST(CronProperty, AgreesWithAWalkAroundAChangeInEveryZone) {
  constexpr uint64_t kSeed = 19'730'101;
  Random random(kSeed);
  // From 1973 on every offset is a whole number of minutes; before, the walk would miss matches.
  const Instant first = at("1973-01-01T00:00:00Z");
  int changes = 0;
  for (const std::string& name : zone_names()) {
    TimeZone zone = *TimeZone::find(name);
    for (int i = 0; i < 3; ++i) {
      Instant t = first + hours(24 * pick(random, 0, 90 * 365));
      auto change = zone.next_transition(t);
      changes += change ? 1 : 0;
      Instant from{floor_divide(change.value_or(t).ms, 60'000) * 60'000 - hours(30).ms};
      Instant end = from + hours(60);
      const Expression expression = random_expression(random);
      auto schedule = Schedule::compile(cron_spec(expression.text(), name), {});
      if (!schedule) {
        continue;
      }
      std::vector<Instant> expected = walk(expression, zone, from, end);
      std::vector<Instant> found;
      for (auto due = schedule->first_from(from); due && *due < end;
           due = schedule->next_after(*due)) {
        found.push_back(*due);
      }
      ASSERT_EQ(found, expected) << expression.text() << " " << name << " " << to_text(from)
                                 << " of seed " << kSeed;
      auto missed = schedule->missed(from, end - milliseconds(1)).value_or(Missed{});
      ASSERT_EQ(missed.count, expected.size()) << expression.text() << " " << name;
    }
  }
  EXPECT_GT(changes, 300);
}

TEST(CronProperty, AnswersTheSameFromWhereverItIsAsked) {
  Random random(5);
  for (int i = 0; i < 300; ++i) {
    Expression expression = random_expression(random);
    const Window& window = kWindows[random.below(std::size(kWindows))];
    auto schedule = Schedule::compile(cron_spec(expression.text(), window.zone), {});
    if (!schedule) {
      continue;
    }
    Instant t = at(window.from) + Duration{static_cast<int64_t>(random.below(96 * 3'600'000))};
    auto due = schedule->next_after(t);
    ASSERT_TRUE(due) << expression.text();
    EXPECT_GT(*due, t);
    EXPECT_EQ(schedule->first_from(*due), due) << expression.text();
    EXPECT_EQ(schedule->next_after(*due - milliseconds(1)), due) << expression.text();
    Instant between =
        t + Duration{static_cast<int64_t>(random.below(static_cast<uint64_t>((*due - t).ms)))};
    EXPECT_EQ(schedule->next_after(between), due) << expression.text() << to_text(between);
    EXPECT_EQ(schedule->missed(t + milliseconds(1), *due), (Missed{1, *due})) << expression.text();
  }
}

}  // namespace
}  // namespace hourwheel::schedule_property_test
