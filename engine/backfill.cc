#include "engine/backfill.h"

#include <string>

#include "engine/base/check.h"
#include "engine/limits.h"
#include "engine/overlap.h"
#include "engine/stretches.h"

namespace hourwheel {
namespace {

// The first due instant at or after t that is to run. Cost: a step for each exclusion it lies in.
std::optional<Instant> first_run(const Schedule& schedule, Instant t) {
  auto due = schedule.first_from(t);
  for (const InstantRange& range : schedule.exclusions()) {
    if (due && range.from <= *due && *due < range.to) due = schedule.first_from(range.to);
  }
  return due;
}

}  // namespace

Result<BackfillPlan> plan_backfill(const Schedule& schedule, const BackfillRange& range,
                                   Instant now) {
  if (range.to <= range.from) {
    return failure(ErrorCode::kValidationFailed, "/to", "must be after the range's start");
  }
  if (range.to > now) {
    return failure(ErrorCode::kValidationFailed, "/to",
                   "the range reaches into the future, which the schedule takes care of");
  }
  if (schedule.is_fixed_delay()) {
    return failure(ErrorCode::kStateConflict, "",
                   "a fixed delay has no due instants but those that its runs had");
  }
  BackfillPlan plan;
  const Instant through = range.to - kOneMs;
  auto first = first_run(schedule, range.from);
  if (!first || *first > through) return plan;
  plan.count = count_runs(schedule, *first, through);
  if (plan.count > kMaxBackfill) {
    return failure(ErrorCode::kValidationFailed, "/to",
                   "the range has " + std::to_string(plan.count) + " due instants; at most " +
                       std::to_string(kMaxBackfill) + " are made up for at once");
  }
  plan.first = *first;
  plan.last = *newest_run(schedule, *first, through);
  return plan;
}

Result<BackfillPlan> plan_order(const TaskSpec& spec, const TaskState& state,
                                const Schedule& schedule, const BackfillRange& range, Instant now) {
  if (state.backfill) {
    return failure(ErrorCode::kStateConflict, "", "a backfill of this task is under way");
  }
  if (spec.type == TaskType::kOneTime) {
    return failure(ErrorCode::kStateConflict, "",
                   "a one-time task has no due instants to make up for");
  }
  auto plan = plan_backfill(schedule, range, now);
  if (plan && plan->count == 0) {
    return failure(ErrorCode::kValidationFailed, "/from", "nothing was due in this range");
  }
  return plan;
}

Backfill begin_backfill(const BackfillPlan& plan, Generation order, uint32_t rate, Instant now) {
  HW_CHECK(plan.count > 0 && rate > 0, "BF1 an order has something to do");
  Backfill begun;
  begun.order = order;
  begun.next = plan.first;
  begun.last = plan.last;
  begun.left = plan.count;
  begun.opens_at = now;
  begun.gap = milliseconds(1'000 / rate);
  return begun;
}

bool open_backfilled(DueTask task, Instant now) {
  TaskState& state = task.state;
  if (!state.backfill || state.backfill->opens_at > now) return false;
  if (state.backfill->next > now) return false;  // the clock was set back
  if (!has_room_to_backfill(state, lanes_of(state))) return false;
  Backfill& order = *state.backfill;
  OpenRun run;
  run.key = {order.order, Trigger::kBackfill, order.next.ms};
  run.due = order.next;
  run.next_attempt = now;
  run.counted_from = now;
  state.open.push_back(run);
  if (order.left > 0) --order.left;  // a new edition of a time zone may have changed the count
  auto next = first_run(task.schedule, order.next + kOneMs);
  if (!next || *next > order.last) {
    state.backfill.reset();
  } else {
    order.next = *next;
    order.opens_at = now + order.gap;
  }
  return true;
}

}  // namespace hourwheel
