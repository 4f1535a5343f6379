// A task due every minute, its state, and what the looks at it found, for the tests of
// engine/due.h.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <utility>
#include <vector>

#include "engine/due.h"
#include "engine/limits.h"
#include "engine/overlap.h"

namespace hourwheel {
inline constexpr Instant kStart{1'800'000'000'000};
inline constexpr Duration kTolerated = seconds(60);

// Due from kStart on.
class DueTest : public testing::Test {
 protected:
  DueTest() {
    spec_.type = TaskType::kRecurring;
    spec_.schedule.kind = ScheduleKind::kEvery;
    spec_.schedule.every = minutes(1);
    spec_.schedule.anchor = kStart;
    compile();
    state_.version = {1};
    state_.generation = {1};
    state_.next_due = kStart;
  }
  void compile() { schedule_.emplace(*Schedule::compile(spec_.schedule, {})); }
  DueTask task() { return {{1}, task_key("a"), spec_, *schedule_, state_}; }

  // What nobody saw before now, as after a restart.
  void wake_up(Instant now, Duration tolerated = kTolerated) {
    look_at({now, now, tolerated, SkipReason::kMisfire});
  }
  // The server has been up all the time.
  void look_up(Instant now) { look_at({now, kStart, kTolerated, SkipReason::kMisfire}); }
  void look_at(const Sight& sight) {
    Found found{records_};
    look(task(), sight, found);
    superseded_ = std::move(found.superseded);
  }
  OpenRun& run(size_t index) { return state_.open.at(index); }
  void start(size_t index) {
    run(index).in_flight = true;
    ++run(index).attempts;
  }
  void end(size_t index, Instant now) {
    const Instant due = run(index).due;
    state_.open.erase(state_.open.begin() + static_cast<ptrdiff_t>(index));
    ++state_.ended_runs;
    follow_end(task(), due, now);
  }
  std::vector<int64_t> open_minutes() const {
    std::vector<int64_t> out;
    for (const OpenRun& open : state_.open) out.push_back((open.due - kStart).ms / 60'000);
    return out;
  }
  void expect_skip(size_t index, SkipReason reason, int64_t first, int64_t last) const {
    ASSERT_LT(index, records_.size());
    const RunRecord& record = records_[index];
    EXPECT_EQ(record.state, RunState::kSkipped);
    EXPECT_EQ(record.skip_reason, reason);
    EXPECT_EQ(record.due, kStart + minutes(first));
    EXPECT_EQ(record.last_due, kStart + minutes(last));
    EXPECT_EQ(record.count, static_cast<uint64_t>(last - first + 1));
  }

  TaskSpec spec_;
  std::optional<Schedule> schedule_;
  TaskState state_;
  std::vector<RunRecord> records_;
  std::vector<RunKey> superseded_;
};

using Minutes = std::vector<int64_t>;

}  // namespace hourwheel
