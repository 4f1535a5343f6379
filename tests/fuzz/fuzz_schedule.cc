// Schedules, instants and durations: whatever is accepted goes on strictly forward in time and
// reads back as it is written.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/base/check.h"
#include "engine/schedule/schedule.h"
#include "engine/schedule/time_text.h"

using namespace hourwheel;  // NOLINT(google-build-using-namespace): a program of its own

namespace {

constexpr Instant kNow{1'800'000'000'000};

void try_schedule(std::string_view text) {
  auto spec = parse_schedule_text(text, std::nullopt, kNow);
  if (!spec) return;
  auto schedule = Schedule::compile(*spec, {});
  if (!schedule) return;
  Instant t = kNow;
  for (int i = 0; i < 16; ++i) {
    auto next = schedule->next_after(t);
    if (!next) return;
    HW_CHECK(*next > t, "the next due instant is later");
    HW_CHECK(schedule->first_from(*next) == next, "a due instant is its own first from there");
    t = *next;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  std::string_view text(reinterpret_cast<const char*>(bytes), size);
  try_schedule(text);
  if (auto instant = parse_instant(text)) {
    HW_CHECK(parse_instant(to_text(*instant)) == *instant, "an instant reads back");
  }
  if (auto duration = parse_duration(text)) {
    HW_CHECK(parse_duration(to_text(*duration)) == *duration, "a duration reads back");
  }
  return 0;
}
