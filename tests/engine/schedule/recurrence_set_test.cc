#include "engine/schedule/recurrence_set.h"

#include <gtest/gtest.h>

#include "engine/base/random.h"
#include "tests/engine/schedule/random_rrule.h"
#include "tests/engine/schedule/rrule_texts.h"

namespace hourwheel::recurrence_set_test {
namespace {

using Texts = std::vector<std::string>;

std::vector<CivilSecond> dates(const Texts& texts) {
  std::vector<CivilSecond> out;
  for (const std::string& text : texts) out.push_back(civil(text));
  return out;
}

TEST(RecurrenceSet, LeavesOutAndAddsDates) {
  RecurrenceSet set(rule_of("FREQ=DAILY;COUNT=4", "2026-01-01T09:00:00"),
                    dates({"2026-01-02T09:00:00", "2026-01-03T10:00:00"}),
                    dates({"2026-01-03T12:00:00", "2027-06-01T00:00:00"}));
  // COUNT counts what is left out, too, and does not bound what is added.
  EXPECT_EQ(instances(set, "2026-01-01T00:00:00", 9),
            (Texts{"2026-01-01T09:00:00", "2026-01-03T09:00:00", "2026-01-03T12:00:00",
                   "2026-01-04T09:00:00", "2027-06-01T00:00:00", "none"}));
  EXPECT_EQ(set.count({}, civil("2028-01-01T00:00:00")), 5U);
  EXPECT_FALSE(set.matches(civil("2026-01-02T09:00:00")));
  EXPECT_FALSE(set.matches(civil("2026-01-03T10:00:00")));
  EXPECT_TRUE(set.matches(civil("2026-01-03T12:00:00")));
}

TEST(RecurrenceSet, TakesADateThatTheRuleNamesAlreadyForOne) {
  RecurrenceSet set(rule_of("FREQ=DAILY;COUNT=2", "2026-01-01T09:00:00"), {},
                    dates({"2026-01-02T09:00:00", "2026-01-02T09:00:00", "2025-05-05T05:05:05"}));
  EXPECT_EQ(instances(set, "2025-01-01T00:00:00", 9),
            (Texts{"2025-05-05T05:05:05", "2026-01-01T09:00:00", "2026-01-02T09:00:00", "none"}));
  EXPECT_EQ(set.count({}, civil("2028-01-01T00:00:00")), 3U);
}

TEST(RecurrenceSet, LeavesOutWhatIsInBothLists) {
  RecurrenceSet set(rule_of("FREQ=DAILY;COUNT=1", "2026-01-01T09:00:00"),
                    dates({"2026-01-05T00:00:00"}), dates({"2026-01-05T00:00:00"}));
  EXPECT_EQ(instances(set, "2026-01-01T00:00:00", 9), (Texts{"2026-01-01T09:00:00", "none"}));
}

TEST(RecurrenceSet, MayEndUpWithoutAnyDate) {
  RecurrenceSet set(rule_of("FREQ=DAILY;COUNT=1", "2026-01-01T09:00:00"),
                    dates({"2026-01-01T09:00:00"}), {});
  EXPECT_EQ(set.first_from({}), std::nullopt);
  EXPECT_EQ(set.count({}, civil("2028-01-01T00:00:00")), 0U);
}

TEST(RecurrenceSet, CountsItsSteps) {
  for (uint64_t seed = 0; seed < 500; ++seed) {
    Random random(seed);
    RandomRrule rules(random);
    std::string text = rules.text();
    CivilSecond start = rules.dtstart();
    auto rule = Rrule::parse(text, start);
    if (!rule) continue;
    SCOPED_TRACE("seed " + std::to_string(seed) + ": " + text);
    std::vector<CivilSecond> some;
    CivilSecond end = start;
    for (int i = 0; i < 40; ++i) {
      auto next = rule->first_from({end.s + 1});
      if (!next) break;
      end = *next;
      some.push_back(
          {end.s + (random.chance(50) ? 0 : static_cast<int64_t>(random.below(90'000)))});
    }
    std::vector<CivilSecond> others(some.begin(),
                                    some.begin() + static_cast<long>(some.size() / 2));
    some.erase(some.begin(), some.begin() + static_cast<long>(some.size() / 3));
    RecurrenceSet set(*rule, some, others);
    uint64_t steps = 0;
    for (auto c = set.first_from(start); c && *c < end; c = set.first_from({c->s + 1})) {
      ASSERT_TRUE(set.matches(*c));
      ++steps;
    }
    EXPECT_EQ(set.count(start, end), steps);
  }
}

}  // namespace
}  // namespace hourwheel::recurrence_set_test
