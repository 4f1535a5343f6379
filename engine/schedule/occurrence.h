// What a person is told about one due instant, or about a time that is not due: for previews and
// for "why did it run then".
#pragma once

#include <cstdint>

#include "engine/base/time.h"
#include "engine/schedule/civil_time.h"

namespace hourwheel {

enum class ClockNote : uint8_t {
  kNone,
  kGapShifted,     // meant for a civil time that the clocks jumped over; due right after the jump
  kOverlapFirst,   // the clocks show this civil time twice; this is the first time
  kOverlapSecond,  // and this the second
};

struct Occurrence {
  Instant due;
  CivilSecond local;     // what the clocks of the schedule's zone show, without milliseconds
  int64_t offset_s = 0;  // seconds east of UTC
  ClockNote note = ClockNote::kNone;
  CivilSecond meant;      // kGapShifted: the (first) civil time that was meant; else as local
  bool excluded = false;  // due, but falls into an exclusion: it is recorded as skipped
  friend bool operator==(const Occurrence&, const Occurrence&) = default;
};

enum class LeftOutReason : uint8_t {
  kGap,         // dst_gap: skip
  kMissingDay,  // the clocks jumped by more than three hours
};

// A civil time that the rule names and that the clocks never show.
struct LeftOut {
  CivilSecond meant;
  Instant change;  // when the clocks jumped over it
  LeftOutReason reason = LeftOutReason::kGap;
  friend bool operator==(const LeftOut&, const LeftOut&) = default;
};

}  // namespace hourwheel
