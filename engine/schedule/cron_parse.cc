// The text of a cron expression. What the dialect has and we do not yet is refused by name, so that
// nobody's schedule is read as something else.
#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "engine/base/check.h"
#include "engine/limits.h"
#include "engine/schedule/cron.h"
#include "engine/schedule/quoted.h"

namespace hourwheel {
namespace {

constexpr std::array<std::string_view, 12> kMonthNames = {"jan", "feb", "mar", "apr", "may", "jun",
                                                          "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> kDayNames = {"sun", "mon", "tue", "wed",
                                                       "thu", "fri", "sat"};

struct FieldRule {
  std::string_view name;
  uint32_t min;
  uint32_t max;
  uint32_t size;                            // how many different values; 0 and 7 are one Sunday
  std::span<const std::string_view> names;  // of the values from min on
};
constexpr size_t kFieldCount = 6;
constexpr FieldRule kRules[kFieldCount] = {
    {"second", 0, 59, 60, {}},         {"minute", 0, 59, 60, {}},
    {"hour", 0, 23, 24, {}},           {"day-of-month", 1, 31, 31, {}},
    {"month", 1, 12, 12, kMonthNames}, {"day-of-week", 0, 7, 7, kDayNames},
};

struct Macro {
  std::string_view name;
  std::string_view fields;
};
constexpr Macro kMacros[] = {
    {"@yearly", "0 0 1 1 *"}, {"@annually", "0 0 1 1 *"}, {"@monthly", "0 0 1 * *"},
    {"@weekly", "0 0 * * 0"}, {"@daily", "0 0 * * *"},    {"@midnight", "0 0 * * *"},
    {"@hourly", "0 * * * *"},
};

tl::unexpected<Error> refuse(std::string detail) {
  return failure(ErrorCode::kInvalidSchedule, "/schedule", std::move(detail));
}
std::string named(const FieldRule& rule) {
  return std::string(rule.name);
}

bool equal_ignoring_case(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(), [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  });
}

// What the text before the first `mark` is, and what is behind it; nullopt: there is no mark.
struct Halves {
  std::string_view head;
  std::optional<std::string_view> tail;
};
Halves split_at(std::string_view text, char mark) {
  size_t at = text.find(mark);
  if (at == std::string_view::npos) {
    return {text, std::nullopt};
  }
  return {text.substr(0, at), text.substr(at + 1)};
}

// The part of a wider dialect that `text` is written in, or empty.
std::string_view unsupported_mark(std::string_view text) {
  for (std::string_view day : kDayNames) {  // "mon#2", "friL"
    if (text.size() > day.size() && equal_ignoring_case(text.substr(0, day.size()), day)) {
      text.remove_prefix(day.size());
    }
  }
  constexpr std::string_view kMarks[] = {"LW", "L", "W", "#", "H"};
  for (std::string_view mark : kMarks) {
    size_t at = text.find(mark);
    bool alone = at != std::string_view::npos;
    for (size_t i = 0; alone && i < text.size(); ++i) {
      char c = text[i];
      bool in_mark = i >= at && i < at + mark.size();
      alone = in_mark || (c >= '0' && c <= '9') || c == '(' || c == ')' || c == '-';
    }
    if (alone) {
      return mark;
    }
  }
  return {};
}

// Digits; held at a number outside every field, so that none overflows.
std::optional<uint32_t> parse_number(std::string_view text) {
  uint32_t n = 0;
  for (char c : text) {
    if (c < '0' || c > '9') {
      return std::nullopt;
    }
    n = std::min<uint32_t>(n * 10 + static_cast<uint32_t>(c - '0'), 1'000'000);
  }
  return text.empty() ? std::nullopt : std::optional(n);
}

Result<uint32_t> parse_value(const FieldRule& rule, std::string_view text) {
  for (size_t i = 0; i < rule.names.size(); ++i) {
    if (equal_ignoring_case(text, rule.names[i])) {
      return rule.min + static_cast<uint32_t>(i);
    }
  }
  auto number = parse_number(text);
  if (number && *number >= rule.min && *number <= rule.max) {
    return *number;
  }
  std::string range = std::to_string(rule.min) + "-" + std::to_string(rule.max);
  if (number) {
    bool shown_whole = *number < 1'000'000;
    return refuse(named(rule) + " " + (shown_whole ? std::to_string(*number) : quoted(text)) +
                  " is outside " + range);
  }
  if (auto mark = unsupported_mark(text); !mark.empty()) {
    return refuse(quoted(mark) + " in " + named(rule) + " is not supported");
  }
  std::string names = rule.names.empty() ? ""
                                         : " or " + std::string(rule.names.front()) + "-" +
                                               std::string(rule.names.back());
  return refuse(named(rule) + " " + quoted(text) + " is not a value from " + range + names);
}

// First, last and step of one entry of a list; last may lie past rule.max when the range wraps.
struct Entry {
  uint32_t first = 0;
  uint32_t last = 0;
  uint32_t step = 1;
};

Result<Entry> parse_range(const FieldRule& rule, std::string_view text) {
  const uint32_t greatest = rule.min + rule.size - 1;
  if (text == "*" || (text == "?" && rule.name.starts_with("day-"))) {
    return Entry{rule.min, greatest, 1};
  }
  if (text == "?") {
    return refuse("'?' stands for any day and does not belong in " + named(rule));
  }
  if (auto mark = unsupported_mark(text); !mark.empty()) {  // "L-3" and "H(0-29)" look like ranges
    return refuse(quoted(mark) + " in " + named(rule) + " is not supported");
  }
  auto [head, tail] = split_at(text, '-');
  auto first = parse_value(rule, head);
  auto last = tail ? parse_value(rule, *tail) : first;
  if (!first || !last) {
    return failure(std::move(first ? last.error() : first.error()));
  }
  Entry entry{*first, *last, 1};
  if (entry.first > greatest) {  // 7 at a range's start is the Sunday before its days
    entry.first -= rule.size;
    entry.last -= entry.last > greatest ? rule.size : 0;
  }
  entry.last += entry.last < entry.first ? rule.size : 0;
  return entry;
}

Result<Entry> parse_entry(const FieldRule& rule, std::string_view text) {
  if (text.empty()) {
    return refuse(named(rule) + " has an empty entry");
  }
  auto [range, step_text] = split_at(text, '/');
  auto entry = parse_range(rule, range);
  if (!entry || !step_text) {
    return entry;
  }
  auto step = parse_number(*step_text);
  if (!step) {
    return refuse(named(rule) + " step " + quoted(*step_text) + " is not a number");
  }
  if (*step < 1 || *step > rule.size) {
    return refuse(named(rule) + " step " + quoted(*step_text) + " is outside 1-" +
                  std::to_string(rule.size));
  }
  entry->step = *step;
  if (range.find('-') == std::string_view::npos) {  // "5/15": from 5 to the end
    entry->last = rule.min + rule.size - 1;
  }
  return entry;
}

// The field's values as bits; Sunday is always bit 0.
Result<uint64_t> parse_field(const FieldRule& rule, std::string_view text) {
  uint64_t bits = 0;
  std::optional<std::string_view> rest = text;
  while (rest) {
    auto [head, tail] = split_at(*rest, ',');
    auto entry = parse_entry(rule, head);
    if (!entry) {
      return failure(std::move(entry.error()));
    }
    for (uint32_t value = entry->first; value <= entry->last; value += entry->step) {
      bits |= uint64_t{1} << (rule.min + (value - rule.min) % rule.size);
    }
    rest = tail;
  }
  HW_CHECK(bits != 0, "CR1 every field has a value");
  return bits;
}

struct Fields {
  std::array<std::string_view, kFieldCount + 1> text;
  size_t count = 0;  // counts on beyond what text holds
};

Fields split_fields(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";
  Fields fields;
  size_t at = text.find_first_not_of(kBlanks);
  while (at != std::string_view::npos) {
    size_t end = std::min(text.find_first_of(kBlanks, at), text.size());
    if (fields.count < fields.text.size()) {
      fields.text[fields.count] = text.substr(at, end - at);
    }
    ++fields.count;
    at = text.find_first_not_of(kBlanks, end);
  }
  return fields;
}

bool is_any(std::string_view field) {
  return field == "*" || field == "?";
}

}  // namespace

Result<Cron> Cron::parse_fields(std::string_view text) {
  Fields fields = split_fields(text);
  if (fields.count == kFieldCount + 1) {
    return refuse("cron with 7 fields (a year last) is not supported");
  }
  if (fields.count != kFieldCount && fields.count != kFieldCount - 1) {
    return refuse("cron has 5 or 6 fields, " + quoted(text) + " has " +
                  std::to_string(fields.count));
  }
  std::array<std::string_view, kFieldCount> written = {"0"};  // 5 fields: at second 0
  std::copy_n(fields.text.begin(), fields.count, written.end() - static_cast<int>(fields.count));
  std::array<uint64_t, kFieldCount> bits{};
  for (size_t i = 0; i < kFieldCount; ++i) {
    auto parsed = parse_field(kRules[i], written[i]);
    if (!parsed) {
      return failure(std::move(parsed.error()));
    }
    bits[i] = *parsed;
  }
  Cron cron;
  cron.seconds_ = bits[0];
  cron.minutes_ = bits[1];
  cron.hours_ = bits[2];
  cron.days_ = static_cast<uint32_t>(bits[3]);
  cron.months_ = static_cast<uint32_t>(bits[4]);
  for (int week = 0; week < 6; ++week) {
    cron.weeks_ |= bits[5] << (7 * week);
  }
  cron.either_day_ = !is_any(written[3]) && !is_any(written[5]);
  cron.follows_elapsed_time_ = std::any_of(
      written.begin(), written.begin() + 3,
      [](std::string_view field) { return field.find_first_of("*-/") != std::string_view::npos; });
  return cron;
}

Result<Cron> Cron::parse(std::string_view text) {
  if (text.size() > kMaxScheduleText) {
    return refuse("a schedule of " + std::to_string(text.size()) + " bytes is longer than " +
                  std::to_string(kMaxScheduleText));
  }
  if (!text.starts_with('@')) {
    return parse_fields(text);
  }
  for (const Macro& macro : kMacros) {
    if (macro.name == text) {
      return parse_fields(macro.fields);
    }
  }
  return refuse(quoted(text) +
                " is not one of @yearly @annually @monthly @weekly @daily @midnight @hourly "
                "@every <duration>");
}

}  // namespace hourwheel
