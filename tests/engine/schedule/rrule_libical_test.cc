// Random rules against libical's iterator, which other people wrote and use: an oracle that cannot
// share a misreading with ours.
#include <gtest/gtest.h>
#include <libical/ical.h>

#include <optional>

#include "tests/engine/schedule/random_rrule.h"
#include "tests/engine/schedule/rrule_texts.h"

namespace hourwheel::rrule_libical_test {
namespace {

icaltimetype ical_time(CivilSecond c) {
  CivilDate date = date_of(day_of(c));
  icaltimetype time = icaltime_null_time();
  time.year = date.year;
  time.month = static_cast<int>(date.month);
  time.day = static_cast<int>(date.day);
  time.hour = static_cast<int>(second_of_day(c) / 3600);
  time.minute = static_cast<int>(second_of_day(c) / 60 % 60);
  time.second = static_cast<int>(second_of_day(c) % 60);
  return time;
}
CivilSecond civil_of(const icaltimetype& time) {
  CivilDate date{time.year, static_cast<uint32_t>(time.month), static_cast<uint32_t>(time.day)};
  return {day_of(date) * kSecondsPerDay + time.hour * 3600 + time.minute * 60 + time.second};
}

// The first n instances before `end`; nullopt: libical does not take the rule.
std::optional<std::vector<std::string>> ical_instances(const std::string& text, CivilSecond dtstart,
                                                       CivilSecond end, size_t n) {
  icalrecurrencetype rule = icalrecurrencetype_from_string(text.c_str());
  icalrecur_iterator* steps = icalrecur_iterator_new(rule, ical_time(dtstart));
  if (steps == nullptr) return std::nullopt;
  std::vector<std::string> out;
  while (out.size() < n) {
    icaltimetype next = icalrecur_iterator_next(steps);
    if (icaltime_is_null_time(next) != 0 || civil_of(next) >= end) break;
    out.push_back(text_of(civil_of(next)));
  }
  icalrecur_iterator_free(steps);
  return out;
}

std::vector<std::string> our_instances(const Rrule& rule, CivilSecond end, size_t n) {
  std::vector<std::string> out;
  for (auto c = rule.first_from({}); c && *c < end && out.size() < n;
       c = rule.first_from({c->s + 1})) {
    out.push_back(text_of(*c));
  }
  return out;
}

bool has(const std::string& text, std::string_view piece) {
  return text.find(piece) != std::string::npos;
}

// Out of the comparison: what libical 3.0.16 reads otherwise than the standard says, or walks for
// minutes.
bool both_read_alike(const std::string& text) {
  // Hours and minutes are walked one by one, and BYSETPOS is not applied to times or to weeks.
  if (has(text, "MINUTELY") || has(text, "HOURLY") || has(text, "BYSETPOS")) return false;
  // A yearly BYMONTHDAY without BYMONTH looks at DTSTART's month alone.
  bool names_days = has(text, "BYMONTHDAY");
  if (has(text, "FREQ=YEARLY") && names_days && !has(text, "BYMONTH=")) return false;
  // Days from the end are known only where they expand, and weeks from the end not at all.
  if (has(text, "FREQ=DAILY") && names_days && has(text, "-")) return false;
  // Its weeks are wrong when they do not begin on Monday.
  bool odd_weeks = has(text, "WKST") && !has(text, "WKST=MO");
  return !has(text, "BYWEEKNO") || (!has(text, "BYWEEKNO=-") && !odd_weeks);
}

TEST(RruleLibical, AgreesWithLibical) {
  int compared = 0;
  for (uint64_t seed = 0; compared < 600; ++seed) {
    Random random(seed);
    RandomRrule rules(random);
    std::string text = rules.text();
    auto rule = Rrule::parse(text, rules.dtstart());
    if (!rule || !both_read_alike(text)) continue;
    // From its first instance on: libical takes DTSTART for one, whatever the rule says.
    CivilSecond dtstart = *rule->first_from({});
    rule = Rrule::parse(text, dtstart);
    CivilSecond end{dtstart.s + 20 * 366 * kSecondsPerDay};
    auto theirs = ical_instances(text, dtstart, end, 50);
    if (!theirs) continue;
    ++compared;
    EXPECT_EQ(our_instances(*rule, end, 50), *theirs)
        << "seed " << seed << ": " << text << " from " << text_of(dtstart);
  }
}

}  // namespace
}  // namespace hourwheel::rrule_libical_test
