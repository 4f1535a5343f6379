// Cron expressions that know which values they were made from, and a walk through every minute that
// says by those, not by the text, what is due (C-18). Slow and plain: for comparison. Days come
// from the C library.
#pragma once

#include <time.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "engine/base/random.h"
#include "engine/schedule/schedule.h"
#include "tests/engine/schedule/random_cron.h"

namespace hourwheel {

struct WalkedField {
  std::string text;
  std::set<int> values;
  bool any = false;     // written as *
  bool spread = false;  // has a *, a range or a step
};

inline WalkedField random_walked_field(Random& random, int low, int high) {
  WalkedField field;
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
  WalkedField minute, hour, day, month, weekday;

  [[nodiscard]] std::string text() const {
    return minute.text + " " + hour.text + " " + day.text + " " + month.text + " " + weekday.text;
  }
  [[nodiscard]] bool elapsed() const { return minute.spread || hour.spread; }
  [[nodiscard]] bool matches(int64_t civil) const {
    auto second = static_cast<time_t>(civil);
    tm shown{};
    gmtime_r(&second, &shown);
    auto has = [](const WalkedField& field, int v) {
      return field.any || field.values.count(v) > 0;
    };
    bool by_day = has(day, shown.tm_mday);
    bool by_weekday = has(weekday, shown.tm_wday);
    bool day_matches = day.any || weekday.any ? by_day && by_weekday : by_day || by_weekday;
    return shown.tm_sec == 0 && has(minute, shown.tm_min) && has(hour, shown.tm_hour) &&
           has(month, shown.tm_mon + 1) && day_matches;
  }
};

inline Expression random_expression(Random& random) {
  Expression made{random_walked_field(random, 0, 59), random_walked_field(random, 0, 23),
                  random_walked_field(random, 1, 31), random_walked_field(random, 1, 12),
                  random_walked_field(random, 0, 6)};
  if (random.chance(60)) {  // most of the time something is due in the few days we walk
    made.day = made.month = made.weekday = WalkedField{"*", {}, true, true};
  }
  return made;
}

// Every due instant of [from, end), by C-18's words, minute by minute.
inline std::vector<Instant> walk(const Expression& expression, TimeZone zone, Instant from,
                                 Instant end) {
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

}  // namespace hourwheel
