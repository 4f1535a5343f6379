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

std::optional<Instant> earlier(std::optional<Instant> a, std::optional<Instant> b) {
  return a && b ? std::min(*a, *b) : (a ? a : b);
}

}  // namespace

Calendar::Calendar(const CivilRule& rule, TimeZone zone, ClockChanges changes)
    : rule_(rule), zone_(zone), changes_(changes) {
  if (follows_elapsed_time()) {
    changes_ = {DstGap::kSkip, DstOverlap::kBoth};
  }
}

std::optional<CivilSecond> Calendar::match_from(CivilSecond c) const {
  auto match = std::visit([c](const auto& rule) { return rule.first_from(c); }, rule_);
  return match && *match <= kLastCivil ? match : std::nullopt;
}
uint64_t Calendar::matches_in(CivilSecond from, CivilSecond end) const {
  return std::visit([&](const auto& rule) { return rule.count(from, end); }, rule_);
}
bool Calendar::matches(CivilSecond c) const {
  return std::visit([c](const auto& rule) { return rule.matches(c); }, rule_);
}
bool Calendar::follows_elapsed_time() const {
  return std::visit([](const auto& rule) { return rule.follows_elapsed_time(); }, rule_);
}

bool Calendar::fires_after(const CivilLookup& gap) const {
  return changes_.gap == DstGap::kFireAfter && gap.before - gap.after <= kLongestGap;
}

CivilSecond Calendar::continued_at(Instant t) const {
  return after(zone_.civil_at(t - seconds(1)), seconds(1));
}

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

// The due instant of a civil second does not fall while civil time rises, if only first passes (or
// only second ones) count: so the first match that is due at or after t is the one to take.
std::optional<Instant> Calendar::first_pass_from(Instant t) const {
  CivilSecond unseen = unseen_before(t);
  for (auto match = match_from(unseen); match; match = match_from(unseen)) {
    CivilLookup found = zone_.lookup(*match);
    if (found.kind != CivilKind::kGap) {
      return found.before;
    }
    if (fires_after(found)) {
      return found.transition;
    }
    unseen = zone_.civil_at(found.transition);
  }
  return std::nullopt;
}

std::optional<Instant> Calendar::second_pass_from(Instant t) const {
  // What the clocks have shown by t is past, unless they will show it again.
  CivilSecond open = continued_at(t);
  CivilLookup last = zone_.lookup({open.s - 1});
  if (last.kind == CivilKind::kOverlap && t - seconds(1) < last.transition) {
    open = zone_.civil_at(last.transition);
  }
  for (auto match = match_from(open); match; match = match_from(open)) {
    CivilLookup found = zone_.lookup(*match);
    if (found.kind != CivilKind::kGap) {
      return found.kind == CivilKind::kOverlap ? found.after : found.before;
    }
    if (fires_after(found)) {
      return found.transition;
    }
    open = zone_.civil_at(found.transition);
  }
  return std::nullopt;
}

// Both passes and nothing in a gap: whenever the clocks show a match.
std::optional<Instant> Calendar::both_passes_from(Instant t) const {
  CivilSecond shown = zone_.civil_at(t);
  CivilLookup found = zone_.lookup(shown);
  if (found.kind == CivilKind::kOverlap && t < found.transition) {
    // In the first pass: what is left of it comes first, then the clocks are set back.
    auto match = match_from(shown);
    if (match && between(shown, *match) < found.transition - t) {
      return t + between(shown, *match);
    }
    t = found.transition;
    shown = zone_.civil_at(t);
  }
  for (auto match = match_from(shown); match; match = match_from(shown)) {
    found = zone_.lookup(*match);
    if (found.kind != CivilKind::kGap) {
      return found.before >= t ? found.before : found.after;
    }
    shown = zone_.civil_at(found.transition);
  }
  return std::nullopt;
}

std::optional<Instant> Calendar::first_due_from(Instant t) const {
  switch (changes_.overlap) {
    case DstOverlap::kFirst:
      return first_pass_from(t);
    case DstOverlap::kSecond:
      return second_pass_from(t);
    case DstOverlap::kBoth:
      return changes_.gap == DstGap::kSkip ? both_passes_from(t)
                                           : earlier(first_pass_from(t), second_pass_from(t));
  }
  HW_CHECK(false, "an overlap's rule is one of ours");
}

std::optional<Instant> Calendar::first_from(Instant t) const {
  if (t > kLastInstant) {
    return std::nullopt;
  }
  Instant from = second_from(t);
  auto due = first_due_from(from);
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
  const bool only_first = changes_.overlap == DstOverlap::kFirst;
  Instant begin = second_from(from);
  const Instant end = Instant{whole_second(through) * 1000} + seconds(1);
  CivilSecond unseen = only_first ? unseen_before(begin) : continued_at(begin);
  uint64_t dues = 0;
  while (begin < end) {
    auto change = zone_.next_transition(begin);
    Instant stop = std::min(change.value_or(end), end);
    CivilSecond first = zone_.civil_at(begin);
    CivilSecond last = after(first, stop - begin);
    begin = stop;
    if (changes_.gap == DstGap::kFireAfter && unseen < first &&
        between(unseen, first) <= kLongestGap && !matches(first) && matches_in(unseen, first) > 0) {
      ++dues;
    }
    CivilSecond stays = last;  // from there on they are shown once more
    if (changes_.overlap == DstOverlap::kSecond && change) {
      stays = std::min(last, zone_.civil_at(*change));
    }
    dues += matches_in(only_first ? std::max(first, unseen) : first, stays);
    unseen = only_first ? std::max(unseen, last) : last;
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

Occurrence Calendar::explain(Instant due) const {
  Occurrence out;
  out.due = due;
  out.local = zone_.civil_at(due);
  out.meant = out.local;
  out.offset_s = out.local.s - whole_second(due);
  if (zone_.lookup(out.local).kind == CivilKind::kOverlap) {
    bool first = due < zone_.lookup(out.local).transition;
    out.note = first ? ClockNote::kOverlapFirst : ClockNote::kOverlapSecond;
    return out;
  }
  CivilSecond continued = continued_at(due);
  if (changes_.gap == DstGap::kFireAfter && continued < out.local && !matches(out.local)) {
    out.note = ClockNote::kGapShifted;
    out.meant = match_from(continued).value_or(out.local);
  }
  return out;
}

std::vector<LeftOut> Calendar::left_out(Instant from, Instant end, size_t most) const {
  std::vector<LeftOut> out;
  if (follows_elapsed_time()) {
    return out;
  }
  end = std::min(end, kLastInstant);
  // A change at `from` itself counts.
  auto change = zone_.next_transition(std::max(from, kFirstInstant) - milliseconds(1));
  for (; change && *change < end && out.size() < most; change = zone_.next_transition(*change)) {
    CivilSecond gap = continued_at(*change);
    CivilSecond resumed = zone_.civil_at(*change);
    const bool day = between(gap, resumed) > kLongestGap;
    if (gap >= resumed || (!day && changes_.gap == DstGap::kFireAfter)) {
      continue;
    }
    auto match = match_from(gap);
    for (; match && *match < resumed && out.size() < most; match = match_from({match->s + 1})) {
      out.push_back({*match, *change, day ? LeftOutReason::kMissingDay : LeftOutReason::kGap});
    }
  }
  return out;
}

}  // namespace hourwheel
