// Recurrence rules as schedule objects.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "api/schedule_json.h"
#include "engine/limits.h"
#include "engine/schedule/time_text.h"
#include "tests/api/support/fixture.h"

namespace hourwheel::schedule_rrule_json_test {
namespace {

class ScheduleRruleJsonTest : public ::testing::Test {
 protected:
  std::optional<ScheduleSpec> read(const std::string& schedule, Instant now = kTestNow) {
    std::string body = R"({"schedule":)" + schedule + "}";
    padded_ = body + std::string(64, '\0');
    auto top = reader_.parse(std::string_view(padded_).substr(0, body.size()));
    if (!top) {
      ADD_FAILURE() << body << ": " << top.error().detail;
      return std::nullopt;
    }
    FieldErrors errors;
    auto spec = read_schedule(*top->find("schedule"), std::nullopt, {Shape::kV1, now}, errors);
    errors_ = errors.take();
    return errors_.empty() ? spec : std::nullopt;
  }
  ScheduleSpec accepted(const std::string& schedule, Instant now = kTestNow) {
    auto spec = read(schedule, now);
    EXPECT_TRUE(spec) << schedule << ": " << (errors_.empty() ? "" : errors_.front().detail);
    return spec.value_or(ScheduleSpec{});
  }
  void expect_refused(const std::string& schedule, std::string_view pointer,
                      std::string_view code) {
    EXPECT_FALSE(read(schedule)) << "accepted: " << schedule;
    ASSERT_FALSE(errors_.empty()) << schedule;
    EXPECT_EQ(errors_.front().pointer, pointer) << schedule << ": " << errors_.front().detail;
    EXPECT_EQ(errors_.front().code, code) << schedule << ": " << errors_.front().detail;
  }

  JsonReader reader_;
  std::string padded_;
  std::vector<FieldError> errors_;
};

CivilSecond civil(std::string_view text) {
  return parse_local_time(text)->second;
}

TEST_F(ScheduleRruleJsonTest, ReadsARuleWithItsDatesAndOptions) {  // C-16
  ScheduleSpec spec = accepted(
      R"({"rrule":"RRULE:FREQ=MONTHLY;BYDAY=-1FR","timezone":"Europe/Berlin",)"
      R"("start_at":"2026-12-01T08:00:00+01:00","dst_gap":"skip","dst_overlap":"both",)"
      R"("exdate":["2026-12-25T08:00:00","2027-01-29T07:00:00Z"],"rdate":["2026-12-31T23:00:00"],)"
      R"("exclude":["2027-05-01"],"jitter":"1s","max_runs":9})");
  EXPECT_EQ(spec.kind, ScheduleKind::kRrule);
  EXPECT_EQ(spec.rrule, "RRULE:FREQ=MONTHLY;BYDAY=-1FR");
  EXPECT_EQ(spec.dtstart, civil("2026-12-01T08:00:00"));
  EXPECT_EQ(spec.exdate, (std::vector{civil("2026-12-25T08:00:00"), civil("2027-01-29T08:00:00")}));
  EXPECT_EQ(spec.rdate, std::vector{civil("2026-12-31T23:00:00")});
  EXPECT_EQ(spec.changes, (ClockChanges{DstGap::kSkip, DstOverlap::kBoth}));
  EXPECT_EQ(spec.max_runs, 9U);
}

TEST_F(ScheduleRruleJsonTest, StartsAtTheFirstWholeSecondAfterItsAcceptance) {
  Instant now = *parse_instant("2026-11-26T13:00:00.001Z");
  ScheduleSpec spec = accepted(R"({"rrule":"FREQ=DAILY","timezone":"Asia/Tokyo"})", now);
  EXPECT_EQ(spec.dtstart, civil("2026-11-26T22:00:01"));
}

TEST_F(ScheduleRruleJsonTest, RefusalsNameTheMember) {
  expect_refused(R"({"rrule":"FREQ=DAILY;BYHOUR=24"})", "/schedule/rrule", "invalid-schedule");
  expect_refused(R"({"rrule":5})", "/schedule/rrule", "wrong-type");
  expect_refused(R"({"rrule":"FREQ=DAILY","timezone":"Mars/Base"})", "/schedule/timezone",
                 "invalid-timezone");
  expect_refused(R"({"rrule":"FREQ=DAILY","cron":"* * * * *"})", "/schedule", "invalid-schedule");
  expect_refused(R"({"cron":"* * * * *","exdate":[]})", "/schedule/exdate", "unknown-field");
  expect_refused(R"({"rrule":"FREQ=DAILY","dom_dow":"or"})", "/schedule/dom_dow", "unknown-field");
  expect_refused(R"({"rrule":"FREQ=DAILY","exdate":"2026-12-25T08:00:00"})", "/schedule/exdate",
                 "wrong-type");
  expect_refused(R"({"rrule":"FREQ=DAILY","rdate":["2026-12-25T08:00:00",7]})", "/schedule/rdate/1",
                 "wrong-type");
  expect_refused(R"({"rrule":"FREQ=DAILY","rdate":["2026-12-25"]})", "/schedule/rdate/0",
                 "invalid");
  expect_refused(R"({"rrule":"FREQ=DAILY","rdate":["2026-12-25T08:00:00.5"]})", "/schedule/rdate/0",
                 "out-of-range");
  // 02:30 in Berlin comes twice then.
  expect_refused(
      R"({"rrule":"FREQ=DAILY","timezone":"Europe/Berlin","rdate":["2026-10-25T01:30:00Z"]})",
      "/schedule/rdate/0", "out-of-range");
  std::string many = R"({"rrule":"FREQ=DAILY","exdate":["2026-12-25T08:00:00")";
  for (size_t i = 0; i < kMaxRruleDates; ++i) many += R"(,"2026-12-25T08:00:00")";
  expect_refused(many + "]}", "/schedule/exdate", "too-long");
}

// C-16: a schedule that can never fire is refused at creation with the reason.
TEST_F(ScheduleRruleJsonTest, RefusesARuleThatIsNeverDue) {
  expect_refused(R"({"rrule":"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"})", "/schedule", "never-fires");
}

}  // namespace
}  // namespace hourwheel::schedule_rrule_json_test
