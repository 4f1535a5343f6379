// Random recurrence rules that the standard allows, as text with sorted lists.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/random.h"
#include "engine/schedule/civil_time.h"

namespace hourwheel {

class RandomRrule {
 public:
  explicit RandomRrule(Random& random) : random_(random) {}

  int pick(int low, int high) {
    return low + static_cast<int>(random_.below(static_cast<uint64_t>(high - low + 1)));
  }
  CivilSecond dtstart() {
    return {pick(0, 55'000) * kSecondsPerDay + pick(0, 23) * 3600 + pick(0, 59) * 60 +
            (random_.chance(30) ? pick(0, 59) : 0)};
  }
  std::string text() {
    constexpr std::string_view kNames[] = {"MINUTELY", "HOURLY",  "DAILY",
                                           "WEEKLY",   "MONTHLY", "YEARLY"};
    constexpr int kIntervals[] = {2000, 500, 60, 20, 30, 7};
    kind_ = pick(0, 9) < 8 ? pick(2, 5) : pick(0, 1);
    text_ = "FREQ=" + std::string(kNames[kind_]);
    by_ = false;
    bool weeks = kind_ == 5 && random_.chance(20);
    if (random_.chance(50)) {
      add("INTERVAL", std::to_string(random_.chance(80) ? pick(1, 5) : pick(1, kIntervals[kind_])));
    }
    if (random_.chance(25)) add("WKST", weekday());
    if (weeks) by("BYWEEKNO", 100, 1, 53, true);
    by("BYMONTH", 30, 1, 12, false);
    if (kind_ == 5 || kind_ < 2) by("BYYEARDAY", 15, 1, 366, true);
    if (kind_ != 3) by("BYMONTHDAY", 30, 1, 31, true);
    if (random_.chance(45)) weekdays(weeks);
    by("BYHOUR", kind_ < 2 ? 30 : 15, 0, 23, false);
    by("BYMINUTE", 15, 0, 59, false);
    by("BYSECOND", 10, 0, 59, false);
    if (by_ && random_.chance(35)) by("BYSETPOS", 100, 1, random_.chance(80) ? 6 : 366, true);
    return text_;
  }

 private:
  void add(std::string_view name, const std::string& value) {
    text_ += ";" + std::string(name) + "=" + value;
  }
  std::string weekday() {
    constexpr std::string_view kDays[] = {"SU", "MO", "TU", "WE", "TH", "FR", "SA"};
    return std::string(kDays[pick(0, 6)]);
  }
  void by(std::string_view name, unsigned percent, int low, int high, bool from_end) {
    if (!random_.chance(percent)) return;
    std::set<int> values;
    int longest = low == 0 ? 7 : 15;  // of hours, minutes and seconds at most 343 times a day
    for (int n = random_.chance(70) ? pick(1, 3) : pick(1, longest); n > 0; --n) {
      bool negative = from_end && random_.chance(35);
      values.insert(negative ? -pick(low, high) : pick(low, high));
    }
    std::string list;
    for (int value : values) list += (list.empty() ? "" : ",") + std::to_string(value);
    add(name, list);
    by_ = true;
  }
  void weekdays(bool weeks) {
    std::set<std::string> values;
    bool months = kind_ == 4 || text_.find("BYMONTH=") != std::string::npos;
    for (int n = pick(1, 5); n > 0; --n) {
      std::string ordinal;
      if (kind_ >= 4 && !weeks && random_.chance(50)) {
        int n_th = pick(1, months || random_.chance(50) ? 5 : 53);
        ordinal = std::to_string(random_.chance(40) ? -n_th : n_th);
      }
      values.insert(ordinal + weekday());
    }
    std::string list;
    for (const std::string& value : values) list += (list.empty() ? "" : ",") + value;
    add("BYDAY", list);
    by_ = true;
  }

  Random& random_;
  std::string text_;
  int kind_ = 0;  // as Frequency's numbers
  bool by_ = false;
};

}  // namespace hourwheel
