#include "engine/schedule/cron_advice.h"

#include <algorithm>

#include "engine/schedule/civil_time.h"
#include "engine/schedule/phrases.h"

namespace hourwheel {
namespace {

bool names(const WrittenField& field, int value) {
  return field.is_any() || std::any_of(field.entries.begin(), field.entries.end(),
                                       [value](const WrittenEntry& entry) {
                                         return entry.is_one_value() && entry.first == value;
                                       });
}

struct MonthCount {
  int named = 0;
  int with_day = 0;  // of the named ones, in every year
};
MonthCount count_months(const WrittenField& month, int day) {
  constexpr int32_t kNoLeapYear = 2027;
  MonthCount count;
  for (uint32_t m = 1; m <= 12; ++m) {
    if (!names(month, static_cast<int>(m))) continue;
    ++count.named;
    count.with_day += day <= static_cast<int>(days_in_month(kNoLeapYear, m)) ? 1 : 0;
  }
  return count;
}

// Day 29, 30 or 31 by number, in months that do not all have it.
void advise_about_short_months(const WrittenCron& cron, std::vector<Advice>& out) {
  if (cron.day.is_any() || (cron.weekday.restricted && !cron.weekday.is_any())) return;
  if (!cron.month.is_any() && !cron.month.is_list()) return;
  for (int day : {31, 30, 29}) {
    if (!names(cron.day, day)) continue;
    MonthCount months = count_months(cron.month, day);
    if (months.with_day == months.named) continue;
    if (day == 29 && months.named == 1) {
      return out.push_back({"leap-years-only", "29 February comes in leap years only"});
    }
    std::string detail = "day " + std::to_string(day) + " comes in only " +
                         std::to_string(months.with_day) + " of the " +
                         counted(months.named, "month") +
                         " each year; L is the last day of every month";
    return out.push_back({"short-months", std::move(detail)});
  }
}

void advise_about_fifth_weekday(const WrittenCron& cron, std::vector<Advice>& out) {
  for (const WrittenEntry& entry : cron.weekday.entries) {
    if (entry.form != EntryForm::kNthWeekday || entry.last != 5) continue;
    const std::string_view name = weekday_name(entry.first);
    std::string detail = "a fifth ";
    detail.append(name).append(" comes in some months only; ");
    detail.append(std::to_string(entry.first)).append("L is the last ").append(name);
    out.push_back({"fifth-weekday", std::move(detail)});
    return;
  }
}

void advise_about_day_fields(const WrittenCron& cron, DomDow dom_dow, std::vector<Advice>& out) {
  if (!cron.day.restricted || !cron.weekday.restricted || dom_dow == DomDow::kAnd) return;
  out.push_back({"either-day-matches",
                 "both day fields are restricted: a day that matches either of them is due"});
}

// A step that does not divide its field, such as */7 in minutes.
struct SteppedField {
  const WrittenField& field;
  std::string_view name;
  std::string_view restarts;  // "each hour"
  std::string_view unit;
  int min;
  int max;
};

void advise_about_step(const SteppedField& stepped, std::vector<Advice>& out) {
  const WrittenField& field = stepped.field;
  if (!field.is_step()) return;
  const WrittenEntry& entry = field.front();
  if (entry.form == EntryForm::kValues && !entry.to_end) return;
  int first = entry.form == EntryForm::kAny ? stepped.min : entry.first;
  int last = first + (stepped.max - first) / entry.step * entry.step;
  int size = stepped.max - stepped.min + 1;
  int rest = first + size - last;
  if (last == first || rest == entry.step) return;
  std::string detail(stepped.name);
  detail += " steps of " + std::to_string(entry.step) + " start again " +
            std::string(stepped.restarts) + ": after " + std::to_string(last) + " comes " +
            std::to_string(first) + ", " + counted(rest, stepped.unit) + " later";
  out.push_back({"uneven-step", std::move(detail)});
}

// "* 9 * * *" where "0 9 * * *" may be meant.
void advise_about_stars(const WrittenCron& cron, std::vector<Advice>& out) {
  if (cron.second.is_any() && cron.minute.is_list()) {
    out.push_back({"every-second-of-minute",
                   "a star in seconds: due 60 times in each minute named; 0 makes it once"});
  } else if (cron.minute.is_any() && !cron.second.is_any() && !cron.hour.is_any()) {
    out.push_back({"every-minute-of-hour",
                   "a star in minutes: due in each minute of the hours named; 0 makes it once an "
                   "hour"});
  }
}

}  // namespace

void advise_about_cron(const WrittenCron& cron, DomDow dom_dow, std::vector<Advice>& out) {
  advise_about_day_fields(cron, dom_dow, out);
  advise_about_short_months(cron, out);
  advise_about_fifth_weekday(cron, out);
  advise_about_stars(cron, out);
  advise_about_step({cron.second, "second", "each minute", "second", 0, 59}, out);
  advise_about_step({cron.minute, "minute", "each hour", "minute", 0, 59}, out);
  advise_about_step({cron.hour, "hour", "each day", "hour", 0, 23}, out);
  // A month of 31 days; the shorter ones are uneven in another way.
  advise_about_step({cron.day, "day-of-month", "each month", "day", 1, 31}, out);
  advise_about_step({cron.month, "month", "each year", "month", 1, 12}, out);
}

}  // namespace hourwheel
