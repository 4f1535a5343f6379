// Schedules, instants and durations: whatever is accepted goes on strictly forward in time, counts
// what it steps over and reads back as it is written. The first bytes choose the options, the rest
// is the text.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/base/check.h"
#include "engine/schedule/schedule.h"
#include "engine/schedule/time_text.h"

using namespace hourwheel;  // NOLINT(google-build-using-namespace): a program of its own

namespace {

constexpr Instant kNow{1'800'000'000'000};
constexpr std::string_view kZones[] = {"",
                                       "Europe/Berlin",
                                       "Australia/Lord_Howe",
                                       "America/Santiago",
                                       "Pacific/Apia",
                                       "Africa/Casablanca"};

void set_options(ScheduleSpec& spec, uint8_t choice, uint8_t window) {
  if (spec.timezone.empty()) spec.timezone = kZones[choice % std::size(kZones)];
  spec.changes.gap = (choice & 16) != 0 ? DstGap::kSkip : DstGap::kFireAfter;
  spec.changes.overlap = static_cast<DstOverlap>(1 + (choice >> 5) % 3);
  spec.elapsed = (window & 1) != 0 ? ElapsedRule::kLeadingStar : ElapsedRule::kPattern;
  spec.dom_dow = (window & 2) != 0 ? DomDow::kAnd : DomDow::kOr;
  if ((window & 4) != 0) spec.start_at = kNow + hours(window);
  if ((window & 8) != 0) spec.end_at = kNow + hours(24 * window);
  if ((window & 16) != 0) spec.exclude.push_back({date_of(20'833 + window), {}});
  if ((window & 32) != 0) spec.exclude.push_back({std::nullopt, {kNow, kNow + hours(window)}});
}

void walk(const Schedule& schedule) {
  constexpr int kSteps = 16;
  Instant t = kNow;
  auto first = schedule.first_from(kNow + milliseconds(1));
  for (int i = 0; i < kSteps; ++i) {
    auto next = schedule.next_after(t);
    if (!next) return;
    HW_CHECK(*next > t, "the next due instant is later");
    HW_CHECK(schedule.first_from(*next) == next, "a due instant is its own first from there");
    HW_CHECK(schedule.explain(*next).due == *next, "a due instant can be explained");
    t = *next;
  }
  auto missed = schedule.missed(*first, t);
  HW_CHECK(missed && missed->count == kSteps && missed->newest == t, "counted as it is stepped");
}

void try_schedule(std::string_view text, uint8_t choice, uint8_t window) {
  auto spec = parse_schedule_text(text, std::nullopt, kNow);
  if (!spec) return;
  if (type_of(spec->kind) == TaskType::kRecurring) set_options(*spec, choice, window);
  auto schedule = Schedule::compile(*spec, SpreadSeed{window});
  if (!schedule) return;
  walk(*schedule);
  HW_CHECK(schedule->left_out(kNow, kNow + hours(24 * 800), 5).size() <= 5,
           "no more than asked for");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  std::string_view text(reinterpret_cast<const char*>(bytes), size);
  try_schedule(text, 0, 0);
  if (size > 2) try_schedule(text.substr(2), bytes[0], bytes[1]);
  if (auto instant = parse_instant(text)) {
    HW_CHECK(parse_instant(to_text(*instant)) == *instant, "an instant reads back");
  }
  if (auto date = parse_date(text)) {
    HW_CHECK(date_of(day_of(*date)) == *date, "a date is a day");
  }
  if (auto duration = parse_duration(text)) {
    HW_CHECK(parse_duration(to_text(*duration)) == *duration, "a duration reads back");
  }
  return 0;
}
