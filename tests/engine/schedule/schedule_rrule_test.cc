// Recurrence rules as schedules: in a zone, with their dates and options.
#include <gtest/gtest.h>

#include "engine/limits.h"
#include "engine/schedule/advice.h"
#include "engine/schedule/describe.h"
#include "engine/schedule/describe_rrule.h"
#include "tests/engine/schedule/rrule_texts.h"
#include "tests/engine/schedule/texts.h"

namespace hourwheel::schedule_rrule_test {
namespace {

using Texts = std::vector<std::string>;

ScheduleSpec rrule_spec(std::string_view rrule, std::string_view dtstart,
                        std::string_view zone = "") {
  ScheduleSpec spec;
  spec.kind = ScheduleKind::kRrule;
  spec.rrule = rrule;
  spec.dtstart = civil(dtstart);
  spec.timezone = zone;
  return spec;
}

ErrorCode refusal(const ScheduleSpec& spec) {
  auto schedule = Schedule::compile(spec, {});
  EXPECT_FALSE(schedule) << spec.rrule;
  return schedule ? ErrorCode::kInternal : schedule.error().code;
}

TEST(ScheduleRrule, IsDueAtCivilTimesOfItsZone) {  // C-16, C-18
  Schedule last_friday = compiled(
      rrule_spec("FREQ=MONTHLY;BYDAY=-1FR;BYHOUR=9", "2026-02-01T00:00:00", "Europe/Berlin"));
  EXPECT_EQ(
      dues(last_friday, "2026-02-01T00:00:00Z", 3),
      (Texts{"2026-02-27T08:00:00.000Z", "2026-03-27T08:00:00.000Z", "2026-04-24T07:00:00.000Z"}));
}

TEST(ScheduleRrule, ObeysTheOptionsWhereClocksAreChanged) {  // C-18
  // On 29 March 2026 Berlin's clocks jump from 02:00 to 03:00, that is at 01:00Z.
  ScheduleSpec spec =
      rrule_spec("FREQ=DAILY;BYHOUR=2;BYMINUTE=15,30", "2026-03-28T00:00:00", "Europe/Berlin");
  EXPECT_EQ(dues(compiled(spec), "2026-03-28T12:00:00Z", 2),
            (Texts{"2026-03-29T01:00:00.000Z", "2026-03-30T00:15:00.000Z"}));
  // One of two that fall into the gap is left out: the other one is due all the same.
  spec.exdate = {civil("2026-03-29T02:15:00")};
  EXPECT_EQ(dues(compiled(spec), "2026-03-28T12:00:00Z", 1), Texts{"2026-03-29T01:00:00.000Z"});
  spec.exdate.push_back(civil("2026-03-29T02:30:00"));
  EXPECT_EQ(dues(compiled(spec), "2026-03-28T12:00:00Z", 1), Texts{"2026-03-30T00:15:00.000Z"});
  spec.exdate.clear();
  spec.changes.gap = DstGap::kSkip;
  EXPECT_EQ(dues(compiled(spec), "2026-03-28T12:00:00Z", 1), Texts{"2026-03-30T00:15:00.000Z"});
  // An additional date meets the gap as the rule's do.
  ScheduleSpec added = rrule_spec("FREQ=YEARLY;COUNT=1", "2026-01-01T00:00:00", "Europe/Berlin");
  added.rdate = {civil("2026-03-29T02:30:00")};
  EXPECT_EQ(dues(compiled(added), "2026-01-02T00:00:00Z", 2),
            (Texts{"2026-03-29T01:00:00.000Z", "none"}));
}

TEST(ScheduleRrule, FollowsElapsedTimeFromHoursDown) {  // C-18
  Schedule hourly = compiled(rrule_spec("FREQ=HOURLY", "2026-01-01T00:30:00", "Europe/Berlin"));
  EXPECT_EQ(dues(hourly, "2026-03-29T00:00:00Z", 2),
            (Texts{"2026-03-29T00:30:00.000Z", "2026-03-29T01:30:00.000Z"}));
  EXPECT_EQ(
      dues(hourly, "2026-10-25T00:00:00Z", 3),
      (Texts{"2026-10-25T00:30:00.000Z", "2026-10-25T01:30:00.000Z", "2026-10-25T02:30:00.000Z"}));
}

struct Equal {
  const char* cron;
  const char* rrule;
};

// Calendar is proven with cron: what says the same must be due at the same instants.
TEST(ScheduleRrule, IsDueWhenTheSameCronExpressionIs) {
  constexpr Equal kEquals[] = {
      {"30 2 * * *", "FREQ=DAILY;BYHOUR=2;BYMINUTE=30"},
      {"0,40 0,1,2,3 * * *", "FREQ=DAILY;BYHOUR=0,1,2,3;BYMINUTE=0,40"},
      {"0 2 * * 0", "FREQ=WEEKLY;BYDAY=SU;BYHOUR=2;BYMINUTE=0"},
      {"5 2 1 4,10 *", "FREQ=YEARLY;BYMONTH=4,10;BYMONTHDAY=1;BYHOUR=2;BYMINUTE=5"},
      {"15 2 L * *", "FREQ=MONTHLY;BYMONTHDAY=-1;BYHOUR=2;BYMINUTE=15"},
      {"15 2 * * 0#L", "FREQ=MONTHLY;BYDAY=-1SU;BYHOUR=2;BYMINUTE=15"},
      {"*/20 * * * *", "FREQ=MINUTELY;INTERVAL=20"},
      {"*/7 2-4 * * *", "FREQ=HOURLY;BYHOUR=2,3,4;BYMINUTE=0,7,14,21,28,35,42,49,56"},
  };
  for (const char* zone : {"UTC", "Europe/Berlin", "Australia/Lord_Howe", "America/Santiago"}) {
    for (const Equal& equal : kEquals) {
      for (DstOverlap overlap : {DstOverlap::kFirst, DstOverlap::kSecond, DstOverlap::kBoth}) {
        SCOPED_TRACE(std::string(equal.rrule) + " in " + zone);
        ScheduleSpec rrule = rrule_spec(equal.rrule, "2025-12-01T00:00:00", zone);
        ScheduleSpec cron = cron_spec(equal.cron, zone);
        rrule.changes.overlap = cron.changes.overlap = overlap;
        Schedule ours = compiled(rrule);
        Schedule same = compiled(cron);
        Instant from = at("2026-01-01T00:00:00Z");
        Instant t = from;
        for (int i = 0; i < 1'000 && t < at("2027-12-31T00:00:00Z"); ++i) {
          auto due = ours.next_after(t);
          ASSERT_EQ(due, same.next_after(t)) << to_text(t);
          t = *due;
        }
        ASSERT_EQ(ours.missed(from, t), same.missed(from, t));
      }
    }
  }
}

TEST(ScheduleRrule, CountsWhatWasMissed) {  // C-11
  ScheduleSpec spec =
      rrule_spec("FREQ=WEEKLY;BYDAY=MO,WE;BYHOUR=8;COUNT=400", "2026-01-01T00:00:00", "Asia/Tokyo");
  spec.exdate = {civil("2026-01-07T08:00:00")};
  spec.rdate = {civil("2026-01-08T12:00:00")};
  Schedule schedule = compiled(spec);
  // 5, (7), 8 at 12:00, 12, 14 January; 08:00 in Tokyo is 23:00Z of the day before.
  EXPECT_EQ(schedule.missed(at("2026-01-01T00:00:00Z"), at("2026-01-14T00:00:00Z")),
            (Missed{4, at("2026-01-13T23:00:00Z")}));
  EXPECT_EQ(schedule.missed(at("2026-01-01T00:00:00Z"), at("9999-01-14T00:00:00Z"))->count, 400U);
}

TEST(ScheduleRrule, EndsWithAnUntilInUtc) {
  const char* start = "2026-07-01T09:00:00";
  Schedule schedule =
      compiled(rrule_spec("FREQ=DAILY;UNTIL=20260702T070000Z", start, "Europe/Berlin"));
  EXPECT_EQ(dues(schedule, "2026-07-01T00:00:00Z", 3),
            (Texts{"2026-07-01T07:00:00.000Z", "2026-07-02T07:00:00.000Z", "none"}));
  Schedule earlier =
      compiled(rrule_spec("FREQ=DAILY;UNTIL=20260702T065959Z", start, "Europe/Berlin"));
  EXPECT_EQ(dues(earlier, "2026-07-01T00:00:00Z", 2), (Texts{"2026-07-01T07:00:00.000Z", "none"}));
}

TEST(ScheduleRrule, IsDescribedWithItsDates) {
  ScheduleSpec spec = rrule_spec("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR;COUNT=10",
                                 "2026-01-01T09:00:00", "Europe/Berlin");
  spec.exdate = {civil("2026-01-05T09:00:00")};
  spec.rdate = {civil("2026-01-06T09:00:00"), civil("2026-01-07T09:00:00")};
  EXPECT_EQ(describe(spec),
            describe_rrule(spec.rrule) + ", without 1 date, and on 2 more dates, Europe/Berlin");
}

TEST(ScheduleRrule, IsWarnedOfClockChangesOnlyForFixedTimes) {
  Instant from = at("2026-03-01T00:00:00Z");
  ScheduleSpec fixed =
      rrule_spec("FREQ=DAILY;BYHOUR=2;BYMINUTE=30", "2026-01-01T00:00:00", "Europe/Berlin");
  EXPECT_FALSE(advise(fixed, compiled(fixed), from).empty());
  ScheduleSpec hourly = rrule_spec("FREQ=HOURLY", "2026-01-01T00:00:00", "Europe/Berlin");
  EXPECT_TRUE(advise(hourly, compiled(hourly), from).empty());
}

TEST(ScheduleRrule, RefusesWhatIsNeverDue) {  // C-16
  const char* start = "2026-01-01T09:00:00";
  EXPECT_EQ(refusal(rrule_spec("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", start)),
            ErrorCode::kNeverFires);
  EXPECT_EQ(refusal(rrule_spec("FREQ=DAILY;UNTIL=20200101T000000Z", start)),
            ErrorCode::kNeverFires);
  EXPECT_EQ(refusal(rrule_spec("FREQ=DAILY;BYHOUR=24", start)), ErrorCode::kInvalidSchedule);
  EXPECT_EQ(refusal(rrule_spec("FREQ=DAILY", start, "Mars/Base")), ErrorCode::kInvalidTimezone);
  ScheduleSpec left_out = rrule_spec("FREQ=DAILY;COUNT=1", start);
  left_out.exdate = {civil(start)};
  EXPECT_EQ(refusal(left_out), ErrorCode::kNeverFires);
  ScheduleSpec crowded = rrule_spec("FREQ=DAILY", start);
  crowded.rdate.assign(kMaxRruleDates + 1, civil(start));
  EXPECT_EQ(refusal(crowded), ErrorCode::kInvalidSchedule);
  ScheduleSpec ended = rrule_spec("FREQ=DAILY;COUNT=2", start);
  ended.start_at = at("2026-02-01T00:00:00Z");
  EXPECT_EQ(refusal(ended), ErrorCode::kNeverFires);
  ScheduleSpec corrupt = rrule_spec("FREQ=DAILY", start);
  corrupt.dtstart.s = INT64_MAX;
  EXPECT_EQ(refusal(corrupt), ErrorCode::kInvalidSchedule);
}

}  // namespace
}  // namespace hourwheel::schedule_rrule_test
