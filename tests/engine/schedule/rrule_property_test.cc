// Random rules against the oracle's walk. A failure names its seed; the walk covers from days (of
// minutes) to decades (of years).
#include <gtest/gtest.h>

#include "tests/engine/schedule/random_rrule.h"
#include "tests/engine/schedule/rrule_oracle.h"
#include "tests/engine/schedule/rrule_texts.h"

namespace hourwheel::rrule_property_test {
namespace {

int64_t days_walked(Frequency frequency) {
  switch (frequency) {
    case Frequency::kMinutely:
      return 8;
    case Frequency::kHourly:
      return 60;
    case Frequency::kDaily:
    case Frequency::kWeekly:
      return 900;
    case Frequency::kMonthly:
      return 2000;
    case Frequency::kYearly:
      break;
  }
  return 5000;
}

struct Case {
  std::string text;
  CivilSecond dtstart;
  CivilSecond end;  // of the walk
  std::vector<CivilSecond> expected;
};

// The rule, at times with a COUNT or an UNTIL that ends it within the walk.
Case random_case(Random& random) {
  RandomRrule rules(random);
  Case made{rules.text(), rules.dtstart(), {}, {}};
  auto parts = parse_rrule_parts(made.text);
  EXPECT_TRUE(parts) << made.text << ": " << (parts ? "" : parts.error().detail);
  if (!parts) return made;
  made.end = {made.dtstart.s + days_walked(parts->frequency) * kSecondsPerDay};
  made.expected = RruleOracle(*parts, made.dtstart).instances(made.end);
  if (made.expected.empty() || random.chance(60)) return made;
  size_t last = random.below(std::min<size_t>(made.expected.size(), 2000));
  if (random.chance(50)) {
    made.text += ";COUNT=" + std::to_string(last + 1);
  } else {
    std::string until = text_of(made.expected[last]);
    std::erase_if(until, [](char c) { return c == '-' || c == ':'; });
    made.text += ";UNTIL=" + until;
  }
  made.expected.resize(last + 1);
  return made;
}

void check_steps(const Rrule& rule, const Case& made) {
  CivilSecond c{0};
  for (CivilSecond expected : made.expected) {
    auto found = rule.first_from(c);
    ASSERT_TRUE(found);
    ASSERT_EQ(text_of(*found), text_of(expected));
    ASSERT_TRUE(rule.matches(expected));
    c = {expected.s + 1};
  }
  auto beyond = rule.first_from(c);
  ASSERT_TRUE(!beyond || *beyond >= made.end) << text_of(*beyond);
}

void check_counts(const Rrule& rule, const Case& made, Random& random) {
  auto any = [&]() -> CivilSecond {
    auto length = static_cast<uint64_t>(made.end.s - made.dtstart.s);
    if (made.expected.empty() || random.chance(50)) {
      return {made.dtstart.s + static_cast<int64_t>(random.below(length))};
    }
    auto near = made.expected[random.below(made.expected.size())];
    return {near.s + static_cast<int64_t>(random.below(3)) - 1};
  };
  for (int i = 0; i < 5; ++i) {
    CivilSecond from = any();
    CivilSecond end = any();
    uint64_t inside = 0;
    for (CivilSecond c : made.expected) inside += c >= from && c < end ? 1 : 0;
    ASSERT_EQ(rule.count(from, end), inside) << text_of(from) << " to " << text_of(end);
    bool matching = std::binary_search(made.expected.begin(), made.expected.end(), from);
    ASSERT_EQ(rule.matches(from), matching) << text_of(from);
  }
}

void check_seed(uint64_t seed) {
  Random random(seed);
  Case made = random_case(random);
  SCOPED_TRACE("seed " + std::to_string(seed) + ": " + made.text + " from " +
               text_of(made.dtstart));
  auto rule = Rrule::parse(made.text, made.dtstart);
  if (!rule) {
    EXPECT_EQ(rule.error().code, ErrorCode::kNeverFires) << rule.error().detail;
    EXPECT_TRUE(made.expected.empty()) << rule.error().detail;
    return;
  }
  check_steps(*rule, made);
  if (!testing::Test::HasFatalFailure()) check_counts(*rule, made, random);
}

TEST(RruleProperty, IsWhatAWalkThroughEveryDayFinds) {
  for (uint64_t seed = 0; seed < 2'000 && !HasFailure(); ++seed) check_seed(seed);
}

TEST(FullRruleProperty, IsWhatAWalkThroughEveryDayFinds) {
  for (uint64_t seed = 10'000; seed < 110'000 && !HasFailure(); ++seed) check_seed(seed);
}

}  // namespace
}  // namespace hourwheel::rrule_property_test
