#include "engine/schedule/clock_notes.h"

#include "engine/schedule/phrases.h"

namespace hourwheel {
namespace {

std::string date_text(CivilSecond civil) {
  CivilDate date = date_of(day_of(civil));
  return std::to_string(date.year) + "-" + two_digits(static_cast<int>(date.month)) + "-" +
         two_digits(static_cast<int>(date.day));
}

std::string time_text(CivilSecond civil) {
  auto second = static_cast<int>(second_of_day(civil));
  std::string out = two_digits(second / 3600) + ":" + two_digits(second / 60 % 60);
  return second % 60 == 0 ? out : out + ":" + two_digits(second % 60);
}

// What the clocks show at a change, and what they would show without it.
struct Change {
  CivilSecond from;
  CivilSecond to;
};
Change change_at(Instant t, TimeZone zone) {
  return {CivilSecond{zone.civil_at(t - seconds(1)).s + 1}, zone.civil_at(t)};
}

// "02:00 to 03:00"; with dates when a day is between them.
std::string change_text(const Change& change) {
  if (day_of(change.from) == day_of(change.to)) {
    return time_text(change.from) + " to " + time_text(change.to);
  }
  return readable(change.from) + " to " + readable(change.to);
}

std::string does_not_exist(CivilSecond meant, NamedZone in) {
  Change change = change_at(in.zone.lookup(meant).transition, in.zone);
  return readable(meant) + " does not exist in " + std::string(in.name) + " (clocks go from " +
         change_text(change) + "): ";
}

std::string comes_twice(CivilSecond local, NamedZone in) {
  Change change = change_at(in.zone.lookup(local).transition, in.zone);
  return readable(local) + " comes twice in " + std::string(in.name) + " (clocks go back from " +
         change_text(change) + "): ";
}

}  // namespace

std::string readable(CivilSecond civil) {
  return date_text(civil) + " " + time_text(civil);
}

std::string offset_text(int64_t offset_s) {
  auto size = static_cast<int>(offset_s < 0 ? -offset_s : offset_s);
  std::string out = offset_s < 0 ? "-" : "+";
  out += two_digits(size / 3600) + ":" + two_digits(size / 60 % 60);
  return size % 60 == 0 ? out : out + ":" + two_digits(size % 60);
}

std::string clock_sentence(const Occurrence& occurrence, NamedZone in) {
  switch (occurrence.note) {
    case ClockNote::kNone:
      return "";
    case ClockNote::kGapShifted: {
      bool same_day = day_of(occurrence.meant) == day_of(occurrence.local);
      return does_not_exist(occurrence.meant, in) + "fires at " +
             (same_day ? time_text(occurrence.local) : readable(occurrence.local));
    }
    case ClockNote::kOverlapFirst:
      return comes_twice(occurrence.local, in) + "this is the first time";
    case ClockNote::kOverlapSecond:
      return comes_twice(occurrence.local, in) + "this is the second time";
  }
  return "";
}

std::string clock_sentence(const LeftOut& left_out, NamedZone in) {
  std::string out = does_not_exist(left_out.meant, in) + "does not fire";
  return left_out.reason == LeftOutReason::kGap ? out : out + ", the day is missing";
}

}  // namespace hourwheel
