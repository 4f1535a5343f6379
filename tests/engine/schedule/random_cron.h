// Random cron expressions that know what they mean: each keeps the sets of values and words it was
// written from, and says by them, not by its text, what it matches. Dates come from the C library.
#pragma once

#include <time.h>

#include <algorithm>
#include <bitset>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "engine/base/random.h"

namespace hourwheel {

inline int pick(Random& random, int low, int high) {
  return low + static_cast<int>(random.below(static_cast<uint64_t>(high - low + 1)));
}

// A civil second, taken apart by the C library.
struct Shown {
  int64_t civil = 0;
  int second = 0, minute = 0, hour = 0, day = 0, month = 0, weekday = 0, year = 0;
  int month_length = 0;

  explicit Shown(int64_t civil_second) : civil(civil_second) {
    auto t = static_cast<time_t>(civil_second);
    tm parts{};
    gmtime_r(&t, &parts);
    second = parts.tm_sec;
    minute = parts.tm_min;
    hour = parts.tm_hour;
    day = parts.tm_mday;
    month = parts.tm_mon + 1;
    weekday = parts.tm_wday;
    year = parts.tm_year + 1900;
    tm last{};  // the day before the next month's first
    last.tm_year = parts.tm_year;
    last.tm_mon = parts.tm_mon + 1;
    last.tm_mday = 0;
    time_t end = timegm(&last);
    gmtime_r(&end, &last);
    month_length = last.tm_mday;
  }
  [[nodiscard]] int weekday_of(int other_day) const {
    return ((weekday + other_day - day) % 7 + 7) % 7;
  }
  [[nodiscard]] bool is_workday(int other_day) const {
    return weekday_of(other_day) >= 1 && weekday_of(other_day) <= 5;
  }
};

// L-n, nW, LW; w#n, wL.
struct DayWord {
  enum Kind { kBeforeLast, kNearest, kLastWorkday, kNth, kLastWeekday } kind = kBeforeLast;
  int n = 0;
  int weekday = 0;

  [[nodiscard]] bool matches(const Shown& shown) const {
    switch (kind) {
      case kBeforeLast:
        return shown.day == shown.month_length - n;
      case kNearest: {
        if (n > shown.month_length) return false;
        int nearest = 0;
        for (int d = 1; d <= shown.month_length; ++d) {
          if (shown.is_workday(d) && (nearest == 0 || std::abs(d - n) < std::abs(nearest - n))) {
            nearest = d;
          }
        }
        return shown.day == nearest;
      }
      case kLastWorkday: {
        int last = shown.month_length;
        while (!shown.is_workday(last)) --last;
        return shown.day == last;
      }
      case kNth:
        return shown.weekday == weekday && (shown.day - 1) / 7 + 1 == n;
      case kLastWeekday:
        return shown.weekday == weekday && shown.day + 7 > shown.month_length;
    }
    return false;
  }
};

struct RandomField {
  std::string text;
  std::bitset<256> values;  // from the field's least value on
  int least = 0;
  std::vector<DayWord> words;
  bool any = false;     // written as *
  bool spread = false;  // has a *, a range or a step
  bool starred = false;

  [[nodiscard]] bool has(int value) const { return values[static_cast<size_t>(value - least)]; }
  [[nodiscard]] bool has_day(int value, const Shown& shown) const {
    return has(value) || std::any_of(words.begin(), words.end(),
                                     [&](const DayWord& word) { return word.matches(shown); });
  }
  void append(const std::string& entry) { text += (text.empty() ? "" : ",") + entry; }
  void add(int value) { values.set(static_cast<size_t>(value - least)); }
};

// One entry of a field from `low` to `high`: *, a step, a range (that may wrap), or a value.
inline void add_random_entry(RandomField& field, Random& random, int low, int high, bool wraps) {
  int first = pick(random, low, high);
  int last = pick(random, low, high);
  if (!wraps && last < first) std::swap(first, last);
  int step = pick(random, 1, std::min(high - low + 1, 60));
  std::string from = std::to_string(first);
  switch (random.below(6)) {
    case 0:
      field.append("*/" + std::to_string(step));
      field.spread = true;
      for (int v = low; v <= high; v += step) field.add(v);
      break;
    case 1:
      field.append(from + "/" + std::to_string(step));
      field.spread = true;
      for (int v = first; v <= high; v += step) field.add(v);
      break;
    case 2: {
      bool stepped = random.chance(30);
      field.append(from + "-" + std::to_string(last) + (stepped ? "/" + std::to_string(step) : ""));
      field.spread = true;
      int length = last >= first ? last - first : last - first + (high - low + 1);
      for (int n = 0; n <= length; n += stepped ? step : 1) {
        field.add(low + (first - low + n) % (high - low + 1));
      }
      break;
    }
    default:
      field.append(from);
      field.add(first);
  }
}

inline RandomField random_field(Random& random, int low, int high, bool wraps = true) {
  RandomField field;
  field.least = low;
  if (random.chance(25)) {
    field.text = "*";
    field.any = field.spread = field.starred = true;
    for (int v = low; v <= high; ++v) field.add(v);
    return field;
  }
  // Mostly few values, and mostly not spread: a fixed time of a day is the harder case.
  for (int n = random.chance(70) ? 1 : pick(random, 2, 4); n > 0; --n) {
    if (random.chance(60)) {
      int v = pick(random, low, high);
      field.append(std::to_string(v));
      field.add(v);
    } else {
      add_random_entry(field, random, low, high, wraps);
    }
  }
  field.starred = field.text[0] == '*';
  return field;
}

inline void add_month_day_word(RandomField& field, Random& random) {
  switch (random.below(4)) {
    case 0:
      field.append("L");
      field.words.push_back({DayWord::kBeforeLast, 0});
      break;
    case 1: {
      int n = pick(random, 0, 30);
      field.append("L-" + std::to_string(n));
      field.words.push_back({DayWord::kBeforeLast, n});
      break;
    }
    case 2: {
      int n = pick(random, 1, 31);
      field.append(std::to_string(n) + "W");
      field.words.push_back({DayWord::kNearest, n});
      break;
    }
    default:
      field.append("LW");
      field.words.push_back({DayWord::kLastWorkday});
  }
}

inline void add_weekday_word(RandomField& field, Random& random) {
  const char* names[] = {"sun", "Mon", "tue", "WED", "thu", "fri", "sat"};
  int weekday = pick(random, 0, 6);
  std::string name = random.chance(50) ? names[weekday] : std::to_string(weekday);
  if (random.chance(50)) {
    int n = pick(random, 1, 5);
    field.append(name + "#" + std::to_string(n));
    field.words.push_back({DayWord::kNth, n, weekday});
  } else {
    field.append(name + (random.chance(50) ? "L" : "#L"));
    field.words.push_back({DayWord::kLastWeekday, 0, weekday});
  }
}

// Five fields, or six or seven: then seconds come first and the year last.
struct RandomCron {
  size_t fields = 5;
  bool both_days = false;  // dom_dow: and
  RandomField second, minute, hour, day, month, weekday, year;

  // Easy days: any day, so that something is due in the few days that are walked through.
  RandomCron(Random& random, size_t field_count, bool easy_days)
      : fields(field_count),
        both_days(random.chance(30)),
        second(random_field(random, 0, 59)),
        minute(random_field(random, 0, 59)),
        hour(random_field(random, 0, 23)),
        day(random_field(random, 1, 31)),
        month(random_field(random, 1, 12)),
        weekday(random_field(random, 0, 6)),
        year(random_field(random, 1970, 2199, false)) {
    if (random.chance(40)) {
      if (random.chance(60)) day = RandomField{"", {}, 1, {}};
      add_month_day_word(day, random);
      settle(day, 1, 31);
    }
    if (random.chance(40)) {
      if (random.chance(60)) weekday = RandomField{"", {}, 0, {}};
      add_weekday_word(weekday, random);
      settle(weekday, 0, 6);
    }
    if (easy_days) {
      make_any(day, 1, 31);
      make_any(month, 1, 12);
      make_any(weekday, 0, 6);
      make_any(year, 1970, 2199);
    }
    if (fields == 5) {
      second = RandomField{"0", {}, 0, {}};
      second.add(0);
    }
    if (fields != 7) make_any(year, 1970, 2199);
  }

  [[nodiscard]] std::string text() const {
    std::string out =
        minute.text + " " + hour.text + " " + day.text + " " + month.text + " " + weekday.text;
    if (fields > 5) out = second.text + " " + out;
    if (fields > 6) out += " " + year.text;
    return out;
  }
  [[nodiscard]] bool is_spread() const { return second.spread || minute.spread || hour.spread; }
  [[nodiscard]] bool is_starred() const { return second.starred || minute.starred || hour.starred; }
  [[nodiscard]] bool matches_day(const Shown& shown) const {
    if (shown.year < 1970 ||
        (fields == 7 && !year.any && (shown.year > 2199 || !year.has(shown.year)))) {
      return false;
    }
    bool by_day = day.has_day(shown.day, shown);
    bool by_weekday = weekday.has_day(shown.weekday, shown);
    bool both = day.any || weekday.any || both_days;
    return month.has(shown.month) && (both ? by_day && by_weekday : by_day || by_weekday);
  }
  [[nodiscard]] bool matches(const Shown& shown) const {
    return second.has(shown.second) && minute.has(shown.minute) && hour.has(shown.hour) &&
           matches_day(shown);
  }

 private:
  static void make_any(RandomField& field, int low, int high) {
    field = RandomField{"*", {}, low, {}, true, true, true};
    for (int v = low; v <= high; ++v) field.add(v);
  }
  // A word behind "*" makes a list, which restricts by its being one.
  static void settle(RandomField& field, int low, int high) {
    if (field.any) {
      field.any = false;
      for (int v = low; v <= high; ++v) field.add(v);
    }
  }
};

}  // namespace hourwheel
