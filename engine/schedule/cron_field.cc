#include "engine/schedule/cron_field.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "engine/base/ascii.h"
#include "engine/base/check.h"
#include "engine/schedule/invalid_schedule.h"
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
  uint32_t hashed;                          // from how many of them, from min on, H is drawn
  std::span<const std::string_view> names;  // of the values from min on
};
// H leaves out the days that some months lack, so that it comes every month.
constexpr FieldRule kRules[kCronFields] = {
    {"second", 0, 59, 60, 60, {}},
    {"minute", 0, 59, 60, 60, {}},
    {"hour", 0, 23, 24, 24, {}},
    {"day-of-month", 1, 31, 31, 28, {}},
    {"month", 1, 12, 12, 12, kMonthNames},
    {"day-of-week", 0, 7, 7, 7, kDayNames},
    {"year", kFirstCronYear, kLastCronYear, kCronYears, 0, {}},
};

// One entry of a list; last may lie past the greatest value when a range wraps.
struct Entry {
  uint32_t first = 0;
  uint32_t last = 0;
  uint32_t step = 1;
  bool hashed = false;  // one value (with a step: the first) is drawn from first to last
  bool spread = false;
};

bool equal_ignoring_case(std::string_view text, std::string_view lower_case) {
  return std::equal(text.begin(), text.end(), lower_case.begin(), lower_case.end(),
                    [](char a, char b) { return lower(a) == b; });
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

constexpr uint32_t kTooGreat = 1'000'000;

// Digits; held at a number outside every field, so that none overflows.
std::optional<uint32_t> parse_field_number(std::string_view text) {
  uint32_t n = 0;
  for (char c : text) {
    if (c < '0' || c > '9') {
      return std::nullopt;
    }
    n = std::min<uint32_t>(n * 10 + static_cast<uint32_t>(c - '0'), kTooGreat);
  }
  return text.empty() ? std::nullopt : std::optional(n);
}

class FieldParser {
 public:
  FieldParser(CronFieldName name, SpreadSeed seed)
      : name_(name), rule_(kRules[static_cast<size_t>(name)]), seed_(seed) {}

  Result<CronField> parse(std::string_view text);

 private:
  [[nodiscard]] bool is(CronFieldName name) const { return name_ == name; }
  [[nodiscard]] bool is_day() const {
    return is(CronFieldName::kDayOfMonth) || is(CronFieldName::kDayOfWeek);
  }
  [[nodiscard]] std::string named() const { return std::string(rule_.name); }
  [[nodiscard]] uint32_t greatest() const { return rule_.min + rule_.size - 1; }
  [[nodiscard]] std::optional<uint32_t> named_value(std::string_view text) const;
  [[nodiscard]] Result<uint32_t> parse_value(std::string_view text) const;
  [[nodiscard]] Result<Entry> parse_range(std::string_view text) const;
  [[nodiscard]] Result<Entry> parse_hashed(std::string_view text) const;
  [[nodiscard]] Result<Entry> parse_entry(std::string_view text) const;
  // Each takes an entry that is a word of its day field; false: it is none.
  [[nodiscard]] Result<bool> take_month_day_word(std::string_view text, CronField& field) const;
  [[nodiscard]] Result<bool> take_weekday_word(std::string_view text, CronField& field) const;
  [[nodiscard]] Status take_entry(std::string_view text, CronField& field) const;
  void draw(Entry& entry) const;

  CronFieldName name_;
  const FieldRule& rule_;
  SpreadSeed seed_;
};

std::optional<uint32_t> FieldParser::named_value(std::string_view text) const {
  for (size_t i = 0; i < rule_.names.size(); ++i) {
    if (equal_ignoring_case(text, rule_.names[i])) {
      return rule_.min + static_cast<uint32_t>(i);
    }
  }
  return std::nullopt;
}

Result<uint32_t> FieldParser::parse_value(std::string_view text) const {
  if (auto value = named_value(text)) {
    return *value;
  }
  auto number = parse_field_number(text);
  if (number && *number >= rule_.min && *number <= rule_.max) {
    return *number;
  }
  std::string range = std::to_string(rule_.min) + "-" + std::to_string(rule_.max);
  if (number) {
    return invalid_schedule(named() + " " +
                            (*number < kTooGreat ? std::to_string(*number) : quoted(text)) +
                            " is outside " + range);
  }
  std::string names = rule_.names.empty() ? ""
                                          : " or " + std::string(rule_.names.front()) + "-" +
                                                std::string(rule_.names.back());
  return invalid_schedule(named() + " " + quoted(text) + " is not a value from " + range + names);
}

// "H" or "H(a-b)".
Result<Entry> FieldParser::parse_hashed(std::string_view text) const {
  if (rule_.hashed == 0) {
    return invalid_schedule("'H' does not belong in " + named());
  }
  if (text.size() == 1) {
    return Entry{rule_.min, rule_.min + rule_.hashed - 1, 1, true, false};
  }
  std::string_view inner = text.substr(2, text.size() - 2);  // behind "H("
  if (!inner.ends_with(')')) {
    return invalid_schedule(named() + " " + quoted(text) + " is not of the form H(2-5)");
  }
  auto [head, tail] = split_at(inner.substr(0, inner.size() - 1), '-');
  if (!tail) {
    return invalid_schedule(named() + " " + quoted(text) + " is not of the form H(2-5)");
  }
  auto first = parse_value(head);
  auto last = parse_value(*tail);
  if (!first || !last) {
    return failure(std::move(first ? last.error() : first.error()));
  }
  if (*first > *last || *last - *first >= rule_.size) {
    return invalid_schedule(named() + " " + quoted(text) + " has no values between its ends");
  }
  return Entry{*first, *last, 1, true, false};
}

Result<Entry> FieldParser::parse_range(std::string_view text) const {
  if (text == "*" || (text == "?" && is_day())) {
    return Entry{rule_.min, greatest(), 1, false, true};
  }
  if (text == "?") {
    return invalid_schedule("'?' stands for any day and does not belong in " + named());
  }
  if (!text.empty() && lower(text[0]) == 'h' && (text.size() == 1 || text[1] == '(')) {
    return parse_hashed(text);
  }
  auto [head, tail] = split_at(text, '-');
  auto first = parse_value(head);
  auto last = tail ? parse_value(*tail) : first;
  if (!first || !last) {
    return failure(std::move(first ? last.error() : first.error()));
  }
  Entry entry{*first, *last, 1, false, tail.has_value()};
  if (entry.first > greatest()) {  // 7 at a range's start is the Sunday before its days
    entry.first -= rule_.size;
    entry.last -= entry.last > greatest() ? rule_.size : 0;
  }
  if (entry.last < entry.first) {
    if (is(CronFieldName::kYear)) {
      return invalid_schedule("year " + quoted(text) + " runs backwards");
    }
    entry.last += rule_.size;
  }
  return entry;
}

Result<Entry> FieldParser::parse_entry(std::string_view text) const {
  auto [range, step_text] = split_at(text, '/');
  auto entry = parse_range(range);
  if (!entry || !step_text) {
    return entry;
  }
  auto step = parse_field_number(*step_text);
  if (!step) {
    return invalid_schedule(named() + " step " + quoted(*step_text) + " is not a number");
  }
  if (*step < 1 || *step > rule_.size) {
    return invalid_schedule(named() + " step " + quoted(*step_text) + " is outside 1-" +
                            std::to_string(rule_.size));
  }
  if (!entry->hashed && range.find('-') == std::string_view::npos) {  // "5/15": from 5 to the end
    entry->last = greatest();
  }
  entry->step = *step;
  entry->spread = true;
  return entry;
}

void FieldParser::draw(Entry& entry) const {
  const bool stepped = entry.spread;
  uint32_t values = entry.last - entry.first + 1;
  uint32_t choices = stepped ? std::min(entry.step, values) : values;
  entry.first += spread(seed_, static_cast<uint32_t>(name_), choices);
  entry.last = stepped ? entry.last : entry.first;
}

Result<bool> FieldParser::take_month_day_word(std::string_view text, CronField& field) const {
  MonthDayWords& words = field.month_day_words;
  if (equal_ignoring_case(text, "lw")) {
    words.last_weekday = true;
    return true;
  }
  if (!text.empty() && lower(text[0]) == 'l') {
    auto [head, tail] = split_at(text, '-');
    auto before = tail ? parse_field_number(*tail) : 0;
    if (head.size() != 1 || !before || *before > 30) {
      return invalid_schedule("day-of-month " + quoted(text) + " is not L, L-1 to L-30 or LW");
    }
    words.before_last |= uint32_t{1} << *before;
    return true;
  }
  if (!text.empty() && lower(text.back()) == 'w') {
    auto day = parse_value(text.substr(0, text.size() - 1));
    if (!day) {
      return failure(std::move(day.error()));
    }
    words.nearest_weekday |= uint32_t{1} << *day;
    return true;
  }
  return false;
}

Result<bool> FieldParser::take_weekday_word(std::string_view text, CronField& field) const {
  auto [day_text, nth_text] = split_at(text, '#');
  bool last = nth_text && equal_ignoring_case(*nth_text, "l");
  if (!nth_text) {
    if (text.empty() || lower(text.back()) != 'l') {
      return false;
    }
    if (text.size() == 1) {
      return invalid_schedule("day-of-week 'L' needs its day: 5L is the month's last Friday");
    }
    last = true;
    day_text = text.substr(0, text.size() - 1);
  }
  auto day = parse_value(day_text);
  if (!day) {
    return failure(std::move(day.error()));
  }
  if (last) {
    field.weekday_words.last |= uint32_t{1} << (*day % 7);
    return true;
  }
  auto nth = parse_field_number(*nth_text);
  if (!nth || *nth < 1 || *nth > 5) {
    return invalid_schedule("day-of-week " + quoted(text) + " is not such as 5#1 to 5#5 or 5#L");
  }
  field.weekday_words.nth |= uint64_t{1} << (7 * (*nth - 1) + *day % 7);
  return true;
}

Status FieldParser::take_entry(std::string_view text, CronField& field) const {
  if (text.empty()) {
    return invalid_schedule(named() + " has an empty entry");
  }
  if (is_day()) {
    auto taken = is(CronFieldName::kDayOfMonth) ? take_month_day_word(text, field)
                                                : take_weekday_word(text, field);
    if (!taken) {
      return failure(std::move(taken.error()));
    }
    if (*taken) {
      return {};
    }
  }
  auto entry = parse_entry(text);
  if (!entry) {
    return failure(std::move(entry.error()));
  }
  if (entry->hashed) {
    draw(*entry);
  }
  field.spread = field.spread || entry->spread;
  // From min on, that is from 0, but for the years, whose first is bit 0.
  const uint32_t base = is(CronFieldName::kYear) ? 0 : rule_.min;
  for (uint32_t value = entry->first; value <= entry->last; value += entry->step) {
    field.values.set(base + (value - rule_.min) % rule_.size);
  }
  return {};
}

Result<CronField> FieldParser::parse(std::string_view text) {
  CronField field;
  field.any = text == "*" || (text == "?" && is_day());
  field.starred = text.starts_with('*');
  if (is(CronFieldName::kYear) && (text == "*" || text == "?")) {
    field.any = true;
    return field;
  }
  std::optional<std::string_view> rest = text;
  while (rest) {
    auto [head, tail] = split_at(*rest, ',');
    if (auto taken = take_entry(head, field); !taken) {
      return failure(std::move(taken.error()));
    }
    rest = tail;
  }
  return field;
}

}  // namespace

uint64_t CronField::bits() const {
  constexpr uint64_t kAll = ~uint64_t{0};
  HW_CHECK((values >> 64).none(), "a field that is no year fits 64 bits");
  return (values & std::bitset<kCronYears>(kAll)).to_ullong();
}

Result<CronField> parse_cron_field(CronFieldName name, std::string_view text, SpreadSeed seed) {
  return FieldParser(name, seed).parse(text);
}

}  // namespace hourwheel
