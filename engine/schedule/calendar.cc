#include "engine/schedule/calendar.h"

#include <algorithm>

#include "engine/base/check.h"

namespace hourwheel {
namespace {

constexpr Duration kLongestGap = hours(3);  // beyond it is a missing day (C-18)

// No zone is a day away from UTC: a match behind this can only be due after kLastInstant.
constexpr CivilSecond kLastCivil{whole_second(kLastInstant) + kSecondsPerDay};

Duration between(CivilSecond a, CivilSecond b) {
  return seconds(b.s - a.s);
}
CivilSecond after(CivilSecond c, Duration whole_seconds) {
  return {c.s + whole_seconds.ms / 1000};
}

// The first whole second at or after t, and not before kFirstInstant.
Instant second_from(Instant t) {
  return {-floor_divide(-std::max(t, kFirstInstant).ms, 1000) * 1000};
}

}  // namespace

CivilSecond Calendar::unseen_before(Instant t) const {
  Instant last = t - seconds(1);
  CivilSecond shown = zone_.civil_at(last);
  CivilLookup found = zone_.lookup(shown);
  if (found.kind == CivilKind::kOverlap && last >= found.transition) {
    // In the second pass: the first one has shown everything up to the change.
    return after(shown, found.transition - found.before);
  }
  return after(shown, seconds(1));
}

std::optional<Instant> Calendar::fixed_from(Instant t) const {
  CivilSecond unseen = unseen_before(t);
  for (;;) {
    auto match = cron_.first_from(unseen);
    if (!match || *match > kLastCivil) {
      return std::nullopt;
    }
    CivilLookup found = zone_.lookup(*match);
    if (found.kind != CivilKind::kGap) {
      return found.before;
    }
    if (found.before - found.after <= kLongestGap) {
      return found.transition;
    }
    unseen = zone_.civil_at(found.transition);
  }
}

std::optional<Instant> Calendar::elapsed_from(Instant t) const {
  CivilSecond shown = zone_.civil_at(t);
  CivilLookup found = zone_.lookup(shown);
  if (found.kind == CivilKind::kOverlap && t < found.transition) {
    // In the first pass: what is left of it comes first, then the clocks are set back.
    auto match = cron_.first_from(shown);
    if (match && between(shown, *match) < found.transition - t) {
      return t + between(shown, *match);
    }
    t = found.transition;
    shown = zone_.civil_at(t);
  }
  for (;;) {
    auto match = cron_.first_from(shown);
    if (!match || *match > kLastCivil) {
      return std::nullopt;
    }
    found = zone_.lookup(*match);
    if (found.kind != CivilKind::kGap) {
      return found.before >= t ? found.before : found.after;
    }
    shown = zone_.civil_at(found.transition);
  }
}

std::optional<Instant> Calendar::first_from(Instant t) const {
  if (t > kLastInstant) {
    return std::nullopt;
  }
  Instant from = second_from(t);
  auto due = cron_.follows_elapsed_time() ? elapsed_from(from) : fixed_from(from);
  if (!due || *due > kLastInstant) {
    return std::nullopt;
  }
  HW_CHECK(*due >= from, "CA2 no due instant lies before what was asked for");
  return due;
}

uint64_t Calendar::count(Instant from, Instant through) const {
  through = std::min(through, kLastInstant);
  if (from > through || through < kFirstInstant) {
    return 0;
  }
  // From change to change of the clocks, between which civil time runs evenly.
  Instant begin = second_from(from);
  const Instant end = Instant{whole_second(through) * 1000} + seconds(1);
  CivilSecond unseen = cron_.follows_elapsed_time() ? CivilSecond{} : unseen_before(begin);
  uint64_t dues = 0;
  while (begin < end) {
    Instant stop = std::min(zone_.next_transition(begin).value_or(end), end);
    CivilSecond first = zone_.civil_at(begin);
    CivilSecond last = after(first, stop - begin);
    begin = stop;
    if (cron_.follows_elapsed_time()) {
      dues += cron_.count(first, last);
      continue;
    }
    if (unseen < first && between(unseen, first) <= kLongestGap && !cron_.matches(first) &&
        cron_.count(unseen, first) > 0) {
      ++dues;
    }
    dues += cron_.count(std::max(first, unseen), last);
    unseen = std::max(unseen, last);
  }
  return dues;
}

std::optional<Instant> Calendar::newest(Instant from, Instant through) const {
  through = std::min(through, kLastInstant);
  from = std::max(from, kFirstInstant);
  // Twice as far back each time, until a due instant lies in [early, through].
  Duration back = seconds(1);
  Instant early = through;
  Instant late = through + milliseconds(1);  // nothing is due in [late, through]
  while (early >= from && count(early, through) == 0) {
    late = early;
    early = early == from ? from - milliseconds(1) : std::max(from, through - back);
    back = back * 2;
  }
  if (early < from) {
    return std::nullopt;
  }
  while (late - early > milliseconds(1)) {
    Instant middle = early + Duration{(late - early).ms / 2};
    (count(middle, through) > 0 ? early : late) = middle;
  }
  return early;
}

}  // namespace hourwheel
