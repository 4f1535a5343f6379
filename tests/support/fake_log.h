// Keeps what was logged. Thread: the test's.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/log.h"

namespace hourwheel {

class FakeLog : public LogDoor {
 public:
  [[nodiscard]] LogLevel level() const override { return least; }
  void set_level(LogLevel level) override { least = level; }
  void write(LogRecord record) override {
    if (takes(record.level)) records.push_back(std::move(record));
  }
  [[nodiscard]] uint64_t dropped() const override { return lost; }
  // The value of a field of the newest record; empty: there is none.
  [[nodiscard]] std::string last(std::string_view name) const {
    if (records.empty()) return "";
    for (const LogField& field : records.back().fields) {
      if (field.name == name) return field.value;
    }
    return "";
  }

  LogLevel least = LogLevel::kInfo;
  uint64_t lost = 0;
  std::vector<LogRecord> records;
};

}  // namespace hourwheel
