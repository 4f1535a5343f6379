// Recurrence rules: whatever is accepted goes on strictly forward, counts its own steps, and none
// takes long.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "engine/base/check.h"
#include "engine/schedule/rrule.h"

using namespace hourwheel;  // NOLINT(google-build-using-namespace): a program of its own

namespace {

void try_rule(std::string_view text, CivilSecond dtstart) {
  auto rule = Rrule::parse(text, dtstart);
  if (!rule) return;
  CivilSecond from{0};
  uint64_t steps = 0;
  auto found = rule->first_from(from);
  HW_CHECK(found.has_value(), "RR3 an accepted rule has an instance");
  for (; found && steps < 16; ++steps) {
    HW_CHECK(*found >= from && *found >= dtstart, "RR1 the next instance is later");
    HW_CHECK(rule->matches(*found), "RR1 an instance matches");
    from = {found->s + 1};
    found = rule->first_from(from);
  }
  HW_CHECK(rule->count({0}, from) == steps, "RR2 a count is that of the steps");
}

}  // namespace

// Four bytes of the start, then the rule.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  uint32_t start = 0;
  if (size < sizeof(start)) return 0;
  std::memcpy(&start, bytes, sizeof(start));
  std::string_view text(reinterpret_cast<const char*>(bytes) + sizeof(start), size - sizeof(start));
  try_rule(text, {start});
  return 0;
}
