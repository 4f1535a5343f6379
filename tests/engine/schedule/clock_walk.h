// What the clocks of a zone show around an instant, second by second or minute by minute, and what
// is due there by the words of C-18. Slow and plain: for comparison with the arithmetic of
// Calendar.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "engine/schedule/schedule.h"
#include "tests/engine/schedule/random_cron.h"

namespace hourwheel {

struct WalkedDue {
  Instant due;
  ClockNote note = ClockNote::kNone;
  int64_t meant = 0;
};

class ClockWalk {
 public:
  // [from, end), both whole multiples of the step.
  ClockWalk(TimeZone zone, Instant from, Instant end, Duration step)
      : from_(from), step_s_(step.ms / 1000) {
    // Half a day on both sides is more than any overlap.
    const Duration margin = hours(12);
    int64_t seen = INT64_MIN;
    int64_t last = zone.civil_at(from - margin - step).s;
    for (Instant t = from - margin; t < end + margin; t = t + step) {
      Tick tick{t, Shown(zone.civil_at(t).s)};
      tick.expected = last + step_s_;
      tick.again = seen >= tick.shown.civil;
      seen = std::max(seen, tick.shown.civil);
      last = tick.shown.civil;
      ticks_.push_back(tick);
    }
    int64_t coming = INT64_MAX;
    for (auto tick = ticks_.rbegin(); tick != ticks_.rend(); ++tick) {
      tick->once_more = coming <= tick->shown.civil;
      coming = std::min(coming, tick->shown.civil);
    }
    std::erase_if(ticks_, [&](const Tick& tick) { return tick.t < from || tick.t >= end; });
  }

  [[nodiscard]] std::vector<WalkedDue> dues(const RandomCron& cron, ClockChanges changes,
                                            bool elapsed) const {
    std::vector<WalkedDue> out;
    for (const Tick& tick : ticks_) {
      bool match = cron.matches(tick.shown);
      bool in_turn = elapsed || changes.overlap == DstOverlap::kBoth ||
                     (changes.overlap == DstOverlap::kFirst ? !tick.again : !tick.once_more);
      if (match && in_turn) {
        out.push_back({tick.t,
                       tick.again       ? ClockNote::kOverlapSecond
                       : tick.once_more ? ClockNote::kOverlapFirst
                                        : ClockNote::kNone,
                       tick.shown.civil});
        continue;
      }
      if (elapsed || changes.gap == DstGap::kSkip || is_missing_day(tick)) continue;
      auto left_out = matches_left_out(cron, tick);
      if (!left_out.empty()) out.push_back({tick.t, ClockNote::kGapShifted, left_out.front()});
    }
    return out;
  }

  [[nodiscard]] std::vector<LeftOut> left_out(const RandomCron& cron, DstGap gap,
                                              bool elapsed) const {
    std::vector<LeftOut> out;
    for (const Tick& tick : ticks_) {
      bool day = is_missing_day(tick);
      if (elapsed || (gap == DstGap::kFireAfter && !day)) continue;
      for (int64_t civil : matches_left_out(cron, tick)) {
        out.push_back({{civil}, tick.t, day ? LeftOutReason::kMissingDay : LeftOutReason::kGap});
      }
    }
    return out;
  }

  [[nodiscard]] Instant from() const { return from_; }
  [[nodiscard]] Instant end() const { return ticks_.back().t + seconds(step_s_); }
  // Of an instant of the walk that is a multiple of the step.
  [[nodiscard]] const Shown& shown_at(Instant t) const {
    return ticks_[static_cast<size_t>((t - from_).ms / 1000 / step_s_)].shown;
  }

 private:
  struct Tick {
    Instant t;
    Shown shown;
    int64_t expected = 0;    // what the clocks would show had they not been changed
    bool again = false;      // shown before
    bool once_more = false;  // will be shown again
  };
  static bool is_missing_day(const Tick& tick) {
    return tick.shown.civil - tick.expected > 3 * 3600;
  }
  [[nodiscard]] std::vector<int64_t> matches_left_out(const RandomCron& cron,
                                                      const Tick& tick) const {
    std::vector<int64_t> out;
    for (int64_t civil = tick.expected; civil < tick.shown.civil; civil += step_s_) {
      if (cron.matches(Shown(civil))) out.push_back(civil);
    }
    return out;
  }

  Instant from_;
  int64_t step_s_;
  std::vector<Tick> ticks_;
};

}  // namespace hourwheel
