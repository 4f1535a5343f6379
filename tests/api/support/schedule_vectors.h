// tests/vectors/schedules.json as values. Its README there says what each member means.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "api/json_reader.h"
#include "engine/schedule/time_text.h"

namespace hourwheel {

struct ExpectedDue {
  Instant at;
  std::string local;   // "2027-03-28T03:00:00", with decimals if there are milliseconds
  std::string offset;  // "+02:00"
  std::string note;    // empty: nothing special
};

struct ScheduleVector {
  std::string name;
  JsonValue schedule;
  std::string kind;      // the one of at, delay, cron, every, rrule that it has; else empty
  std::string timezone;  // the member's; empty if there is none
  Instant now;           // when it is accepted
  Instant from;
  std::vector<ExpectedDue> dues;
  bool ends = false;  // nothing is due after them
  std::string error;  // empty: accepted
};

// Reads the whole file once and keeps what the values point into.
class ScheduleVectors {
 public:
  ScheduleVectors() {
    std::ifstream file(HW_SOURCE_DIR "/tests/vectors/schedules.json", std::ios::binary);
    std::ostringstream bytes;
    bytes << file.rdbuf();
    text_ = bytes.str();
    const size_t size = text_.size();
    text_.append(64, '\0');  // the reader looks past the end
    auto top = reader_.parse(std::string_view(text_).substr(0, size));
    if (!top) {
      ADD_FAILURE() << "schedules.json: " << top.error().detail;
      return;
    }
    auto list = top->find("vectors");
    for (auto entry = list->first(); entry; entry = entry->next()) {
      all_.push_back(read(*entry));
    }
  }

  [[nodiscard]] const std::vector<ScheduleVector>& all() const { return all_; }

 private:
  static std::string text_of(const JsonValue& object, std::string_view name) {
    auto member = object.find(name);
    return member ? std::string(member->text()) : "";
  }
  static Instant instant_of(const JsonValue& object, std::string_view name) {
    auto t = parse_instant(text_of(object, name));
    EXPECT_TRUE(t) << text_of(object, "name") << ": " << name;
    return t.value_or(Instant{});
  }

  static ScheduleVector read(const JsonValue& entry) {
    JsonValue schedule = *entry.find("schedule");
    ScheduleVector vector{
        text_of(entry, "name"), schedule, "", text_of(schedule, "timezone"), {}, {}, {}, false,
        text_of(entry, "error")};
    for (const char* kind : {"at", "delay", "cron", "every", "rrule"}) {
      if (schedule.find(kind)) vector.kind = kind;
    }
    vector.from = instant_of(entry, "from");
    vector.now = entry.find("now") ? instant_of(entry, "now") : vector.from;
    vector.ends = entry.find("end").has_value();
    auto expected = entry.find("expect");
    for (auto due = expected ? expected->first() : std::nullopt; due; due = due->next()) {
      vector.dues.push_back({instant_of(*due, "at"), text_of(*due, "local"),
                             text_of(*due, "offset"), text_of(*due, "note")});
    }
    return vector;
  }

  std::string text_;
  JsonReader reader_;
  std::vector<ScheduleVector> all_;
};

}  // namespace hourwheel
