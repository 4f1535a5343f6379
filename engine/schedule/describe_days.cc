// The days: which of a month, which of a week, in which months and years.
#include "engine/schedule/describe_cron.h"
#include "engine/schedule/phrases.h"

namespace hourwheel {
namespace {

bool is_plain(const WrittenEntry& entry) {
  return entry.form == EntryForm::kValues && entry.step <= 1;
}

std::string month_of(const WrittenEntry& entry) {
  if (entry.form == EntryForm::kHash) return std::string("a month").append(kDrawn);
  std::string first(month_name(entry.first));
  if (entry.is_one_value()) return first;
  std::string last(month_name(entry.last));
  if (is_plain(entry)) return first + " to " + last;
  std::string stepped = "every " + ordinal(entry.step) + " month from " + first;
  return entry.form == EntryForm::kAny || entry.to_end ? stepped : stepped + " to " + last;
}

// Empty: every month.
std::string months_of(const WrittenField& month) {
  if (month.is_any()) return "";
  Phrases names;
  for (const WrittenEntry& entry : month.entries) names.push_back(month_of(entry));
  return join(names);
}

std::string day_of(const WrittenEntry& entry) {
  switch (entry.form) {
    case EntryForm::kLastDay:
      if (entry.first == 0) return "the last day";
      if (entry.first == 1) return "the day before the last";
      return "the " + ordinal(entry.first) + " day before the last";
    case EntryForm::kLastWorkday:
      return "the last workday";
    case EntryForm::kNearestWorkday:
      return "the workday nearest to day " + std::to_string(entry.first);
    case EntryForm::kHash:
      if (entry.step > 0) {
        return "every " + ordinal(entry.step) + " day from one" + std::string(kDrawn);
      }
      return std::string("a day").append(kDrawn);
    case EntryForm::kAny:
    case EntryForm::kValues:
    case EntryForm::kNthWeekday:
    case EntryForm::kLastWeekday:
      break;
  }
  std::string stepped = "every " + ordinal(entry.step) + " day from ";
  std::string first = std::to_string(entry.first);
  if (entry.form == EntryForm::kAny || entry.to_end) return stepped + "day " + first;
  if (!is_plain(entry)) return stepped + "day " + first + " to " + std::to_string(entry.last);
  return entry.is_one_value() ? "day " + first
                              : "days " + first + " to " + std::to_string(entry.last);
}

// "day 1", "days 1, 15 and 20 to 25", "day 1 and the last day".
std::string days_of(const WrittenField& day) {
  Phrases numbers;
  Phrases others;
  bool several = false;
  for (const WrittenEntry& entry : day.entries) {
    if (!is_plain(entry)) {
      others.push_back(day_of(entry));
      continue;
    }
    several = several || !entry.is_one_value() || !numbers.empty();
    numbers.push_back(std::to_string(entry.first));
    if (!entry.is_one_value()) numbers.back() += " to " + std::to_string(entry.last);
  }
  if (!numbers.empty()) {
    others.insert(others.begin(), (several ? "days " : "day ") + join(numbers));
  }
  return join(others);
}

// " of the month", or of the months named.
std::string of_months(const WrittenField& month) {
  std::string months = months_of(month);
  return months.empty() ? " of the month" : " of " + months;
}

// "1 January and 1 July"; empty if the dates are not few and plain.
std::string dates_of(const WrittenField& day, const WrittenField& month) {
  constexpr size_t kMostNamed = 4;
  if (!day.is_list() || !month.is_list()) return "";
  if (day.values().size() * month.values().size() > kMostNamed) return "";
  Phrases dates;
  for (int m : month.values()) {
    for (int d : day.values()) {
      dates.push_back(std::to_string(d).append(" ").append(month_name(m)));
    }
  }
  return join(dates);
}

Phrases weekdays_of(const WrittenEntry& entry) {
  std::string name(weekday_name(entry.first));
  switch (entry.form) {
    case EntryForm::kNthWeekday:
      return {"the " + spelled_ordinal(entry.last) + " " + name};
    case EntryForm::kLastWeekday:
      return {"the last " + name};
    case EntryForm::kHash:
      return {std::string("a weekday").append(kDrawn)};
    case EntryForm::kAny:
    case EntryForm::kValues:
    case EntryForm::kLastDay:
    case EntryForm::kLastWorkday:
    case EntryForm::kNearestWorkday:
      break;
  }
  if (is_plain(entry) && !entry.is_one_value()) {
    return {name + " to " + std::string(weekday_name(entry.last))};
  }
  Phrases names;
  int length = (entry.last - entry.first + 7) % 7;
  for (int i = 0; i <= length; i += entry.step > 0 ? entry.step : 1) {
    names.emplace_back(weekday_name(entry.first + i));
  }
  return names;
}

bool is_of_month(const WrittenEntry& entry) {
  return entry.form == EntryForm::kNthWeekday || entry.form == EntryForm::kLastWeekday;
}

// A set of weekdays as it is named, and how it is attached to what stands before it.
struct Weekdays {
  std::string text;
  bool one_range = false;  // "Monday to Friday"
  bool of_month = false;   // "the last Friday"
};

Weekdays weekdays_of(const WrittenField& weekday) {
  Weekdays out;
  Phrases names;
  for (const WrittenEntry& entry : weekday.entries) {
    for (std::string& name : weekdays_of(entry)) names.push_back(std::move(name));
    out.of_month = out.of_month || is_of_month(entry);
  }
  const WrittenEntry& first = weekday.front();
  out.one_range = weekday.entries.size() == 1 && is_plain(first) && !first.is_one_value();
  out.text = join(names);
  return out;
}

std::string years_of(const WrittenField& year) {
  if (year.is_any()) return "";
  Phrases names;
  for (const WrittenEntry& entry : year.entries) {
    std::string& name = names.emplace_back();
    if (entry.step > 1) name.append("every ").append(ordinal(entry.step)).append(" year from ");
    name += std::to_string(entry.first);
    bool open = entry.form == EntryForm::kAny || entry.to_end;
    if (!open && !entry.is_one_value()) name.append(" to ").append(std::to_string(entry.last));
  }
  return ", in " + join(names);
}

// Both day fields are restricted.
std::string two_day_fields(const WrittenCron& cron, DomDow dom_dow) {
  Weekdays weekdays = weekdays_of(cron.weekday);
  std::string months = of_months(cron.month);
  std::string out = " on " + days_of(cron.day) + months;
  std::string weekday = weekdays.text + (weekdays.of_month ? months : "");
  return dom_dow == DomDow::kAnd ? out + ", if that is " + weekday : out + " or on " + weekday;
}

}  // namespace

std::string describe_days(const WrittenCron& cron, DomDow dom_dow, const TimePhrase& time) {
  const std::string years = years_of(cron.year);
  const std::string months = months_of(cron.month);
  const std::string in_months = months.empty() ? "" : " in " + months;
  bool any_day = cron.day.is_any();
  bool any_weekday = cron.weekday.is_any();
  if (dom_dow == DomDow::kOr && cron.day.restricted && cron.weekday.restricted) {
    any_day = any_weekday = any_day || any_weekday;  // "*/1" counts, and matches every day
  }
  if (any_day && any_weekday) {
    return (time.once_or_more_a_day ? " every day" : "") + in_months + years;
  }
  if (!any_day && !any_weekday) return two_day_fields(cron, dom_dow) + years;
  if (any_weekday) {
    std::string dates = dates_of(cron.day, cron.month);
    if (!dates.empty()) return " on " + dates + years;
    return " on " + days_of(cron.day) + of_months(cron.month) + years;
  }
  Weekdays weekdays = weekdays_of(cron.weekday);
  if (weekdays.of_month) return " on " + weekdays.text + of_months(cron.month) + years;
  return (weekdays.one_range ? ", " : " on ") + weekdays.text + in_months + years;
}

}  // namespace hourwheel
