// Cron expressions of rapidcheck, which shrinks one that fails, against the walk through every
// minute. The one test source with exceptions: the library reports by them.
//
// RC_PARAMS="seed=... max_success=..." replays or prolongs it; the long tier asks for 100,000.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <array>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "tests/engine/schedule/minute_walk.h"
#include "tests/engine/schedule/texts.h"

namespace hourwheel::cron_rapid_test {

// rapidcheck finds it by its name.
inline void showValue(const WalkedField& field, std::ostream& out) {
  out << field.text;
}

namespace {

WalkedField any_value() {
  return {"*", {}, true, true};
}

WalkedField step_of(int low, int high, int step) {
  WalkedField field{"*/" + std::to_string(step), {}, false, true};
  for (int v = low; v <= high; v += step) field.values.insert(v);
  return field;
}

WalkedField list_of(const std::vector<int>& values) {
  WalkedField field;
  for (int v : values) {
    field.text += (field.text.empty() ? "" : ",") + std::to_string(v);
    field.values.insert(v);
  }
  return field;
}

WalkedField range_of(int low, int high, std::pair<int, int> ends) {
  WalkedField field{
      std::to_string(ends.first) + "-" + std::to_string(ends.second), {}, false, true};
  for (int v = ends.first; v != ends.second; v = v == high ? low : v + 1) field.values.insert(v);
  field.values.insert(ends.second);
  return field;
}

rc::Gen<WalkedField> field_of(int low, int high) {
  const auto value = rc::gen::inRange(low, high + 1);
  return rc::gen::oneOf(
      rc::gen::just(any_value()),
      rc::gen::map(rc::gen::inRange(1, high - low + 2),
                   [low, high](int step) { return step_of(low, high, step); }),
      rc::gen::map(rc::gen::pair(value, value),
                   [low, high](std::pair<int, int> ends) { return range_of(low, high, ends); }),
      rc::gen::map(rc::gen::nonEmpty(rc::gen::container<std::vector<int>>(value)), list_of));
}

// Half of all leave the days alone: something is to be due in the few days of the walk.
rc::Gen<WalkedField> day_field_of(int low, int high) {
  return rc::gen::oneOf(rc::gen::just(any_value()), field_of(low, high));
}

// Two days before each of these the clocks of the zone are about to change; the last two never do.
constexpr std::array<std::pair<const char*, const char*>, 10> kBeforeChanges{{
    {"Europe/Berlin", "2026-03-27T10:00:00Z"},
    {"Europe/Berlin", "2026-10-23T10:00:00Z"},
    {"America/New_York", "2026-10-30T10:00:00Z"},
    {"Australia/Lord_Howe", "2026-10-02T10:00:00Z"},
    {"America/Santiago", "2026-09-04T10:00:00Z"},
    {"Africa/Cairo", "2026-04-22T10:00:00Z"},
    {"Pacific/Apia", "2011-12-28T10:00:00Z"},
    {"Antarctica/Troll", "2026-03-27T10:00:00Z"},
    {"Asia/Kathmandu", "2026-12-29T10:00:00Z"},
    {"UTC", "2100-02-26T10:00:00Z"},
}};

void agrees_with_the_walk() {
  const Expression cron{*field_of(0, 59), *field_of(0, 23), *day_field_of(1, 31),
                        *day_field_of(1, 12), *day_field_of(0, 6)};
  const auto [zone, since] = *rc::gen::elementOf(kBeforeChanges);
  RC_LOG() << cron.text() << " " << zone << " from " << since << "\n";
  auto schedule = Schedule::compile(cron_spec(cron.text(), zone), {});
  if (!schedule) {
    RC_ASSERT(schedule.error().code == ErrorCode::kNeverFires);
    return;
  }
  const Instant from = at(since);
  const Instant end = from + hours(96);
  std::vector<Instant> found;
  for (auto due = schedule->first_from(from); due && *due < end; due = schedule->next_after(*due)) {
    found.push_back(*due);
  }
  RC_ASSERT(found == walk(cron, *TimeZone::find(zone), from, end));
}

TEST(CronRapid, NextInstantsAreThoseOfAWalkThroughEveryMinute) {
  EXPECT_TRUE(rc::check("cron", agrees_with_the_walk));
}

// RC_PARAMS says how many.
TEST(FullCronRapid, NextInstantsAreThoseOfAWalkThroughEveryMinute) {
  EXPECT_TRUE(rc::check("cron", agrees_with_the_walk));
}

}  // namespace
}  // namespace hourwheel::cron_rapid_test
