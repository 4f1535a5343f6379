// Short ways to write instants and schedules in tests.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "engine/schedule/schedule.h"
#include "engine/schedule/time_text.h"

namespace hourwheel {

inline Instant at(std::string_view text) {
  auto t = parse_instant(text);
  EXPECT_TRUE(t) << text << ": " << (t ? "" : t.error().detail);
  return t.value_or(Instant{});
}

inline std::string text_or_none(std::optional<Instant> t) {
  return t ? to_text(*t) : "none";
}

inline ScheduleSpec cron_spec(std::string_view cron, std::string_view zone = "") {
  ScheduleSpec spec;
  spec.kind = ScheduleKind::kCron;
  spec.cron = cron;
  spec.timezone = zone;
  return spec;
}

inline ScheduleSpec every_spec(Duration every, Instant anchor) {
  ScheduleSpec spec;
  spec.kind = ScheduleKind::kEvery;
  spec.every = every;
  spec.anchor = anchor;
  return spec;
}

inline Schedule compiled(const ScheduleSpec& spec) {
  auto schedule = Schedule::compile(spec, {});
  EXPECT_TRUE(schedule) << spec.cron << ": " << (schedule ? "" : schedule.error().detail);
  return schedule ? *schedule : *Schedule::compile(ScheduleSpec{}, {});
}

// The first n due instants after `after`.
inline std::vector<std::string> dues(const Schedule& schedule, std::string_view after, int n) {
  std::vector<std::string> out;
  Instant t = at(after);
  for (int i = 0; i < n; ++i) {
    auto due = schedule.next_after(t);
    out.push_back(text_or_none(due));
    if (!due) {
      break;
    }
    t = *due;
  }
  return out;
}

// The names of all zones of the installed database that differ since 1970.
inline std::vector<std::string> zone_names() {
  std::vector<std::string> names;
  std::ifstream table("/usr/share/zoneinfo/zone1970.tab");
  for (std::string line; std::getline(table, line);) {
    std::istringstream columns(line);
    std::string countries;
    std::string place;
    std::string name;
    if (line[0] != '#' && columns >> countries >> place >> name) {
      names.push_back(name);
    }
  }
  return names;
}

}  // namespace hourwheel
