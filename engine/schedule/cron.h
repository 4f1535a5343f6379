// A cron expression, compiled to one bitset a field. Knows the calendar and the clock face only:
// zones and what happens when clocks are changed are Calendar's.
//
// Accepted (C-16): 5 fields (minute hour day-of-month month day-of-week); 6 with seconds first; 7
// with the year last (1970-2199); @yearly @annually @monthly @weekly @daily @midnight @hourly. A
// field is a list of *, values, ranges (fri-mon wraps round) and steps; jan-dec and sun-sat in any
// case, 0 and 7 are Sunday, ? for * in the two day fields. Day-of-month takes L (the last day), L-3
// (three days before it), LW (the last weekday) and 15W (the weekday nearest to the 15th, in the
// same month); day-of-week takes 5#2 (the second Friday), 5L and 5#L (the last). H is one value
// drawn for the task, H/15 every fifteenth from such a one, H(0-29) and H(0-29)/10 the same within
// a range; days of the month are drawn from 1 to 28. Two restricted day fields match on either, or
// on both if asked to (C-19); restricted means: written other than * or ?.
//
// Invariants
//   CR1  second, minute, hour and month each have at least one bit.
//   CR2  first_from(c) >= c, and it matches.
// Cost: parse about 0.7 us; matches a few ns; first_from 10 to 30 ns a month without a matching
//   day, at most 400 years of them; count 5 ns a month of the range (day words: up to 20 ns).
// Thread: an immutable value, any thread.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/base/result.h"
#include "engine/schedule/civil_time.h"
#include "engine/schedule/cron_field.h"
#include "engine/schedule/day_rules.h"
#include "engine/schedule/spread.h"

namespace hourwheel {

enum class DomDow : uint8_t { kOr = 1, kAnd = 2 };  // stored: only append

// What makes an expression follow elapsed time when clocks are changed (C-18). Stored: only append.
enum class ElapsedRule : uint8_t {
  kPattern = 1,      // a *, a range or a step in second, minute or hour
  kLeadingStar = 2,  // one of them begins with *, as in cronie
};

// How an expression is to be read, besides its text.
struct CronReading {
  DomDow dom_dow = DomDow::kOr;
  ElapsedRule elapsed = ElapsedRule::kPattern;
  SpreadSeed seed{};  // of H
};

// What an expression names, field by field: for whoever puts it into words.
struct CronSets {
  uint64_t seconds = 1;           // bits 0-59
  uint64_t minutes = 0;           // bits 0-59
  uint64_t hours = 0;             // bits 0-23
  uint32_t months = 0;            // bits 1-12
  DayRules days;                  // of the month and of the week
  std::bitset<kCronYears> years;  // bit 0 is 1970; empty if any_year
  bool any_year = true;
};

// The fields of an expression as they are written, macros spelled out. Views into the text, or into
// constants.
struct CronTexts {
  std::array<std::string_view, kCronFields> fields;  // by CronFieldName; "0" for seconds, "*" years
  [[nodiscard]] std::string_view at(CronFieldName name) const {
    return fields[static_cast<size_t>(name)];
  }
};
Result<CronTexts> split_cron(std::string_view text);

class Cron {
 public:
  // Refusals are kInvalidSchedule for "/schedule" and name the cron field and value.
  static Result<Cron> parse(std::string_view text, const CronReading& reading = {});

  // Whether the expression follows elapsed time when clocks are changed; the others are fixed times
  // of a day (C-18).
  [[nodiscard]] bool follows_elapsed_time() const { return follows_elapsed_time_; }

  [[nodiscard]] bool matches(CivilSecond c) const;
  // The first match at or after c; nullopt: there is none, ever.
  [[nodiscard]] std::optional<CivilSecond> first_from(CivilSecond c) const;
  // How many seconds of [from, end) match.
  [[nodiscard]] uint64_t count(CivilSecond from, CivilSecond end) const;

  [[nodiscard]] const CronSets& sets() const { return sets_; }

 private:
  Cron() = default;

  // Bit d is set when day d of that month matches. All the dialect's rules for days end here.
  [[nodiscard]] uint32_t matching_days(int32_t year, uint32_t month) const;
  [[nodiscard]] bool matches_year(int32_t year) const;
  // The first year at or after it that the expression names. Requires: it does not name any.
  [[nodiscard]] std::optional<int32_t> year_from(int32_t year) const;
  [[nodiscard]] bool matches_day(int64_t day) const;
  [[nodiscard]] std::optional<int64_t> time_from(int64_t second_of_day) const;
  [[nodiscard]] uint64_t times_before(int64_t second_of_day) const;
  [[nodiscard]] uint64_t times_per_day() const;
  [[nodiscard]] uint64_t days_between(int64_t first, int64_t end) const;

  CronSets sets_;
  bool follows_elapsed_time_ = false;
};

}  // namespace hourwheel
