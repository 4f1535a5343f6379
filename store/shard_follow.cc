// What ShardStore tells those who follow its changes: what the run log has gained since, and tasks
// created since, by their numbers. Both ascend for good, so that a place is two numbers, and still
// one after a restart (but not in a file that was brought back from a backup).
#include <algorithm>

#include "store/shard_store.h"

namespace hourwheel {
namespace {

// Rows of the log: who is further behind is told of a gap, and goes on near the end. (A screen
// that is shown all of it would be no more up to date.)
constexpr uint64_t kMostBehind = 4'096;
constexpr uint32_t kFollowMax = 512;  // changes of one answer, and rows looked at for it; 5 ms

// What a summary tells of a task.
StoredTask summary_of(StoredTask task) {
  TaskSpec spec;
  spec.id = std::move(task.spec.id);
  spec.labels = std::move(task.spec.labels);
  spec.type = task.spec.type;
  spec.schedule.kind = task.spec.schedule.kind;
  task.spec = std::move(spec);
  task.state.drop_payloads();
  return task;
}

}  // namespace

Result<FollowPlace> ShardStore::follow_from_now() {
  auto highest = tables_.highest();
  if (!highest) return failure(std::move(highest.error()));
  return FollowPlace{log_.last_seq(), *highest, recovered_.restored};
}

Status ShardStore::follow_created(size_t limit, ChangesSeen& seen) {
  numbers_.clear();
  if (Status read = tables_.numbers(seen.place.created, limit, numbers_); !read) return read;
  for (TaskNumber number : numbers_) {
    seen.place.created = number;
    auto task = read_whole(number);
    if (!task) {
      if (task.error().code == ErrorCode::kIo) return failure(std::move(task.error()));
      note_unread(task.error(), seen);
      continue;
    }
    seen.changes.push_back(
        {seen.place, SeenKind::kCreated, summary_of(std::move(*task)), std::nullopt});
  }
  seen.more = seen.more || numbers_.size() == limit;
  return {};
}

void ShardStore::note_unread(const Error& why, ChangesSeen& seen) {
  note_damage(why);
  seen.gap = true;
}

// Where the log is gone on with, from a place that may be none any more.
uint64_t ShardStore::follow_row(ChangesSeen& seen, size_t limit) {
  const uint64_t last = log_.last_seq();
  const uint64_t kept_from = log_.first_seq() - 1;
  const uint64_t row = seen.place.row;
  if (kept_from <= row && row <= last && last - row <= kMostBehind) return row;
  seen.gap = true;
  return std::max(kept_from, last > limit ? last - limit : 0);
}

// A row of a task that is gone says at most its key; its removal, further on in the log, says the
// rest. `number`: whose row the change is from.
struct ShardStore::Nameless {
  TaskNumber number;
  size_t change;
};

Status ShardStore::follow_one(LogRow row, ChangesSeen& seen, std::vector<Nameless>& nameless) {
  SeenChange change{seen.place, SeenKind::kUpdated, {}, std::move(row.record)};
  const bool gone = row.removed || (row.state && row.state->deleted);
  auto task = gone ? Result<StoredTask>(failure(ErrorCode::kNotFound, "", "it is gone"))
                   : read_whole(row.task);
  if (task) {
    change.task = summary_of(std::move(*task));
  } else if (task.error().code == ErrorCode::kNotFound) {
    change.kind = gone ? SeenKind::kRemoved : SeenKind::kRecord;
    change.task.key = row.key;
    change.task.spec.id = row.id;
    if (gone) name(row, seen, nameless);
    if (!gone) nameless.push_back({row.task, seen.changes.size()});
  } else {
    if (task.error().code == ErrorCode::kIo) return failure(std::move(task.error()));
    note_unread(task.error(), seen);
    return {};
  }
  seen.changes.push_back(std::move(change));
  return {};
}

// What was seen before of the task that this row removes.
void ShardStore::name(const LogRow& row, ChangesSeen& seen, std::vector<Nameless>& nameless) {
  std::erase_if(nameless, [&](const Nameless& one) {
    if (one.number != row.task) return false;
    StoredTask& task = seen.changes[one.change].task;
    task.key = row.key;
    task.spec.id = row.id;
    return true;
  });
}

Status ShardStore::follow_log(size_t limit, ChangesSeen& seen) {
  const uint64_t last = log_.last_seq();
  uint64_t& row = seen.place.row;
  row = follow_row(seen, limit);
  std::vector<Nameless> nameless;
  // A removal is in the same commit as the rows before it that lack its name, or not far behind.
  size_t looked = 0;
  while (row < last && looked < (nameless.empty() ? limit : 2 * limit)) {
    ++looked;
    auto read = log_.read(++row);
    if (!read) {
      if (read.error().code == ErrorCode::kIo) return failure(std::move(read.error()));
      // Retention by count: what the task has come to is told by a newer row of it.
      if (read.error().code == ErrorCode::kNotFound) continue;
      note_unread(read.error(), seen);
      continue;
    }
    if (Status done = follow_one(std::move(*read), seen, nameless); !done) return done;
  }
  if (!nameless.empty()) seen.gap = true;
  seen.more = row < last;
  return {};
}

// The log first: an id may have been removed and created anew, and lives then.
Result<QueryAnswer> ShardStore::follow(const FollowChanges& query) {
  ChangesSeen seen;
  auto now = follow_from_now();
  if (!now) return failure(std::move(now.error()));
  if (!query.after) {
    seen.place = *now;
    return QueryAnswer(std::move(seen));
  }
  seen.place = *query.after;
  if (seen.place.restored != recovered_.restored) {
    seen.place = *now;
    seen.gap = true;
    return QueryAnswer(std::move(seen));
  }
  const size_t limit = std::clamp<uint32_t>(query.limit, 1, kFollowMax);
  const Database::Reading together(*database_);
  if (Status read = follow_log(limit, seen); !read) return failure(read.error());
  if (!seen.more) {
    if (Status read = follow_created(limit, seen); !read) return failure(read.error());
  }
  return QueryAnswer(std::move(seen));
}

}  // namespace hourwheel
