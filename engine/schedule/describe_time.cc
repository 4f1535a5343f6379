// The time of the day: the finest field that says something is the sentence's head ("Every 15
// minutes", "At minute 30"), the coarser ones narrow it down (" of every hour", ", 09:00 to
// 17:59").
#include <algorithm>

#include "engine/schedule/describe_cron.h"
#include "engine/schedule/phrases.h"

namespace hourwheel {
namespace {

// Of seconds and minutes.
struct ClockUnit {
  std::string_view name;
  std::string_view coarser;
  int size = 60;
};
constexpr ClockUnit kSeconds{"second", "minute"};
constexpr ClockUnit kMinutes{"minute", "hour"};

// "15", "0 to 29", or the values of a step one by one while they are few.
void append_numbers(const WrittenEntry& entry, Phrases& out) {
  constexpr int kMostNamed = 12;
  const int step = entry.step;
  if (entry.is_one_value()) return out.push_back(std::to_string(entry.first));
  if (step > 1 && (entry.last - entry.first) / step < kMostNamed) {
    for (int n = entry.first; n <= entry.last; n += step) out.push_back(std::to_string(n));
    return;
  }
  std::string range = std::to_string(entry.first) + " to " + std::to_string(entry.last);
  out.push_back(step > 1 ? range + " by " + std::to_string(step) : range);
}

// "minute 15", "minutes 0, 15 and 30", "minutes 0 to 29".
std::string named_values(const WrittenField& field, std::string_view unit) {
  if (field.front().form == EntryForm::kHash) {
    const WrittenEntry& hash = field.front();
    const bool is_hour = unit == "hour";
    std::string out = (is_hour ? "an " : "a ") + std::string(unit);
    if (hash.first != 0 || hash.last < (is_hour ? 23 : 59)) {
      out += " from " + std::to_string(hash.first) + " to " + std::to_string(hash.last);
    }
    return out.append(kDrawn);
  }
  Phrases numbers;
  for (const WrittenEntry& entry : field.entries) append_numbers(entry, numbers);
  bool one = field.entries.size() == 1 && field.front().is_one_value();
  return std::string(unit) + (one ? " " : "s ") + join(numbers);
}

bool is_open_step(const WrittenField& field) {
  return field.is_step() && (field.front().form == EntryForm::kAny || field.front().to_end);
}
bool is_stepped_hash(const WrittenField& field) {
  return field.front().form == EntryForm::kHash && field.front().step > 0;
}
bool is_drawn(const WrittenField& field) {
  return field.entries.size() == 1 && field.front().form == EntryForm::kHash &&
         field.front().step == 0;
}
// Some entry draws from the task's id, and it is not the only one: no plain words for that.
bool goes_evenly(const WrittenField& field) {
  return field.is_any() || is_open_step(field) || is_stepped_hash(field);
}

// "Every 15 minutes", "Every 7 minutes from minute 0 of each hour", "At minutes 0 and 30".
std::string head_of(const WrittenField& field, const ClockUnit& unit) {
  if (field.is_any()) return "Every " + std::string(unit.name);
  if (is_stepped_hash(field)) {
    return "Every " + counted(field.front().step, unit.name) + " from a " + std::string(unit.name) +
           std::string(kDrawn);
  }
  if (!is_open_step(field)) return "At " + named_values(field, unit.name);
  const WrittenEntry& step = field.front();
  bool even = unit.size % step.step == 0 && step.first < step.step;
  std::string out = "Every " + counted(step.step, unit.name);
  if (even && step.first == 0) return out;
  out += " from " + std::string(unit.name) + " " + std::to_string(step.first);
  return even ? out : out + " of each " + std::string(unit.coarser);
}

// Behind a head of seconds: which minutes.
std::string of_minutes(const WrittenField& minute, bool head_goes_on) {
  if (minute.is_any()) return head_goes_on ? "" : " of every minute";
  if (is_open_step(minute) && minute.front().first == 0) {
    return " of every " + ordinal(minute.front().step) + " minute";
  }
  return " of " + named_values(minute, "minute");
}

std::string clock(int hour, int minute) {
  return two_digits(hour) + ":" + two_digits(minute);
}

// A minute of certain hours, by name of its first and last: "Every 2 hours from 09:30 to 17:30".
std::string every_hours(const WrittenField& hour, int minute) {
  const WrittenEntry& entry = hour.front();
  int step = std::max(entry.step, 1);
  int first = entry.form == EntryForm::kAny ? 0 : entry.first;
  std::string out = step == 1 ? "Every hour" : "Every " + counted(step, "hour");
  if (entry.form == EntryForm::kValues && !entry.to_end) {
    int length = (entry.last - entry.first + 24) % 24;
    int last = (entry.first + length / step * step) % 24;
    return out + " from " + clock(first, minute) + " to " + clock(last, minute);
  }
  bool even = 24 % step == 0 && first < step;
  if (even && first == 0 && minute == 0) return out;
  out += " from " + clock(first, minute);
  return even ? out : out + " of each day";
}

// Which hours, behind a head that goes on through them: ", 09:00 to 17:59".
std::string during_hours(const WrittenField& hour) {
  if (hour.is_any()) return "";
  const WrittenEntry& entry = hour.front();
  bool one_span = hour.entries.size() == 1 && entry.form == EntryForm::kValues && entry.step <= 1;
  if (one_span) return ", " + clock(entry.first, 0) + " to " + clock(entry.last, 59);
  if (is_open_step(hour) && entry.first == 0) {
    return ", in every " + ordinal(entry.step) + " hour";
  }
  if (is_stepped_hash(hour)) {
    return ", in every " + ordinal(entry.step) + " hour from one" + std::string(kDrawn);
  }
  return ", in " + (is_drawn(hour) ? "" : std::string("the ")) + named_values(hour, "hour");
}

// Which hours, behind a head that names minutes: " of every hour".
std::string of_hours(const WrittenField& hour) {
  if (hour.is_any()) return " of every hour";
  const WrittenEntry& entry = hour.front();
  if (is_open_step(hour) && entry.first == 0) return " of every " + ordinal(entry.step) + " hour";
  if (is_stepped_hash(hour)) {
    return " of every " + ordinal(entry.step) + " hour from one" + std::string(kDrawn);
  }
  if (is_drawn(hour)) return " of " + named_values(hour, "hour");
  return " of the " + named_values(hour, "hour");
}

// "At 09:00, 12:00 and 17:30"; empty if they are too many to name.
std::string clock_times(const WrittenCron& cron) {
  constexpr size_t kMostNamed = 6;
  if (!cron.second.is_list() || !cron.minute.is_list() || !cron.hour.is_list()) return "";
  auto seconds = cron.second.values();
  auto minutes = cron.minute.values();
  auto hours = cron.hour.values();
  if (seconds.size() * minutes.size() * hours.size() > kMostNamed) return "";
  bool show_seconds = seconds.size() > 1 || seconds.front() != 0;
  Phrases times;
  for (int hour : hours) {
    for (int minute : minutes) {
      for (int second : seconds) {
        times.push_back(clock(hour, minute) + (show_seconds ? ":" + two_digits(second) : ""));
      }
    }
  }
  return "At " + join(times);
}

// "At a time from 03:00 to 03:59 fixed by the task's id": one time a day, drawn.
std::string drawn_time(const WrittenCron& cron) {
  const WrittenField& hour = cron.hour;
  bool one_hour = hour.entries.size() == 1 && (hour.front().is_one_value() || is_drawn(hour));
  bool whole_minute =
      is_drawn(cron.minute) && cron.minute.front().first == 0 && cron.minute.front().last == 59;
  bool second_counts = cron.second.is_list() && cron.second.values().size() == 1;
  if (!one_hour || !whole_minute || !(second_counts || is_drawn(cron.second))) return "";
  std::string span =
      " from " + clock(hour.front().first, 0) + " to " + clock(hour.front().last, 59);
  bool whole_day = hour.front().first == 0 && hour.front().last == 23;
  return "At a time" + (whole_day ? " of the day" : span) + std::string(kDrawn);
}

bool is_zero(const WrittenField& field) {
  return field.is_list() && field.values() == std::vector<int>{0};
}

// One minute of an hour field that is one entry, not drawn: the hours can be told by the clock.
bool can_name_hours(const WrittenCron& cron) {
  if (!cron.minute.is_list() || cron.minute.values().size() != 1) return false;
  if (cron.hour.entries.size() != 1 || cron.hour.front().form == EntryForm::kHash) return false;
  return !cron.hour.is_any() || is_zero(cron.minute);
}

}  // namespace

TimePhrase describe_time(const WrittenCron& cron) {
  for (const std::string& text : {clock_times(cron), drawn_time(cron)}) {
    if (!text.empty()) return {text, true, false};
  }
  TimePhrase out{"", false, cron.hour.is_any()};
  if (!is_zero(cron.second)) {
    bool goes_on = goes_evenly(cron.second);
    out.text = head_of(cron.second, kSeconds) + of_minutes(cron.minute, goes_on);
    bool through_hours = goes_on || goes_evenly(cron.minute);
    out.text += through_hours ? during_hours(cron.hour) : of_hours(cron.hour);
    return out;
  }
  if (can_name_hours(cron)) {
    out.text = every_hours(cron.hour, cron.minute.values().front());
    return out;
  }
  out.text = head_of(cron.minute, kMinutes);
  out.text += goes_evenly(cron.minute) ? during_hours(cron.hour) : of_hours(cron.hour);
  return out;
}

}  // namespace hourwheel
