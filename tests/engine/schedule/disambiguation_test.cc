#include "engine/schedule/disambiguation.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/engine/schedule/texts.h"

namespace hourwheel::disambiguation_test {
namespace {

std::string resolved(std::string_view local, std::string_view zone, Disambiguation how) {
  auto t = resolve(*parse_local_time(local), *TimeZone::find(zone), how);
  return t ? to_text(*t) : t.error().detail;
}
constexpr Disambiguation kAll[] = {Disambiguation::kCompatible, Disambiguation::kEarlier,
                                   Disambiguation::kLater, Disambiguation::kReject};

TEST(Disambiguation, ATimeThatIsShownOnceIsItself) {  // C-18
  for (Disambiguation how : kAll) {
    EXPECT_EQ(resolved("2026-07-01T08:00:00.5", "Europe/Berlin", how), "2026-07-01T06:00:00.500Z");
  }
}

TEST(Disambiguation, InAGapMovesByItsLength) {  // C-18
  auto in_gap = [](Disambiguation how) {
    return resolved("2026-03-29T02:30:00", "Europe/Berlin", how);
  };
  EXPECT_EQ(in_gap(Disambiguation::kCompatible), "2026-03-29T01:30:00.000Z");  // 03:30
  EXPECT_EQ(in_gap(Disambiguation::kLater), "2026-03-29T01:30:00.000Z");
  EXPECT_EQ(in_gap(Disambiguation::kEarlier), "2026-03-29T00:30:00.000Z");  // 01:30
  EXPECT_EQ(in_gap(Disambiguation::kReject), "the clocks of the zone jump over this time");
}

TEST(Disambiguation, InAnOverlapTakesAPass) {  // C-18
  auto in_overlap = [](Disambiguation how) {
    return resolved("2026-10-25T02:30:00", "Europe/Berlin", how);
  };
  EXPECT_EQ(in_overlap(Disambiguation::kCompatible), "2026-10-25T00:30:00.000Z");
  EXPECT_EQ(in_overlap(Disambiguation::kEarlier), "2026-10-25T00:30:00.000Z");
  EXPECT_EQ(in_overlap(Disambiguation::kLater), "2026-10-25T01:30:00.000Z");
  EXPECT_EQ(in_overlap(Disambiguation::kReject), "the clocks of the zone show this time twice");
}

TEST(Disambiguation, StaysWithinTheYears) {
  EXPECT_EQ(resolved("1970-01-01T00:30:00", "Europe/Berlin", Disambiguation::kCompatible),
            "the instant is outside the years 1970 to 9999");
}

}  // namespace
}  // namespace hourwheel::disambiguation_test
