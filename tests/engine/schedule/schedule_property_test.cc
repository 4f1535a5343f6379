// Random cron expressions against a walk through every minute. The walk knows the sets of values
// the expression was made from, not its text; days come from the C library.
#include <gtest/gtest.h>
#include <time.h>

#include <set>
#include <string>
#include <vector>

#include "engine/base/random.h"
#include "tests/engine/schedule/texts.h"

namespace hourwheel {
namespace {

struct Field {
  std::string text;
  std::set<int> values;
  bool any = false;     // written as *
  bool spread = false;  // has a *, a range or a step
};

int pick(Random& random, int low, int high) {
  return low + static_cast<int>(random.below(static_cast<uint64_t>(high - low + 1)));
}

Field random_field(Random& random, int low, int high) {
  Field field;
  switch (random.below(6)) {
    case 0:
    case 1:
      field.text = "*";
      field.any = field.spread = true;
      for (int v = low; v <= high; ++v) field.values.insert(v);
      break;
    case 2: {
      int step = pick(random, 1, high - low + 1);
      field.text = "*/" + std::to_string(step);
      field.spread = true;
      for (int v = low; v <= high; v += step) field.values.insert(v);
      break;
    }
    case 3: {
      int first = pick(random, low, high);
      int last = pick(random, low, high);
      field.text = std::to_string(first) + "-" + std::to_string(last);
      field.spread = true;
      for (int v = first; v != last; v = v == high ? low : v + 1) field.values.insert(v);
      field.values.insert(last);
      break;
    }
    default:
      for (int n = pick(random, 1, 4); n > 0; --n) {
        int v = pick(random, low, high);
        field.text += (field.text.empty() ? "" : ",") + std::to_string(v);
        field.values.insert(v);
      }
  }
  return field;
}

struct Expression {
  Field minute, hour, day, month, weekday;

  explicit Expression(Random& random)
      : minute(random_field(random, 0, 59)),
        hour(random_field(random, 0, 23)),
        day(random_field(random, 1, 31)),
        month(random_field(random, 1, 12)),
        weekday(random_field(random, 0, 6)) {
    if (random.chance(60)) {  // most of the time something is due in the few days we walk
      day = month = weekday = Field{"*", {}, true, true};
    }
  }
  [[nodiscard]] std::string text() const {
    return minute.text + " " + hour.text + " " + day.text + " " + month.text + " " + weekday.text;
  }
  [[nodiscard]] bool elapsed() const { return minute.spread || hour.spread; }
  [[nodiscard]] bool matches(int64_t civil) const {
    auto second = static_cast<time_t>(civil);
    tm shown{};
    gmtime_r(&second, &shown);
    auto has = [](const Field& field, int v) { return field.any || field.values.count(v) > 0; };
    bool by_day = has(day, shown.tm_mday);
    bool by_weekday = has(weekday, shown.tm_wday);
    bool day_matches = day.any || weekday.any ? by_day && by_weekday : by_day || by_weekday;
    return shown.tm_sec == 0 && has(minute, shown.tm_min) && has(hour, shown.tm_hour) &&
           has(month, shown.tm_mon + 1) && day_matches;
  }
};

// Every due instant of [from, end), by C-18's words, minute by minute.
std::vector<Instant> walk(const Expression& expression, TimeZone zone, Instant from, Instant end) {
  std::vector<Instant> out;
  // The latest civil minute shown so far; half a day before is far enough back for any overlap.
  int64_t seen = 0;
  for (Instant t = from - hours(12); t < from; t = t + minutes(1)) {
    seen = std::max(seen, zone.civil_at(t).s);
  }
  for (Instant t = from; t < end; t = t + minutes(1)) {
    int64_t civil = zone.civil_at(t).s;
    bool due = expression.matches(civil) && (expression.elapsed() || civil > seen);
    bool gap = civil > seen + 60 && civil - (seen + 60) <= 3 * 3600;
    for (int64_t left_out = seen + 60; gap && !expression.elapsed() && left_out < civil;
         left_out += 60) {
      due = due || expression.matches(left_out);
    }
    seen = std::max(seen, civil);
    if (due) {
      out.push_back(t);
    }
  }
  return out;
}

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
      Expression expression(random);
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
      Expression expression(random);
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
    Expression expression(random);
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
}  // namespace hourwheel
