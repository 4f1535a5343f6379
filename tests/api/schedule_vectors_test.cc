// The conformance file of schedules (tests/vectors): what it expects was computed without any code
// of ours, and is what we must answer (C-16 to C-19).
#include <algorithm>
#include <array>
#include <cstdio>
#include <set>

#include "api/schedule_json.h"
#include "engine/schedule/schedule.h"
#include "engine/schedule/time_zone.h"
#include "tests/api/support/schedule_vectors.h"

namespace hourwheel::schedule_vectors_test {
namespace {

std::string text_or_none(std::optional<Instant> t) {
  return t ? to_text(*t) : "none";
}

// The words of the file for a refusal. What is not one of the three is a fault of the object.
std::string_view error_word(ErrorCode code) {
  if (code == ErrorCode::kNeverFires) return "never-fires";
  if (code == ErrorCode::kInvalidTimezone) return "invalid-timezone";
  if (code == ErrorCode::kPastInstant) return "past-instant";
  return "invalid-schedule";
}

std::string_view note_word(const Occurrence& occurrence) {
  if (occurrence.excluded) return "excluded";
  switch (occurrence.note) {
    case ClockNote::kNone:
      return "";
    case ClockNote::kGapShifted:
      return "gap";
    case ClockNote::kOverlapFirst:
      return "overlap_first";
    case ClockNote::kOverlapSecond:
      return "overlap_second";
  }
  return "?";
}

std::string local_text(CivilSecond local, Instant due) {
  std::string text = to_text(Instant{local.s * 1000}).substr(0, 19);
  std::string decimals = to_text(due).substr(19, 4);  // ".123"
  return decimals == ".000" ? text : text + decimals;
}

std::string offset_text(int64_t offset_s) {
  int64_t minutes = (offset_s < 0 ? -offset_s : offset_s) / 60;
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%c%02d:%02d", offset_s < 0 ? '-' : '+',
                static_cast<int>(minutes / 60), static_cast<int>(minutes % 60));
  return text.data();
}

class ScheduleVectorsTest : public ::testing::Test {
 protected:
  // As a client would send it. nullopt: refused, and errors_ says why.
  std::optional<Schedule> accept(const ScheduleVector& vector) {
    FieldErrors errors;
    auto spec = read_schedule(vector.schedule, std::nullopt, {Shape::kV1, vector.now}, errors);
    if (spec && past_of(vector.schedule, Shape::kV1) == PastInstant::kRefuse) {
      auto past = check_not_past(*spec, vector.now);
      if (!past) errors.add(vector.schedule, past.error());
    }
    errors_ = errors.take();
    if (!spec || !errors_.empty()) return std::nullopt;
    auto schedule = Schedule::compile(*spec, {});
    EXPECT_TRUE(schedule) << vector.name << ": " << (schedule ? "" : schedule.error().detail);
    return schedule ? std::optional(*schedule) : std::nullopt;
  }

  // Calls check(vector, schedule) for all that are to be accepted.
  template <typename Check>
  void for_each_accepted(Check check) {
    for (const ScheduleVector& vector : vectors_.all()) {
      if (!vector.error.empty()) continue;
      SCOPED_TRACE(vector.name);
      auto schedule = accept(vector);
      if (!schedule) {
        ADD_FAILURE() << "refused: " << (errors_.empty() ? "?" : errors_.front().detail);
        continue;
      }
      check(vector, *schedule);
    }
  }

  // An accepted instant of the past (C-17) is asked for, too.
  static Instant begin_of(const ScheduleVector& vector) {
    return vector.dues.empty() ? vector.from : std::min(vector.from, vector.dues.front().at);
  }

  ScheduleVectors vectors_;
  std::vector<FieldError> errors_;
};

TEST_F(ScheduleVectorsTest, TheFileIsAsLargeAsItSays) {
  std::set<std::string> names;
  std::set<std::string> zones;
  std::set<std::string> kinds;
  for (const ScheduleVector& vector : vectors_.all()) {
    names.insert(vector.name);
    zones.insert(vector.timezone);
    kinds.insert(vector.kind);
    EXPECT_TRUE(!vector.error.empty() || vector.ends || !vector.dues.empty()) << vector.name;
  }
  EXPECT_EQ(names.size(), vectors_.all().size()) << "two vectors have one name";
  EXPECT_GE(names.size(), 900U);
  EXPECT_GE(zones.size(), 40U);
  EXPECT_EQ(kinds, (std::set<std::string>{"", "at", "cron", "delay", "every", "rrule"}));
}

// C-16, C-18, C-19
TEST_F(ScheduleVectorsTest, EveryDueInstantIsTheExpectedOne) {
  for_each_accepted([](const ScheduleVector& vector, const Schedule& schedule) {
    auto due = schedule.first_from(begin_of(vector));
    for (const ExpectedDue& expected : vector.dues) {
      ASSERT_EQ(text_or_none(due), to_text(expected.at));
      EXPECT_EQ(schedule.first_from(*due), due);
      due = schedule.next_after(*due);
    }
    if (vector.ends) {
      EXPECT_EQ(text_or_none(due), "none");
    } else {
      EXPECT_TRUE(due) << "it goes on";
    }
  });
}

// C-11: what was missed is counted without listing it.
TEST_F(ScheduleVectorsTest, WhatWasMissedIsCountedAsListed) {
  for_each_accepted([](const ScheduleVector& vector, const Schedule& schedule) {
    const Instant begin = begin_of(vector);
    uint64_t count = 0;
    for (const ExpectedDue& expected : vector.dues) {
      Instant before = expected.at - milliseconds(1);
      auto missed = schedule.missed(begin, before);
      EXPECT_EQ(missed ? missed->count : 0, count) << "before " << to_text(expected.at);
      ++count;
      EXPECT_EQ(schedule.missed(begin, expected.at), (Missed{count, expected.at}))
          << "through " << to_text(expected.at);
    }
  });
}

// C-18
TEST_F(ScheduleVectorsTest, LocalTimesAndNotesAreTheExpectedOnes) {
  for_each_accepted([](const ScheduleVector& vector, const Schedule& schedule) {
    for (const ExpectedDue& expected : vector.dues) {
      Occurrence told = schedule.explain(expected.at);
      if (vector.kind == "at" && !vector.timezone.empty()) {
        // Once accepted it is an instant, and its zone is only the client's.
        told.local = TimeZone::find(vector.timezone)->civil_at(expected.at);
        told.offset_s = told.local.s - whole_second(expected.at);
      } else {
        EXPECT_EQ(note_word(told), expected.note) << to_text(expected.at);
      }
      EXPECT_EQ(local_text(told.local, expected.at), expected.local);
      EXPECT_EQ(offset_text(told.offset_s), expected.offset) << to_text(expected.at);
    }
  });
}

// C-16, C-17: refused at creation, for the expected reason.
TEST_F(ScheduleVectorsTest, RefusalsAreTheExpectedOnes) {
  for (const ScheduleVector& vector : vectors_.all()) {
    if (vector.error.empty()) continue;
    EXPECT_FALSE(accept(vector)) << vector.name << ": accepted";
    if (!errors_.empty()) {
      EXPECT_EQ(error_word(errors_.front().kind), vector.error)
          << vector.name << ": " << errors_.front().detail;
    }
  }
}

}  // namespace
}  // namespace hourwheel::schedule_vectors_test
