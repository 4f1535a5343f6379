#include "engine/schedule/disambiguation.h"

#include <algorithm>
#include <string>
#include <utility>

#include "engine/base/check.h"

namespace hourwheel {
namespace {

tl::unexpected<Error> refuse_time(std::string detail) {
  return failure(ErrorCode::kInvalidSchedule, "", std::move(detail));
}

// Which of the two readings is meant; they are equal where the clocks show the time once. In a gap
// the offset before the change gives the later instant.
Instant choose(const CivilLookup& found, Disambiguation disambiguation) {
  switch (disambiguation) {
    case Disambiguation::kEarlier:
      return std::min(found.before, found.after);
    case Disambiguation::kLater:
      return std::max(found.before, found.after);
    case Disambiguation::kCompatible:
    case Disambiguation::kReject:
      return found.before;
  }
  HW_CHECK(false, "a disambiguation is one of ours");
}

}  // namespace

Result<Instant> resolve(LocalTime local, TimeZone zone, Disambiguation disambiguation) {
  CivilLookup found = zone.lookup(local.second);
  if (disambiguation == Disambiguation::kReject && found.kind != CivilKind::kUnique) {
    return refuse_time(found.kind == CivilKind::kGap
                           ? "the clocks of the zone jump over this time"
                           : "the clocks of the zone show this time twice");
  }
  Instant resolved = choose(found, disambiguation) + milliseconds(local.ms);
  if (resolved < kFirstInstant || resolved > kLastInstant) {
    return refuse_time("the instant is outside the years 1970 to 9999");
  }
  return resolved;
}

}  // namespace hourwheel
