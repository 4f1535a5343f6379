// The schedule object of api.md: the kinds and what may stand beside each.
#include "api/schedule_json.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/schedule/time_text.h"
#include "tests/api/support/fixture.h"

namespace hourwheel::schedule_json_test {
namespace {

class ScheduleJsonTest : public ::testing::Test {
 protected:
  std::optional<ScheduleSpec> read(const std::string& schedule) {
    std::string body = R"({"schedule":)" + schedule + "}";
    padded_ = body + std::string(64, '\0');
    auto top = reader_.parse(std::string_view(padded_).substr(0, body.size()));
    if (!top) {
      ADD_FAILURE() << body << ": " << top.error().detail;
      return std::nullopt;
    }
    FieldErrors errors;
    auto spec = read_schedule(*top->find("schedule"), std::nullopt, {Shape::kV1, kTestNow}, errors);
    errors_ = errors.take();
    EXPECT_TRUE(spec || !errors_.empty()) << schedule;
    return errors_.empty() ? spec : std::nullopt;
  }
  ScheduleSpec accepted(const std::string& schedule) {
    auto spec = read(schedule);
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

std::string cron_with(const std::string& members) {
  return R"({"cron":"30 2 * * *","timezone":"Europe/Berlin",)" + members + "}";
}
std::string every_with(const std::string& members) {
  return R"({"every":"10m",)" + members + "}";
}

TEST_F(ScheduleJsonTest, ClockOptionsAreRead) {  // C-18, C-19
  ScheduleSpec plain = accepted(R"({"cron":"30 2 * * *"})");
  EXPECT_EQ(plain.changes, (ClockChanges{DstGap::kFireAfter, DstOverlap::kFirst}));
  EXPECT_EQ(plain.elapsed, ElapsedRule::kPattern);
  EXPECT_EQ(plain.dom_dow, DomDow::kOr);
  ScheduleSpec set =
      accepted(cron_with(R"("dst_gap":"skip","dst_overlap":"second","dom_dow":"and")"));
  EXPECT_EQ(set.changes, (ClockChanges{DstGap::kSkip, DstOverlap::kSecond}));
  EXPECT_EQ(set.dom_dow, DomDow::kAnd);
  expect_refused(cron_with(R"("dst_gap":"sometimes")"), "/schedule/dst_gap", "unknown-value");
  expect_refused(cron_with(R"("dst_overlap":2)"), "/schedule/dst_overlap", "unknown-value");
  expect_refused(cron_with(R"("dom_dow":"xor")"), "/schedule/dom_dow", "unknown-value");
}

TEST_F(ScheduleJsonTest, APresetIsOverriddenByWhatStandsBesideIt) {  // C-18
  ScheduleSpec cron = accepted(cron_with(R"("dst":"cron")"));
  EXPECT_EQ(cron.changes, (ClockChanges{DstGap::kFireAfter, DstOverlap::kFirst}));
  EXPECT_EQ(cron.elapsed, ElapsedRule::kLeadingStar);
  ScheduleSpec aws = accepted(cron_with(R"("dst":"eventbridge")"));
  EXPECT_EQ(aws.changes, (ClockChanges{DstGap::kSkip, DstOverlap::kFirst}));
  EXPECT_EQ(aws.elapsed, ElapsedRule::kPattern);
  ScheduleSpec temporal = accepted(cron_with(R"("dst_overlap":"first","dst":"temporal")"));
  EXPECT_EQ(temporal.changes, (ClockChanges{DstGap::kSkip, DstOverlap::kFirst}));
  expect_refused(cron_with(R"("dst":"quartz")"), "/schedule/dst", "unknown-value");
}

TEST_F(ScheduleJsonTest, EveryIsAFixedRateOrAFixedDelay) {  // C-16
  EXPECT_EQ(accepted(every_with(R"("mode":"fixed_rate")")).kind, ScheduleKind::kEvery);
  ScheduleSpec delay = accepted(every_with(R"("mode":"fixed_delay")"));
  EXPECT_EQ(delay.kind, ScheduleKind::kFixedDelay);
  EXPECT_EQ(delay.anchor, kTestNow);
  EXPECT_EQ(delay.every, minutes(10));
  expect_refused(every_with(R"("mode":"often")"), "/schedule/mode", "unknown-value");
  expect_refused(cron_with(R"("mode":"fixed_rate")"), "/schedule/mode", "unknown-field");
}

TEST_F(ScheduleJsonTest, TheWindowJitterAndMaxRunsAreRead) {  // C-16
  const std::string members =
      R"("start_at":"2026-02-01T00:00:00+01:00","end_at":"2026-03-01T00:00:00Z","max_runs":7,)"
      R"("jitter":"PT5S")";
  for (const std::string& schedule : {cron_with(members), every_with(members)}) {
    ScheduleSpec spec = accepted(schedule);
    EXPECT_EQ(to_text(spec.start_at.value_or(kFirstInstant)), "2026-01-31T23:00:00.000Z");
    EXPECT_EQ(to_text(spec.end_at.value_or(kFirstInstant)), "2026-03-01T00:00:00.000Z");
    EXPECT_EQ(spec.max_runs, 7U);
    EXPECT_EQ(spec.jitter, seconds(5));
  }
  // An interval without an anchor is counted from the start of its window.
  EXPECT_EQ(to_text(accepted(every_with(members)).anchor), "2026-01-31T23:00:00.000Z");
  EXPECT_EQ(to_text(accepted(R"({"cron":"@every 1h","start_at":"2026-02-01T00:00:00Z"})").anchor),
            "2026-02-01T00:00:00.000Z");
  EXPECT_EQ(accepted(every_with(R"("max_runs":9007199254740992)")).max_runs, uint64_t{1} << 53);
  expect_refused(every_with(R"("max_runs":0)"), "/schedule/max_runs", "out-of-range");
  expect_refused(every_with(R"("max_runs":9007199254740993)"), "/schedule/max_runs",
                 "out-of-range");
  expect_refused(every_with(R"("jitter":"-1s")"), "/schedule/jitter", "invalid");
  expect_refused(every_with(R"("start_at":"2026-02-01T00:00:00")"), "/schedule/start_at",
                 "invalid");
  expect_refused(every_with(R"("start_at":"2026-02-01T00:00:00Z","end_at":"2026-02-01T00:00:00Z")"),
                 "/schedule/end_at", "out-of-range");
}

TEST_F(ScheduleJsonTest, ExclusionsAreDatesAndRanges) {  // C-16
  ScheduleSpec spec = accepted(cron_with(
      R"("exclude":["2026-12-25",{"from":"2026-07-01T00:00:00Z","to":"2026-08-01T00:00:00Z"}])"));
  ASSERT_EQ(spec.exclude.size(), 2U);
  EXPECT_EQ(spec.exclude[0].date, (CivilDate{2026, 12, 25}));
  EXPECT_EQ(to_text(spec.exclude[1].range.to), "2026-08-01T00:00:00.000Z");

  auto refused = [this](const std::string& list, std::string_view pointer, std::string_view code) {
    expect_refused(cron_with(R"("exclude":)" + list), pointer, code);
  };
  refused(R"("2026-12-25")", "/schedule/exclude", "wrong-type");
  refused(R"([7])", "/schedule/exclude/0", "wrong-type");
  refused(R"(["2026-12-25","2026-02-29"])", "/schedule/exclude/1", "invalid");
  refused(R"(["2026-12-25T00:00:00Z"])", "/schedule/exclude/0", "invalid");
  refused(R"([{"from":"2026-07-01T00:00:00Z"}])", "/schedule/exclude/0", "required");
  refused(R"([{"from":"2026-07-01T00:00:00Z","to":"2026-07-01T00:00:00Z"}])",
          "/schedule/exclude/0/to", "out-of-range");
  refused(R"([{"from":"2026-07-01T00:00:00Z","to":"2026-08-01T00:00:00Z","why":""}])",
          "/schedule/exclude/0/why", "unknown-field");
}

TEST_F(ScheduleJsonTest, AHundredExclusionsFit) {
  auto list = [](int n) {
    std::string out;
    for (int i = 0; i < n; ++i) {
      out += std::string(i == 0 ? "" : ", ") + R"({"from":"2026-07-01T00:00:00.000+02:00", )" +
             R"("to":"2026-08-01T00:00:00.000+02:00"})";
    }
    return cron_with(R"("exclude":[)" + out + "]");
  };
  EXPECT_EQ(accepted(list(100)).exclude.size(), 100U);
  expect_refused(list(101), "/schedule/exclude", "too-long");
  expect_refused(list(1'000), "/schedule", "too-long");
}

TEST_F(ScheduleJsonTest, WhatCanNeverFireIsRefused) {  // C-16
  expect_refused(R"({"cron":"0 0 0 30 2 * 2027"})", "/schedule", "never-fires");
  expect_refused(R"({"cron":"0 0 0 1 1 ? 2027","exclude":["2027-01-01"]})", "/schedule",
                 "never-fires");
  expect_refused(R"({"cron":"0 0 1 1 *","start_at":"2026-02-01T00:00:00Z",)"
                 R"("end_at":"2026-03-01T00:00:00Z"})",
                 "/schedule", "never-fires");
  // Whether an H within a range ever falls on a date that exists, the shard says, knowing the id.
  EXPECT_TRUE(read(R"({"cron":"0 0 H(30-31) 2 *"})"));
}

TEST_F(ScheduleJsonTest, ALocalInstantIsDisambiguated) {  // C-18
  auto at = [this](const std::string& rest) {
    auto spec = read(R"({"at":"2026-10-25T02:30:00","timezone":"Europe/Berlin")" + rest + "}");
    return spec ? to_text(spec->at) : errors_.front().detail;
  };
  EXPECT_EQ(at(""), "2026-10-25T00:30:00.000Z");
  EXPECT_EQ(at(R"(,"disambiguation":"compatible")"), "2026-10-25T00:30:00.000Z");
  EXPECT_EQ(at(R"(,"disambiguation":"later")"), "2026-10-25T01:30:00.000Z");
  EXPECT_EQ(at(R"(,"disambiguation":"reject")"), "the clocks of the zone show this time twice");
  EXPECT_EQ(errors_.front().pointer, "/schedule/at");
  EXPECT_EQ(at(R"(,"disambiguation":"best")").substr(0, 7), "must be");
  expect_refused(cron_with(R"("disambiguation":"later")"), "/schedule/disambiguation",
                 "unknown-field");
}

TEST_F(ScheduleJsonTest, AZoneInTheExpressionMustNotContradict) {  // C-16
  EXPECT_EQ(accepted(R"({"cron":"CRON_TZ=Asia/Tokyo 0 9 * * *"})").timezone, "Asia/Tokyo");
  EXPECT_EQ(accepted(R"("TZ=Asia/Tokyo 0 9 * * *")").timezone, "Asia/Tokyo");
  expect_refused(R"({"cron":"TZ=Asia/Tokyo 0 9 * * *","timezone":"UTC"})", "/schedule/cron",
                 "invalid-schedule");
  expect_refused(R"({"cron":"TZ=Asia/Atlantis 0 9 * * *"})", "/schedule/cron", "invalid-timezone");
}

TEST_F(ScheduleJsonTest, OptionsOfRecurringKindsDoNotStandBesideOneTimeOnes) {
  for (const char* option :
       {R"("dst_gap":"skip")", R"("dom_dow":"and")", R"("max_runs":1)", R"("jitter":"1s")",
        R"("exclude":[])", R"("end_at":"2027-01-01T00:00:00Z")"}) {
    std::string name(option + 1, std::string_view(option + 1).find('"'));
    expect_refused(R"({"delay":"15m",)" + std::string(option) + "}", "/schedule/" + name,
                   "unknown-field");
    expect_refused(R"({"at":"2026-02-01T00:00:00Z",)" + std::string(option) + "}",
                   "/schedule/" + name, "unknown-field");
  }
  expect_refused(every_with(R"("dst":"cron")"), "/schedule/dst", "unknown-field");
}

}  // namespace
}  // namespace hourwheel::schedule_json_test
