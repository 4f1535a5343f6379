// The text of an RRULE. What the standard forbids and what it has and we do not is refused by the
// name of its part.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <span>
#include <string>
#include <utility>

#include "engine/limits.h"
#include "engine/schedule/invalid_schedule.h"
#include "engine/schedule/quoted.h"
#include "engine/schedule/rrule_parts.h"
#include "engine/schedule/time_text.h"

namespace hourwheel {
namespace {

constexpr std::array<std::string_view, 7> kWeekdays = {"SU", "MO", "TU", "WE", "TH", "FR", "SA"};

struct NamedFrequency {
  std::string_view name;
  Frequency frequency;
};
constexpr NamedFrequency kFrequencies[] = {
    {"MINUTELY", Frequency::kMinutely}, {"HOURLY", Frequency::kHourly},
    {"DAILY", Frequency::kDaily},       {"WEEKLY", Frequency::kWeekly},
    {"MONTHLY", Frequency::kMonthly},   {"YEARLY", Frequency::kYearly},
};

std::string text_of(std::string_view text) {
  return std::string(text);
}

// --- pieces of text ---

// What stands before the first `mark`; text is left with what is behind it, without one with
// nothing.
std::string_view take_until(std::string_view& text, char mark) {
  size_t at = std::min(text.find(mark), text.size());
  std::string_view head = text.substr(0, at);
  text.remove_prefix(std::min(at + 1, text.size()));
  return head;
}

bool all_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// Digits; held at a number that no part takes, so that none overflows.
int64_t number_of(std::string_view digits) {
  int64_t n = 0;
  for (char c : digits) n = std::min<int64_t>(n * 10 + (c - '0'), 100'000'000);
  return n;
}

// Takes a sign off the front.
int64_t take_sign(std::string_view& text) {
  bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  return negative ? -1 : 1;
}

std::optional<uint32_t> weekday_named(std::string_view name) {
  const auto* found = std::find(kWeekdays.begin(), kWeekdays.end(), name);
  if (found == kWeekdays.end()) return std::nullopt;
  return static_cast<uint32_t>(found - kWeekdays.begin());
}

// --- values ---

// What one value of a part may be.
struct Range {
  int64_t min;
  int64_t max;
  bool from_end = false;  // -max to -min, too
};

Result<int64_t> parse_number(std::string_view part, std::string_view text, Range range) {
  std::string_view digits = text;
  int64_t sign = range.from_end ? take_sign(digits) : 1;
  if (!all_digits(digits)) {
    return invalid_schedule(text_of(part) + " " + quoted(text) + " is not a number");
  }
  int64_t n = number_of(digits);
  if (n < range.min || n > range.max) {
    std::string bounds = std::to_string(range.min) + "-" + std::to_string(range.max);
    return invalid_schedule(text_of(part) + " " + quoted(text) + " is outside " + bounds +
                            (range.from_end ? ", also from the end (-1)" : ""));
  }
  return sign * n;
}

Result<std::vector<int16_t>> parse_numbers(std::string_view part, std::string_view text,
                                           Range range) {
  std::vector<int16_t> numbers;
  do {
    bool last = text.find(',') == std::string_view::npos;
    auto number = parse_number(part, take_until(text, ','), range);
    if (!number) return failure(std::move(number.error()));
    numbers.push_back(static_cast<int16_t>(*number));
    if (last) break;
  } while (true);
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  return numbers;
}

// The same as bits: those counted from the start, and those counted from the end.
struct Bits {
  uint64_t from_start = 0;
  uint64_t from_end = 0;
};
Result<Bits> parse_bits(std::string_view part, std::string_view text, Range range) {
  auto numbers = parse_numbers(part, text, range);
  if (!numbers) return failure(std::move(numbers.error()));
  Bits bits;
  for (int16_t n : *numbers) {
    (n < 0 ? bits.from_end : bits.from_start) |= uint64_t{1} << std::abs(n);
  }
  return bits;
}

// --- the parts: each reads its value into `parts` ---

using Reader = Status (*)(std::string_view part, std::string_view value, RruleParts& parts);

Status read_frequency(std::string_view part, std::string_view value, RruleParts& parts) {
  for (const NamedFrequency& named : kFrequencies) {
    if (named.name == value) {
      parts.frequency = named.frequency;
      return {};
    }
  }
  if (value == "SECONDLY") {
    return invalid_schedule(
        "FREQ=SECONDLY is not supported: use every, or cron with a field of seconds");
  }
  return invalid_schedule(text_of(part) + " " + quoted(value) +
                          " is not one of MINUTELY HOURLY DAILY WEEKLY MONTHLY YEARLY");
}

Status read_interval(std::string_view part, std::string_view value, RruleParts& parts) {
  auto interval = parse_number(part, value, {1, kMaxRruleInterval});
  if (!interval) return failure(std::move(interval.error()));
  parts.interval = *interval;
  return {};
}

Status read_count(std::string_view part, std::string_view value, RruleParts& parts) {
  auto count = parse_number(part, value, {1, kMaxRruleCount});
  if (!count) return failure(std::move(count.error()));
  parts.count = *count;
  return {};
}

// 19971224, 19971224T080000 or 19971224T080000Z. A date alone is through its end.
Status read_until(std::string_view part, std::string_view value, RruleParts& parts) {
  bool utc = value.ends_with('Z');
  std::string_view local = value.substr(0, value.size() - (utc ? 1 : 0));
  std::string_view date = local.substr(0, std::min<size_t>(local.size(), 8));
  bool alone = local.size() == 8;
  std::string_view time = alone ? "235959" : local.substr(std::min<size_t>(local.size(), 9));
  if (date.size() != 8 || !all_digits(date) || time.size() != 6 || !all_digits(time) ||
      (alone ? utc : local[8] != 'T')) {
    return invalid_schedule(
        text_of(part) + " " + quoted(value) +
        " is not a date and time such as 20261224T080000Z, 20261224T080000 or 20261224");
  }
  std::string iso = text_of(date.substr(0, 4)) + "-" + text_of(date.substr(4, 2)) + "-" +
                    text_of(date.substr(6, 2)) + "T" + text_of(time.substr(0, 2)) + ":" +
                    text_of(time.substr(2, 2)) + ":" + text_of(time.substr(4, 2));
  auto read = parse_local_time(iso);
  if (!read) {
    return invalid_schedule(text_of(part) + " " + quoted(value) + ": " + read.error().detail);
  }
  Instant instant{read->second.s * 1000};
  if (instant < kFirstInstant || instant > kLastInstant) {
    return invalid_schedule(text_of(part) + " " + quoted(value) +
                            " is outside the years 1970 to 9999");
  }
  if (utc) {
    parts.until_utc = instant;
  } else {
    parts.until = read->second;
  }
  return {};
}

Status read_week_start(std::string_view part, std::string_view value, RruleParts& parts) {
  auto weekday = weekday_named(value);
  if (!weekday) {
    return invalid_schedule(text_of(part) + " " + quoted(value) +
                            " is not one of SU MO TU WE TH FR SA");
  }
  parts.week_start = *weekday;
  return {};
}

Status read_seconds(std::string_view part, std::string_view value, RruleParts& parts) {
  auto bits = parse_bits(part, value, {0, 59});
  if (!bits) return failure(std::move(bits.error()));
  parts.seconds = bits->from_start;
  return {};
}
Status read_minutes(std::string_view part, std::string_view value, RruleParts& parts) {
  auto bits = parse_bits(part, value, {0, 59});
  if (!bits) return failure(std::move(bits.error()));
  parts.minutes = bits->from_start;
  return {};
}
Status read_hours(std::string_view part, std::string_view value, RruleParts& parts) {
  auto bits = parse_bits(part, value, {0, 23});
  if (!bits) return failure(std::move(bits.error()));
  parts.hours = static_cast<uint32_t>(bits->from_start);
  return {};
}
Status read_months(std::string_view part, std::string_view value, RruleParts& parts) {
  auto bits = parse_bits(part, value, {1, 12});
  if (!bits) return failure(std::move(bits.error()));
  parts.months = static_cast<uint32_t>(bits->from_start);
  return {};
}
Status read_month_days(std::string_view part, std::string_view value, RruleParts& parts) {
  auto bits = parse_bits(part, value, {1, 31, true});
  if (!bits) return failure(std::move(bits.error()));
  parts.month_days = static_cast<uint32_t>(bits->from_start);
  parts.month_days_from_end = static_cast<uint32_t>(bits->from_end);
  return {};
}
Status read_weeks(std::string_view part, std::string_view value, RruleParts& parts) {
  auto bits = parse_bits(part, value, {1, 53, true});
  if (!bits) return failure(std::move(bits.error()));
  parts.weeks = bits->from_start;
  parts.weeks_from_end = bits->from_end;
  return {};
}
Status read_year_days(std::string_view part, std::string_view value, RruleParts& parts) {
  auto numbers = parse_numbers(part, value, {1, 366, true});
  if (!numbers) return failure(std::move(numbers.error()));
  parts.year_days = std::move(*numbers);
  return {};
}
Status read_set_positions(std::string_view part, std::string_view value, RruleParts& parts) {
  auto numbers = parse_numbers(part, value, {1, 366, true});
  if (!numbers) return failure(std::move(numbers.error()));
  parts.set_positions = std::move(*numbers);
  return {};
}

// "MO", "2MO" or "-1FR".
Status read_weekday(std::string_view part, std::string_view text, RruleParts& parts) {
  size_t name_at = text.size() - std::min<size_t>(text.size(), 2);
  auto weekday = weekday_named(text.substr(name_at));
  if (!weekday) {
    return invalid_schedule(
        text_of(part) + " " + quoted(text) +
        " is not a weekday SU MO TU WE TH FR SA, perhaps with a number such as -1FR");
  }
  if (name_at == 0) {
    parts.weekdays |= uint32_t{1} << *weekday;
    return {};
  }
  auto n = parse_number(part, text.substr(0, name_at), {1, 53, true});
  if (!n) return failure(std::move(n.error()));
  parts.nth_weekdays.push_back({static_cast<int16_t>(*n), *weekday});
  return {};
}
Status read_weekdays(std::string_view part, std::string_view value, RruleParts& parts) {
  for (bool last = false; !last;) {
    last = value.find(',') == std::string_view::npos;
    auto read = read_weekday(part, take_until(value, ','), parts);
    if (!read) return read;
  }
  auto& nth = parts.nth_weekdays;
  std::sort(nth.begin(), nth.end());
  nth.erase(std::unique(nth.begin(), nth.end()), nth.end());
  return {};
}

struct RulePart {
  std::string_view name;
  Reader read;
};
constexpr std::array kRuleParts = {
    RulePart{"FREQ", read_frequency},      RulePart{"INTERVAL", read_interval},
    RulePart{"COUNT", read_count},         RulePart{"UNTIL", read_until},
    RulePart{"WKST", read_week_start},     RulePart{"BYSECOND", read_seconds},
    RulePart{"BYMINUTE", read_minutes},    RulePart{"BYHOUR", read_hours},
    RulePart{"BYDAY", read_weekdays},      RulePart{"BYMONTHDAY", read_month_days},
    RulePart{"BYYEARDAY", read_year_days}, RulePart{"BYWEEKNO", read_weeks},
    RulePart{"BYMONTH", read_months},      RulePart{"BYSETPOS", read_set_positions},
};

Status read_part(std::string_view text, uint32_t& seen, RruleParts& parts) {
  if (text.empty()) {
    return invalid_schedule("a part is empty: the parts are NAME=value with ; between them");
  }
  size_t mark = text.find('=');
  std::string_view name = text.substr(0, mark);
  for (size_t i = 0; i < kRuleParts.size(); ++i) {
    if (kRuleParts[i].name != name) continue;
    if (mark == std::string_view::npos || mark + 1 == text.size()) {
      return invalid_schedule(text_of(name) + " has no value");
    }
    if ((seen >> i & 1) != 0) return invalid_schedule(text_of(name) + " is given twice");
    seen |= uint32_t{1} << i;
    return kRuleParts[i].read(name, text.substr(mark + 1), parts);
  }
  if (name == "RSCALE" || name == "SKIP") {
    return invalid_schedule(text_of(name) + " is not supported: only the Gregorian calendar is");
  }
  return invalid_schedule(quoted(name) + " is not a part of a recurrence rule");
}

// --- which parts go together ---

struct Conflict {
  bool found;
  std::string_view detail;
};

Status check_together(const RruleParts& parts) {
  const Frequency frequency = parts.frequency;
  const bool yearly = frequency == Frequency::kYearly;
  const bool in_months = frequency == Frequency::kMonthly || parts.months != 0;
  const bool any_by = (parts.hours | parts.minutes | parts.seconds | parts.months) != 0 ||
                      parts.names_month_days() || parts.names_weeks() || parts.names_weekdays() ||
                      !parts.year_days.empty();
  const Conflict conflicts[] = {
      {parts.count && (parts.until || parts.until_utc), "COUNT and UNTIL exclude each other"},
      {parts.names_weeks() && !yearly, "BYWEEKNO needs FREQ=YEARLY"},
      {!parts.year_days.empty() && !yearly && frequency >= Frequency::kDaily,
       "BYYEARDAY needs FREQ=YEARLY, HOURLY or MINUTELY"},
      {parts.names_month_days() && frequency == Frequency::kWeekly,
       "BYMONTHDAY does not go with FREQ=WEEKLY"},
      {!parts.nth_weekdays.empty() && frequency < Frequency::kMonthly,
       "BYDAY with a number needs FREQ=MONTHLY or YEARLY"},
      {!parts.nth_weekdays.empty() && parts.names_weeks(),
       "BYDAY with a number does not go with BYWEEKNO"},
      {in_months && std::any_of(parts.nth_weekdays.begin(), parts.nth_weekdays.end(),
                                [](NthWeekday day) { return std::abs(day.n) > 5; }),
       "BYDAY numbers the days of a month here, which has none of a kind six times"},
      {!parts.set_positions.empty() && !any_by, "BYSETPOS needs another part that begins with BY"},
  };
  for (const Conflict& conflict : conflicts) {
    if (conflict.found) return invalid_schedule(text_of(conflict.detail));
  }
  return {};
}

}  // namespace

Result<RruleParts> parse_rrule_parts(std::string_view text) {
  if (text.size() > kMaxScheduleText) {
    return invalid_schedule("a rule of " + std::to_string(text.size()) + " bytes is longer than " +
                            std::to_string(kMaxScheduleText));
  }
  std::string upper(text);
  for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  std::string_view rest = upper;
  constexpr std::string_view kName = "RRULE:";
  if (rest.starts_with(kName)) rest.remove_prefix(kName.size());
  RruleParts parts;
  uint32_t seen = 0;
  for (bool last = false; !last;) {
    last = rest.find(';') == std::string_view::npos;
    auto read = read_part(take_until(rest, ';'), seen, parts);
    if (!read) return failure(std::move(read.error()));
  }
  if ((seen & 1) == 0) return invalid_schedule("FREQ is missing, the part that every rule has");
  auto together = check_together(parts);
  if (!together) return failure(std::move(together.error()));
  return parts;
}

}  // namespace hourwheel
