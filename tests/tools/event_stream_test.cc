#include "tools/hourwheel/event_stream.h"

#include <gtest/gtest.h>

#include <vector>

namespace hourwheel::event_stream_test {
namespace {

using Seen = std::vector<std::pair<std::string, std::string>>;

Seen read(EventStream& stream, std::string_view text, size_t piece) {
  Seen seen;
  for (size_t at = 0; at < text.size(); at += piece) {
    stream.feed(text.substr(at, piece),
                [&seen](const ServerEvent& event) { seen.emplace_back(event.type, event.data); });
  }
  return seen;
}

TEST(EventStream, HoweverItIsCut) {  // EV1
  constexpr std::string_view kText =
      ": a comment\n\n"
      "event: task.created\r\ndata: {\"id\":\"a\"}\r\n\r\n"
      "data:first\ndata: second\nid: 7\n\n"
      "id: 8\n\n"
      "event: nothing\n\n"
      "retry: 2000\rdata\r\r"
      "data: not whole\n";
  const Seen expected = {
      {"task.created", "{\"id\":\"a\"}"}, {"message", "first\nsecond"}, {"message", ""}};
  for (size_t piece = 1; piece <= kText.size(); ++piece) {
    EventStream stream;
    EXPECT_EQ(read(stream, kText, piece), expected) << piece;
    EXPECT_EQ(stream.last_id(), "8");
  }
}

TEST(EventStream, AfterItsEndItBeginsAnewButForItsPlace) {
  EventStream stream;
  EXPECT_TRUE(read(stream, "id: 7\nevent: half\ndata: x", 100).empty());
  stream.reset();
  EXPECT_EQ(read(stream, "data: y\n\n", 100), (Seen{{"message", "y"}}));
  EXPECT_EQ(stream.last_id(), "7");
}

TEST(EventStream, WhatIsTooLongIsPassedOver) {  // EV2
  EventStream stream;
  const std::string half(kMaxEventBytes / 2 + 1, 'x');
  EXPECT_TRUE(read(stream, "data: " + half + "\ndata: " + half + "\n\n", 1 << 20).empty());
  EXPECT_TRUE(read(stream, "data: " + half + half + "\n\n", 1 << 20).empty());
  EXPECT_EQ(read(stream, "data: y\n\n", 100), (Seen{{"message", "y"}}));
}

}  // namespace
}  // namespace hourwheel::event_stream_test
