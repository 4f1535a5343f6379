// Sentences about what a change of the clocks does to a due instant: "2027-03-28 02:30 does not
// exist in Europe/Berlin (clocks go from 02:00 to 03:00): fires at 03:00".
//
// Cost: about 1 us. Thread: pure functions, any thread.
#pragma once

#include <string>
#include <string_view>

#include "engine/schedule/occurrence.h"
#include "engine/schedule/time_zone.h"

namespace hourwheel {

struct NamedZone {
  std::string_view name;
  TimeZone zone;
};

// "2027-03-28 02:30", with seconds where there are some.
std::string readable(CivilSecond civil);
// "+02:00"; seconds east of UTC.
std::string offset_text(int64_t offset_s);

// Empty when the clocks have nothing to say.
std::string clock_sentence(const Occurrence& occurrence, NamedZone in);
std::string clock_sentence(const LeftOut& left_out, NamedZone in);

}  // namespace hourwheel
