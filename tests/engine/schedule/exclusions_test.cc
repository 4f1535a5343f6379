#include "engine/schedule/exclusions.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/engine/schedule/texts.h"

namespace hourwheel::exclusions_test {
namespace {

using Texts = std::vector<std::string>;

Exclusion on(std::string_view date) {
  return {*parse_date(date), {}};
}
Exclusion between(std::string_view from, std::string_view to) {
  return {std::nullopt, {at(from), at(to)}};
}

Texts ranges(const std::vector<Exclusion>& list, std::string_view zone) {
  Texts out;
  Exclusions exclusions(list, *TimeZone::find(zone));
  for (const InstantRange& range : exclusions.ranges()) {
    out.push_back(to_text(range.from).substr(0, 16) + " " + to_text(range.to).substr(0, 16));
  }
  return out;
}

TEST(Exclusions, ADateIsADayOfTheZone) {  // C-16
  EXPECT_EQ(ranges({on("2026-12-25")}, "UTC"), Texts{"2026-12-25T00:00 2026-12-26T00:00"});
  EXPECT_EQ(ranges({on("2026-12-25")}, "Europe/Berlin"),
            Texts{"2026-12-24T23:00 2026-12-25T23:00"});
}

TEST(Exclusions, ADateIsAsLongAsItsDay) {  // C-18
  EXPECT_EQ(ranges({on("2026-03-29")}, "Europe/Berlin"),
            Texts{"2026-03-28T23:00 2026-03-29T22:00"});
  EXPECT_EQ(ranges({on("2026-10-25")}, "Europe/Berlin"),
            Texts{"2026-10-24T22:00 2026-10-25T23:00"});
  // Midnight does not exist.
  EXPECT_EQ(ranges({on("2026-09-06")}, "America/Santiago"),
            Texts{"2026-09-06T04:00 2026-09-07T03:00"});
  // The last hour comes twice.
  EXPECT_EQ(ranges({on("2026-04-04")}, "America/Santiago"),
            Texts{"2026-04-04T03:00 2026-04-05T04:00"});
  // Set back from a minute past midnight: the day ends, begins and ends.
  EXPECT_EQ(ranges({on("2010-11-06")}, "America/St_Johns"),
            (Texts{"2010-11-06T02:30 2010-11-07T02:30", "2010-11-07T02:31 2010-11-07T03:30"}));
  EXPECT_EQ(ranges({on("2010-11-07")}, "America/St_Johns"),
            (Texts{"2010-11-07T02:30 2010-11-07T02:31", "2010-11-07T03:30 2010-11-08T03:30"}));
  // A day that never was.
  EXPECT_EQ(ranges({on("2011-12-30")}, "Pacific/Apia"), Texts{});
  EXPECT_EQ(ranges({on("2011-12-31")}, "Pacific/Apia"), Texts{"2011-12-30T10:00 2011-12-31T10:00"});
}

TEST(Exclusions, AscendAndAreJoined) {  // EX1
  EXPECT_EQ(ranges({on("2026-12-26"), between("2027-01-01T00:00:00Z", "2027-01-02T00:00:00Z"),
                    on("2026-12-25"), between("2026-12-24T12:00:00Z", "2026-12-25T12:00:00Z")},
                   "UTC"),
            (Texts{"2026-12-24T12:00 2026-12-27T00:00", "2027-01-01T00:00 2027-01-02T00:00"}));
}

TEST(Exclusions, HoldTheirFirstInstantAndNotTheirLast) {
  Exclusions exclusions(std::vector<Exclusion>{on("2026-12-25"), on("2026-12-27")}, TimeZone());
  InstantRange christmas{at("2026-12-25T00:00:00Z"), at("2026-12-26T00:00:00Z")};
  EXPECT_EQ(exclusions.at(christmas.from), christmas);
  EXPECT_EQ(exclusions.at(christmas.to - milliseconds(1)), christmas);
  EXPECT_EQ(exclusions.at(christmas.to), std::nullopt);
  EXPECT_EQ(exclusions.at(christmas.from - milliseconds(1)), std::nullopt);
  EXPECT_TRUE(exclusions.at(at("2026-12-27T10:00:00Z")));
  EXPECT_EQ(Exclusions().at(christmas.from), std::nullopt);
}

}  // namespace
}  // namespace hourwheel::exclusions_test
