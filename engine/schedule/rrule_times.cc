#include "engine/schedule/rrule_times.h"

#include <algorithm>
#include <bit>
#include <numeric>
#include <string>
#include <utility>

#include "engine/limits.h"
#include "engine/schedule/set_positions.h"

namespace hourwheel {
namespace {

constexpr int64_t kMinuteSeconds = 60;
constexpr int64_t kHourSeconds = 3600;
constexpr uint32_t kAllHours = (uint32_t{1} << 24) - 1;
constexpr uint64_t kAllMinutes = (uint64_t{1} << 60) - 1;

int64_t unit_of(Frequency frequency) {
  switch (frequency) {
    case Frequency::kMinutely:
      return kMinuteSeconds;
    case Frequency::kHourly:
      return kHourSeconds;
    case Frequency::kDaily:
    case Frequency::kWeekly:
    case Frequency::kMonthly:
    case Frequency::kYearly:
      break;
  }
  return kSecondsPerDay;
}

// The values of a part, or the one that DTSTART gives.
template <class Bits>
Bits given_or(Bits bits, int64_t from_start) {
  return bits != 0 ? bits : Bits{1} << from_start;
}

// The parts of the time of day that lie within a unit; what is longer has the one value 0.
struct Clock {
  uint32_t hours = 1;
  uint64_t minutes = 1;
  uint64_t seconds = 1;
  [[nodiscard]] int64_t size() const {
    return int64_t{std::popcount(hours)} * std::popcount(minutes) * std::popcount(seconds);
  }
};

Clock clock_of(const RruleParts& parts, CivilSecond dtstart, int64_t unit) {
  int64_t time = second_of_day(dtstart);
  Clock clock;
  clock.seconds = given_or(parts.seconds, time % 60);
  if (unit >= kHourSeconds) clock.minutes = given_or(parts.minutes, time / kMinuteSeconds % 60);
  if (unit > kHourSeconds) clock.hours = given_or(parts.hours, time / kHourSeconds);
  return clock;
}

std::vector<uint32_t> offsets_of(const Clock& clock) {
  std::vector<uint32_t> offsets;
  offsets.reserve(static_cast<size_t>(clock.size()));
  for (uint32_t hours = clock.hours; hours != 0; hours &= hours - 1) {
    auto hour = static_cast<uint32_t>(std::countr_zero(hours));
    for (uint64_t minutes = clock.minutes; minutes != 0; minutes &= minutes - 1) {
      uint32_t minute = hour * 60 + static_cast<uint32_t>(std::countr_zero(minutes));
      for (uint64_t seconds = clock.seconds; seconds != 0; seconds &= seconds - 1) {
        offsets.push_back(minute * 60 + static_cast<uint32_t>(std::countr_zero(seconds)));
      }
    }
  }
  return offsets;
}

// Keeps of the offsets those that BYSETPOS names.
void choose(std::vector<uint32_t>& offsets, const std::vector<int16_t>& positions) {
  std::vector<uint32_t> chosen;
  auto size = static_cast<int64_t>(offsets.size());
  for (auto at = chosen_from(positions, size, 0); at; at = chosen_from(positions, size, *at + 1)) {
    chosen.push_back(offsets[static_cast<size_t>(*at)]);
  }
  offsets = std::move(chosen);
}

}  // namespace

Result<RruleTimes> RruleTimes::make(const RruleParts& parts, CivilSecond dtstart) {
  RruleTimes times;
  times.unit_ = unit_of(parts.frequency);
  Clock clock = clock_of(parts, dtstart, times.unit_);
  if (clock.size() > kMaxRruleTimes) {
    return failure(ErrorCode::kInvalidSchedule, "/schedule",
                   "BYHOUR, BYMINUTE and BYSECOND make " + std::to_string(clock.size()) +
                       " times, more than " + std::to_string(kMaxRruleTimes) +
                       ": use FREQ=HOURLY or MINUTELY, or cron");
  }
  times.offsets_ = offsets_of(clock);
  if (parts.frequency <= Frequency::kDaily && !parts.set_positions.empty()) {
    choose(times.offsets_, parts.set_positions);
    if (times.offsets_.empty()) {
      return failure(ErrorCode::kNeverFires, "/schedule",
                     "BYSETPOS names only positions beyond the " + std::to_string(clock.size()) +
                         " that there are");
    }
  }
  if (times.same_every_day()) return times;
  times.interval_ = parts.interval;
  times.start_unit_ = floor_divide(dtstart.s, times.unit_);
  times.hours_ = parts.hours != 0 ? parts.hours : kAllHours;
  times.minutes_ = parts.minutes != 0 ? parts.minutes : kAllMinutes;
  // Over many days the interval meets every unit that is a multiple of this away from DTSTART's.
  int64_t step = std::gcd(times.interval_, times.units_per_day());
  for (int64_t unit = modulo(times.start_unit_, step); unit < times.units_per_day(); unit += step) {
    if (times.allows(unit)) return times;
  }
  return failure(ErrorCode::kNeverFires, "/schedule",
                 "steps of INTERVAL " + std::to_string(parts.interval) +
                     " from the start never meet what BYHOUR and BYMINUTE name");
}

int64_t RruleTimes::first_unit(int64_t day) const {
  return modulo(start_unit_ - day * units_per_day(), interval_);
}

bool RruleTimes::allows(int64_t unit) const {
  if (unit_ == kHourSeconds) return (hours_ >> unit & 1) != 0;
  return (hours_ >> (unit / 60) & 1) != 0 && (minutes_ >> (unit % 60) & 1) != 0;
}

int64_t RruleTimes::units_before(int64_t day, int64_t end) const {
  int64_t count = 0;
  for (int64_t unit = first_unit(day); unit < end; unit += interval_) {
    count += allows(unit) ? 1 : 0;
  }
  return count;
}

int64_t RruleTimes::offsets_before(int64_t offset) const {
  return std::lower_bound(offsets_.begin(), offsets_.end(), offset) - offsets_.begin();
}

int64_t RruleTimes::count(int64_t day, Seen& seen) const {
  if (same_every_day()) return per_day();
  int64_t first = first_unit(day);
  if (first >= units_per_day()) return 0;
  if (seen.counts_.empty()) {
    seen.counts_.assign(static_cast<size_t>(std::min(interval_, units_per_day())), -1);
  }
  int64_t& known = seen.counts_[static_cast<size_t>(first)];
  if (known < 0) known = units_before(day, units_per_day()) * per_day();
  return known;
}

int64_t RruleTimes::count_before(int64_t day, int64_t time) const {
  if (same_every_day()) return offsets_before(time);
  int64_t unit = time / unit_;
  int64_t count = units_before(day, unit) * per_day();
  bool due_in_unit = allows(unit) && modulo(unit - first_unit(day), interval_) == 0;
  return count + (due_in_unit ? offsets_before(time % unit_) : 0);
}

std::optional<int64_t> RruleTimes::first_from(int64_t day, int64_t time, Seen& seen) const {
  if (count(day, seen) == 0) return std::nullopt;
  if (same_every_day()) {
    int64_t at = offsets_before(time);
    return at < per_day() ? std::optional(nth(at)) : std::nullopt;
  }
  int64_t first = first_unit(day);
  int64_t unit = time / unit_;
  // The first unit of the interval that does not lie before `time`'s.
  unit = unit <= first ? first : unit + modulo(first - unit, interval_);
  for (; unit < units_per_day(); unit += interval_) {
    if (!allows(unit)) continue;
    int64_t at = unit == time / unit_ ? offsets_before(time % unit_) : 0;
    if (at < per_day()) return unit * unit_ + nth(at);
  }
  return std::nullopt;
}

}  // namespace hourwheel
