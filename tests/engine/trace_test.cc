#include "engine/trace.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "engine/limits.h"

namespace hourwheel::trace_test {
namespace {

constexpr std::string_view kParent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
constexpr Instant kMade{1'735'027'200'000};

// Examples of W3C Trace Context, level 1.
TEST(Trace, AValidOneIsTaken) {
  const auto trace = read_trace(kParent, "congo=t61rcWkgMzE", kMade);
  ASSERT_TRUE(trace);
  EXPECT_EQ(trace->parent, kParent);
  EXPECT_EQ(trace->state, "congo=t61rcWkgMzE");
  EXPECT_EQ(trace->since, kMade);
}

TEST(Trace, OfALaterVersionTheKnownPartsAreTaken) {
  const auto trace = read_trace("cc" + std::string(kParent.substr(2)) + "-what-else", "", kMade);
  ASSERT_TRUE(trace);
  EXPECT_EQ(trace->parent, kParent);
}

TEST(Trace, WhatIsNotValidIsLeftOut) {
  for (std::string_view text : {"", "00", "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
                                "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                                "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
                                "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
                                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0",
                                "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                                "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01x",
                                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-\r\n"}) {
    EXPECT_FALSE(read_trace(text, "", kMade)) << text;
  }
}

TEST(Trace, AStateThatCannotTravelIsLeftOut) {
  EXPECT_EQ(read_trace(kParent, std::string(kMaxTraceState, 'a'), kMade)->state.size(),
            kMaxTraceState);
  EXPECT_EQ(read_trace(kParent, std::string(kMaxTraceState + 1, 'a'), kMade)->state, "");
  EXPECT_EQ(read_trace(kParent, "a=b\r\nX: y", kMade)->state, "");
}

TEST(Trace, SoonAfterwardsItGoesOn) {
  const auto trace = read_trace(kParent, "a=b", kMade);
  const auto fields = trace_of_attempt(*trace, "run-a-1-5", 1, kMade + kTraceContinued);
  EXPECT_TRUE(fields.parent.starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-"));
  EXPECT_TRUE(fields.parent.ends_with("-01"));
  EXPECT_EQ(fields.state, "a=b");
  EXPECT_TRUE(read_trace(fields.parent, "", kMade)) << fields.parent;
}

TEST(Trace, EachAttemptIsASpanOfItsOwn) {
  const auto trace = read_trace(kParent, "", kMade);
  const auto first = trace_of_attempt(*trace, "run-a-1-5", 1, kMade);
  EXPECT_EQ(trace_of_attempt(*trace, "run-a-1-5", 1, kMade).parent, first.parent);
  EXPECT_NE(trace_of_attempt(*trace, "run-a-1-5", 2, kMade).parent, first.parent);
  EXPECT_NE(trace_of_attempt(*trace, "run-a-1-6", 1, kMade).parent, first.parent);
}

TEST(Trace, LaterARunHasOneOfItsOwn) {
  const auto trace = read_trace(kParent, "a=b", kMade);
  const Instant late = kMade + kTraceContinued + milliseconds(1);
  const auto trace_id = [&](const char* run, uint32_t attempt) {
    const auto fields = trace_of_attempt(*trace, run, attempt, late);
    EXPECT_TRUE(read_trace(fields.parent, "", late)) << fields.parent;
    EXPECT_EQ(fields.state, "");
    return fields.parent.substr(3, 32);
  };
  EXPECT_NE(trace_id("run-a-1-5", 1), "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(trace_id("run-a-1-5", 1), trace_id("run-a-1-5", 2));
  EXPECT_NE(trace_id("run-a-1-5", 1), trace_id("run-a-1-6", 1));
}

}  // namespace
}  // namespace hourwheel::trace_test
