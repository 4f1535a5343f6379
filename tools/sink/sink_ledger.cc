#include "tools/sink/sink_ledger.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "engine/base/siphash.h"

namespace hourwheel {
namespace {

std::string json_of(const LatencyPercentiles& latency) {
  std::array<char, 256> text{};
  int size = std::snprintf(
      text.data(), text.size(),
      R"({"count":%llu,"p50":%.3f,"p90":%.3f,"p99":%.3f,"p999":%.3f,"max":%.3f})",
      static_cast<unsigned long long>(latency.count()), as_ms(latency.percentile(0.5)),
      as_ms(latency.percentile(0.9)), as_ms(latency.percentile(0.99)),
      as_ms(latency.percentile(0.999)), as_ms(latency.max()));
  return {text.data(), static_cast<size_t>(size)};
}

}  // namespace

TaskKey SinkLedger::key_of(std::string_view run_id) {
  Hash128 hash = siphash128(run_id);
  return {hash.first, hash.second};
}

void SinkLedger::record(const Arrival& arrival) {
  ++received_;
  first_at_us_ = first_at_us_ == 0 ? arrival.at_us : first_at_us_;
  last_at_us_ = arrival.at_us;
  // The server rounds to whole milliseconds, so do we: arriving in the due millisecond is not
  // early.
  bool early = arrival.due && arrival.at_us / 1000 < arrival.due->ms;
  early_ += early ? 1 : 0;

  TaskKey key = key_of(arrival.run_id);
  auto found = runs_.find(key);
  if (found == runs_.end()) {
    if (runs_.size() == kMaxSeenRuns) {
      ++untracked_;
      return;
    }
    runs_.emplace(key, Seen{1, arrival.attempt, arrival.at_us, arrival.at_us});
    if (arrival.due) {
      lateness_.add(arrival.at_us - arrival.due->ms * 1000);
      lap_.add(arrival.at_us - arrival.due->ms * 1000);
    }
    return;
  }
  Seen& seen = found->second;
  ++repeats_;
  bool flagged = arrival.possible_duplicate || arrival.attempt > seen.highest_attempt;
  unflagged_repeats_ += flagged ? 0 : 1;
  ++seen.arrivals;
  seen.highest_attempt = std::max(seen.highest_attempt, arrival.attempt);
  seen.last_at_us = arrival.at_us;
}

void SinkLedger::clear(size_t expected) {
  *this = SinkLedger();
  runs_.reserve(std::min(expected, kMaxSeenRuns));
}

std::optional<SinkLedger::Seen> SinkLedger::seen(std::string_view run_id) const {
  auto found = runs_.find(key_of(run_id));
  return found == runs_.end() ? std::nullopt : std::optional(found->second);
}

std::string SinkLedger::to_json() const {
  std::array<char, 768> text{};
  int size = std::snprintf(
      text.data(), text.size(),
      R"({"received":%llu,"distinct":%llu,"repeats":%llu,"unflagged_repeats":%llu,"early":%llu,)"
      R"("untracked":%llu,"lateness_ms":%s,"lap_ms":%s,"first_at_ms":%lld,"last_at_ms":%lld})",
      static_cast<unsigned long long>(received_), static_cast<unsigned long long>(runs_.size()),
      static_cast<unsigned long long>(repeats_),
      static_cast<unsigned long long>(unflagged_repeats_), static_cast<unsigned long long>(early_),
      static_cast<unsigned long long>(untracked_), json_of(lateness_).c_str(),
      json_of(lap_).c_str(), static_cast<long long>(first_at_us_ / 1000),
      static_cast<long long>(last_at_us_ / 1000));
  return {text.data(), static_cast<size_t>(size)};
}

}  // namespace hourwheel
