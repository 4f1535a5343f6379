// Short ways to write recurrence rules and their instances in tests.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "engine/schedule/rrule.h"
#include "engine/schedule/time_text.h"

namespace hourwheel {

inline CivilSecond civil(std::string_view text) {
  auto local = parse_local_time(text);
  EXPECT_TRUE(local) << text;
  return local ? local->second : CivilSecond{};
}
// "1997-09-02T09:00:00"
inline std::string text_of(CivilSecond c) {
  return to_text(Instant{c.s * 1000}).substr(0, 19);
}

inline Rrule rule_of(std::string_view text, std::string_view dtstart) {
  auto rule = Rrule::parse(text, civil(dtstart));
  EXPECT_TRUE(rule) << text << ": " << (rule ? "" : rule.error().detail);
  return rule ? *rule : *Rrule::parse("FREQ=DAILY", {});
}

// The first n instances; "none" behind the last one when there are fewer.
template <class Rule>
std::vector<std::string> instances(const Rule& rule, std::string_view from, int n) {
  std::vector<std::string> out;
  CivilSecond c = civil(from);
  for (int i = 0; i < n; ++i) {
    auto found = rule.first_from(c);
    out.push_back(found ? text_of(*found) : "none");
    if (!found) break;
    c = {found->s + 1};
  }
  return out;
}

// "1997-09 2 9 1998-01 6" at 09:00: 1997-09-02T09:00:00, 1997-09-09T09:00:00, 1998-01-06T09:00:00.
inline std::vector<std::string> days(std::string_view text, std::string_view time = "09:00:00") {
  std::vector<std::string> out;
  std::istringstream words{std::string(text)};
  std::string month;
  for (std::string word; words >> word;) {
    if (word.size() == 7) {
      month = word;
    } else {
      out.push_back(month + (word.size() == 1 ? "-0" : "-") + word + "T" + std::string(time));
    }
  }
  return out;
}

}  // namespace hourwheel
