#include "engine/schedule/outlook.h"

#include <gtest/gtest.h>

#include "engine/schedule/clock_notes.h"
#include "tests/engine/schedule/texts.h"

namespace hourwheel::outlook_test {
namespace {

std::vector<std::string> utc_of(const Outlook& outlook) {
  std::vector<std::string> out;
  for (const OutlookLine& line : outlook.lines) out.push_back(to_text(line.occurrence.due));
  return out;
}
using Texts = std::vector<std::string>;

Outlook ahead(const ScheduleSpec& spec, std::string_view from, std::string_view end,
              uint32_t most) {
  std::optional<Instant> until;
  if (!end.empty()) until = at(end);
  return look_ahead(compiled(spec), {at(from), until, most, 0});
}

TEST(OutlookTest, ListsFromTheFirstInstantUpToTheEndWithoutIt) {
  ScheduleSpec hourly = cron_spec("0 * * * *");
  Outlook outlook = ahead(hourly, "2027-01-01T00:00:00Z", "2027-01-01T02:00:00Z", 10);
  EXPECT_EQ(utc_of(outlook), (Texts{"2027-01-01T00:00:00.000Z", "2027-01-01T01:00:00.000Z"}));
  EXPECT_FALSE(outlook.cut);
}

TEST(OutlookTest, StopsAtTheMostAndSaysSo) {  // OL1
  Outlook outlook = ahead(cron_spec("* * * * * *"), "2027-01-01T00:00:00Z", "", 3);
  EXPECT_EQ(outlook.lines.size(), 3U);
  EXPECT_TRUE(outlook.cut);
}

TEST(OutlookTest, AGapIsNotedWithWhatWasMeant) {  // C-18
  Outlook outlook = ahead(cron_spec("30 2 * * *", "Europe/Berlin"), "2027-03-28T00:00:00Z", "", 1);
  ASSERT_EQ(outlook.lines.size(), 1U);
  const Occurrence& shifted = outlook.lines[0].occurrence;
  EXPECT_EQ(to_text(shifted.due), "2027-03-28T01:00:00.000Z");
  EXPECT_EQ(shifted.note, ClockNote::kGapShifted);
  EXPECT_EQ(readable(shifted.local), "2027-03-28 03:00");
  EXPECT_EQ(readable(shifted.meant), "2027-03-28 02:30");
  EXPECT_EQ(offset_text(shifted.offset_s), "+02:00");
  EXPECT_TRUE(outlook.left_out.empty());
}

TEST(OutlookTest, WhatIsSkippedInAGapIsListedApart) {  // C-18
  ScheduleSpec spec = cron_spec("30 2 * * *", "Europe/Berlin");
  spec.changes.gap = DstGap::kSkip;
  Outlook outlook = ahead(spec, "2027-03-27T12:00:00Z", "2027-03-29T12:00:00Z", 10);
  EXPECT_EQ(utc_of(outlook), (Texts{"2027-03-29T00:30:00.000Z"}));
  ASSERT_EQ(outlook.left_out.size(), 1U);
  EXPECT_EQ(readable(outlook.left_out[0].meant), "2027-03-28 02:30");
  EXPECT_EQ(outlook.left_out[0].reason, LeftOutReason::kGap);
}

TEST(OutlookTest, AMissingDayIsListedApart) {  // C-18
  ScheduleSpec spec = cron_spec("0 9 * * *", "Pacific/Apia");
  Outlook outlook = ahead(spec, "2011-12-29T12:00:00Z", "2012-01-02T00:00:00Z", 10);
  ASSERT_EQ(outlook.left_out.size(), 1U);
  EXPECT_EQ(readable(outlook.left_out[0].meant), "2011-12-30 09:00");
  EXPECT_EQ(outlook.left_out[0].reason, LeftOutReason::kMissingDay);
  auto zone = TimeZone::find("Pacific/Apia");
  ASSERT_TRUE(zone);
  EXPECT_EQ(clock_sentence(outlook.left_out[0], {"Pacific/Apia", *zone}),
            "2011-12-30 09:00 does not exist in Pacific/Apia (clocks go from 2011-12-30 00:00 to "
            "2011-12-31 00:00): does not fire, the day is missing");
}

TEST(OutlookTest, AnExcludedRangeIsOneLineWithACount) {  // C-16, OL1, OL2
  ScheduleSpec spec = cron_spec("* * * * * *");
  spec.exclude.push_back({std::nullopt, {at("2027-01-01T00:00:01Z"), at("2399-01-01T00:00:00Z")}});
  Outlook outlook = ahead(spec, "2027-01-01T00:00:00Z", "", 3);
  EXPECT_EQ(utc_of(outlook), (Texts{"2027-01-01T00:00:00.000Z", "2027-01-01T00:00:01.000Z",
                                    "2399-01-01T00:00:00.000Z"}));
  EXPECT_FALSE(outlook.lines[0].occurrence.excluded);
  EXPECT_TRUE(outlook.lines[1].occurrence.excluded);
  EXPECT_EQ(
      outlook.lines[1].count,
      static_cast<uint64_t>((at("2399-01-01T00:00:00Z") - at("2027-01-01T00:00:01Z")).ms / 1000));
  EXPECT_EQ(outlook.lines[2].count, 1U);
}

TEST(OutlookTest, ACountOfExcludedInstantsEndsWithTheRangeAskedFor) {
  ScheduleSpec spec = cron_spec("0 * * * *");
  spec.exclude.push_back({CivilDate{2027, 1, 1}, {}});
  Outlook outlook = ahead(spec, "2027-01-01T00:00:00Z", "2027-01-01T05:00:00Z", 10);
  ASSERT_EQ(outlook.lines.size(), 1U);
  EXPECT_EQ(outlook.lines[0].count, 5U);
}

TEST(OutlookTest, LooksNoFartherThanFourHundredYears) {  // OL2
  Outlook outlook = ahead(cron_spec("0 0 1 1 *"), "2027-01-01T00:00:00Z", "", 1000);
  EXPECT_EQ(outlook.lines.size(), 400U);
  EXPECT_EQ(utc_of(outlook).back(), "2426-01-01T00:00:00.000Z");
}

TEST(OutlookTest, ExcludedInstantsAreNoRunsOfTheLimit) {  // C-16 max_runs
  ScheduleSpec spec = cron_spec("0 9 * * *");
  spec.exclude.push_back({CivilDate{2027, 1, 2}, {}});
  Outlook outlook = look_ahead(compiled(spec), {at("2027-01-01T00:00:00Z"), std::nullopt, 10, 2});
  EXPECT_EQ(utc_of(outlook), (Texts{"2027-01-01T09:00:00.000Z", "2027-01-02T09:00:00.000Z",
                                    "2027-01-03T09:00:00.000Z"}));
  EXPECT_FALSE(outlook.cut);
}

TEST(OutlookTest, AScheduleThatIsOverHasNothingAhead) {
  ScheduleSpec once;
  once.at = at("2027-01-01T00:00:00Z");
  Outlook outlook = ahead(once, "2027-01-01T00:00:00.001Z", "", 5);
  EXPECT_TRUE(outlook.lines.empty());
  EXPECT_FALSE(outlook.cut);
}

TEST(OutlookTest, SpringAndAutumnHaveTheirSentences) {
  auto zone = TimeZone::find("Europe/Berlin");
  ASSERT_TRUE(zone);
  NamedZone berlin{"Europe/Berlin", *zone};
  ScheduleSpec spec = cron_spec("30 2 * * *", "Europe/Berlin");
  spec.changes.overlap = DstOverlap::kBoth;
  Outlook outlook = ahead(spec, "2027-10-31T00:00:00Z", "", 3);
  ASSERT_EQ(outlook.lines.size(), 3U);
  EXPECT_EQ(clock_sentence(outlook.lines[0].occurrence, berlin),
            "2027-10-31 02:30 comes twice in Europe/Berlin (clocks go back from 03:00 to 02:00): "
            "this is the first time");
  EXPECT_TRUE(clock_sentence(outlook.lines[1].occurrence, berlin).ends_with("the second time"));
  EXPECT_EQ(clock_sentence(outlook.lines[2].occurrence, berlin), "");
}

TEST(OutlookTest, OffsetsMayHaveMinutesAndSeconds) {
  EXPECT_EQ(offset_text(0), "+00:00");
  EXPECT_EQ(offset_text(19800), "+05:30");
  EXPECT_EQ(offset_text(-12600), "-03:30");
  EXPECT_EQ(offset_text(-2670), "-00:44:30");
}

}  // namespace
}  // namespace hourwheel::outlook_test
