#include "engine/schedule/time_text.h"

#include <array>
#include <charconv>
#include <cstring>
#include <optional>
#include <span>

#include "engine/base/ascii.h"
#include "engine/base/check.h"
#include "engine/schedule/quoted.h"

namespace hourwheel {
namespace {

tl::unexpected<Error> refuse_text(std::string detail) {
  return failure(ErrorCode::kValidationFailed, "", std::move(detail));
}

// --- date-times ---

// "dddd-dd-ddTdd:dd:dd", the part every accepted date-time begins with.
constexpr std::string_view kShape = "dddd-dd-ddTdd:dd:dd";

constexpr std::string_view kDateShape = kShape.substr(0, 10);

bool has_shape(std::string_view text, std::string_view shape) {
  if (text.size() < shape.size()) {
    return false;
  }
  for (size_t i = 0; i < shape.size(); ++i) {
    bool fits = shape[i] == 'd'   ? is_digit(text[i])
                : shape[i] == 'T' ? text[i] == 'T' || text[i] == 't'
                                  : text[i] == shape[i];
    if (!fits) {
      return false;
    }
  }
  return true;
}

// Requires: digits only.
uint32_t number_at(std::string_view text, size_t at, size_t length) {
  uint32_t n = 0;
  for (char c : text.substr(at, length)) {
    n = n * 10 + static_cast<uint32_t>(c - '0');
  }
  return n;
}

struct Part {
  const char* name;
  uint32_t value;
  uint32_t min;
  uint32_t max;
};

// The first part that is out of its range, as a sentence.
std::optional<std::string> out_of_range(std::span<const Part> parts) {
  for (const Part& part : parts) {
    if (part.value < part.min || part.value > part.max) {
      return std::string(part.name) + " " + std::to_string(part.value) + " is outside " +
             std::to_string(part.min) + "-" + std::to_string(part.max);
    }
  }
  return std::nullopt;
}

// Reads ".5" or ".123456789" off the front; the digits after the third are cut off. nullopt: there
// is a point without one to nine digits behind it.
std::optional<int32_t> take_fraction(std::string_view& text) {
  if (text.empty() || text[0] != '.') {
    return 0;
  }
  size_t digits = 0;
  int32_t ms = 0;
  while (digits + 1 < text.size() && is_digit(text[digits + 1])) {
    ms = digits < 3 ? ms * 10 + (text[digits + 1] - '0') : ms;
    ++digits;
  }
  if (digits == 0 || digits > 9) {
    return std::nullopt;
  }
  for (size_t i = digits; i < 3; ++i) {
    ms *= 10;
  }
  text.remove_prefix(digits + 1);
  return ms;
}

// Reads a date-time off the front of text and leaves what follows it.
Result<LocalTime> take_local_time(std::string_view& text) {
  std::string_view whole = text;
  if (!has_shape(text, kShape)) {
    return refuse_text(quoted(whole) + " is not a date and time such as 2026-12-24T08:00:00Z");
  }
  auto year = static_cast<int32_t>(number_at(text, 0, 4));
  uint32_t month = number_at(text, 5, 2);
  uint32_t day = number_at(text, 8, 2);
  uint32_t hour = number_at(text, 11, 2);
  uint32_t minute = number_at(text, 14, 2);
  uint32_t second = number_at(text, 17, 2);
  uint32_t last_day = month >= 1 && month <= 12 ? days_in_month(year, month) : 31;
  const std::array parts = {Part{"month", month, 1, 12}, Part{"day", day, 1, last_day},
                            Part{"hour", hour, 0, 23}, Part{"minute", minute, 0, 59},
                            Part{"second", second, 0, 60}};
  if (auto detail = out_of_range(parts)) {
    return refuse_text(*detail + " in " + quoted(whole));
  }
  text.remove_prefix(kShape.size());
  auto ms = take_fraction(text);
  if (!ms) {
    return refuse_text("a fraction of a second needs 1 to 9 digits in " + quoted(whole));
  }
  int64_t in_day = int64_t{hour} * 3600 + int64_t{minute} * 60 + second;
  return LocalTime{{day_of(CivilDate{year, month, day}) * kSecondsPerDay + in_day}, *ms};
}

// "Z" or "+01:00" in seconds east of UTC.
Result<int64_t> parse_offset(std::string_view offset, std::string_view whole) {
  if (offset == "Z" || offset == "z") {
    return 0;
  }
  if (offset.empty()) {
    return refuse_text(quoted(whole) + " has no offset: end it with Z or one such as +01:00");
  }
  bool well_formed = offset.size() == 6 && (offset[0] == '+' || offset[0] == '-') &&
                     is_digit(offset[1]) && is_digit(offset[2]) && offset[3] == ':' &&
                     is_digit(offset[4]) && is_digit(offset[5]);
  if (!well_formed) {
    return refuse_text(quoted(offset) + " is not an offset such as Z or +01:00");
  }
  const std::array parts = {Part{"offset hour", number_at(offset, 1, 2), 0, 23},
                            Part{"offset minute", number_at(offset, 4, 2), 0, 59}};
  if (auto detail = out_of_range(parts)) {
    return refuse_text(*detail + " in " + quoted(whole));
  }
  int64_t seconds_east = int64_t{parts[0].value} * 3600 + int64_t{parts[1].value} * 60;
  return offset[0] == '-' ? -seconds_east : seconds_east;
}

// --- durations ---

constexpr int64_t kSecondMs = 1000;
constexpr int64_t kMinuteMs = 60 * kSecondMs;
constexpr int64_t kHourMs = 60 * kMinuteMs;
constexpr int64_t kDayMs = 24 * kHourMs;

struct Unit {
  std::string_view name;
  int64_t ms;
};
// Longest first: an amount's unit must come after the one before it.
constexpr std::array kShortUnits = {Unit{"d", kDayMs}, Unit{"h", kHourMs}, Unit{"m", kMinuteMs},
                                    Unit{"s", kSecondMs}, Unit{"ms", 1}};
constexpr std::array kIsoWeek = {Unit{"W", 7 * kDayMs}};
constexpr std::array kIsoDay = {Unit{"D", kDayMs}};
constexpr std::array kIsoTime = {Unit{"H", kHourMs}, Unit{"M", kMinuteMs}, Unit{"S", kSecondMs}};

tl::unexpected<Error> not_a_duration(std::string_view whole) {
  return refuse_text(quoted(whole) + " is not a duration such as PT15M, 90s or 1h30m");
}
tl::unexpected<Error> too_long(std::string_view whole) {
  return refuse_text(quoted(whole) + " is longer than the years 1970 to 9999");
}

// A whole number off the front, held at the longest duration plus one so that it cannot overflow.
std::optional<int64_t> take_number(std::string_view& text) {
  size_t digits = 0;
  int64_t n = 0;
  for (; digits < text.size() && is_digit(text[digits]); ++digits) {
    n = std::min(n * 10 + (text[digits] - '0'), kLastInstant.ms + 1);
  }
  text.remove_prefix(digits);
  return digits == 0 ? std::nullopt : std::optional(n);
}

std::string_view take_letters(std::string_view& text) {
  size_t letters = 0;
  while (letters < text.size() && !is_digit(text[letters])) {
    ++letters;
  }
  std::string_view taken = text.substr(0, letters);
  text.remove_prefix(letters);
  return taken;
}

// The sum of one or more amounts with units, each unit at most once and in order; only seconds may
// have decimals.
Result<int64_t> sum_of(std::string_view text, std::span<const Unit> units, std::string_view whole) {
  int64_t total = 0;
  do {
    auto amount = take_number(text);
    size_t before = text.size();
    auto fraction_ms = take_fraction(text);
    bool decimals = text.size() != before;
    std::string_view name = take_letters(text);
    while (!units.empty() && units.front().name != name) {
      units = units.subspan(1);
    }
    if (!amount || !fraction_ms || units.empty()) {
      return not_a_duration(whole);
    }
    int64_t unit_ms = units.front().ms;
    if (decimals && unit_ms != kSecondMs) {
      return refuse_text("only seconds may have decimals in " + quoted(whole));
    }
    if (*amount > (kLastInstant.ms - *fraction_ms - total) / unit_ms) {
      return too_long(whole);
    }
    total += *amount * unit_ms + *fraction_ms;
    units = units.subspan(1);
  } while (!text.empty());
  return total;
}

Result<Duration> parse_iso_duration(std::string_view whole) {
  std::string_view date = whole.substr(1);
  std::optional<std::string_view> time;
  if (size_t t = date.find('T'); t != std::string_view::npos) {
    time = date.substr(t + 1);
    date = date.substr(0, t);
  }
  if (date.find_first_of("YM") != std::string_view::npos) {
    return refuse_text("years and months have no fixed length in " + quoted(whole));
  }
  int64_t total = 0;
  bool weeks = !date.empty() && date.back() == 'W';
  if (!date.empty() || !time) {
    auto part = sum_of(date, weeks ? std::span<const Unit>(kIsoWeek) : kIsoDay, whole);
    if (!part) {
      return failure(std::move(part.error()));
    }
    total += *part;
  }
  if (time) {
    if (weeks) {
      return refuse_text("weeks stand alone in an ISO 8601 duration, unlike in " + quoted(whole));
    }
    auto part = sum_of(*time, kIsoTime, whole);
    if (!part) {
      return failure(std::move(part.error()));
    }
    if (*part > kLastInstant.ms - total) {
      return too_long(whole);
    }
    total += *part;
  }
  return Duration{total};
}

// --- printing ---

void put_digits(char* at, uint32_t n, int digits) {
  for (int i = digits - 1; i >= 0; --i) {
    at[i] = static_cast<char>('0' + n % 10);
    n /= 10;
  }
}

void append_amount(std::string& out, uint64_t n, char unit) {
  if (n != 0) {
    out += std::to_string(n);
    out += unit;
  }
}

}  // namespace

Result<Instant> parse_instant(std::string_view text) {
  std::string_view rest = text;
  auto local = take_local_time(rest);
  if (!local) {
    return failure(std::move(local.error()));
  }
  auto offset = parse_offset(rest, text);
  if (!offset) {
    return failure(std::move(offset.error()));
  }
  Instant t{(local->second.s - *offset) * 1000 + local->ms};
  if (t < kFirstInstant || t > kLastInstant) {
    return refuse_text(quoted(text) + " is outside the years 1970 to 9999");
  }
  return t;
}

Result<LocalTime> parse_local_time(std::string_view text) {
  std::string_view rest = text;
  auto local = take_local_time(rest);
  if (local && !rest.empty()) {
    return refuse_text(quoted(text) +
                       " has something behind its seconds: a local time has no offset");
  }
  if (local && (local->second.s < 0 || local->second.s > whole_second(kLastInstant))) {
    return refuse_text(quoted(text) + " is outside the years 1970 to 9999");
  }
  return local;
}

Result<CivilDate> parse_date(std::string_view text) {
  if (text.size() != kDateShape.size() || !has_shape(text, kDateShape)) {
    return refuse_text(quoted(text) + " is not a date such as 2026-12-25");
  }
  auto midnight = parse_local_time(std::string(text) + "T00:00:00");
  if (!midnight) {
    return failure(std::move(midnight.error()));
  }
  return date_of(day_of(midnight->second));
}

void append_text(std::string& out, Instant t) {
  HW_CHECK(t >= kFirstInstant && t <= kLastInstant, "an instant lies in the years 1970 to 9999");
  CivilSecond second{t.ms / 1000};
  CivilDate date = date_of(day_of(second));
  auto in_day = static_cast<uint32_t>(second_of_day(second));
  char text[] = "0000-00-00T00:00:00.000Z";
  put_digits(text, static_cast<uint32_t>(date.year), 4);
  put_digits(text + 5, date.month, 2);
  put_digits(text + 8, date.day, 2);
  put_digits(text + 11, in_day / 3600, 2);
  put_digits(text + 14, in_day / 60 % 60, 2);
  put_digits(text + 17, in_day % 60, 2);
  put_digits(text + 20, static_cast<uint32_t>(t.ms % 1000), 3);
  out.append(text, sizeof(text) - 1);
}

std::string to_text(Instant t) {
  std::string out;
  append_text(out, t);
  return out;
}

std::string to_text(LocalTime local) {
  CivilDate date = date_of(day_of(local.second));
  auto in_day = static_cast<uint32_t>(second_of_day(local.second));
  char text[] = "-00-00T00:00:00.000";
  put_digits(text + 1, date.month, 2);
  put_digits(text + 4, date.day, 2);
  put_digits(text + 7, in_day / 3600, 2);
  put_digits(text + 10, in_day / 60 % 60, 2);
  put_digits(text + 13, in_day % 60, 2);
  put_digits(text + 16, static_cast<uint32_t>(local.ms), 3);
  constexpr size_t kDecimals = 4;
  size_t length = sizeof(text) - 1 - (local.ms == 0 ? kDecimals : 0);
  // East of Greenwich the last day we compute with is one of the year 10000.
  return std::to_string(date.year).append(text, length);
}

Result<Duration> parse_duration(std::string_view text) {
  if (text.empty()) {
    return refuse_text("an empty text is not a duration such as PT15M, 90s or 1h30m");
  }
  if (text[0] == '-') {
    return refuse_text("a duration is not negative, unlike " + quoted(text));
  }
  if (text[0] == 'P') {
    return parse_iso_duration(text);
  }
  auto total = sum_of(text, kShortUnits, text);
  if (!total) {
    return failure(std::move(total.error()));
  }
  return Duration{*total};
}

std::string to_text(Duration d) {
  // Unsigned, because the most negative number has no positive counterpart.
  uint64_t ms = d.ms < 0 ? 0 - static_cast<uint64_t>(d.ms) : static_cast<uint64_t>(d.ms);
  std::string out = d.ms < 0 ? "-P" : "P";
  append_amount(out, ms / uint64_t{kDayMs}, 'D');
  uint64_t in_day = ms % uint64_t{kDayMs};
  if (in_day == 0 && ms != 0) {
    return out;
  }
  out += 'T';
  append_amount(out, in_day / uint64_t{kHourMs}, 'H');
  append_amount(out, in_day / uint64_t{kMinuteMs} % 60, 'M');
  uint64_t in_minute = in_day % uint64_t{kMinuteMs};
  if (in_minute % 1000 == 0) {
    append_amount(out, in_minute / 1000, 'S');
  } else {
    char fraction[] = ".000";
    put_digits(fraction + 1, static_cast<uint32_t>(in_minute % 1000), 3);
    std::string_view shown = fraction;
    shown = shown.substr(0, shown.find_last_not_of('0') + 1);
    out += std::to_string(in_minute / 1000).append(shown) + "S";
  }
  if (ms == 0) {
    out += "0S";
  }
  return out;
}

}  // namespace hourwheel
