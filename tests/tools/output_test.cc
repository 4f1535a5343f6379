// How answers and refusals are shown: times, widths, tables, formats, and words that were mistyped.
#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <string>

#include "engine/schedule/time_text.h"
#include "tests/tools/asked_program.h"
#include "tools/hourwheel/did_you_mean.h"
#include "tools/hourwheel/json_text.h"
#include "tools/hourwheel/table.h"
#include "tools/hourwheel/text_measure.h"
#include "tools/hourwheel/time_phrase.h"

namespace hourwheel::output_test {
namespace {

Instant at(const char* text) {
  return *parse_instant(text);
}

class TimePhrase : public testing::Test {
 protected:
  TimePhrase() {
    setenv("TZ", "Europe/Berlin", 1);
    tzset();
  }
  ~TimePhrase() override {
    unsetenv("TZ");
    tzset();
  }
  const Instant now_ = at("2026-11-28T07:56:00Z");
};

TEST_F(TimePhrase, WhatLiesAheadShowsTheClockOfTheUser) {
  EXPECT_EQ(time_phrase(at("2026-11-28T08:00:00Z"), now_), "in 4m (09:00 CET)");
  EXPECT_EQ(time_phrase(at("2026-11-28T07:56:12Z"), now_), "in 12s (08:56:12 CET)");
  EXPECT_EQ(time_phrase(at("2026-11-30T08:00:00Z"), now_), "in 2d (Mon 30 Nov 09:00 CET)");
  EXPECT_EQ(time_phrase(at("2027-07-01T07:00:00Z"), now_), "in 214d (2027-07-01 09:00 CEST)");
}

TEST_F(TimePhrase, WhatIsOverShowsItsDistance) {
  EXPECT_EQ(time_phrase(at("2026-11-28T07:52:30Z"), now_), "3m ago");
  EXPECT_EQ(time_phrase(at("2026-11-28T04:00:00Z"), now_), "3h ago");
  EXPECT_EQ(time_phrase(at("2024-11-28T04:00:00Z"), now_), "2y ago");
  EXPECT_EQ(time_phrase(now_ + milliseconds(999), now_), "now");
}

TEST_F(TimePhrase, InstantsAreTakenAsDistancesFromNow) {
  EXPECT_EQ(*settled_instant("+10m", now_), "2026-11-28T08:06:00.000Z");
  EXPECT_EQ(*settled_instant("now-1d", now_), "2026-11-27T07:56:00.000Z");
  EXPECT_EQ(*settled_instant("now", now_), "2026-11-28T07:56:00.000Z");
  EXPECT_EQ(*settled_instant("-1h30m", now_), "2026-11-28T06:26:00.000Z");
  EXPECT_EQ(*settled_instant("2030-01-01T00:00:00Z", now_), "2030-01-01T00:00:00Z");
  EXPECT_EQ(*settled_instant("0 9 * * *", now_), "0 9 * * *");
  EXPECT_EQ(*settled_instant("", now_), "");
  EXPECT_FALSE(settled_instant("+ten", now_));
  EXPECT_FALSE(settled_instant("now-99999d", now_));
}

TEST(TextMeasure, ColumnsAreCountedNotBytes) {
  const TextMeasure measure;
  EXPECT_EQ(measure.width("abc"), 3U);
  EXPECT_EQ(measure.width("\u00fc\u00e9"), 2U);
  EXPECT_EQ(measure.width("e\u0301"), 1U);
  EXPECT_EQ(measure.width("\u65e5\u672c"), 4U);
  EXPECT_EQ(measure.width("\xff"), 1U);
}

TEST(TextMeasure, ACutIsMarkedAndNeverWiderThanItMayBe) {
  const TextMeasure measure;
  EXPECT_EQ(measure.cut("abcdef", 6), "abcdef");
  EXPECT_EQ(measure.cut("abcdef", 4), "abc\u2026");
  EXPECT_EQ(measure.cut("\u65e5\u672c\u8a9e", 4), "\u65e5\u2026");
  EXPECT_EQ(measure.cut("abc", 0), "");
}

constexpr Column kColumns[] = {
    {"ID", "id"},
    {"STATE", "state", Show::kState},
    {"TEXT", "text", Show::kProse},
    {"MORE", "more", Show::kText, true},
};

std::string table_of(const std::string& row, const Look& look) {
  auto json = JsonText::read(row);
  Table table(kColumns, look);
  table.add(json->top());
  return table.text();
}

const std::string kRow = R"({"id":"a","state":"dead","text":"12345678901234567890","more":1})";

TEST(Table, ColumnsLineUpAndTheLastIsNotPadded) {
  EXPECT_EQ(table_of(kRow, {Instant{}}),
            "ID  STATE  TEXT\n"
            "a   dead   12345678901234567890\n");
  EXPECT_EQ(table_of(R"({"id":"\u65e5"})", {Instant{}}),
            "ID  STATE  TEXT\n"
            "\u65e5  -      -\n");
}

TEST(Table, ProseGivesWayWhereTheTerminalIsNarrow) {
  Look look{Instant{}};
  look.columns = 25;
  EXPECT_EQ(table_of(kRow, look),
            "ID  STATE  TEXT\n"
            "a   dead   1234567890123\u2026\n");
  look.columns = 5;
  EXPECT_TRUE(has(table_of(kRow, look), "12345678901\u2026\n"));
}

TEST(Table, WideHasMoreColumns) {
  Look look{Instant{}};
  look.wide = true;
  EXPECT_TRUE(has(table_of(kRow, look), "MORE\n"));
}

TEST(Table, StatesAreColouredOnlyWhereThatWasAskedFor) {
  Look look{Instant{}};
  look.colour = true;
  EXPECT_TRUE(has(table_of(kRow, look), "\033[31mdead\033[0m   1"));
  EXPECT_FALSE(has(table_of(kRow, {Instant{}}), "\033"));
}

TEST(Table, SchedulesAndLabelsAreShownAsPeopleWriteThem) {
  Asked asked = ask_all("task list -o wide", {{200, R"({"tasks":[{"id":"a","description":"",
      "schedule":{"cron":"0 9 * * *","timezone":"Europe/Berlin","dst":"cron"},
      "labels":{"team":"billing","tier":"1"}}]})"}});
  EXPECT_TRUE(has(asked.client.output, "  0 9 * * * Europe/Berlin  -  ")) << asked.client.output;
  EXPECT_TRUE(has(asked.client.output, "  team:billing, tier:1  ")) << asked.client.output;
}

TEST(Output, RowsComeAsJsonLinesOrNames) {
  const std::string page = R"({"tasks":[{"id":"a", "n":1},{"id":"b"}]})";
  EXPECT_EQ(ask_all("task list -o ndjson", {{200, page}}).client.output,
            "{\"id\":\"a\", \"n\":1}\n{\"id\":\"b\"}\n");
  EXPECT_EQ(ask_all("task list -o name", {{200, page}}).client.output, "a\nb\n");
  EXPECT_EQ(ask_all("task get a -o name", {{200, R"({"id":"a"})"}}).client.output, "a\n");
}

TEST(Output, WhatCannotBeWrittenIsAFailure) {
  for (const char* verb : {"version", "--help", "cron next @daily"}) {
    FinishedProgram finished = run_program(program("hourwheel") + " " + verb + " 2>&1 >/dev/full");
    EXPECT_EQ(finished.code, 1) << verb;
    EXPECT_EQ(finished.output, "hourwheel: the output cannot be written\n") << verb;
  }
}

TEST(Output, AMessageFollowsWhatWasPrintedBefore) {
  Asked asked = ask_all("task list --all -o name",
                        {{200, R"({"tasks":[{"id":"a"}],"next_page_token":"p"})"}, {404, ""}});
  EXPECT_EQ(asked.client.output, "a\nhourwheel: the server answered 404\n");
}

TEST(Output, NoTextReachesATerminalAsACommand) {
  Asked asked = ask_all("task list -o wide", {{200, R"({"tasks":[{"id":"a\u009b2Jb",
      "labels":{"te\u001b[2Jam":"x\u009dy\u0007"}}]})"}});
  EXPECT_TRUE(has(asked.client.output, "a 2Jb ")) << asked.client.output;
  EXPECT_TRUE(has(asked.client.output, "te [2Jam:x y ")) << asked.client.output;
  EXPECT_FALSE(has(asked.client.output, "\033")) << asked.client.output;
  EXPECT_FALSE(has(asked.client.output, "\xC2\x9b")) << asked.client.output;
}

TEST(Output, APipeHasNoColour) {
  Asked asked = ask_all("task list", {{200, R"({"tasks":[{"id":"a","state":"dead"}]})"}});
  EXPECT_FALSE(has(asked.client.output, "\033"));
}

TEST(Output, MessagesAreNoPartOfWhatIsPrinted) {
  Asked asked =
      ask_all("task get a 2>/dev/null #", {{404, R"({"code":"not-found","detail":"x"})"}});
  EXPECT_EQ(asked.client.output, "");
  EXPECT_EQ(asked.client.code, 3);
}

TEST(Output, ARefusalShowsItsCodeFieldsHintAndRequest) {
  Asked asked = ask_all("task create '* *'", {{422, R"({"code":"invalid-schedule","detail":"bad",
      "request_id":"req-7","errors":[{"pointer":"#/schedule","code":"x","detail":"too short"}]})"}});
  EXPECT_EQ(asked.client.output,
            "hourwheel: invalid-schedule: bad\n"
            "  #/schedule: too short\n"
            "  hint: `hourwheel cron next SCHEDULE` shows what a schedule does\n"
            "  request: req-7\n");
  EXPECT_EQ(asked.client.code, 1);
}

TEST(Output, ADistanceIsSentAsAnInstant) {
  Asked asked = ask_all("task why a --at -5m", {{200, R"({"at":"x","answer":"fired"})"}});
  EXPECT_TRUE(asked.requests[0].starts_with("GET /v1/tasks/a/why?at=20")) << asked.requests[0];
  FinishedProgram wrong = run_alone("task list --due-before +soon");
  EXPECT_EQ(wrong.code, 2);
  EXPECT_TRUE(has(wrong.output, "'+soon' is no instant")) << wrong.output;
}

TEST(DidYouMean, NearWordsAreFound) {
  EXPECT_EQ(nearest("lits", {"get", "list", "edit"}), "list");
  EXPECT_EQ(nearest("--lable", {"--limit", "--label"}), "--label");
  EXPECT_EQ(nearest("up", {"why", "upcoming"}), "upcoming");
  EXPECT_EQ(nearest("xyzzy", {"get", "list"}), "");
}

TEST(DidYouMean, MistypedVerbsAndOptionsAreToldTheNearest) {
  EXPECT_TRUE(has(run_alone("tsak list").output, "Unknown: tsak\nDid you mean task?\n"));
  EXPECT_TRUE(has(run_alone("task lits").output, "Did you mean list?"));
  EXPECT_TRUE(has(run_alone("task list --lable x").output, "Did you mean --label?"));
  EXPECT_TRUE(has(run_alone("task get a --sever x").output, "Did you mean --server?"));
  EXPECT_EQ(run_alone("task lits").code, 2);
  EXPECT_TRUE(has(run_alone("task ''").output, "Unknown: \nRun with --help"));
}

}  // namespace
}  // namespace hourwheel::output_test
