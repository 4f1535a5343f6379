// The server's log: its lines, its bounds and its writer.
#include "tools/hourwheel/log.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "api/json_reader.h"

namespace hourwheel::log_test {
namespace {

constexpr Instant kAt{1'735'027'200'123};

// What JSON makes of a line again.
std::string member_of(const std::string& line, std::string_view name) {
  JsonReader reader;
  const std::string padded = line + std::string(64, '\0');
  auto object = reader.parse(std::string_view(padded).substr(0, line.size()));
  if (!object) return "not JSON: " + line;
  auto found = object->find(name);
  return found && found->is(JsonKind::kString) ? std::string(found->text()) : "absent";
}

TEST(LogLine, AsText) {
  const LogRecord record{LogLevel::kWarning,
                         "runs",
                         "a run is dead",
                         {{"task_id", "report"}, {"err", "timed out"}, {"empty", ""}}};
  EXPECT_EQ(log_text(record, kAt),
            "2024-12-24T08:00:00.123Z warning a run is dead task_id=report err=\"timed out\" "
            "empty=\"\"");
}

TEST(LogLine, AsJson) {
  const LogRecord record{LogLevel::kInfo, "server", "started", {{"err", "a \"b\""}}};
  const std::string line = log_json(record, kAt);
  EXPECT_EQ(member_of(line, "ts"), "2024-12-24T08:00:00.123Z");
  EXPECT_EQ(member_of(line, "level"), "info");
  EXPECT_EQ(member_of(line, "component"), "server");
  EXPECT_EQ(member_of(line, "msg"), "started");
  EXPECT_EQ(member_of(line, "err"), "a \"b\"");
}

TEST(LogLine, IsOneLineWhateverItsValuesHold) {  // LG3, T-09
  for (const std::string& value : {std::string("a\r\nlevel=error"), std::string("csi \xc2\x9b 2J"),
                                   std::string("\0\x7f\x1b[2J", 6), std::string("\"=\\"),
                                   std::string("\xff\xfe"), std::string(1000, '\n')}) {
    const LogRecord record{LogLevel::kInfo, "api", "said " + value, {{"value", value}}};
    const std::string text = log_text(record, kAt);
    const std::string json = log_json(record, kAt);
    for (const std::string& line : {text, json}) {
      for (char c : line) EXPECT_GE(static_cast<unsigned char>(c), 0x20) << line;
      EXPECT_LT(line.size(), 8'000U);
    }
    EXPECT_EQ(text.find("\xc2\x9b"), std::string::npos) << "no order to a terminal";
    EXPECT_NE(member_of(json, "value"), "absent") << json;
  }
}

TEST(LogLine, AValueIsCutBetweenTwoCharacters) {
  std::string value(kMaxLogValue - 1, 'a');
  value += "\xc3\xa4 and more";
  const std::string line = log_json({LogLevel::kInfo, "api", "m", {{"v", value}}}, kAt);
  EXPECT_EQ(member_of(line, "v"), std::string(kMaxLogValue - 1, 'a').append("…"));
}

class LogTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(pipe(ends_.data()), 0); }
  void TearDown() override {
    for (int end : ends_) close(end);
  }
  std::string read_some() {
    std::string text(1 << 20, '\0');
    const ssize_t got = read(ends_[0], text.data(), text.size());
    text.resize(got > 0 ? static_cast<size_t>(got) : 0);
    return text;
  }
  std::array<int, 2> ends_{};
};

TEST_F(LogTest, WritesWhatIsOfItsLevel) {
  Log log({LogFormat::kText, LogLevel::kWarning, ends_[1]});
  log.say(LogLevel::kInfo, "not this");
  log.say(LogLevel::kError, "this");
  log.flush();
  EXPECT_TRUE(read_some().ends_with(" error this\n"));
  log.set_level(LogLevel::kDebug);
  log.say(LogLevel::kDebug, "and this");
  log.flush();
  EXPECT_TRUE(read_some().ends_with(" debug and this\n"));
}

TEST_F(LogTest, WhatIsNoTerminalGetsJson) {
  Log log({LogFormat::kAuto, LogLevel::kInfo, ends_[1]});
  log.say(LogLevel::kInfo, "a line");
  log.flush();
  const std::string line = read_some();
  EXPECT_EQ(member_of(line.substr(0, line.size() - 1), "msg"), "a line");
}

TEST_F(LogTest, WithItsEndWhatWaitsIsWritten) {
  {
    Log log({LogFormat::kText, LogLevel::kInfo, ends_[1]});
    for (int i = 0; i < 100; ++i) log.say(LogLevel::kInfo, std::to_string(i));
  }
  EXPECT_TRUE(read_some().ends_with(" 99\n"));
}

TEST_F(LogTest, WhoDoesNotReadHoldsUpNobody) {  // LG1, LG4
  const int size = fcntl(ends_[1], F_SETPIPE_SZ, 4096);
  ASSERT_GE(size, 0);
  const size_t lines = static_cast<size_t>(size) / 200 + 3 * kMaxLogLines;
  auto log = std::make_unique<Log>(Log::Settings{LogFormat::kText, LogLevel::kInfo, ends_[1]});
  for (size_t i = 0; i < lines; ++i) log->say(LogLevel::kInfo, std::string(200, 'x'));
  const uint64_t dropped = log->dropped();
  EXPECT_GT(dropped, 0U) << "the pipe is full, and nobody waits for that";
  std::string all;
  std::thread reader([&] {
    for (std::string some = read_some(); !some.empty(); some = read_some()) all += some;
  });
  log.reset();
  close(std::exchange(ends_[1], -1));
  reader.join();
  EXPECT_NE(all.find(std::to_string(dropped) + " lines were dropped"), std::string::npos);
}

TEST_F(LogTest, WhoNeverReadsDoesNotHoldUpAnEnd) {  // C-26
  ASSERT_GE(fcntl(ends_[1], F_SETPIPE_SZ, 4096), 0);
  auto log = std::make_unique<Log>(Log::Settings{LogFormat::kText, LogLevel::kInfo, ends_[1]});
  for (int i = 0; i < 1000; ++i) log->say(LogLevel::kInfo, std::string(200, 'x'));
  log.reset();
}

}  // namespace
}  // namespace hourwheel::log_test
