#include "engine/schedule/written_cron.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "engine/schedule/cron.h"

namespace hourwheel {
namespace {

struct FieldRange {
  int min;
  int max;
  std::string_view names;  // of the values from min on, three letters each
};
constexpr FieldRange kSecondOrMinute{0, 59, ""};
constexpr FieldRange kHour{0, 23, ""};
constexpr FieldRange kDay{1, 31, ""};
constexpr FieldRange kMonth{1, 12, "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC"};
constexpr FieldRange kWeekday{0, 6, "SUNMONTUEWEDTHUFRISAT"};
constexpr FieldRange kYear{1970, 2199, ""};

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return out;
}

// Reads a text from its front.
class Scanner {
 public:
  explicit Scanner(std::string_view rest) : rest_(rest) {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  bool take(std::string_view text) {
    if (!rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }
  std::optional<int> number() {
    size_t digits = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
    if (digits == 0 || digits > 4) return std::nullopt;
    int n = 0;
    for (char c : rest_.substr(0, digits)) n = n * 10 + (c - '0');
    rest_.remove_prefix(digits);
    return n;
  }
  std::optional<int> value(const FieldRange& range) {
    for (size_t i = 0; i + 3 <= range.names.size(); i += 3) {
      if (take(range.names.substr(i, 3))) return range.min + static_cast<int>(i / 3);
    }
    return number();
  }

 private:
  std::string_view rest_;
};

using MaybeEntry = std::optional<WrittenEntry>;

// "/n" or nothing; false: something else stands there.
bool take_step(Scanner& text, int& step) {
  if (!text.take("/")) return text.at_end();
  auto n = text.number();
  if (!n || !text.at_end()) return false;
  step = *n;
  return true;
}

MaybeEntry read_hash(Scanner& text, const FieldRange& range) {
  // Days of a month go to 28 only, so that the day exists in each.
  WrittenEntry entry{EntryForm::kHash, range.min, range.max == 31 ? 28 : range.max, 0, false};
  if (text.take("(")) {
    auto first = text.value(range);
    if (!first || !text.take("-")) return std::nullopt;
    auto last = text.value(range);
    if (!last || !text.take(")")) return std::nullopt;
    entry.first = *first;
    entry.last = *last;
  }
  return take_step(text, entry.step) ? MaybeEntry(entry) : std::nullopt;
}

// Behind the L of a day-of-month field: nothing, "W" or "-n".
MaybeEntry read_last_day(Scanner& text) {
  if (text.take("W")) {
    return text.at_end() ? MaybeEntry(WrittenEntry{EntryForm::kLastWorkday}) : std::nullopt;
  }
  WrittenEntry entry{EntryForm::kLastDay};
  if (text.take("-")) {
    auto before = text.number();
    if (!before) return std::nullopt;
    entry.first = *before;
  }
  return text.at_end() ? MaybeEntry(entry) : std::nullopt;
}

// Behind a value: "W", "L", "#n", "#L", "-last", "/step" or nothing.
MaybeEntry read_after_value(Scanner& text, const FieldRange& range, int value) {
  if (text.take("W")) {
    return text.at_end() ? MaybeEntry(WrittenEntry{EntryForm::kNearestWorkday, value})
                         : std::nullopt;
  }
  if (text.take("L") || text.take("#L")) {
    return text.at_end() ? MaybeEntry(WrittenEntry{EntryForm::kLastWeekday, value}) : std::nullopt;
  }
  if (text.take("#")) {
    auto nth = text.number();
    return nth && text.at_end() ? MaybeEntry(WrittenEntry{EntryForm::kNthWeekday, value, *nth})
                                : std::nullopt;
  }
  WrittenEntry entry{EntryForm::kValues, value, value};
  const bool is_range = text.take("-");
  if (is_range) {
    auto last = text.value(range);
    if (!last) return std::nullopt;
    entry.last = *last;
  }
  entry.to_end = !is_range && !text.at_end();
  if (entry.to_end) entry.last = range.max;
  return take_step(text, entry.step) ? MaybeEntry(entry) : std::nullopt;
}

MaybeEntry read_entry(std::string_view written, const FieldRange& range) {
  Scanner text(written);
  if (text.take("*") || text.take("?")) {
    WrittenEntry entry{EntryForm::kAny, range.min, range.max};
    return take_step(text, entry.step) ? MaybeEntry(entry) : std::nullopt;
  }
  if (text.take("H")) return read_hash(text, range);
  if (range.max == kDay.max && text.take("L")) return read_last_day(text);
  if (range.max == kWeekday.max && written == "L") {  // alone it is Saturday, the week's last day
    return WrittenEntry{EntryForm::kValues, 6, 6};
  }
  auto value = text.value(range);
  return value ? read_after_value(text, range, *value) : std::nullopt;
}

// 7 is Sunday as 0 is; a range that ends there stays one.
void settle_sunday(WrittenEntry& entry) {
  if (entry.first == 7) {
    entry.last = entry.last == 7 ? 0 : entry.last;
    entry.first = 0;
  }
  if (entry.form == EntryForm::kValues && entry.last == 7 && !entry.is_one_value()) {
    entry.last = entry.first == 0 ? 6 : 0;
  }
}

std::optional<WrittenField> read_field(std::string_view written, const FieldRange& range) {
  WrittenField field;
  field.restricted = written != "*" && written != "?";
  for (bool more = true; more;) {
    size_t comma = written.find(',');
    auto entry = read_entry(written.substr(0, comma), range);
    if (!entry || entry->step < 0) return std::nullopt;
    if (range.max == kWeekday.max) settle_sunday(*entry);
    field.entries.push_back(*entry);
    more = comma != std::string_view::npos;
    if (more) written.remove_prefix(comma + 1);
  }
  return field;
}

}  // namespace

bool WrittenField::is_any() const {
  auto every_value = [](const WrittenEntry& e) { return e.form == EntryForm::kAny && e.step <= 1; };
  return std::any_of(entries.begin(), entries.end(), every_value);
}

bool WrittenField::is_list() const {
  return std::all_of(entries.begin(), entries.end(),
                     [](const WrittenEntry& e) { return e.is_one_value(); });
}

bool WrittenField::is_step() const {
  return entries.size() == 1 && front().step > 1 &&
         (front().form == EntryForm::kAny || front().form == EntryForm::kValues);
}

std::vector<int> WrittenField::values() const {
  std::vector<int> out;
  for (const WrittenEntry& entry : entries) out.push_back(entry.first);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

std::optional<WrittenCron> read_written_cron(std::string_view text) {
  constexpr std::array<FieldRange, kCronFields> kRanges = {
      kSecondOrMinute, kSecondOrMinute, kHour, kDay, kMonth, kWeekday, kYear};
  auto fields = split_cron(text);
  if (!fields) return std::nullopt;
  WrittenCron cron;
  const std::array<WrittenField*, kCronFields> into = {
      &cron.second, &cron.minute, &cron.hour, &cron.day, &cron.month, &cron.weekday, &cron.year};
  for (size_t i = 0; i < kCronFields; ++i) {
    auto field = read_field(upper(fields->fields[i]), kRanges[i]);
    if (!field) return std::nullopt;
    *into[i] = std::move(*field);
  }
  return cron;
}

}  // namespace hourwheel
