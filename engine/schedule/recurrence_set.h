// A recurrence rule with its EXDATE and RDATE: what RFC 5545 calls a recurrence set. In civil time,
// so that a date that is left out stays left out when the zone's rules change, and an additional
// one meets a change of the clocks as an instance of the rule does.
//
// What is left out is no due instant at all; COUNT still counts it. Additional dates are not bound
// by DTSTART, COUNT or UNTIL.
//
// Invariants
//   RS1  No date is in two lists; extra ones are none of the rule's, left out ones are.
// Cost: that of the rule, and some ns a date. Thread: an immutable value, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/schedule/rrule.h"

namespace hourwheel {

class RecurrenceSet {
 public:
  // EXDATE wins over RDATE.
  RecurrenceSet(Rrule rule, std::vector<CivilSecond> exdates, std::vector<CivilSecond> rdates);

  [[nodiscard]] bool follows_elapsed_time() const { return rule_.follows_elapsed_time(); }

  [[nodiscard]] bool matches(CivilSecond c) const;
  [[nodiscard]] std::optional<CivilSecond> first_from(CivilSecond c) const;
  [[nodiscard]] uint64_t count(CivilSecond from, CivilSecond end) const;

 private:
  Rrule rule_;
  std::vector<CivilSecond> left_out_;  // sorted
  std::vector<CivilSecond> extra_;     // sorted
};

}  // namespace hourwheel
