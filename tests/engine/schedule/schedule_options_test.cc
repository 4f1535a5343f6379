// What stands beside a schedule's kind: clock changes, the window, exclusions, fixed delays,
// jitter.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "engine/limits.h"
#include "tests/engine/schedule/texts.h"

namespace hourwheel::schedule_options_test {
namespace {

using Texts = std::vector<std::string>;

ScheduleSpec half_past_two(DstGap gap, DstOverlap overlap) {
  ScheduleSpec spec = cron_spec("30 2 * * *", "Europe/Berlin");
  spec.changes = {gap, overlap};
  return spec;
}
std::string refusal(const ScheduleSpec& spec) {
  auto schedule = Schedule::compile(spec, {});
  if (schedule) return "accepted";
  EXPECT_EQ(schedule.error().code, ErrorCode::kNeverFires);
  return schedule.error().detail;
}

// --- clock changes (C-18) ---

constexpr std::string_view kBeforeGap = "2026-03-28T12:00:00Z";      // Berlin: 02:00 to 03:00
constexpr std::string_view kBeforeOverlap = "2026-10-24T12:00:00Z";  // Berlin: 03:00 to 02:00

TEST(DstGapOption, FiresRightAfterTheGapOrNotAtAll) {  // C-18
  EXPECT_EQ(dues(compiled(half_past_two(DstGap::kFireAfter, DstOverlap::kFirst)), kBeforeGap, 2),
            (Texts{"2026-03-29T01:00:00.000Z", "2026-03-30T00:30:00.000Z"}));
  EXPECT_EQ(dues(compiled(half_past_two(DstGap::kSkip, DstOverlap::kFirst)), kBeforeGap, 1),
            Texts{"2026-03-30T00:30:00.000Z"});
  EXPECT_EQ(dues(compiled(half_past_two(DstGap::kFireAfter, DstOverlap::kBoth)), kBeforeGap, 2),
            (Texts{"2026-03-29T01:00:00.000Z", "2026-03-30T00:30:00.000Z"}));
  EXPECT_EQ(dues(compiled(half_past_two(DstGap::kFireAfter, DstOverlap::kSecond)), kBeforeGap, 2),
            (Texts{"2026-03-29T01:00:00.000Z", "2026-03-30T00:30:00.000Z"}));
}

TEST(DstOverlapOption, FiresInTheFirstPassTheSecondOrBoth) {  // C-18
  EXPECT_EQ(dues(compiled(half_past_two(DstGap::kSkip, DstOverlap::kFirst)), kBeforeOverlap, 2),
            (Texts{"2026-10-25T00:30:00.000Z", "2026-10-26T01:30:00.000Z"}));
  EXPECT_EQ(dues(compiled(half_past_two(DstGap::kSkip, DstOverlap::kSecond)), kBeforeOverlap, 2),
            (Texts{"2026-10-25T01:30:00.000Z", "2026-10-26T01:30:00.000Z"}));
  for (DstGap gap : {DstGap::kSkip, DstGap::kFireAfter}) {
    EXPECT_EQ(dues(compiled(half_past_two(gap, DstOverlap::kBoth)), kBeforeOverlap, 3),
              (Texts{"2026-10-25T00:30:00.000Z", "2026-10-25T01:30:00.000Z",
                     "2026-10-26T01:30:00.000Z"}));
  }
}

TEST(DstOptions, CountWhatTheyMake) {  // CA3
  const Instant from = at("2026-01-01T00:00:00Z");
  const Instant through = at("2035-12-31T23:59:59Z");  // 3652 days, ten gaps and ten overlaps
  auto count = [&](DstGap gap, DstOverlap overlap) {
    return compiled(half_past_two(gap, overlap)).missed(from, through)->count;
  };
  EXPECT_EQ(count(DstGap::kFireAfter, DstOverlap::kFirst), 3652U);
  EXPECT_EQ(count(DstGap::kFireAfter, DstOverlap::kSecond), 3652U);
  EXPECT_EQ(count(DstGap::kFireAfter, DstOverlap::kBoth), 3662U);
  EXPECT_EQ(count(DstGap::kSkip, DstOverlap::kFirst), 3642U);
  EXPECT_EQ(count(DstGap::kSkip, DstOverlap::kSecond), 3642U);
  EXPECT_EQ(count(DstGap::kSkip, DstOverlap::kBoth), 3652U);
}

TEST(DstOptions, CountOneThatLandsOnARealDueOnce) {  // C-18, CA3
  for (DstOverlap overlap : {DstOverlap::kFirst, DstOverlap::kSecond, DstOverlap::kBoth}) {
    ScheduleSpec spec = cron_spec("0,30 2,3 * * *", "Europe/Berlin");
    spec.changes.overlap = overlap;
    // 03:00, which 02:00 and 02:30 move to as well, and 03:30.
    EXPECT_EQ(compiled(spec).missed(at("2026-03-29T00:30:00Z"), at("2026-03-29T02:00:00Z")),
              (Missed{2, at("2026-03-29T01:30:00Z")}));
  }
}

TEST(DstOptions, DoNotTouchWhatFollowsElapsedTime) {  // C-18
  ScheduleSpec plain = cron_spec("*/30 2 * * *", "Europe/Berlin");
  ScheduleSpec with_options = plain;
  with_options.changes = {DstGap::kFireAfter, DstOverlap::kSecond};
  for (std::string_view before : {kBeforeGap, kBeforeOverlap}) {
    EXPECT_EQ(dues(compiled(plain), before, 5), dues(compiled(with_options), before, 5));
  }
}

TEST(DstOptions, TimesThatTheClocksAlwaysLeaveOutAreRefused) {  // C-16
  ScheduleSpec spec = cron_spec("0 30 2 29 3 ? 2026", "Europe/Berlin");
  EXPECT_EQ(refusal(spec), "accepted");
  spec.changes.gap = DstGap::kSkip;
  EXPECT_EQ(refusal(spec),
            "'0 30 2 29 3 ? 2026' names only times that the clocks of 'Europe/Berlin' leave out");
  EXPECT_EQ(refusal(cron_spec("0 0 12 30 12 ? 2011", "Pacific/Apia")),
            "'0 0 12 30 12 ? 2011' names only times that the clocks of 'Pacific/Apia' leave out");
  EXPECT_EQ(refusal(cron_spec("0 0 0 30 2 ? 2027")),
            "'0 0 0 30 2 ? 2027' names no date that exists");
}

// --- the window and exclusions ---

TEST(ScheduleWindow, HasItsStartAndNotItsEnd) {  // C-16
  ScheduleSpec spec = cron_spec("0 9 * * *");
  spec.start_at = at("2026-12-01T09:00:00Z");
  spec.end_at = at("2026-12-03T09:00:00Z");
  Schedule schedule = compiled(spec);
  EXPECT_EQ(dues(schedule, "2026-01-01T00:00:00Z", 3),
            (Texts{"2026-12-01T09:00:00.000Z", "2026-12-02T09:00:00.000Z", "none"}));
  EXPECT_EQ(schedule.missed(kFirstInstant, kLastInstant), (Missed{2, at("2026-12-02T09:00:00Z")}));
  EXPECT_EQ(schedule.missed(at("2026-12-03T09:00:00Z"), kLastInstant), std::nullopt);
  EXPECT_EQ(schedule.first_from(at("2026-12-02T09:00:00.001Z")), std::nullopt);
}

TEST(ScheduleWindow, LeavesAnIntervalOnItsGrid) {  // C-16
  ScheduleSpec spec = every_spec(hours(1), at("2026-01-01T00:20:00Z"));
  spec.start_at = at("2026-12-01T00:00:00Z");
  spec.end_at = at("2026-12-01T02:00:00Z");
  Schedule schedule = compiled(spec);
  EXPECT_EQ(dues(schedule, "2026-01-01T00:00:00Z", 3),
            (Texts{"2026-12-01T00:20:00.000Z", "2026-12-01T01:20:00.000Z", "none"}));
  EXPECT_EQ(schedule.missed(kFirstInstant, kLastInstant), (Missed{2, at("2026-12-01T01:20:00Z")}));
}

TEST(ScheduleWindow, WithNothingInItIsRefused) {  // C-16
  ScheduleSpec spec = cron_spec("0 9 * * *");
  spec.start_at = at("2026-12-01T10:00:00Z");
  spec.end_at = at("2026-12-02T09:00:00Z");
  EXPECT_EQ(refusal(spec), "nothing is due from start_at on and before end_at");
  spec.end_at = at("2026-12-02T09:00:00.001Z");
  EXPECT_EQ(refusal(spec), "accepted");
  ScheduleSpec every = every_spec(hours(24), at("2026-01-01T00:00:00Z"));
  every.end_at = at("2026-01-01T00:00:00Z");
  EXPECT_EQ(refusal(every), "nothing is due from start_at on and before end_at");
}

TEST(ExcludedInstants, AreDueAllTheSame) {  // C-4, C-16
  ScheduleSpec spec = cron_spec("0 9 * * *", "Europe/Berlin");
  spec.exclude = {{*parse_date("2026-12-25"), {}}};
  Schedule schedule = compiled(spec);
  Instant christmas = at("2026-12-25T08:00:00Z");
  EXPECT_EQ(schedule.next_after(at("2026-12-24T12:00:00Z")), christmas);
  EXPECT_TRUE(schedule.excluded(christmas));
  EXPECT_TRUE(schedule.explain(christmas).excluded);
  EXPECT_FALSE(schedule.excluded(christmas + hours(24)));
  EXPECT_EQ(schedule.missed(at("2026-12-24T00:00:00Z"), at("2026-12-26T23:00:00Z"))->count, 3U);
}

TEST(ExcludedInstants, AllOfThemAreRefused) {  // C-16
  ScheduleSpec spec = cron_spec("0 0 12 24,25 12 ? 2026");
  spec.exclude = {{*parse_date("2026-12-25"), {}}, {*parse_date("2026-12-24"), {}}};
  EXPECT_EQ(refusal(spec), "each due instant is excluded by one of the 2 exclusions");
  spec.exclude.pop_back();
  EXPECT_EQ(refusal(spec), "accepted");
  ScheduleSpec every = every_spec(milliseconds(100), kFirstInstant);
  every.exclude = {{std::nullopt, {kFirstInstant, kLastInstant + milliseconds(1)}}};
  EXPECT_EQ(refusal(every), "each due instant is excluded by one of the 1 exclusions");
  every.exclude[0].range.to = kLastInstant - hours(1);
  EXPECT_EQ(refusal(every), "accepted");
}

TEST(ExcludedInstants, MayBeAHundred) {
  ScheduleSpec spec = cron_spec("0 9 * * *");
  for (size_t i = 0; i < kMaxExclusions; ++i) {
    spec.exclude.push_back({date_of(20'000 + static_cast<int64_t>(i)), {}});
  }
  EXPECT_TRUE(Schedule::compile(spec, {}));
  spec.exclude.push_back({date_of(30'000), {}});
  EXPECT_EQ(Schedule::compile(spec, {}).error().detail, "a schedule has at most 100 exclusions");
}

// --- fixed delay ---

ScheduleSpec delay_spec(Duration delay, Instant first) {
  ScheduleSpec spec = every_spec(delay, first);
  spec.kind = ScheduleKind::kFixedDelay;
  return spec;
}

TEST(FixedDelay, IsFirstDueAtItsAnchor) {  // C-16
  Instant anchor = at("2026-12-01T00:00:00Z");
  Schedule schedule = compiled(delay_spec(minutes(10), anchor));
  EXPECT_TRUE(schedule.is_fixed_delay());
  EXPECT_EQ(schedule.first_from(kFirstInstant), anchor);
  EXPECT_EQ(schedule.first_from(anchor), anchor);
  // Asked for later, as by a create that took a moment: at once.
  EXPECT_EQ(schedule.first_from(anchor + milliseconds(7)), anchor + milliseconds(7));
  EXPECT_EQ(schedule.next_after(anchor - milliseconds(1)), anchor);
  EXPECT_EQ(schedule.next_after(anchor), std::nullopt);
}

TEST(FixedDelay, IsDueADelayAfterTheLastRunEnded) {  // C-16
  Instant anchor = at("2026-12-01T00:00:00Z");
  ScheduleSpec spec = delay_spec(minutes(10), anchor);
  spec.end_at = anchor + hours(1);
  Schedule schedule = compiled(spec);
  EXPECT_EQ(schedule.after_end(anchor + seconds(5)), anchor + minutes(10) + seconds(5));
  EXPECT_EQ(schedule.after_end(anchor + minutes(50)), std::nullopt);
  EXPECT_EQ(schedule.after_end(kLastInstant), std::nullopt);
  EXPECT_EQ(compiled(every_spec(minutes(10), anchor)).after_end(anchor), std::nullopt);
  EXPECT_EQ(compiled(cron_spec("* * * * *")).after_end(anchor), std::nullopt);
}

TEST(FixedDelay, MissesOneInstantHoweverLate) {  // C-11
  Instant anchor = at("2026-12-01T00:00:00Z");
  Schedule schedule = compiled(delay_spec(minutes(10), anchor));
  EXPECT_EQ(schedule.missed(anchor, anchor + hours(1'000)), (Missed{1, anchor}));
  Instant later = anchor + minutes(33);  // what after_end gave
  EXPECT_EQ(schedule.missed(later, later + hours(1)), (Missed{1, later}));
  EXPECT_EQ(schedule.missed(kFirstInstant, anchor - milliseconds(1)), std::nullopt);
}

TEST(FixedDelay, BeginsWithItsWindow) {
  ScheduleSpec spec = delay_spec(minutes(10), at("2026-12-01T00:00:00Z"));
  spec.start_at = at("2026-12-05T00:00:00Z");
  Schedule schedule = compiled(spec);
  EXPECT_EQ(schedule.first_from(kFirstInstant), spec.start_at);
  EXPECT_EQ(schedule.next_after(kFirstInstant), spec.start_at);
}

// --- jitter ---

TEST(Jitter, IsUniformUpToItsLengthAndNeverEarly) {  // C-4, C-16
  ScheduleSpec spec = cron_spec("0 9 * * *");
  spec.jitter = milliseconds(9);
  Schedule schedule = compiled(spec);
  Instant due = at("2026-12-01T09:00:00Z");
  std::vector<int> drawn(10);
  for (uint64_t seed = 0; seed < 10'000; ++seed) {
    Duration jitter = schedule.jitter_of(seed, due, due + hours(24));
    ASSERT_EQ(jitter, schedule.jitter_of(seed, due, due + hours(24)));
    ASSERT_GE(jitter.ms, 0);
    ASSERT_LE(jitter.ms, 9);
    ++drawn[static_cast<size_t>(jitter.ms)];
  }
  for (int times : drawn) EXPECT_NEAR(times, 1'000, 150);
}

TEST(Jitter, StaysBeforeTheNextDueInstant) {  // C-16
  ScheduleSpec spec = every_spec(milliseconds(100), at("2026-12-01T00:00:00Z"));
  spec.jitter = hours(1);
  Schedule schedule = compiled(spec);
  std::set<int64_t> drawn;
  for (uint64_t seed = 0; seed < 5'000; ++seed) {
    drawn.insert(schedule.jitter_of(seed, spec.anchor, spec.anchor + milliseconds(100)).ms);
  }
  EXPECT_EQ(drawn.size(), 100U);  // spread over all of it, not piled up at its end
  EXPECT_EQ(*drawn.rbegin(), 99);
  EXPECT_EQ(schedule.jitter_of(1, spec.anchor, spec.anchor + milliseconds(1)), Duration{});
  EXPECT_EQ(schedule.jitter_of(1, kLastInstant, std::nullopt), Duration{});
  EXPECT_LE(schedule.jitter_of(1, spec.anchor, std::nullopt), hours(1));
  EXPECT_EQ(compiled(cron_spec("* * * * *")).jitter_of(1, spec.anchor, std::nullopt), Duration{});
}

// --- explanations ---

Occurrence explained(const ScheduleSpec& spec, std::string_view due) {
  return compiled(spec).explain(at(due));
}
std::string civil_text(CivilSecond c) {
  return to_text(Instant{c.s * 1000}).substr(0, 19);
}

TEST(Explanation, TellsWhatTheClocksDid) {  // C-18
  ScheduleSpec spec = half_past_two(DstGap::kFireAfter, DstOverlap::kBoth);
  Occurrence plain = explained(spec, "2026-07-01T00:30:00Z");
  EXPECT_EQ(civil_text(plain.local), "2026-07-01T02:30:00");
  EXPECT_EQ(plain.offset_s, 7'200);
  EXPECT_EQ(plain.note, ClockNote::kNone);
  EXPECT_EQ(plain.meant, plain.local);

  Occurrence shifted = explained(spec, "2026-03-29T01:00:00Z");
  EXPECT_EQ(shifted.note, ClockNote::kGapShifted);
  EXPECT_EQ(civil_text(shifted.local), "2026-03-29T03:00:00");
  EXPECT_EQ(civil_text(shifted.meant), "2026-03-29T02:30:00");

  EXPECT_EQ(explained(spec, "2026-10-25T00:30:00Z").note, ClockNote::kOverlapFirst);
  Occurrence second = explained(spec, "2026-10-25T01:30:00Z");
  EXPECT_EQ(second.note, ClockNote::kOverlapSecond);
  EXPECT_EQ(second.offset_s, 3'600);
}

TEST(Explanation, OfADueThatLandsOnARealOneIsPlain) {  // C-18
  ScheduleSpec spec = cron_spec("0,30 2,3 * * *", "Europe/Berlin");
  EXPECT_EQ(explained(spec, "2026-03-29T01:00:00Z").note, ClockNote::kNone);
}

TEST(Explanation, IsInUtcForKindsWithoutAZone) {
  Occurrence told = explained(every_spec(hours(1), kFirstInstant), "2026-07-01T00:00:00Z");
  EXPECT_EQ(civil_text(told.local), "2026-07-01T00:00:00");
  EXPECT_EQ(told.offset_s, 0);
}

TEST(LeftOutTimes, AreListedWithTheirReason) {  // C-18
  Schedule skips = compiled(half_past_two(DstGap::kSkip, DstOverlap::kFirst));
  auto left_out = skips.left_out(at("2026-01-01T00:00:00Z"), at("2028-01-01T00:00:00Z"), 10);
  ASSERT_EQ(left_out.size(), 2U);
  EXPECT_EQ(civil_text(left_out[0].meant), "2026-03-29T02:30:00");
  EXPECT_EQ(left_out[0].change, at("2026-03-29T01:00:00Z"));
  EXPECT_EQ(left_out[0].reason, LeftOutReason::kGap);
  EXPECT_EQ(skips.left_out(at("2026-01-01T00:00:00Z"), kLastInstant, 5).size(), 5U);
  Schedule fires = compiled(half_past_two(DstGap::kFireAfter, DstOverlap::kFirst));
  EXPECT_TRUE(fires.left_out(at("2026-01-01T00:00:00Z"), at("2028-01-01T00:00:00Z"), 10).empty());

  Schedule apia = compiled(cron_spec("0 12 * * *", "Pacific/Apia"));
  auto missing = apia.left_out(at("2011-12-01T00:00:00Z"), at("2012-01-10T00:00:00Z"), 10);
  ASSERT_EQ(missing.size(), 1U);
  EXPECT_EQ(civil_text(missing[0].meant), "2011-12-30T12:00:00");
  EXPECT_EQ(missing[0].reason, LeftOutReason::kMissingDay);
}

// --- zones in the text ---

TEST(CronText, MayNameItsZone) {  // C-16
  for (std::string text : {"CRON_TZ=Europe/Berlin 0 9 * * *", "TZ=Europe/Berlin  0 9 * * *"}) {
    auto spec = parse_cron_text(text, "", kFirstInstant);
    ASSERT_TRUE(spec) << text;
    EXPECT_EQ(spec->timezone, "Europe/Berlin");
    EXPECT_EQ(spec->cron, "0 9 * * *");
    EXPECT_TRUE(parse_cron_text(text, "Europe/Berlin", kFirstInstant));
    auto both = parse_cron_text(text, "Asia/Tokyo", kFirstInstant);
    ASSERT_FALSE(both);
    EXPECT_EQ(both.error().detail,
              "the expression is for 'Europe/Berlin', the timezone beside it is 'Asia/Tokyo'");
  }
  auto every = parse_cron_text("TZ=Europe/Berlin @every 15m", "", kFirstInstant);
  ASSERT_TRUE(every);
  EXPECT_EQ(every->kind, ScheduleKind::kEvery);
  EXPECT_FALSE(parse_cron_text("TZ= 0 9 * * *", "", kFirstInstant));
  auto string_form = parse_schedule_text("CRON_TZ=Asia/Tokyo @daily", std::nullopt, kFirstInstant);
  ASSERT_TRUE(string_form);
  EXPECT_EQ(string_form->timezone, "Asia/Tokyo");
}

}  // namespace
}  // namespace hourwheel::schedule_options_test
