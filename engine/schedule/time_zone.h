// A zone of the IANA database: turns instants into what its clocks show and back. A cheap value
// (one pointer); the tables behind it live as long as the process, so that a change of the
// installed database is seen after a restart.
//
// Cost: 50 to 150 ns a look-up; UTC a few. find() about 2 us (it takes a lock and asks the file
//   system whether the name exists) and on the first use of a zone in the process reads its file:
//   for start-up and the making of a schedule, not for the firing path.
// Thread: any; values may be copied freely between threads.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/base/result.h"
#include "engine/base/time.h"
#include "engine/schedule/civil_time.h"

namespace hourwheel {

// Where Debian keeps the compiled zones.
inline constexpr std::string_view kZoneFolder = "/usr/share/zoneinfo/";

enum class CivilKind : uint8_t {
  kUnique,   // the clocks show it once
  kGap,      // never: they jump over it
  kOverlap,  // twice: they are set back over it
};

struct CivilLookup {
  CivilKind kind = CivilKind::kUnique;
  Instant before;      // read with the offset in force before the change: an overlap's first pass
  Instant transition;  // the change: a gap's first instant after it, an overlap's second pass
  Instant after;       // read with the offset in force after the change
};

class TimeZone {
 public:
  TimeZone() = default;  // UTC, which needs no file

  // An IANA name such as "Europe/Berlin", as the database spells it. kInvalidTimezone else.
  static Result<TimeZone> find(std::string_view name);

  [[nodiscard]] CivilSecond civil_at(Instant t) const;
  [[nodiscard]] CivilLookup lookup(CivilSecond civil) const;
  // The first change of the offset after t; nullopt: there is none any more.
  [[nodiscard]] std::optional<Instant> next_transition(Instant t) const;

  friend bool operator==(TimeZone, TimeZone) = default;

 private:
  explicit TimeZone(const void* zone) : zone_(zone) {}

  // The calendar library's zone, which is one pointer to a table that is never freed; null: UTC.
  const void* zone_ = nullptr;
};

}  // namespace hourwheel
