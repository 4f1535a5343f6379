#include "engine/schedule/recurrence_set.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"

namespace hourwheel {
namespace {

void sort_unique(std::vector<CivilSecond>& dates) {
  std::sort(dates.begin(), dates.end());
  dates.erase(std::unique(dates.begin(), dates.end()), dates.end());
}
bool has(const std::vector<CivilSecond>& dates, CivilSecond c) {
  return std::binary_search(dates.begin(), dates.end(), c);
}
// How many of the dates lie in [from, end).
uint64_t count_in(const std::vector<CivilSecond>& dates, CivilSecond from, CivilSecond end) {
  return static_cast<uint64_t>(std::lower_bound(dates.begin(), dates.end(), end) -
                               std::lower_bound(dates.begin(), dates.end(), from));
}

}  // namespace

RecurrenceSet::RecurrenceSet(Rrule rule, std::vector<CivilSecond> exdates,
                             std::vector<CivilSecond> rdates)
    : rule_(std::move(rule)), left_out_(std::move(exdates)), extra_(std::move(rdates)) {
  sort_unique(left_out_);
  sort_unique(extra_);
  std::erase_if(extra_, [this](CivilSecond c) { return has(left_out_, c) || rule_.matches(c); });
  std::erase_if(left_out_, [this](CivilSecond c) { return !rule_.matches(c); });
}

bool RecurrenceSet::matches(CivilSecond c) const {
  return has(extra_, c) || (!has(left_out_, c) && rule_.matches(c));
}

std::optional<CivilSecond> RecurrenceSet::first_from(CivilSecond c) const {
  auto instance = rule_.first_from(c);
  while (instance && has(left_out_, *instance)) {
    instance = rule_.first_from({instance->s + 1});
  }
  auto extra = std::lower_bound(extra_.begin(), extra_.end(), c);
  if (extra == extra_.end()) return instance;
  return instance ? std::min(*instance, *extra) : *extra;
}

uint64_t RecurrenceSet::count(CivilSecond from, CivilSecond end) const {
  if (from >= end) return 0;
  uint64_t left_out = count_in(left_out_, from, end);
  uint64_t instances = rule_.count(from, end);
  HW_CHECK(left_out <= instances, "RS1 what is left out is one of the rule's");
  return instances - left_out + count_in(extra_, from, end);
}

}  // namespace hourwheel
