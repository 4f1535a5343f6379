// Cron texts in a zone of any name: the first line is the zone, the rest the expression. Whatever
// is accepted goes strictly forward, and says when it is due wherever one starts to look.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/check.h"
#include "engine/schedule/schedule.h"

using namespace hourwheel;  // NOLINT(google-build-using-namespace): a program of its own

namespace {

// Near the changes of the clock of most zones in 2027.
constexpr Instant kStarts[] = {{1'803'430'000'000}, {1'806'200'000'000}, {1'824'850'000'000}};
constexpr int kSteps = 12;

void walk(const Schedule& schedule, Instant from) {
  for (int i = 0; i < kSteps; ++i) {
    auto next = schedule.next_after(from);
    if (!next) return;
    HW_CHECK(*next > from, "the next due instant is later");
    HW_CHECK(schedule.first_from(from + milliseconds(1)) == next, "seen from just after, too");
    const Instant between{from.ms + (next->ms - from.ms) / 2};
    HW_CHECK(between == from || schedule.next_after(between) == next || between == *next,
             "and from half way");
    from = *next;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const size_t line = text.find('\n');
  if (line == std::string_view::npos) return 0;
  auto spec = parse_schedule_text(text.substr(line + 1), TaskType::kRecurring, kStarts[0]);
  if (!spec) return 0;
  if (spec->timezone.empty()) spec->timezone = std::string(text.substr(0, line));
  auto schedule = Schedule::compile(*spec, SpreadSeed{size});
  if (!schedule) return 0;
  for (Instant start : kStarts) walk(*schedule, start);
  return 0;
}
