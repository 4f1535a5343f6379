// Callbacks as a pure matter: which end calls for which, and what the task that makes it is like.
#include "engine/callback.h"

#include <gtest/gtest.h>

namespace hourwheel::callback_test {
namespace {

Callbacks all_three() {
  Callbacks callbacks;
  callbacks.on_success = Callback{"PUT", "http://a.example/success", {{"X-Key", "k"}}};
  callbacks.on_failure = Callback{"POST", "http://a.example/failure", {}};
  callbacks.on_dead = Callback{"POST", "http://a.example/dead", {}};
  return callbacks;
}

std::string url_for(const Callbacks& callbacks, RunState end,
                    SkipReason reason = SkipReason::kNone) {
  const Callback* callback = callback_for(callbacks, end, reason);
  return callback == nullptr ? "" : callback->url;
}

TEST(Callback, EachEndCallsForAtMostOne) {
  const Callbacks callbacks = all_three();
  EXPECT_EQ(url_for(callbacks, RunState::kSucceeded), "http://a.example/success");
  EXPECT_EQ(url_for(callbacks, RunState::kDead), "http://a.example/dead");
  EXPECT_EQ(url_for(callbacks, RunState::kUnknown), "http://a.example/failure");
  EXPECT_EQ(url_for(callbacks, RunState::kSkipped, SkipReason::kExpired),
            "http://a.example/failure");
  for (SkipReason reason : {SkipReason::kMisfire, SkipReason::kOverlap, SkipReason::kExcluded,
                            SkipReason::kPaused, SkipReason::kSuperseded}) {
    EXPECT_EQ(url_for(callbacks, RunState::kSkipped, reason), "");
  }
  EXPECT_EQ(url_for(callbacks, RunState::kCanceled), "");
  EXPECT_EQ(url_for(callbacks, RunState::kRetrying), "");
}

TEST(Callback, ADeadRunIsAFailureWhereNothingElseIsSaid) {
  Callbacks callbacks = all_three();
  callbacks.on_dead.reset();
  EXPECT_EQ(url_for(callbacks, RunState::kDead), "http://a.example/failure");
  callbacks.on_failure.reset();
  EXPECT_EQ(url_for(callbacks, RunState::kDead), "");
  EXPECT_EQ(url_for(callbacks, RunState::kUnknown), "");
}

TEST(Callback, ItsTaskIsDueOnceAndHasNoCallbacksOfItsOwn) {
  TaskSpec of;
  of.id = "invoices";
  of.callbacks = all_three();
  of.target.sign = false;
  of.delivery = Delivery::kAtMostOnce;
  const TaskSpec spec = callback_task(of, *of.callbacks.on_success, Instant{5});
  EXPECT_EQ(spec.type, TaskType::kOneTime);
  EXPECT_EQ(spec.schedule.at, Instant{5});
  EXPECT_EQ(spec.labels, (std::vector<NamedText>{{"callback-of", "invoices"}}));
  EXPECT_EQ(spec.target.method, "PUT");
  EXPECT_EQ(spec.target.url, "http://a.example/success");
  EXPECT_EQ(spec.target.headers, (std::vector<NamedText>{{"X-Key", "k"}}));
  EXPECT_TRUE(spec.target.sign);
  EXPECT_EQ(spec.delivery, Delivery::kAtLeastOnce);
  EXPECT_EQ(spec.retry, RetryPolicy{});
  EXPECT_EQ(spec.on_complete, OnComplete::kDelete);
  EXPECT_EQ(spec.callbacks, Callbacks{});
}

}  // namespace
}  // namespace hourwheel::callback_test
