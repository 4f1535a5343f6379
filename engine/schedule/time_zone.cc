#include "engine/schedule/time_zone.h"

#include <cctz/civil_time.h>
#include <cctz/time_zone.h>

#include <bit>
#include <filesystem>
#include <string>
#include <system_error>
#include <type_traits>

#include "engine/schedule/quoted.h"

namespace hourwheel {
namespace {

static_assert(sizeof(cctz::time_zone) == sizeof(const void*));
static_assert(std::is_trivially_copyable_v<cctz::time_zone>);

using CctzInstant = cctz::time_point<cctz::seconds>;

cctz::time_zone zone_of(const void* pointer) {
  return std::bit_cast<cctz::time_zone>(pointer);
}
CctzInstant to_cctz(Instant t) {
  return CctzInstant(cctz::seconds(whole_second(t)));
}
Instant from_cctz(CctzInstant t) {
  return {t.time_since_epoch().count() * 1000};
}
cctz::civil_second to_cctz(CivilSecond civil) {
  return cctz::civil_second() + civil.s;
}

bool is_name_character(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '+' || c == '-';
}

// The name becomes a file's: one to three words between slashes, no dots, so that it can neither
// leave the folder nor name anything but a zone.
bool is_zone_name(std::string_view name) {
  constexpr size_t kLongestName = 64;  // the database's own rule is 14 characters a word
  size_t words = 1;
  size_t letters = 0;
  for (char c : name) {
    if (c == '/' && letters > 0 && words < 3) {
      ++words;
      letters = 0;
    } else if (is_name_character(c)) {
      ++letters;
    } else {
      return false;
    }
  }
  return letters > 0 && name.size() <= kLongestName;
}

// Names of files that load and are not zones of civil time: "right/" counts leap seconds, "posix/"
// repeats everything, and the other three stand for whatever this machine is set to.
bool is_no_civil_zone(std::string_view name) {
  return name.starts_with("right/") || name.starts_with("posix/") || name == "posixrules" ||
         name == "localtime" || name == "Factory";
}

// 400 years of the Gregorian calendar are a whole number of weeks: rules repeat exactly.
constexpr Duration kCycle = hours(24) * 146'097;
// The library tabulates rules up to 2037 and then 400 years more, and forgets to say that it goes
// on after that. Where it has a change in the last of these years, there is one for ever.
constexpr Instant kTableEnds{day_of(CivilDate{2436, 1, 1}) * kSecondsPerDay * 1000};

std::optional<Instant> tabulated_transition(const cctz::time_zone& zone, Instant t) {
  cctz::time_zone::civil_transition change;
  CctzInstant at = to_cctz(t);
  while (zone.next_transition(at, &change)) {
    at = zone.lookup(change.to).trans;
    if (change.from != change.to) {  // equal: only the abbreviation or the kind of time changes
      return from_cctz(at);
    }
  }
  return std::nullopt;
}

}  // namespace

Result<TimeZone> TimeZone::find(std::string_view name) {
  if (name == "UTC" || name == "Etc/UTC") {
    return TimeZone();
  }
  auto unknown = [&] {
    return failure(ErrorCode::kInvalidTimezone, "/schedule/timezone",
                   quoted(name) + " is not a time zone of the IANA database");
  };
  if (!is_zone_name(name) || is_no_civil_zone(name)) {
    return unknown();
  }
  // Asked first, because the library remembers every name it could not load: a client could fill
  // the memory with names it makes up. The whole path, so that both look at the same file.
  std::string path = std::string(kZoneFolder).append(name);
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) {
    return unknown();
  }
  cctz::time_zone zone;
  if (!cctz::load_time_zone(path, &zone)) {
    return unknown();
  }
  return TimeZone(std::bit_cast<const void*>(zone));
}

CivilSecond TimeZone::civil_at(Instant t) const {
  if (zone_ == nullptr) {
    return {whole_second(t)};
  }
  return {whole_second(t) + zone_of(zone_).lookup(to_cctz(t)).offset};
}

CivilLookup TimeZone::lookup(CivilSecond civil) const {
  if (zone_ == nullptr) {
    Instant t{civil.s * 1000};
    return {CivilKind::kUnique, t, t, t};
  }
  cctz::time_zone::civil_lookup found = zone_of(zone_).lookup(to_cctz(civil));
  CivilLookup out{CivilKind::kUnique, from_cctz(found.pre), from_cctz(found.trans),
                  from_cctz(found.post)};
  if (found.kind == cctz::time_zone::civil_lookup::SKIPPED) {
    out.kind = CivilKind::kGap;
  } else if (found.kind == cctz::time_zone::civil_lookup::REPEATED) {
    out.kind = CivilKind::kOverlap;
  }
  return out;
}

std::optional<Instant> TimeZone::next_transition(Instant t) const {
  if (zone_ == nullptr) {
    return std::nullopt;
  }
  cctz::time_zone zone = zone_of(zone_);
  if (t < kTableEnds) {
    return tabulated_transition(zone, t);
  }
  if (!tabulated_transition(zone, kTableEnds - hours(24) * 366)) {
    return std::nullopt;
  }
  // To the first cycle after the table's usual end. Zones with dates of their own for decades ahead
  // have a longer one; the others go back one cycle more, into the years of the repeating rule.
  Duration shift = kCycle * ((t - kTableEnds).ms / kCycle.ms);
  auto change = tabulated_transition(zone, t - shift);
  if (!change) {
    shift = shift + kCycle;
    change = tabulated_transition(zone, t - shift);
  }
  return change ? std::optional(*change + shift) : std::nullopt;
}

}  // namespace hourwheel
