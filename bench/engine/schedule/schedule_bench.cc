// The schedule's work at creation (parse, compile), at every firing (next_after) and after a stop
// (missed), and the printing of instants, which every reply and run row does several times.
#include "engine/schedule/schedule.h"

#include <benchmark/benchmark.h>

#include <string>

#include "engine/base/random.h"
#include "engine/schedule/time_text.h"

namespace hourwheel {
namespace {

constexpr Instant kYear2026{1'767'225'600'000};
constexpr Instant kYear2036{2'082'758'400'000};

ScheduleSpec cron_spec(const char* cron, const char* zone) {
  ScheduleSpec spec;
  spec.kind = ScheduleKind::kCron;
  spec.cron = cron;
  spec.timezone = zone;
  return spec;
}

// Asked at random instants of ten years, so that neither the calendar's nor the zone's caches
// flatter it.
void next_after(benchmark::State& state, const char* cron, const char* zone) {
  Schedule schedule = *Schedule::compile(cron_spec(cron, zone), {});
  Random random(1);
  const auto span = static_cast<uint64_t>((kYear2036 - kYear2026).ms);
  for (auto _ : state) {
    Instant t = kYear2026 + Duration{static_cast<int64_t>(random.below(span))};
    benchmark::DoNotOptimize(schedule.next_after(t));
  }
}
BENCHMARK_CAPTURE(next_after, every_minute_utc, "* * * * *", "UTC");
BENCHMARK_CAPTURE(next_after, weekdays_utc, "0 9 * * 1-5", "UTC");
BENCHMARK_CAPTURE(next_after, every_second_berlin, "* * * * * *", "Europe/Berlin");
BENCHMARK_CAPTURE(next_after, every_5_minutes_berlin, "*/5 * * * *", "Europe/Berlin");
BENCHMARK_CAPTURE(next_after, weekdays_new_york, "0 9 * * 1-5", "America/New_York");
BENCHMARK_CAPTURE(next_after, monthly_lord_howe, "0 2 1 * *", "Australia/Lord_Howe");
BENCHMARK_CAPTURE(next_after, leap_day_berlin, "0 0 29 2 *", "Europe/Berlin");
BENCHMARK_CAPTURE(next_after, last_weekday_berlin, "0 9 LW * *", "Europe/Berlin");
BENCHMARK_CAPTURE(next_after, second_friday_berlin, "0 9 * * 5#2", "Europe/Berlin");
BENCHMARK_CAPTURE(next_after, far_year_berlin, "0 0 9 1 1 ? 2199", "Europe/Berlin");

// The dearest of the options: a first and a second pass are looked for.
void next_after_both_passes(benchmark::State& state) {
  ScheduleSpec spec = cron_spec("30 2 * * *", "Europe/Berlin");
  spec.changes = {DstGap::kFireAfter, DstOverlap::kBoth};
  Schedule schedule = *Schedule::compile(spec, {});
  Random random(1);
  const auto span = static_cast<uint64_t>((kYear2036 - kYear2026).ms);
  for (auto _ : state) {
    Instant t = kYear2026 + Duration{static_cast<int64_t>(random.below(span))};
    benchmark::DoNotOptimize(schedule.next_after(t));
  }
}
BENCHMARK(next_after_both_passes);

void next_after_every(benchmark::State& state) {
  ScheduleSpec spec;
  spec.kind = ScheduleKind::kEvery;
  spec.every = seconds(10);
  spec.anchor = kYear2026;
  Schedule schedule = *Schedule::compile(spec, {});
  Instant t = kYear2026;
  for (auto _ : state) {
    t = *schedule.next_after(t);
    benchmark::DoNotOptimize(t);
  }
}
BENCHMARK(next_after_every);

void missed_in_ten_years(benchmark::State& state, const char* cron, const char* zone) {
  Schedule schedule = *Schedule::compile(cron_spec(cron, zone), {});
  for (auto _ : state) {
    benchmark::DoNotOptimize(schedule.missed(kYear2026, kYear2036));
  }
}
BENCHMARK_CAPTURE(missed_in_ten_years, every_second_utc, "* * * * * *", "UTC");
BENCHMARK_CAPTURE(missed_in_ten_years, every_second_berlin, "* * * * * *", "Europe/Berlin");
BENCHMARK_CAPTURE(missed_in_ten_years, daily_berlin, "30 2 * * *", "Europe/Berlin");
BENCHMARK_CAPTURE(missed_in_ten_years, leap_day_berlin, "0 0 29 2 *", "Europe/Berlin");
BENCHMARK_CAPTURE(missed_in_ten_years, last_weekday_berlin, "0 9 LW * *", "Europe/Berlin");

void missed_in_all_years(benchmark::State& state) {
  Schedule schedule = *Schedule::compile(cron_spec("* * * * * *", "Europe/Berlin"), {});
  for (auto _ : state) {
    benchmark::DoNotOptimize(schedule.missed(kFirstInstant, kLastInstant));
  }
}
BENCHMARK(missed_in_all_years);

void missed_in_an_hour(benchmark::State& state) {
  Schedule schedule = *Schedule::compile(cron_spec("*/5 * * * *", "Europe/Berlin"), {});
  for (auto _ : state) {
    benchmark::DoNotOptimize(schedule.missed(kYear2026, kYear2026 + hours(1) + seconds(100)));
  }
}
BENCHMARK(missed_in_an_hour);

void compile(benchmark::State& state, const char* cron, const char* zone) {
  ScheduleSpec spec = cron_spec(cron, zone);
  for (auto _ : state) {
    benchmark::DoNotOptimize(Schedule::compile(spec, {}));
  }
}
BENCHMARK_CAPTURE(compile, weekdays_utc, "0 9 * * 1-5", "");
BENCHMARK_CAPTURE(compile, weekdays_berlin, "0 9 * * mon-fri", "Europe/Berlin");
BENCHMARK_CAPTURE(compile, never, "0 0 30 2 *", "");

void print_instant(benchmark::State& state) {
  Instant t = kYear2026;
  std::string out;
  for (auto _ : state) {
    out.clear();
    append_text(out, t);
    benchmark::DoNotOptimize(out.data());
    t.ms += 1'234'567;
  }
}
BENCHMARK(print_instant);

void read_instant(benchmark::State& state) {
  std::string text = "2026-12-24T08:00:00.123+01:00";
  for (auto _ : state) {
    benchmark::DoNotOptimize(text.data());
    benchmark::DoNotOptimize(parse_instant(text));
  }
}
BENCHMARK(read_instant);

}  // namespace
}  // namespace hourwheel
