// The server's log on standard error, one line a record, as JSON or as text for people:
//
//   {"ts":"2026-12-24T08:00:00.123Z","level":"warning","component":"runs","msg":"a run is dead",…}
//   2026-12-24T08:00:00.123Z warning a run is dead task_id=report run_id=run-… error="timed out"
//
// A thread of its own writes, because whoever reads standard error may stop reading: the others
// never wait for that, and never for a disk. A line is one write, so that the lines of a
// supervisor's other children do not get in between.
//
// Invariants
//   LG3  A record is one line whatever its values hold; a value has at most kMaxLogValue bytes.
//   LG4  At most kMaxLogLines wait. What is dropped is counted, and told when there is room again.
// Thread: any; to make and to end it, one.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "engine/base/time.h"
#include "engine/log.h"

namespace hourwheel {

enum class LogFormat : uint8_t { kAuto, kText, kJson };  // kAuto: text on a terminal

inline constexpr size_t kMaxLogLines = 4'096;
inline constexpr size_t kMaxLogValue = 256;

// Without the end of the line.
std::string log_text(const LogRecord& record, Instant at);
std::string log_json(const LogRecord& record, Instant at);

class Log final : public LogDoor {
 public:
  struct Settings {
    LogFormat format = LogFormat::kAuto;
    LogLevel level = LogLevel::kInfo;
    int descriptor = 2;
  };
  explicit Log(const Settings& settings);
  // Writes what waits, as long as somebody reads it.
  ~Log() override;
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  [[nodiscard]] LogLevel level() const override { return level_.load(std::memory_order_relaxed); }
  void set_level(LogLevel level) override { level_.store(level, std::memory_order_relaxed); }
  void write(LogRecord record) override;
  // Of the server itself.
  void say(LogLevel level, std::string message) { write({level, "server", std::move(message)}); }
  // Until what was said before is written, but no longer than this: for an end without destructors.
  void flush(Duration patience = seconds(2));
  [[nodiscard]] uint64_t dropped() const override {
    return dropped_.load(std::memory_order_relaxed);
  }

 private:
  void write_lines();
  // False: the log ends, and nobody reads it.
  bool put(const std::string& text) const;

  const bool json_;
  const int descriptor_;
  std::atomic<LogLevel> level_;
  std::atomic<uint64_t> dropped_ = 0;
  std::atomic<bool> ends_soon_ = false;
  std::mutex mutex_;
  std::condition_variable work_;
  std::condition_variable written_;
  std::vector<std::string> waiting_;  // lines
  uint64_t untold_ = 0;               // dropped since the last line
  bool writing_ = false;
  bool ends_ = false;
  std::thread writer_;  // last: it uses all of the others
};

}  // namespace hourwheel
