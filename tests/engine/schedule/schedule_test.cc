#include "engine/schedule/schedule.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "engine/limits.h"
#include "tests/engine/schedule/texts.h"

namespace hourwheel::schedule_test {
namespace {

using Texts = std::vector<std::string>;

Texts cron_dues(std::string_view cron, std::string_view zone, std::string_view after, int n) {
  return dues(compiled(cron_spec(cron, zone)), after, n);
}

ErrorCode refusal_code(const ScheduleSpec& spec) {
  auto schedule = Schedule::compile(spec, {});
  EXPECT_FALSE(schedule);
  return schedule ? ErrorCode::kInternal : schedule.error().code;
}

TEST(AtSchedule, IsDueOnce) {
  ScheduleSpec spec;
  spec.at = at("2026-12-24T08:00:00.123Z");
  Schedule schedule = compiled(spec);
  EXPECT_EQ(schedule.next_after(spec.at - milliseconds(1)), spec.at);
  EXPECT_EQ(schedule.next_after(spec.at), std::nullopt);
  EXPECT_EQ(schedule.first_from(spec.at), spec.at);
  EXPECT_EQ(schedule.first_from(spec.at + milliseconds(1)), std::nullopt);
  EXPECT_EQ(schedule.missed(spec.at, spec.at), (Missed{1, spec.at}));
  EXPECT_EQ(schedule.missed(kFirstInstant, spec.at - milliseconds(1)), std::nullopt);
  EXPECT_EQ(schedule.missed(spec.at + milliseconds(1), kLastInstant), std::nullopt);
}

TEST(AtSchedule, IsRefusedOutsideTheYears1970To9999) {
  ScheduleSpec spec;
  spec.at = kLastInstant + milliseconds(1);
  EXPECT_EQ(refusal_code(spec), ErrorCode::kInvalidSchedule);
  spec.at = Instant{-1};
  EXPECT_EQ(refusal_code(spec), ErrorCode::kInvalidSchedule);
}

TEST(EverySchedule, IsDueAtItsAnchorAndEveryStepAfterIt) {
  Instant anchor = at("2026-01-01T00:00:00.050Z");
  Schedule schedule = compiled(every_spec(milliseconds(300), anchor));
  EXPECT_EQ(schedule.first_from(kFirstInstant), anchor);
  EXPECT_EQ(schedule.first_from(anchor), anchor);
  EXPECT_EQ(schedule.next_after(anchor), anchor + milliseconds(300));
  EXPECT_EQ(schedule.next_after(anchor + milliseconds(299)), anchor + milliseconds(300));
  EXPECT_EQ(schedule.first_from(anchor + milliseconds(300)), anchor + milliseconds(300));
  EXPECT_EQ(schedule.first_from(anchor + milliseconds(301)), anchor + milliseconds(600));
}

TEST(EverySchedule, CountsWhatWasMissedByArithmetic) {
  Instant anchor = at("2026-01-01T00:00:00Z");
  Schedule schedule = compiled(every_spec(milliseconds(100), anchor));
  // Ten years of ten a second: 3652 days (2028 and 2032 are leap years), and the last one.
  Instant later = at("2036-01-01T00:00:00.099Z");
  EXPECT_EQ(schedule.missed(anchor, later),
            (Missed{3652ull * 864'000 + 1, at("2036-01-01T00:00:00Z")}));
  EXPECT_EQ(schedule.missed(anchor + milliseconds(1), anchor + milliseconds(99)), std::nullopt);
  EXPECT_EQ(schedule.missed(anchor + milliseconds(1), anchor + milliseconds(100)),
            (Missed{1, anchor + milliseconds(100)}));
  EXPECT_EQ(schedule.missed(kFirstInstant, anchor), (Missed{1, anchor}));
  EXPECT_EQ(schedule.missed(later, anchor), std::nullopt);
}

TEST(EverySchedule, IsRefusedBelowTheShortestInterval) {
  Instant anchor = at("2026-01-01T00:00:00Z");
  EXPECT_TRUE(Schedule::compile(every_spec(kShortestInterval, anchor), {}));
  for (int64_t ms : {int64_t{99}, int64_t{0}, int64_t{-1}, std::numeric_limits<int64_t>::min(),
                     std::numeric_limits<int64_t>::max()}) {
    EXPECT_EQ(refusal_code(every_spec({ms}, anchor)), ErrorCode::kInvalidSchedule) << ms;
  }
  EXPECT_EQ(Schedule::compile(every_spec(milliseconds(99), anchor), {}).error().detail,
            "an interval of PT0.099S is not from PT0.1S to the year 9999");
  EXPECT_EQ(refusal_code(every_spec(hours(1), kLastInstant + milliseconds(1))),
            ErrorCode::kInvalidSchedule);
}

TEST(EverySchedule, EndsWithTheYear9999) {
  Schedule schedule = compiled(every_spec(hours(24 * 365 * 5000), at("6000-01-01T00:00:00Z")));
  EXPECT_EQ(schedule.next_after(at("6000-01-01T00:00:00Z")), std::nullopt);
}

TEST(EverySchedule, NeverSeesClocksBeingChanged) {
  Schedule schedule = compiled(every_spec(hours(24), at("2026-03-28T01:30:00Z")));
  EXPECT_EQ(dues(schedule, "2026-03-28T02:00:00Z", 2),
            (Texts{"2026-03-29T01:30:00.000Z", "2026-03-30T01:30:00.000Z"}));
}

TEST(CronSchedule, IsDueOnTheSecondStrictlyAfter) {
  Schedule schedule = compiled(cron_spec("0 9 * * *"));
  Instant nine = at("2026-11-24T09:00:00Z");
  EXPECT_EQ(schedule.next_after(nine - milliseconds(1)), nine);
  EXPECT_EQ(schedule.next_after(nine), nine + hours(24));
  EXPECT_EQ(schedule.first_from(nine), nine);
  EXPECT_EQ(schedule.first_from(nine + milliseconds(1)), nine + hours(24));
}

TEST(CronSchedule, FollowsTheOffsetOfItsZone) {
  EXPECT_EQ(cron_dues("0 9 * * *", "Asia/Kolkata", "2026-11-24T00:00:00Z", 2),
            (Texts{"2026-11-24T03:30:00.000Z", "2026-11-25T03:30:00.000Z"}));
  // 2026-03-28 is before summer time, 2026-03-30 after it began.
  EXPECT_EQ(
      cron_dues("0 9 * * *", "Europe/Berlin", "2026-03-28T00:00:00Z", 3),
      (Texts{"2026-03-28T08:00:00.000Z", "2026-03-29T07:00:00.000Z", "2026-03-30T07:00:00.000Z"}));
  // Midsummer of 2060: New York is four hours behind UTC, as today.
  EXPECT_EQ(cron_dues("0 9 1 7 *", "America/New_York", "2060-01-01T00:00:00Z", 1),
            Texts{"2060-07-01T13:00:00.000Z"});
  EXPECT_EQ(cron_dues("0 0 1 1 *", "Pacific/Kiritimati", "2026-06-01T00:00:00Z", 1),
            Texts{"2026-12-31T10:00:00.000Z"});
}

TEST(CronInAGap, FiresAFixedTimeAtTheFirstInstantAfterIt) {
  // Berlin jumps from 02:00 to 03:00 at 01:00 UTC on 2026-03-29.
  EXPECT_EQ(cron_dues("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", 2),
            (Texts{"2026-03-29T01:00:00.000Z", "2026-03-30T00:30:00.000Z"}));
  // New York, 2026-03-08 at 07:00 UTC.
  EXPECT_EQ(cron_dues("30 2 * * *", "America/New_York", "2026-03-07T12:00:00Z", 2),
            (Texts{"2026-03-08T07:00:00.000Z", "2026-03-09T06:30:00.000Z"}));
  // Lord Howe jumps half an hour, 02:00 to 02:30, on 2026-10-03 at 15:30 UTC.
  EXPECT_EQ(cron_dues("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00:00Z", 2),
            (Texts{"2026-10-03T15:30:00.000Z", "2026-10-04T15:15:00.000Z"}));
}

TEST(CronInAGap, FiresAMidnightThatDoesNotExistAtOne) {
  // Santiago jumps from 24:00 to 01:00 on 2026-09-06 at 04:00 UTC, Cairo on 2026-04-24 at 22:00
  // UTC of the day before.
  EXPECT_EQ(cron_dues("@daily", "America/Santiago", "2026-09-05T12:00:00Z", 2),
            (Texts{"2026-09-06T04:00:00.000Z", "2026-09-07T03:00:00.000Z"}));
  EXPECT_EQ(cron_dues("@daily", "Africa/Cairo", "2026-04-23T12:00:00Z", 2),
            (Texts{"2026-04-23T22:00:00.000Z", "2026-04-24T21:00:00.000Z"}));
  // Days are the calendar's: only the sixth is asked for, and it begins at one o'clock.
  EXPECT_EQ(cron_dues("0 0 6 9 *", "America/Santiago", "2026-01-01T00:00:00Z", 2),
            (Texts{"2026-09-06T04:00:00.000Z", "2027-09-06T03:00:00.000Z"}));
}

TEST(CronInAGap, MakesSeveralFixedTimesOne) {
  EXPECT_EQ(cron_dues("0,15,30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", 2),
            (Texts{"2026-03-29T01:00:00.000Z", "2026-03-30T00:00:00.000Z"}));
  // 02:30 lands on 03:00, which is due itself.
  EXPECT_EQ(
      cron_dues("0,30 2,3 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", 3),
      (Texts{"2026-03-29T01:00:00.000Z", "2026-03-29T01:30:00.000Z", "2026-03-30T00:00:00.000Z"}));
  EXPECT_EQ(compiled(cron_spec("0,30 2,3 * * *", "Europe/Berlin"))
                .missed(at("2026-03-28T12:00:00Z"), at("2026-03-29T12:00:00Z")),
            (Missed{2, at("2026-03-29T01:30:00Z")}));
}

TEST(CronInAGap, MakesNothingUpForElapsedTime) {
  EXPECT_EQ(cron_dues("*/30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", 2),
            (Texts{"2026-03-30T00:00:00.000Z", "2026-03-30T00:30:00.000Z"}));
  // Every half hour of the clock: 01:30, then 03:00, half an hour later.
  EXPECT_EQ(
      cron_dues("*/30 * * * *", "Europe/Berlin", "2026-03-29T00:00:00Z", 3),
      (Texts{"2026-03-29T00:30:00.000Z", "2026-03-29T01:00:00.000Z", "2026-03-29T01:30:00.000Z"}));
  // An hour that begins inside the gap of Lord Howe: 02:00 is left out, 03:00 is not.
  EXPECT_EQ(
      cron_dues("@hourly", "Australia/Lord_Howe", "2026-10-03T14:00:00Z", 3),
      (Texts{"2026-10-03T14:30:00.000Z", "2026-10-03T16:00:00.000Z", "2026-10-03T17:00:00.000Z"}));
}

TEST(CronInAGap, TakesThreeHoursForAGapStill) {
  // Casey went from +08 to +11 on 2009-10-18, at 02:00 of its clocks.
  EXPECT_EQ(cron_dues("30 3 * * *", "Antarctica/Casey", "2009-10-17T12:00:00Z", 2),
            (Texts{"2009-10-17T18:00:00.000Z", "2009-10-18T16:30:00.000Z"}));
}

TEST(CronInAGap, TakesADayThatIsMissingForSkipped) {
  // Apia went from Thursday, 2011-12-29 24:00 (-10) to Saturday, 2011-12-31 00:00 (+14).
  EXPECT_EQ(cron_dues("0 12 * * *", "Pacific/Apia", "2011-12-29T00:00:00Z", 2),
            (Texts{"2011-12-29T22:00:00.000Z", "2011-12-30T22:00:00.000Z"}));
  EXPECT_EQ(cron_dues("0 12 30 * *", "Pacific/Apia", "2011-12-01T00:00:00Z", 1),
            Texts{"2012-01-29T22:00:00.000Z"});
  EXPECT_EQ(cron_dues("0 12 * * 5", "Pacific/Apia", "2011-12-24T00:00:00Z", 1),
            Texts{"2012-01-05T22:00:00.000Z"});
  Schedule noon = compiled(cron_spec("0 12 * * *", "Pacific/Apia"));
  EXPECT_EQ(noon.missed(at("2011-12-29T00:00:00Z"), at("2012-01-01T00:00:00Z")),
            (Missed{3, at("2011-12-31T22:00:00Z")}));
}

TEST(CronInAnOverlap, FiresAFixedTimeOnceInTheFirstPass) {
  // Berlin shows 02:00 to 03:00 twice, from 00:00 UTC and from 01:00 UTC on 2026-10-25.
  EXPECT_EQ(cron_dues("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 2),
            (Texts{"2026-10-25T00:30:00.000Z", "2026-10-26T01:30:00.000Z"}));
  EXPECT_EQ(cron_dues("30 2 * * *", "Europe/Berlin", "2026-10-25T00:30:00Z", 1),
            Texts{"2026-10-26T01:30:00.000Z"});
  EXPECT_EQ(cron_dues("0,30 2,3 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 4),
            (Texts{"2026-10-25T00:00:00.000Z", "2026-10-25T00:30:00.000Z",
                   "2026-10-25T02:00:00.000Z", "2026-10-25T02:30:00.000Z"}));
  // Asked in the middle of the second pass.
  EXPECT_EQ(cron_dues("45 1 * * *", "America/New_York", "2026-11-01T06:10:00Z", 1),
            Texts{"2026-11-02T06:45:00.000Z"});
  EXPECT_EQ(cron_dues("45 1 * * *", "Australia/Lord_Howe", "2026-04-04T00:00:00Z", 2),
            (Texts{"2026-04-04T14:45:00.000Z", "2026-04-05T15:15:00.000Z"}));
}

TEST(CronInAnOverlap, DoesNotRepeatAFixedTimeWhereverInTheSecondPassItIsAsked) {
  Schedule schedule = compiled(cron_spec("30 2 * * *", "Europe/Berlin"));
  Instant back = at("2026-10-25T01:00:00Z");
  Instant next_day = at("2026-10-26T01:30:00Z");
  for (Duration later :
       {Duration{}, milliseconds(1), seconds(1), seconds(2), minutes(30), hours(1)}) {
    EXPECT_EQ(schedule.first_from(back + later), next_day) << later.ms;
    EXPECT_EQ(schedule.missed(back + later, next_day), (Missed{1, next_day})) << later.ms;
  }
}

TEST(CronInAnOverlap, FiresAMidnightThatIsShownTwiceOnce) {
  // Santiago: 2026-04-04 23:00 to 24:00 is shown twice, midnight of the fifth comes once; and it is
  // the fourth that is longer.
  EXPECT_EQ(cron_dues("@daily", "America/Santiago", "2026-04-04T12:00:00Z", 2),
            (Texts{"2026-04-05T04:00:00.000Z", "2026-04-06T04:00:00.000Z"}));
  EXPECT_EQ(cron_dues("30 23 * * *", "America/Santiago", "2026-04-04T12:00:00Z", 2),
            (Texts{"2026-04-05T02:30:00.000Z", "2026-04-06T03:30:00.000Z"}));
}

TEST(CronInAnOverlap, RunsBothPassesOfElapsedTime) {
  EXPECT_EQ(
      cron_dues("*/30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 5),
      (Texts{"2026-10-25T00:00:00.000Z", "2026-10-25T00:30:00.000Z", "2026-10-25T01:00:00.000Z",
             "2026-10-25T01:30:00.000Z", "2026-10-26T01:00:00.000Z"}));
  EXPECT_EQ(cron_dues("15/60 1 * * *", "Australia/Lord_Howe", "2026-04-04T00:00:00Z", 2),
            (Texts{"2026-04-04T14:15:00.000Z", "2026-04-05T14:45:00.000Z"}));
  // What begins as the overlap ends is not due when the clocks are set back.
  EXPECT_EQ(cron_dues("*/30 3 * * *", "Europe/Berlin", "2026-10-25T00:10:00Z", 1),
            Texts{"2026-10-25T02:00:00.000Z"});
  // Every hour of the clock on Lord Howe: 01:00, then 02:00 an hour and a half later.
  EXPECT_EQ(cron_dues("@hourly", "Australia/Lord_Howe", "2026-04-04T13:30:00Z", 2),
            (Texts{"2026-04-04T14:00:00.000Z", "2026-04-04T15:30:00.000Z"}));
}

TEST(CronSchedule, LeapsOver2100) {
  EXPECT_EQ(cron_dues("0 0 29 2 *", "Europe/Berlin", "2096-03-01T00:00:00Z", 1),
            Texts{"2104-02-28T23:00:00.000Z"});
}

TEST(CronSchedule, IsOverWithTheYear9999) {
  Schedule schedule = compiled(cron_spec("0 0 29 2 *"));
  EXPECT_EQ(schedule.next_after(at("9996-02-28T23:59:59.999Z")), at("9996-02-29T00:00:00Z"));
  EXPECT_EQ(schedule.next_after(at("9996-02-29T00:00:00Z")), std::nullopt);
  Schedule seconds_of_berlin = compiled(cron_spec("* * * * * *", "Europe/Berlin"));
  EXPECT_EQ(seconds_of_berlin.next_after(at("9999-12-31T23:59:58.999Z")),
            at("9999-12-31T23:59:59Z"));
  EXPECT_EQ(seconds_of_berlin.next_after(at("9999-12-31T23:59:59Z")), std::nullopt);
  EXPECT_EQ(seconds_of_berlin.next_after(kLastInstant), std::nullopt);
}

TEST(CronSchedule, AnswersForEveryInstant) {
  constexpr Instant kLowest{std::numeric_limits<int64_t>::min()};
  constexpr Instant kHighest{std::numeric_limits<int64_t>::max()};
  for (const ScheduleSpec& spec :
       {cron_spec("0 0 * * *", "America/New_York"), cron_spec("* * * * *", "Europe/Berlin"),
        every_spec(hours(1), kFirstInstant), ScheduleSpec{}}) {
    Schedule schedule = compiled(spec);
    EXPECT_TRUE(schedule.next_after(kLowest));
    EXPECT_TRUE(schedule.first_from(kLowest));
    EXPECT_EQ(schedule.next_after(kHighest), std::nullopt);
    EXPECT_EQ(schedule.first_from(kHighest), std::nullopt);
    EXPECT_TRUE(schedule.missed(kLowest, kHighest));
    EXPECT_EQ(schedule.missed(kHighest, kLowest), std::nullopt);
    EXPECT_EQ(schedule.missed(kLowest, kLowest), std::nullopt);
    EXPECT_EQ(schedule.missed(kHighest, kHighest), std::nullopt);
  }
}

TEST(CronSchedule, IsRefusedWhenItCanNeverFire) {
  EXPECT_EQ(refusal_code(cron_spec("0 0 30 2 *")), ErrorCode::kNeverFires);
  EXPECT_EQ(refusal_code(cron_spec("0 0 31 4,6 ?", "Europe/Berlin")), ErrorCode::kNeverFires);
  EXPECT_EQ(Schedule::compile(cron_spec("0 0 30 2 *"), {}).error().detail,
            "'0 0 30 2 *' names no date that exists");
}

TEST(CronSchedule, IsRefusedForItsTextOrZone) {
  EXPECT_EQ(refusal_code(cron_spec("75 * * * *")), ErrorCode::kInvalidSchedule);
  EXPECT_EQ(refusal_code(cron_spec("")), ErrorCode::kInvalidSchedule);
  EXPECT_EQ(refusal_code(cron_spec("@every 15m")), ErrorCode::kInvalidSchedule);
  EXPECT_EQ(refusal_code(cron_spec("0 0 * * *", "Europe/Atlantis")), ErrorCode::kInvalidTimezone);
  EXPECT_EQ(refusal_code(cron_spec("0 0 * * *", "../zone")), ErrorCode::kInvalidTimezone);
}

TEST(CronSchedule, CountsWhatTenYearsMissed) {
  // 3652 days with three leap days' worth of years: 2028, 2032 and (from 2026 on) no more.
  Schedule every_second = compiled(cron_spec("* * * * * *"));
  EXPECT_EQ(every_second.missed(at("2026-01-01T00:00:00Z"), at("2035-12-31T23:59:59Z")),
            (Missed{3652ull * 86'400, at("2035-12-31T23:59:59Z")}));
  // In Berlin a year has as many seconds of summer gained as lost.
  Schedule berlin = compiled(cron_spec("* * * * * *", "Europe/Berlin"));
  EXPECT_EQ(berlin.missed(at("2026-01-01T00:00:00Z"), at("2035-12-31T23:59:59Z")),
            (Missed{3652ull * 86'400, at("2035-12-31T23:59:59Z")}));
  // A fixed time of every day is due once every day, gap or overlap.
  Schedule half_past_two = compiled(cron_spec("30 2 * * *", "Europe/Berlin"));
  EXPECT_EQ(half_past_two.missed(at("2026-01-01T00:00:00Z"), at("2035-12-31T23:59:59Z")),
            (Missed{3652, at("2035-12-31T01:30:00Z")}));
  // An elapsed one is left out ten times in spring and due twice ten times in autumn.
  Schedule stepped = compiled(cron_spec("30/60 2 * * *", "Europe/Berlin"));
  EXPECT_EQ(stepped.missed(at("2026-01-01T00:00:00Z"), at("2035-12-31T23:59:59Z")),
            (Missed{3652, at("2035-12-31T01:30:00Z")}));
  EXPECT_EQ(stepped.missed(at("2026-01-01T00:00:00Z"), at("2026-06-30T23:59:59Z"))->count, 180u);
}

TEST(CronSchedule, CountsMissedOnesAtTheEdgesOfTheRange) {
  Schedule schedule = compiled(cron_spec("0 * * * *"));
  Instant one = at("2026-01-01T01:00:00Z");
  EXPECT_EQ(schedule.missed(one, one), (Missed{1, one}));
  EXPECT_EQ(schedule.missed(one + milliseconds(1), one + hours(1) - milliseconds(1)), std::nullopt);
  EXPECT_EQ(schedule.missed(one - milliseconds(1), one + milliseconds(1)), (Missed{1, one}));
  EXPECT_EQ(schedule.missed(one, one + hours(1)), (Missed{2, one + hours(1)}));
  EXPECT_EQ(schedule.missed(one, one - milliseconds(1)), std::nullopt);
  // The instant at which a gap ends, as the start of the range.
  Schedule berlin = compiled(cron_spec("30 2 * * *", "Europe/Berlin"));
  Instant jump = at("2026-03-29T01:00:00Z");
  EXPECT_EQ(berlin.missed(jump, jump), (Missed{1, jump}));
  EXPECT_EQ(berlin.missed(jump + milliseconds(1), jump + hours(12)), std::nullopt);
}

TEST(ScheduleKind, KeepsItsStoredNumbers) {
  EXPECT_EQ(static_cast<int>(ScheduleKind::kAt), 1);
  EXPECT_EQ(static_cast<int>(ScheduleKind::kEvery), 2);
  EXPECT_EQ(static_cast<int>(ScheduleKind::kCron), 3);
  EXPECT_EQ(static_cast<int>(ScheduleKind::kFixedDelay), 5);
  EXPECT_EQ(static_cast<int>(DstGap::kFireAfter), 1);
  EXPECT_EQ(static_cast<int>(DstGap::kSkip), 2);
  EXPECT_EQ(static_cast<int>(DstOverlap::kFirst), 1);
  EXPECT_EQ(static_cast<int>(DstOverlap::kSecond), 2);
  EXPECT_EQ(static_cast<int>(DstOverlap::kBoth), 3);
  EXPECT_EQ(static_cast<int>(ElapsedRule::kPattern), 1);
  EXPECT_EQ(static_cast<int>(ElapsedRule::kLeadingStar), 2);
  EXPECT_EQ(static_cast<int>(DomDow::kOr), 1);
  EXPECT_EQ(static_cast<int>(DomDow::kAnd), 2);
  EXPECT_EQ(static_cast<int>(TaskType::kOneTime), 1);
  EXPECT_EQ(static_cast<int>(TaskType::kRecurring), 2);
}

// --- the string form ---

const Instant kNow = Instant{1'796'000'000'000};

ScheduleSpec read(std::string_view text, std::optional<TaskType> type = std::nullopt) {
  auto spec = parse_schedule_text(text, type, kNow);
  EXPECT_TRUE(spec) << text << ": " << (spec ? "" : spec.error().detail);
  return spec.value_or(ScheduleSpec{});
}
std::string refusal(std::string_view text, std::optional<TaskType> type = std::nullopt) {
  auto spec = parse_schedule_text(text, type, kNow);
  if (spec) {
    return "accepted";
  }
  EXPECT_EQ(spec.error().code, ErrorCode::kInvalidSchedule);
  EXPECT_EQ(spec.error().field, "/schedule");
  return spec.error().detail;
}

TEST(ScheduleText, ReadsAnInstant) {
  ScheduleSpec spec;
  spec.at = at("2024-05-23T15:30:00Z");
  EXPECT_EQ(read("2024-05-23T15:30:00Z"), spec);
  EXPECT_EQ(read("2024-05-23T17:30:00+02:00", TaskType::kOneTime), spec);
}

TEST(ScheduleText, ReadsCron) {
  EXPECT_EQ(read("0 9 * * 1-5"), cron_spec("0 9 * * 1-5"));
  EXPECT_EQ(read("*/5 * * * * *", TaskType::kRecurring), cron_spec("*/5 * * * * *"));
  EXPECT_EQ(read("@daily"), cron_spec("@daily"));
  EXPECT_EQ(read("0 0 1 1 *"), cron_spec("0 0 1 1 *"));
}

TEST(ScheduleText, ReadsADurationAsAnIntervalOrForAOneTimeTaskAsADelay) {
  EXPECT_EQ(read("PT15M"), every_spec(minutes(15), kNow + minutes(15)));
  EXPECT_EQ(read("1h30m", TaskType::kRecurring), every_spec(minutes(90), kNow + minutes(90)));
  EXPECT_EQ(read("@every 15m"), every_spec(minutes(15), kNow + minutes(15)));
  EXPECT_EQ(read("@every PT1S", TaskType::kRecurring), every_spec(seconds(1), kNow + seconds(1)));
  ScheduleSpec delayed;
  delayed.at = kNow + minutes(15);
  EXPECT_EQ(read("15m", TaskType::kOneTime), delayed);
  // The first due of an interval comes one interval after now.
  EXPECT_EQ(compiled(read("15m")).next_after(kNow), kNow + minutes(15));
}

TEST(ScheduleText, RefusesWhatContradictsTheType) {
  EXPECT_EQ(refusal("0 9 * * *", TaskType::kOneTime),
            "a one-time task is due once, unlike '0 9 * * *'");
  EXPECT_EQ(refusal("@every 15m", TaskType::kOneTime),
            "a one-time task is due once, unlike '@every 15m'");
  EXPECT_EQ(refusal("2026-12-24T08:00:00Z", TaskType::kRecurring),
            "a recurring task needs cron fields or an interval, unlike '2026-12-24T08:00:00Z'");
}

TEST(ScheduleText, SaysWhatIsWrong) {
  EXPECT_EQ(refusal("2024-13-23T15:30:00Z"), "month 13 is outside 1-12 in '2024-13-23T15:30:00Z'");
  EXPECT_EQ(refusal("2026-12-24T08:00:00"),
            "'2026-12-24T08:00:00' has no offset: end it with Z or one such as +01:00");
  EXPECT_EQ(refusal("2026-12-24 08:00:00Z"),
            "'2026-12-24 08:00:00Z' is not a date and time such as 2026-12-24T08:00:00Z");
  EXPECT_EQ(refusal("P1M"), "years and months have no fixed length in 'P1M'");
  EXPECT_EQ(refusal("-15m"), "a duration is not negative, unlike '-15m'");
  EXPECT_EQ(refusal("@every never"), "'never' is not a duration such as PT15M, 90s or 1h30m");
  EXPECT_EQ(refusal("253402300799999ms", TaskType::kOneTime),
            "'253402300799999ms' from now is after the year 9999");
  EXPECT_EQ(refusal("tomorrow"),
            "'tomorrow' is not an instant (2026-12-24T08:00:00Z), cron fields (0 9 * * 1-5) or a "
            "duration (PT15M, 15m)");
  EXPECT_NE(refusal(""), "accepted");
}

TEST(ScheduleText, RefusesHostileText) {
  EXPECT_EQ(refusal(std::string(10'240, '1')), "a schedule of 10240 bytes is longer than 1024");
  EXPECT_NE(refusal(std::string("15m\0", 4)), "accepted");
  EXPECT_NE(refusal(std::string("\0", 1)), "accepted");
  EXPECT_NE(refusal("99999999999999999999d"), "accepted");
  EXPECT_NE(refusal("\xff\xfe"), "accepted");
  // Cron text is read here and judged by compile().
  for (std::string text : {" ", "\t", "@", "@every", "@reboot", "CRON_TZ= 0 9 * * *", "TZ=UTC",
                           "TZ=UTC ", "@every "}) {
    auto spec = parse_schedule_text(text, std::nullopt, kNow);
    EXPECT_FALSE(spec && Schedule::compile(*spec, {})) << text;
  }
}

}  // namespace
}  // namespace hourwheel::schedule_test
