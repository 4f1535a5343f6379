// What ShardStore looks for: dead letters, and what the run log says of one instant.
#include <algorithm>

#include "store/shard_store.h"

namespace hourwheel {
namespace {

constexpr size_t kRowsAtOnce = 256;    // of the run log, read in one quantum
constexpr size_t kRowsAtMost = 1'024;  // ... for one instant

bool tells_of(const RunRecord& record, Instant at) {
  return record.due <= at && at <= record.last_due;
}

// Zero for a filter without a task.
Result<TaskNumber> task_of(const DeadFilter& filter, TaskTables& tables) {
  if (!filter.task) return TaskNumber{};
  return tables.number_of(*filter.task);
}

}  // namespace

// --- dead letters ---

template <class Asked, class Look>
std::optional<Result<QueryAnswer>> ShardStore::look_for_dead(RunningQuery& running,
                                                             const Asked& query, Look look) {
  auto task = task_of(query.filter, tables_);
  if (!task) return Result<QueryAnswer>(failure(std::move(task.error())));
  running.dead.task = *task;
  auto done = (dead_.*look)(query, tables_, running.dead);
  if (!done) return Result<QueryAnswer>(failure(std::move(done.error())));
  if (running.dead.damage) note_damage(*std::exchange(running.dead.damage, std::nullopt));
  if (!*done) return std::nullopt;
  return Result<QueryAnswer>(QueryAnswer(std::move(running.dead.page)));
}

std::optional<Result<QueryAnswer>> ShardStore::list_dead(RunningQuery& running,
                                                         const ListDead& query) {
  return look_for_dead(running, query, &DeadLetters::list);
}

std::optional<Result<QueryAnswer>> ShardStore::tally_dead(RunningQuery& running,
                                                          const TallyDead& query) {
  return look_for_dead(running, query, &DeadLetters::tally);
}

// --- an instant ---

std::optional<Result<QueryAnswer>> ShardStore::runs_around(RunningQuery& running,
                                                           const RunsAround& query) {
  RunsFound& around = running.around;
  if (!running.number) {
    auto task = read_task({query.key, {}, {}});
    if (!task) return Result<QueryAnswer>(failure(std::move(task.error())));
    running.number = task->number;
    around.task = std::move(*task);
    around.kept_from = log_.kept_from();
    auto gone = retention_.gone_until(running.number);
    if (!gone) return Result<QueryAnswer>(failure(std::move(gone.error())));
    if (*gone) {
      around.kept_from =
          std::max(around.kept_from.value_or(kFirstInstant), **gone + milliseconds(1));
    }
    auto from = log_.recorded_from(query.at);
    if (!from) return Result<QueryAnswer>(failure(std::move(from.error())));
    running.before = *from;
  }
  auto found = log_.find_onwards(running.number, running.before, kRowsAtOnce);
  if (!found) return Result<QueryAnswer>(failure(std::move(found.error())));
  bool settled = false;
  for (uint64_t position : found->positions) {
    running.examined++;
    auto decided = look_at(running, position, query.at);
    if (!decided) return Result<QueryAnswer>(failure(std::move(decided.error())));
    settled = *decided;
    if (settled) break;
  }
  running.before = found->searched_up_to;
  around.cut_short = !settled && running.before != 0 && running.examined >= kRowsAtMost;
  if (!settled && running.before != 0 && !around.cut_short) return std::nullopt;
  return Result<QueryAnswer>(QueryAnswer(std::move(around)));
}

// Takes the record at `position` if it tells of the instant. True: nothing later can tell more of
// what the schedule wanted then.
Result<bool> ShardStore::look_at(RunningQuery& running, uint64_t position, Instant at) {
  auto row = log_.read_of(running.number, position);
  if (!row) {
    note_damage(row.error());
    return false;
  }
  if (!row->record || !tells_of(*row->record, at)) return false;
  const RunRecord& record = *row->record;
  RunsFound& around = running.around;
  around.records.push_back(record);
  around.dead = false;
  if (record.key.trigger != Trigger::kSchedule || !is_end(record.state)) return false;
  if (record.state != RunState::kDead) return true;
  // A dead run that has been redriven has another end, later.
  auto letter = dead_.find({running.number, record.key});
  if (!letter) return failure(std::move(letter.error()));
  around.dead = letter->has_value();
  return around.dead;
}

}  // namespace hourwheel
