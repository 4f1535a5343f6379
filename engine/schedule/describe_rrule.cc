#include "engine/schedule/describe_rrule.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>
#include <utility>

#include "engine/schedule/phrases.h"

namespace hourwheel {
namespace {

// The rule's parts that we have words for, as written; empty: not there.
struct RuleParts {
  std::string_view freq;
  std::string_view interval = "1";
  std::string_view count;
  std::string_view until;
  std::string_view by_day;
  std::string_view by_month_day;
  std::string_view by_month;
  std::string_view by_hour;
  std::string_view by_minute;
  std::string_view by_second;
  std::string_view week_start;
};

constexpr std::pair<std::string_view, std::string_view RuleParts::*> kParts[] = {
    {"FREQ", &RuleParts::freq},          {"INTERVAL", &RuleParts::interval},
    {"COUNT", &RuleParts::count},        {"UNTIL", &RuleParts::until},
    {"BYDAY", &RuleParts::by_day},       {"BYMONTHDAY", &RuleParts::by_month_day},
    {"BYMONTH", &RuleParts::by_month},   {"BYHOUR", &RuleParts::by_hour},
    {"BYMINUTE", &RuleParts::by_minute}, {"BYSECOND", &RuleParts::by_second},
    {"WKST", &RuleParts::week_start},
};

constexpr std::pair<std::string_view, std::string_view> kUnits[] = {
    {"SECONDLY", "second"}, {"MINUTELY", "minute"}, {"HOURLY", "hour"}, {"DAILY", "day"},
    {"WEEKLY", "week"},     {"MONTHLY", "month"},   {"YEARLY", "year"},
};
constexpr std::string_view kDays[] = {"SU", "MO", "TU", "WE", "TH", "FR", "SA"};

std::vector<std::string_view> split(std::string_view text, char mark) {
  std::vector<std::string_view> out;
  for (size_t end = 0; end != std::string_view::npos;) {
    end = text.find(mark);
    out.push_back(text.substr(0, end));
    if (end != std::string_view::npos) text.remove_prefix(end + 1);
  }
  return out;
}

std::optional<int> number(std::string_view text) {
  int n = 0;
  if (text.starts_with('+')) text.remove_prefix(1);
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  bool whole = error == std::errc() && end == text.data() + text.size();
  return whole ? std::optional(n) : std::nullopt;
}

// A list of numbers, ascending; nullopt: one is not a number of [min, max].
std::optional<std::vector<int>> numbers(std::string_view text, int min, int max) {
  std::vector<int> out;
  for (std::string_view one : split(text, ',')) {
    auto n = number(one);
    if (!n || *n < min || *n > max) return std::nullopt;
    out.push_back(*n);
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::optional<RuleParts> read_parts(std::string_view rule) {
  RuleParts parts;
  for (std::string_view part : split(rule, ';')) {
    size_t equals = part.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const auto* known = std::find_if(std::begin(kParts), std::end(kParts), [&](const auto& p) {
      return p.first == part.substr(0, equals);
    });
    if (known == std::end(kParts)) return std::nullopt;
    parts.*(known->second) = part.substr(equals + 1);
  }
  return parts;
}

// "the last Friday", "Monday".
std::optional<std::string> day_phrase(std::string_view day) {
  if (day.size() < 2) return std::nullopt;
  std::string_view code = day.substr(day.size() - 2);
  const auto* known = std::find(std::begin(kDays), std::end(kDays), code);
  if (known == std::end(kDays)) return std::nullopt;
  std::string name(weekday_name(static_cast<int>(known - std::begin(kDays))));
  day.remove_suffix(2);
  if (day.empty()) return name;
  auto nth = number(day);
  if (!nth || *nth == 0 || *nth < -5 || *nth > 5) return std::nullopt;
  if (*nth == -1) return "the last " + name;
  if (*nth < 0) return "the " + spelled_ordinal(-*nth) + " last " + name;
  return "the " + spelled_ordinal(*nth) + " " + name;
}

std::optional<Phrases> weekday_phrases(std::string_view by_day) {
  Phrases names;
  for (std::string_view day : split(by_day, ',')) {
    auto name = day_phrase(day);
    if (!name) return std::nullopt;
    names.push_back(std::move(*name));
  }
  return names;
}

// "day 1" and so on; -1 is the last day and comes last.
std::optional<Phrases> month_day_phrases(std::string_view by_month_day) {
  auto days = numbers(by_month_day, -1, 31);
  if (!days) return std::nullopt;
  Phrases names;
  bool last = false;
  for (int day : *days) {
    if (day == 0) return std::nullopt;
    last = last || day == -1;
    if (day > 0) names.push_back("day " + std::to_string(day));
  }
  if (last) names.emplace_back("the last day");
  return names;
}

// " on Monday and Friday", " on day 1 and the last day"; "" when no day is named.
std::optional<std::string> on_days(const RuleParts& parts) {
  const bool by_month_day = !parts.by_month_day.empty();
  if (parts.by_day.empty() && !by_month_day) return std::string();
  if (!parts.by_day.empty() && by_month_day) return std::nullopt;
  auto names = by_month_day ? month_day_phrases(parts.by_month_day) : weekday_phrases(parts.by_day);
  return names ? std::optional(" on " + join(*names)) : std::nullopt;
}

std::optional<std::string> in_months(const RuleParts& parts) {
  if (parts.by_month.empty()) return std::string();
  auto months = numbers(parts.by_month, 1, 12);
  if (!months) return std::nullopt;
  Phrases names;
  for (int month : *months) names.emplace_back(month_name(month));
  return " in " + join(names);
}

// " at 09:00 and 17:00"; a minute without its hour has no plain words.
std::optional<std::string> at_times(const RuleParts& parts) {
  if (parts.by_hour.empty() && parts.by_minute.empty() && parts.by_second.empty()) {
    return std::string();
  }
  auto hours = numbers(parts.by_hour, 0, 23);
  auto minutes = numbers(parts.by_minute, 0, 59);
  auto second = parts.by_second.empty() ? 0 : number(parts.by_second).value_or(-1);
  constexpr size_t kMostNamed = 6;
  if (!hours || !minutes || second < 0 || hours->size() * minutes->size() > kMostNamed) {
    return std::nullopt;
  }
  Phrases times;
  for (int hour : *hours) {
    for (int minute : *minutes) {
      times.push_back(two_digits(hour) + ":" + two_digits(minute) +
                      (second > 0 ? ":" + two_digits(second) : ""));
    }
  }
  return " at " + join(times);
}

// ", 10 times", ", until 2027-03-28".
std::optional<std::string> ending(const RuleParts& parts) {
  if (!parts.count.empty()) {
    auto count = number(parts.count);
    return count ? std::optional(", " + counted(*count, "time")) : std::nullopt;
  }
  if (parts.until.empty()) return std::string();
  if (parts.until.size() < 8 ||
      parts.until.substr(0, 8).find_first_not_of("0123456789") != std::string_view::npos) {
    return std::nullopt;
  }
  std::string until(parts.until);
  return ", until " + until.substr(0, 4) + "-" + until.substr(4, 2) + "-" + until.substr(6, 2);
}

std::optional<std::string> simple_sentence(std::string_view rule) {
  auto parts = read_parts(rule);
  if (!parts) return std::nullopt;
  const auto* unit = std::find_if(std::begin(kUnits), std::end(kUnits),
                                  [&](const auto& u) { return u.first == parts->freq; });
  auto interval = number(parts->interval);
  if (unit == std::end(kUnits) || !interval || *interval < 1) return std::nullopt;
  std::string out = "Every ";
  out += *interval == 1 ? std::string(unit->second) : counted(*interval, unit->second);
  for (const auto& phrase :
       {on_days(*parts), in_months(*parts), at_times(*parts), ending(*parts)}) {
    if (!phrase) return std::nullopt;
    out += *phrase;
  }
  return out;
}

}  // namespace

std::string describe_rrule(std::string_view rule) {
  if (rule.starts_with("RRULE:")) rule.remove_prefix(6);
  std::string upper(rule);
  for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return simple_sentence(upper).value_or("By rule " + std::string(rule));
}

}  // namespace hourwheel
