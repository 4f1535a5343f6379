// A shard with one task whose target may report later (engine/completion.h).
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/engine/fake_doors.h"

namespace hourwheel {

inline constexpr Instant kSoon = ShardUnderTest::kStart + seconds(10);
inline constexpr Duration kTimeout = minutes(30);
inline constexpr Duration kHeartbeat = minutes(2);

inline std::unique_ptr<TaskSpec> with_policy(std::unique_ptr<TaskSpec> spec, Duration heartbeat) {
  spec->target.completion = CompletionPolicy{kTimeout, heartbeat};
  spec->retry.max_attempts = 3;
  spec->retry.min_backoff = spec->retry.max_backoff = seconds(20);
  spec->retry.jitter = BackoffJitter::kNone;
  return spec;
}

inline Command report_on(const FakeTargets::Sent& sent, ReportKind kind, std::string text = "") {
  Command made = command(CommandKind::kComplete, "a");
  made.run = sent.run;
  made.attempt = sent.attempt;
  made.report = {kind, std::move(text)};
  return made;
}

inline AttemptOutcome deferred(Instant now) {
  AttemptOutcome outcome;
  outcome.result = AttemptResult::kResponded;
  outcome.sent = outcome.deferred = true;
  outcome.status = 202;
  outcome.started = outcome.ended = now;
  return outcome;
}

class CompletionTest : public testing::Test {
 protected:
  void begin(std::unique_ptr<TaskSpec> spec) {
    under_.rest();
    under_.ask(create(std::move(spec)));
    under_.live_until(kSoon);
    ASSERT_EQ(sent().size(), 1U);
    under_.client.replies.clear();
  }
  void begin_once(Duration heartbeat = {}) { begin(with_policy(once_at("a", kSoon), heartbeat)); }
  // The target takes the attempt, and goes on by itself.
  void defer(size_t index = 0) {
    under_.shard.post(AttemptEnded{sent().at(index).token, deferred(under_.now)});
    under_.live_until(under_.now);
  }
  void report(ReportKind kind, std::string text = "") {
    under_.ask(report_on(sent().back(), kind, std::move(text)));
    under_.live_until(under_.now);
  }
  [[nodiscard]] Command cancel_first() const {
    Command made = command(CommandKind::kCancel, "a");
    made.run = sent()[0].run;
    return made;
  }
  [[nodiscard]] const std::vector<FakeTargets::Sent>& sent() const { return under_.targets.sent; }
  [[nodiscard]] const TaskState& stored() const {
    return under_.store.stored.begin()->second.state;
  }
  [[nodiscard]] ErrorCode refusal(size_t index) const {
    const CommandOutcome& outcome = under_.answer(index);
    return outcome ? ErrorCode::kInternal : outcome.error().code;
  }
  // The process is gone, and another one finds what is stored.
  std::unique_ptr<ShardUnderTest> next_life(Instant now) {
    auto next =
        std::make_unique<ShardUnderTest>(RecoveredShard{stored().version.value, under_.store.mark});
    next->now = now;
    next->store.stored = under_.store.stored;
    next->rest();
    return next;
  }

  ShardUnderTest under_;
};

}  // namespace hourwheel
