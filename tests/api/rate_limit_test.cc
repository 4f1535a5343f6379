// What a key may ask for in a time, by itself and through the API.
#include "api/rate_limit.h"

#include <gmock/gmock.h>

#include <thread>

#include "api/key_text.h"
#include "tests/api/support/fixture.h"

namespace hourwheel::rate_limit_test {
namespace {

constexpr RateLimit kTenInTwoSeconds{10, seconds(2)};

Monotonic at(int64_t ms) {
  return Monotonic{ms};
}

TEST(RateLimits, AFullQuotaIsThereAtOnceAndComesBackEvenly) {
  RateLimits limits;
  for (uint64_t left = 10; left-- > 0;) {
    const auto taken = limits.take(0, kTenInTwoSeconds, at(5'000), 1);
    EXPECT_TRUE(taken.allowed);
    EXPECT_EQ(taken.left, left);
    EXPECT_EQ(taken.wait, milliseconds(200)) << "until one more is there";
  }
  const auto refused = limits.take(0, kTenInTwoSeconds, at(5'000), 1);
  EXPECT_FALSE(refused.allowed);
  EXPECT_EQ(refused.left, 0U);
  EXPECT_EQ(refused.wait, milliseconds(200));
  EXPECT_FALSE(limits.take(0, kTenInTwoSeconds, at(5'199), 1).allowed);
  EXPECT_TRUE(limits.take(0, kTenInTwoSeconds, at(5'200), 1).allowed);
  EXPECT_FALSE(limits.take(0, kTenInTwoSeconds, at(5'200), 1).allowed);
  EXPECT_EQ(limits.take(0, kTenInTwoSeconds, at(60'000), 1).left, 9U) << "never more than all";
}

TEST(RateLimits, TheWaitIsForWhatComesNext) {
  RateLimits limits;
  EXPECT_EQ(limits.take(0, kTenInTwoSeconds, at(0), 4).wait, milliseconds(200));
  const auto later = limits.take(0, kTenInTwoSeconds, at(150), 1);
  EXPECT_EQ(later.left, 5U);
  EXPECT_EQ(later.wait, milliseconds(50)) << "a part of it has come back already";
  EXPECT_EQ(limits.take(0, kTenInTwoSeconds, at(150), 8).wait, milliseconds(450));
}

TEST(RateLimits, SeveralAreTakenTogetherOrNotAtAll) {
  RateLimits limits;
  EXPECT_TRUE(limits.take(0, kTenInTwoSeconds, at(0), 8).allowed);
  const auto refused = limits.take(0, kTenInTwoSeconds, at(0), 3);
  EXPECT_FALSE(refused.allowed);
  EXPECT_EQ(refused.left, 2U);
  EXPECT_EQ(refused.wait, milliseconds(200));
  EXPECT_TRUE(limits.take(0, kTenInTwoSeconds, at(200), 3).allowed);
  EXPECT_FALSE(limits.take(1, kTenInTwoSeconds, at(0), 11).allowed) << "more than all of it";
  EXPECT_TRUE(limits.take(1, kTenInTwoSeconds, at(0), 10).allowed);
}

TEST(RateLimits, AnotherPlaceIsAnotherQuota) {
  RateLimits limits;
  EXPECT_TRUE(limits.take(0, kTenInTwoSeconds, at(0), 10).allowed);
  EXPECT_FALSE(limits.take(0, kTenInTwoSeconds, at(0), 1).allowed);
  EXPECT_TRUE(limits.take(1, kTenInTwoSeconds, at(0), 10).allowed);
}

TEST(RateLimits, APlaceIsUsedAgainWithoutItsOldDebt) {
  RateLimits limits;
  const RateLimit daily{10, hours(24)};
  EXPECT_TRUE(limits.take(0, daily, at(0), 10).allowed);
  EXPECT_TRUE(limits.take(0, kTenInTwoSeconds, at(2'000), 1).allowed) << "RL2";
  limits.forget(0);
  EXPECT_TRUE(limits.take(0, daily, at(2'000), 10).allowed);
}

TEST(RateLimits, WhatIsGivenBackIsThereAgain) {
  RateLimits limits;
  EXPECT_TRUE(limits.take(0, kTenInTwoSeconds, at(0), 10).allowed);
  limits.give_back(0, kTenInTwoSeconds, 3);
  EXPECT_TRUE(limits.take(0, kTenInTwoSeconds, at(0), 3).allowed);
  EXPECT_FALSE(limits.take(0, kTenInTwoSeconds, at(0), 1).allowed);
}

TEST(RateLimits, AllThatWasTakenIsGivenBack) {
  RateLimits limits;
  const RateLimit seven{7, seconds(1)};
  EXPECT_TRUE(limits.take(0, seven, at(0), 1).allowed);
  limits.give_back(0, seven, 1);
  EXPECT_TRUE(limits.take(0, seven, at(0), 7).allowed) << "of no whole microseconds";
}

TEST(RateLimits, TheLargestFitTheirNumbers) {
  RateLimits limits;
  const RateLimit most{kMaxKeyRate, kMaxKeyWindow};
  EXPECT_EQ(limits.take(0, most, at(0), 1).left, kMaxKeyRate - 1);
  EXPECT_TRUE(limits.take(1, most, at(0), kMaxKeyRate).allowed);
  EXPECT_FALSE(limits.take(1, most, at(0), 1).allowed);
  const RateLimit fastest{kMaxKeyRate, seconds(1)};
  EXPECT_TRUE(limits.take(2, fastest, at(0), kMaxKeyRate).allowed);
  EXPECT_EQ(limits.take(2, fastest, at(1), 1).left, 999U);
}

TEST(RateLimits, ThreadsTakeNoMoreThanThereIs) {  // RL1
  RateLimits limits;
  const RateLimit limit{10'000, hours(1)};
  std::atomic<uint64_t> allowed = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int n = 0; n < 5'000; ++n) allowed += limits.take(7, limit, at(1), 1).allowed ? 1 : 0;
      });
    }
  }
  EXPECT_EQ(allowed, 10'000U);
}

class KeyLimitTest : public ApiTest {
 protected:
  void SetUp() override {
    first_ = add_key(0, RateLimit{5, seconds(10)});
    second_ = add_key(1, RateLimit{5, seconds(10)});
    free_ = add_key(2, std::nullopt);
    std::sort(system_.key_table.begin(), system_.key_table.end(),
              [](const ApiKey& a, const ApiKey& b) { return a.id < b.id; });
  }

  std::string add_key(uint16_t place, std::optional<RateLimit> limit) {
    std::string text = *new_key_text();
    const auto parsed = *parse_key_text(text);
    ApiKey key;
    key.id = std::string(parsed.id);
    key.digest = digest_of(parsed);
    key.rights = Rights::all();
    key.last_used = kTestNow;
    key.rate_limit = limit;
    key.place = place;
    system_.key_table.push_back(std::move(key));
    return text;
  }
  const Sent& list(const std::string& text) {
    return responder_.at(send({"GET", "/v1/keys", "", {{"authorization", "Bearer " + text}}}));
  }
  const Sent& batch(const std::string& text, size_t entries) {
    std::string body = R"({"operations":[)";
    for (size_t i = 0; i < entries; ++i) {
      body += std::string(i > 0 ? "," : "") + R"({"op":"nothing"})";
    }
    return responder_.at(
        send({"POST", "/v1/tasks:batch", body + "]}", {{"authorization", "Bearer " + text}}}));
  }

  std::string first_, second_, free_;
};

TEST_F(KeyLimitTest, IsToldWithEachAnswerAndEndsIn429) {  // T-14
  const Sent& good = list(first_);
  EXPECT_EQ(good.response.status, 200);
  EXPECT_EQ(good.field("ratelimit-policy"), "\"key\";q=5;w=10");
  EXPECT_EQ(good.field("ratelimit"), "\"key\";r=4;t=2");
  for (int i = 0; i < 4; ++i) EXPECT_EQ(list(first_).response.status, 200);
  const Sent& refused = list(first_);
  EXPECT_EQ(refused.response.status, 429);
  EXPECT_TRUE(contains(refused.response.body, R"("code":"rate-limited")"));
  EXPECT_EQ(refused.field("retry-after"), "2");
  EXPECT_EQ(refused.field("ratelimit"), "\"key\";r=0;t=2") << "as Retry-After says";
  EXPECT_EQ(list(second_).response.status, 200) << "another key is not affected";
  const Sent& unbounded = list(free_);
  EXPECT_EQ(unbounded.response.status, 200);
  EXPECT_EQ(unbounded.field("ratelimit"), "");
}

TEST_F(KeyLimitTest, ARefusalForAnotherReasonIsNotToldEarlierThanTheQuota) {  // RL3
  shards_.without_credit = {0, 1};
  auto look = [&](const std::string& text) -> const Sent& {
    const Sent& sent = ask({"GET", "/v1/tasks/a", "", {{"authorization", "Bearer " + text}}});
    EXPECT_EQ(sent.response.status, 503);
    return sent;
  };
  const std::string slow = add_key(3, RateLimit{2, hours(1)});
  std::sort(system_.key_table.begin(), system_.key_table.end(),
            [](const ApiKey& a, const ApiKey& b) { return a.id < b.id; });
  const Sent& some_left = look(slow);
  EXPECT_EQ(some_left.field("ratelimit"), "\"key\";r=1");
  EXPECT_LE(std::stoul(some_left.field("retry-after")), kMaxRetryAfterS);
  const Sent& none_left = look(slow);
  EXPECT_EQ(none_left.field("ratelimit"), "\"key\";r=0;t=1800");
  EXPECT_EQ(none_left.field("retry-after"), "1800");
}

TEST_F(KeyLimitTest, EntriesOfABatchCount) {
  EXPECT_EQ(batch(first_, 4).response.status, 200);
  const Sent& refused = batch(first_, 2);
  EXPECT_EQ(refused.response.status, 429);
  EXPECT_EQ(list(second_).response.status, 200);
  const Sent& never = batch(second_, 6);
  EXPECT_EQ(never.response.status, 413) << "more than the key may ever ask for at once";
  EXPECT_EQ(never.field("retry-after"), "");
}

TEST_F(KeyLimitTest, ABatchOfAllOfTheQuotaIsTaken) {
  auto limited = [&](uint16_t place) {
    const std::string text = add_key(place, RateLimit{7, seconds(1)});  // of no whole microseconds
    std::sort(system_.key_table.begin(), system_.key_table.end(),
              [](const ApiKey& a, const ApiKey& b) { return a.id < b.id; });
    return text;
  };
  const std::string seventh = limited(3);
  const Sent& all = batch(seventh, 7);
  EXPECT_EQ(all.response.status, 200) << all.response.body;
  EXPECT_EQ(all.field("ratelimit"), "\"key\";r=0;t=1");
  EXPECT_EQ(list(seventh).response.status, 429);
  const std::string eighth = limited(4);
  EXPECT_EQ(batch(eighth, 8).response.status, 413);
  EXPECT_EQ(batch(eighth, 7).response.status, 200) << "a refusal takes nothing";
}

TEST_F(KeyLimitTest, WhoWaitsAsToldGetsThrough) {
  EXPECT_EQ(batch(first_, 3).response.status, 200);
  Monotonic now{0};
  for (int tries = 0;; ++tries) {
    ASSERT_LT(tries, 2) << "a refusal takes nothing";
    const Sent& sent = batch(first_, 5);
    if (sent.response.status == 200) break;
    EXPECT_EQ(sent.response.status, 429);
    now = now + seconds(std::stoll(std::string(sent.field("retry-after"))));
    api_.set_now({kTestNow, now});
  }
}

TEST_F(KeyLimitTest, LinesOfAnImportCount) {
  auto import = [&](const std::string& body) {
    return responder_
        .at(send(
            {"POST",
             "/v1/tasks:import",
             body,
             {{"authorization", "Bearer " + first_}, {"content-type", "application/x-ndjson"}}}))
        .response.status;
  };
  EXPECT_EQ(import("{}\n{}\n{}\n"), 200);
  EXPECT_EQ(import("{}\n{}\n{}\n"), 429);
}

}  // namespace
}  // namespace hourwheel::rate_limit_test
