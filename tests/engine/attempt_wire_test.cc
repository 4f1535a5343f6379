#include "engine/attempt_wire.h"

#include <gtest/gtest.h>

#include "tests/engine/completion_fixture.h"

namespace hourwheel::attempt_wire_test {
namespace {

AttemptWire some_wire() {
  AttemptWire wire;
  wire.remote = RemoteKind::kV4;
  wire.port = 443;
  wire.address = {10, 0, 0, 9};
  wire.connect = PhaseTime(milliseconds(2));
  wire.tls = PhaseTime(milliseconds(30));
  wire.first_byte = PhaseTime(milliseconds(0));
  return wire;
}

TEST(AttemptWire, NoTimeIsAnotherThanNone) {
  EXPECT_EQ(PhaseTime().took(), std::nullopt);
  EXPECT_EQ(PhaseTime(milliseconds(0)).took(), milliseconds(0));
  EXPECT_NE(PhaseTime(), PhaseTime(milliseconds(0)));
}

TEST(AttemptWire, ATimeIsNeverNegativeAndNeverTakenForNone) {
  EXPECT_EQ(PhaseTime(milliseconds(-1)).took(), milliseconds(0));
  EXPECT_EQ(PhaseTime(Duration{INT64_MIN}).took(), milliseconds(0));
  for (const int64_t ms : {int64_t{UINT32_MAX} - 1, int64_t{UINT32_MAX}, INT64_MAX}) {
    EXPECT_EQ(PhaseTime(Duration{ms}).took(), milliseconds(int64_t{UINT32_MAX} - 1));
  }
}

TEST(AttemptWire, TimesAreOfTheAttemptsOwnConnection) {  // AW1, AW2
  EXPECT_TRUE(AttemptWire{}.is_sound());
  EXPECT_TRUE(some_wire().is_sound());
  AttemptWire kept = some_wire();
  kept.reused = true;
  EXPECT_FALSE(kept.is_sound()) << "it was made before";
  kept.connect = {};
  EXPECT_FALSE(kept.is_sound()) << "and secured";
  kept.tls = {};
  EXPECT_TRUE(kept.is_sound());
  AttemptWire nowhere;
  nowhere.first_byte = PhaseTime(milliseconds(1));
  EXPECT_FALSE(nowhere.is_sound());
  nowhere = {};
  nowhere.reused = true;
  EXPECT_FALSE(nowhere.is_sound());
}

// --- what the shard makes of it ---

// Ends the attempt as answered, with that wire.
void answer(ShardUnderTest& under, AttemptOutcome outcome) {
  outcome.wire = some_wire();
  under.shard.post(AttemptEnded{under.targets.sent.at(0).token, std::move(outcome)});
  under.live_until(under.now);
}

AttemptOutcome refused(Instant now) {
  AttemptOutcome outcome = deferred(now);
  outcome.deferred = false;
  outcome.status = 500;
  return outcome;
}

TEST_F(CompletionTest, TheRecordHasTheWireOfItsAttempt) {
  begin_once();
  answer(under_, refused(under_.now));
  ASSERT_EQ(under_.records.size(), 1U);
  EXPECT_EQ(under_.records[0].outcome.wire, some_wire());
}

TEST_F(CompletionTest, WhatWasLeftToItsTargetKeepsThatOfTheRequest) {
  for (const bool reports : {true, false}) {
    ShardUnderTest under;
    under.rest();
    under.ask(create(with_policy(once_at("a", kSoon), {})));
    under.live_until(kSoon);
    answer(under, deferred(kSoon));
    if (reports) under.ask(report_on(under.targets.sent[0], ReportKind::kFailed));
    under.live_until(reports ? kSoon : kSoon + kTimeout);
    ASSERT_EQ(under.records.size(), 1U) << reports;
    EXPECT_EQ(under.records[0].outcome.result,
              reports ? AttemptResult::kReportedFailure : AttemptResult::kReportMissing);
    EXPECT_EQ(under.records[0].outcome.wire, some_wire()) << reports;
  }
}

TEST_F(CompletionTest, SoItDoesThroughACrash) {
  begin_once();
  answer(under_, deferred(kSoon));
  const auto next = next_life(kSoon + minutes(5));
  next->ask(report_on(sent()[0], ReportKind::kSucceeded));
  next->live_until(next->now);
  ASSERT_EQ(next->records.size(), 1U);
  EXPECT_EQ(next->records[0].outcome.wire, some_wire());
}

TEST_F(CompletionTest, AReportBeforeTheResponseHasThatOfTheRequestIfItsEndWasSeen) {  // CO3
  begin_once();
  report(ReportKind::kSucceeded);
  const auto next = next_life(kSoon + seconds(5));
  next->live_until(kSoon + minutes(1));
  ASSERT_EQ(next->records.size(), 1U);
  EXPECT_EQ(next->records[0].outcome.wire, AttemptWire{}) << "AW2 it was lost with the process";
  answer(under_, refused(under_.now));
  ASSERT_EQ(under_.records.size(), 1U);
  EXPECT_EQ(under_.records[0].outcome.result, AttemptResult::kReportedSuccess);
  EXPECT_EQ(under_.records[0].outcome.wire, some_wire());
}

}  // namespace
}  // namespace hourwheel::attempt_wire_test
