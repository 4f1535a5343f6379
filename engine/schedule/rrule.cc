#include "engine/schedule/rrule.h"

#include <algorithm>
#include <string>
#include <utility>

#include "engine/base/check.h"
#include "engine/schedule/quoted.h"
#include "engine/schedule/set_positions.h"

namespace hourwheel {
namespace {

// One year more than instants have, for the zones that are ahead of UTC.
constexpr CivilSecond kEnd{day_of(CivilDate{10'001, 1, 1}) * kSecondsPerDay};

constexpr CivilSecond at_day(int64_t day) {
  return {day * kSecondsPerDay};
}

tl::unexpected<Error> never(std::string detail) {
  return failure(ErrorCode::kNeverFires, "/schedule", std::move(detail));
}

}  // namespace

struct Rrule::Question {
  RruleTimes::Seen times;
  // How many instances BYSETPOS chooses in a period of so many days; -1: not yet asked.
  int64_t& chosen_of(int64_t days) {
    if (chosen.empty()) chosen.assign(DaySet::kDays, -1);
    return chosen[static_cast<size_t>(days)];
  }
  std::vector<int64_t> chosen;
};

Result<Rrule> Rrule::parse(std::string_view text, CivilSecond dtstart) {
  auto parts = parse_rrule_parts(text);
  if (!parts) return failure(std::move(parts.error()));
  auto times = RruleTimes::make(*parts, dtstart);
  if (!times) return failure(std::move(times.error()));
  Rrule rule;
  rule.times_ = std::move(*times);
  rule.days_ = RruleDays(*parts, dtstart);
  rule.years_of_cycle_ = rule.days_.years_of_cycle();
  if (parts->frequency > Frequency::kDaily) rule.positions_ = parts->set_positions;
  rule.start_ = dtstart;
  rule.end_ = kEnd;
  rule.until_ = parts->until_utc;
  if (!rule.first_from(dtstart)) {
    return never(quoted(text) + " names no date that exists from its start to the year 9999");
  }
  if (parts->until) {
    rule.end_ = {parts->until->s + 1};
    if (!rule.first_from(dtstart)) return never("UNTIL lies before the rule's first instance");
  }
  if (parts->count) rule.end_ = rule.end_after(*parts->count);
  return rule;
}

Rrule Rrule::ended_after(CivilSecond last) const {
  Rrule ended = *this;
  ended.end_ = std::min(end_, CivilSecond{last.s + 1});
  return ended;
}

// --- all candidates are instances ---

std::optional<CivilSecond> Rrule::first_in(const Span& span, CivilSecond c,
                                           Question& question) const {
  if (!positions_.empty()) return first_chosen_in(span, c);
  const int64_t start_day = day_of(c);
  for (auto at = span.days.first_from(start_day - span.first); at;
       at = span.days.first_from(*at + 1)) {
    int64_t day = span.first + *at;
    int64_t from = day == start_day ? second_of_day(c) : 0;
    if (auto time = times_.first_from(day, from, question.times)) {
      return CivilSecond{day * kSecondsPerDay + *time};
    }
  }
  return std::nullopt;
}

int64_t Rrule::count_in(const Span& span, CivilSecond end, Question& question) const {
  if (!positions_.empty()) return count_chosen_in(span, end, question);
  if (times_.same_every_day()) return candidates_before(span, 0, end);
  int64_t count = 0;
  const int64_t last_day = day_of(end) - span.first;
  auto at = span.days.first_from(0);
  for (; at && *at < last_day; at = span.days.first_from(*at + 1)) {
    count += times_.count(span.first + *at, question.times);
  }
  bool cut = at && *at == last_day;
  return count + (cut ? times_.count_before(day_of(end), second_of_day(end)) : 0);
}

// --- BYSETPOS chooses among the candidates of a period ---

int64_t Rrule::candidates_before(const Span& span, int64_t begin, CivilSecond c) const {
  const int64_t day = day_of(c) - span.first;
  int64_t days = span.days.count_before(day) - span.days.count_before(begin);
  int64_t of_day =
      span.days.has(day) && day >= begin ? times_.count_before(day_of(c), second_of_day(c)) : 0;
  return std::max<int64_t>(days, 0) * times_.per_day() + of_day;
}

std::optional<CivilSecond> Rrule::first_chosen_in(const Span& span, CivilSecond c) const {
  const int64_t c_day = std::max<int64_t>(day_of(c) - span.first, 0);
  auto day = span.days.first_from(days_.period_of(span, c_day).begin);
  while (day) {
    auto [begin, end] = days_.period_of(span, *day);
    const int64_t days_before = span.days.count_before(begin);
    const int64_t size = (span.days.count_before(end) - days_before) * times_.per_day();
    if (auto chosen = chosen_from(positions_, size, candidates_before(span, begin, c))) {
      int64_t found = span.first + span.days.nth(days_before + *chosen / times_.per_day());
      return CivilSecond{found * kSecondsPerDay + times_.nth(*chosen % times_.per_day())};
    }
    day = span.days.first_from(end);
  }
  return std::nullopt;
}

int64_t Rrule::count_chosen_in(const Span& span, CivilSecond end, Question& question) const {
  int64_t count = 0;
  auto day = span.days.first_from(0);
  while (day && at_day(span.first + *day) < end) {
    auto period = days_.period_of(span, *day);
    const int64_t days = span.days.count_before(period.end) - span.days.count_before(period.begin);
    const int64_t size = days * times_.per_day();
    if (at_day(span.first + period.end) > end) {
      return count + count_chosen(positions_, size, candidates_before(span, period.begin, end));
    }
    int64_t& known = question.chosen_of(days);
    if (known < 0) known = count_chosen(positions_, size, size);
    count += known;
    day = span.days.first_from(period.end);
  }
  return count;
}

// --- the questions ---

bool Rrule::matches(CivilSecond c) const {
  if (c < start_ || c >= end_) return false;
  Question question;
  return first_in(days_.span(days_.year_of_span(day_of(c))), c, question) == c;
}

std::optional<CivilSecond> Rrule::first_from(CivilSecond c) const {
  c = std::max(c, start_);
  if (c >= end_) return std::nullopt;
  Question question;
  const int32_t first_year = days_.year_of_span(day_of(c));
  for (int32_t year = first_year; year - first_year <= years_of_cycle_; ++year) {
    Span span = days_.span(year);
    if (at_day(span.first) >= end_) break;
    auto found = first_in(span, c, question);
    if (!found) continue;
    HW_CHECK(*found >= c, "RR1 no instance lies before what was asked for");
    return *found < end_ ? found : std::nullopt;
  }
  return std::nullopt;
}

uint64_t Rrule::count(CivilSecond from, CivilSecond end) const {
  from = std::max(from, start_);
  end = std::min(end, end_);
  if (from >= end) return 0;
  Question question;
  Span span = days_.span(days_.year_of_span(day_of(from)));
  const int32_t last_year = days_.year_of_span(day_of(end));
  int64_t count = -count_in(span, from, question);
  while (span.year < last_year) {
    count += count_in(span, at_day(span.first + span.length), question);
    span = days_.span(span.year + 1);
  }
  count += count_in(span, end, question);
  HW_CHECK(count >= 0, "RR2 a count is not negative");
  return static_cast<uint64_t>(count);
}

// The second after that many instances from the start on, or the end that is already known.
CivilSecond Rrule::end_after(int64_t instances) const {
  Question question;
  Span span = days_.span(days_.year_of_span(day_of(start_)));
  instances += count_in(span, start_, question);
  for (;;) {
    CivilSecond end_of_span = at_day(span.first + span.length);
    int64_t in_span = count_in(span, end_of_span, question);
    if (in_span >= instances) break;
    instances -= in_span;
    if (end_of_span >= end_) return end_;
    span = days_.span(span.year + 1);
  }
  // Invariant: fewer than `instances` lie before `early`, as many or more before `late`.
  CivilSecond early = at_day(span.first);
  CivilSecond late = at_day(span.first + span.length);
  while (late.s - early.s > 1) {
    CivilSecond middle{early.s + (late.s - early.s) / 2};
    (count_in(span, middle, question) < instances ? early : late) = middle;
  }
  return std::min(late, end_);
}

}  // namespace hourwheel
