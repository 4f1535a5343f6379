// What a shard tells of the changes that clients made (AU1), in virtual time.
#include <gtest/gtest.h>

#include "tests/engine/fake_doors.h"

namespace hourwheel::shard_audit_test {
namespace {

const Instant kSoon = ShardUnderTest::kStart + hours(50);

class ShardAuditTest : public ::testing::Test {
 protected:
  ShardAuditTest() { under_.rest(); }

  void ask(Command made) {
    made.actor.key = "somebody";
    under_.ask(std::move(made));
    under_.live_until(under_.now);
  }
  [[nodiscard]] const std::vector<AuditEntry>& told() const { return under_.store.audit; }

  ShardUnderTest under_;
};

TEST_F(ShardAuditTest, EveryKindOfChangeIsToldOnce) {
  ask(create("a", kSoon));
  Command replace = command(CommandKind::kReplace, "a");
  replace.spec = once_at("a", kSoon + seconds(1));
  ask(std::move(replace));
  Command pause = command(CommandKind::kPause, "a");
  pause.pause = Pause{};
  pause.pause->reason = "maintenance";
  ask(std::move(pause));
  ask(command(CommandKind::kResume, "a"));
  Command run = command(CommandKind::kRun, "a");
  run.nonce = 5;
  ask(std::move(run));
  ask(command(CommandKind::kDelete, "a"));
  const AuditAction expected[] = {AuditAction::kCreate, AuditAction::kReplace,
                                  AuditAction::kPause,  AuditAction::kResume,
                                  AuditAction::kRun,    AuditAction::kDelete};
  ASSERT_EQ(told().size(), std::size(expected));
  for (size_t i = 0; i < std::size(expected); ++i) {
    EXPECT_EQ(told()[i].action, expected[i]) << i;
    EXPECT_EQ(told()[i].actor.key, "somebody");
    EXPECT_EQ(told()[i].task, task_key("a"));
    EXPECT_EQ(told()[i].subject, "a");
    EXPECT_EQ(told()[i].at, under_.now);
  }
  EXPECT_EQ(told()[1].version, under_.answer(1)->state.version);
  EXPECT_EQ(told()[2].note, "maintenance");
  EXPECT_EQ(told()[4].run, under_.answer(4)->run);
}

TEST_F(ShardAuditTest, APayloadOfARunsOwnIsTold) {
  ask(create("a", kSoon));
  Command run = command(CommandKind::kRun, "a");
  run.nonce = 5;
  ask(std::move(run));
  run = command(CommandKind::kRun, "a");
  run.nonce = 6;
  run.payload = std::make_unique<RunPayload>(RunPayload{PayloadKind::kText, "secret", "text/x"});
  ask(std::move(run));
  ASSERT_EQ(told().size(), 3U);
  EXPECT_EQ(told()[1].note, "");
  EXPECT_EQ(told()[2].note, "with a payload of its own, 6 bytes");
}

TEST_F(ShardAuditTest, ThoseOfADefinitionNameItsChange) {
  ask(create("a", kSoon));
  EXPECT_EQ(told().at(0).change, 0U);
  ask(command(CommandKind::kDelete, "a"));
  EXPECT_TRUE(told().at(1).change);
}

TEST_F(ShardAuditTest, WhatChangesNothingIsNotTold) {
  ask(create("a", kSoon));
  Command again = create("a", kSoon);
  again.id_origin = IdOrigin::kChosen;
  ask(std::move(again));                        // is there
  ask(command(CommandKind::kResume, "a"));      // is not paused
  ask(command(CommandKind::kDelete, "other"));  // is not there
  Command stale = command(CommandKind::kDelete, "a");
  stale.if_match = Version{1'000'000};
  ask(std::move(stale));
  EXPECT_EQ(told().size(), 1U);
}

TEST_F(ShardAuditTest, ARepeatUnderItsKeyIsNotTold) {
  auto keyed = [] {
    Command made = create("a", kSoon);
    made.id_origin = IdOrigin::kChosen;
    made.idempotency = std::make_unique<IdempotencyKey>();
    made.idempotency->scope = {7, 7};
    return made;
  };
  ask(keyed());
  ask(keyed());
  ASSERT_TRUE(under_.answer(1)->replayed);
  EXPECT_EQ(told().size(), 1U);
}

TEST_F(ShardAuditTest, WhatTheServerDoesByItselfIsNotTold) {
  ask(create("a", under_.now + seconds(1)));
  under_.live_until(under_.now + seconds(10));
  EXPECT_EQ(told().size(), 1U) << "it has fired meanwhile";
}

}  // namespace
}  // namespace hourwheel::shard_audit_test
