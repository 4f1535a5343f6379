// What the server tells those who run it: lines with a level, a message and named values. What is
// said belongs to whoever says it; how it looks and where it goes is the log's.
//
// Invariants
//   LG1  Saying something never waits and never fails: what does not fit is dropped and counted.
//   LG2  No secret, no body and no value of a URL's query is among the values.
// Thread: any.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hourwheel {

enum class LogLevel : uint8_t { kDebug, kInfo, kWarning, kError };

struct LogField {
  std::string_view name;  // a literal
  std::string value;
};

struct LogRecord {
  LogLevel level = LogLevel::kInfo;
  std::string_view component;  // a literal: who speaks
  std::string message;
  std::vector<LogField> fields{};
};

class LogDoor {
 public:
  virtual ~LogDoor() = default;
  // The least level that is written; may change at any time.
  [[nodiscard]] virtual LogLevel level() const = 0;
  virtual void set_level(LogLevel level) = 0;
  virtual void write(LogRecord record) = 0;
  // How many records did not fit (LG1).
  [[nodiscard]] virtual uint64_t dropped() const = 0;
  // Asked first by whoever would have work with a record.
  [[nodiscard]] bool takes(LogLevel one) const { return one >= level(); }
};

}  // namespace hourwheel
