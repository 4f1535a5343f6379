#include "api/schedule_dates.h"

#include <optional>
#include <string>

#include "engine/limits.h"
#include "engine/schedule/time_text.h"

namespace hourwheel {
namespace {

std::optional<CivilSecond> date_of_instant(const JsonValue& entry, Instant t, TimeZone zone,
                                           FieldErrors& errors) {
  if (t.ms % 1000 != 0) {
    errors.add(entry, "out-of-range", "must be a whole second");
    return std::nullopt;
  }
  CivilSecond shown = zone.civil_at(t);
  if (zone.lookup(shown).kind == CivilKind::kOverlap) {
    errors.add(entry, "out-of-range",
               "the clocks of the zone show this time twice: write it as a local time");
    return std::nullopt;
  }
  return shown;
}

std::optional<CivilSecond> read_date(const JsonValue& entry, TimeZone zone, FieldErrors& errors) {
  if (!entry.is(JsonKind::kString)) {
    errors.add(entry, "wrong-type", "a string is expected");
    return std::nullopt;
  }
  if (auto t = parse_instant(entry.text())) return date_of_instant(entry, *t, zone, errors);
  auto local = parse_local_time(entry.text());
  if (!local) {
    errors.add(entry, local.error());
    return std::nullopt;
  }
  if (local->ms != 0 || local->second.s < 0 || local->second.s > whole_second(kLastInstant)) {
    errors.add(entry, "out-of-range", "must be a whole second from 1970 to 9999");
    return std::nullopt;
  }
  return local->second;
}

}  // namespace

bool read_dates(const JsonValue& list, TimeZone zone, std::vector<CivilSecond>& out,
                FieldErrors& errors) {
  if (!list.is(JsonKind::kArray)) {
    errors.add(list, "wrong-type", "an array is expected");
    return false;
  }
  if (list.size() > kMaxRruleDates) {
    errors.add(list, "too-long",
               "must have at most " + std::to_string(kMaxRruleDates) + " entries");
    return false;
  }
  bool good = true;
  for (auto entry = list.first(); entry; entry = entry->next()) {
    auto date = read_date(*entry, zone, errors);
    good = good && date.has_value();
    if (date) out.push_back(*date);
  }
  return good;
}

}  // namespace hourwheel
