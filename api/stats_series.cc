#include "api/stats_series.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/run.h"

namespace hourwheel {
namespace {

RunState end_of(size_t index) {
  return static_cast<RunState>(static_cast<size_t>(RunState::kSucceeded) + index);
}

// The upper end of the bucket of the q-th value among those that came between two looks.
std::optional<uint64_t> quantile_between(const Histogram& before, const Histogram& now, double q) {
  const uint64_t count = now.count() - before.count();
  if (count == 0) return std::nullopt;
  const auto wanted =
      std::max<uint64_t>(1, static_cast<uint64_t>(std::ceil(q * static_cast<double>(count))));
  uint64_t bound = 0;
  for (size_t bucket = 0; bucket < Histogram::kBuckets; ++bucket) {
    bound = Histogram::last_of(bucket);
    if (now.cumulative(bound) - before.cumulative(bound) >= wanted) break;
  }
  return bound;
}

}  // namespace

void StatsSeries::look(Now now, std::span<const ShardMetrics* const> shards) {
  if (last_ && now.mono - last_->at.mono < kStatsStep) return;
  auto taken = std::make_unique<Look>();
  Look& look = *taken;
  look.at = now;
  for (const ShardMetrics* shard : shards) {
    for (size_t i = 0; i < look.runs_ended.size(); ++i) {
      look.runs_ended[i] += shard->runs_ended(end_of(i)).value();
    }
    look.attempts += shard->attempts.value();
    look.lateness_us.merge(shard->lateness_us);
  }
  if (last_) {
    StatsStep& step = steps_.emplace_back();
    step.end = now.utc;
    step.length = now.mono - last_->at.mono;
    for (size_t i = 0; i < look.runs_ended.size(); ++i) {
      step.runs_ended[i] = look.runs_ended[i] - last_->runs_ended[i];
    }
    step.attempts = look.attempts - last_->attempts;
    step.lateness_p50_us = quantile_between(last_->lateness_us, look.lateness_us, 0.5);
    step.lateness_p99_us = quantile_between(last_->lateness_us, look.lateness_us, 0.99);
    constexpr auto kMost = static_cast<size_t>(kStatsKept.ms / kStatsStep.ms);
    if (steps_.size() > kMost) steps_.pop_front();
  }
  last_ = std::move(taken);
}

}  // namespace hourwheel
