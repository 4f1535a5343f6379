// The dearest previews we know: each runs on a reactor, between two turns.
#include "engine/schedule/outlook.h"

#include <benchmark/benchmark.h>

#include "engine/limits.h"
#include "engine/schedule/advice.h"
#include "engine/schedule/describe.h"

namespace hourwheel {
namespace {

constexpr Instant kFrom{1'798'761'600'000};  // 2027-01-01T00:00:00Z

ScheduleSpec berlin(const char* cron) {
  ScheduleSpec spec;
  spec.kind = ScheduleKind::kCron;
  spec.cron = cron;
  spec.timezone = "Europe/Berlin";
  spec.dom_dow = DomDow::kAnd;
  return spec;
}

// A hundred ranges of 70 years each: counting what they hold goes through all years there are.
ScheduleSpec with_long_exclusions(ScheduleSpec spec) {
  constexpr Duration kYears = hours(24) * 365 * 70;
  for (int64_t n = 0; n < static_cast<int64_t>(kMaxExclusions); ++n) {
    Instant from = kFrom + kYears * n + seconds(n);
    spec.exclude.push_back({std::nullopt, {from, from + kYears}});
  }
  return spec;
}

void look(benchmark::State& state, const ScheduleSpec& spec) {
  auto schedule = Schedule::compile(spec, {});
  if (!schedule) return state.SkipWithError(schedule.error().detail.c_str());
  for (auto _ : state) {
    benchmark::DoNotOptimize(look_ahead(*schedule, {kFrom, kLastInstant, kMaxPreviewTimes, 0}));
    benchmark::DoNotOptimize(advise(spec, *schedule, kFrom));
    benchmark::DoNotOptimize(describe(spec));
  }
}

void preview_every_second(benchmark::State& state) {
  look(state, berlin("* * * * * *"));
}
void preview_once_a_year(benchmark::State& state) {
  look(state, berlin("0 0 1 1 *"));
}
void preview_once_in_decades(benchmark::State& state) {
  look(state, berlin("0 0 29 2 1"));
}
// Due only where the clocks are changed, and then left out: searched to the end of time.
void preview_of_skipped_gaps(benchmark::State& state) {
  ScheduleSpec spec = berlin("30 2 25-31 3 0");
  spec.changes.gap = DstGap::kSkip;
  look(state, spec);
}
void preview_of_long_exclusions(benchmark::State& state) {
  look(state, with_long_exclusions(berlin("* * * * * *")));
}
void preview_of_rare_long_exclusions(benchmark::State& state) {
  look(state, with_long_exclusions(berlin("30 2 25-31 3 0")));
}

BENCHMARK(preview_every_second)->Unit(benchmark::kMillisecond);
BENCHMARK(preview_once_a_year)->Unit(benchmark::kMillisecond);
BENCHMARK(preview_once_in_decades)->Unit(benchmark::kMillisecond);
BENCHMARK(preview_of_skipped_gaps)->Unit(benchmark::kMillisecond);
BENCHMARK(preview_of_long_exclusions)->Unit(benchmark::kMillisecond);
BENCHMARK(preview_of_rare_long_exclusions)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace hourwheel
