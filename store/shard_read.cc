// What ShardStore reads: the tables with the overlay over them (O1, T2).
#include <algorithm>

#include "engine/base/overloaded.h"
#include "store/shard_store.h"

namespace hourwheel {
namespace {

constexpr size_t kScanPageMax = 1'024;  // about 4 ms: a commit waits no longer for a scan
constexpr size_t kExaminedPerTask = 4;  // rows of the due index read for each task of a page
constexpr size_t kListExamined = 512;   // by a list that passes tasks over
constexpr uint32_t kListMax = 1'000;
constexpr size_t kListBytes = size_t{4} << 20;  // of a page: definitions, runs' own payloads
constexpr uint32_t kRunsMax = 500;
constexpr size_t kRunsExamined = 256;
constexpr int kBackupPages = 64;
constexpr uint64_t kNewest = INT64_MAX;  // a position above all others

// Sorts and keeps the lowest `limit` places; true: there were more. A place can be there twice,
// from the table and from the fresh tasks, when a restart cut a round of the fold short.
bool keep_lowest(std::vector<DuePlace>& places, size_t limit) {
  bool more = places.size() > 2 * limit;
  if (more) {
    auto cut = places.begin() + static_cast<ptrdiff_t>(2 * limit);
    std::nth_element(places.begin(), cut, places.end());
    places.erase(cut, places.end());
  }
  std::sort(places.begin(), places.end());
  auto same = [](const DuePlace& a, const DuePlace& b) { return a.number == b.number; };
  places.erase(std::unique(places.begin(), places.end(), same), places.end());
  more = more || places.size() > limit;
  if (places.size() > limit) places.resize(limit);
  return more;
}

// Nothing recorded before this can be about the run.
Instant not_before(const RunKey& run) {
  return run.trigger == Trigger::kManual ? kFirstInstant : Instant{run.instant_or_nonce};
}

// No earlier record of the same run exists. (A run may expire between two attempts.)
bool is_first_record(const RunRecord& record) {
  return record.attempt == 1 || (record.attempt == 0 && record.state == RunState::kSkipped &&
                                 record.skip_reason != SkipReason::kExpired);
}

Result<QueryAnswer> of_the_shard() {
  return failure(ErrorCode::kInternal, "", "the shard answers this itself");
}

}  // namespace

// --- fetch ---

Fetched ShardStore::fetch(std::vector<FetchOne> asked) {
  Fetched fetched;
  fetched.found.reserve(asked.size());
  const Database::Reading together(*database_);
  for (const FetchOne& one : asked) {
    fetched.found.push_back(read_task(one));
    const auto& last = fetched.found.back();
    if (!last && last.error().code == ErrorCode::kCorrupt) note_damage(last.error());
    if (one.recall) fetched.recalled.push_back(recall(*one.recall));
  }
  metrics_.fetched.add(asked.size());
  fetched.asked = std::move(asked);
  return fetched;
}

Recalled ShardStore::recall(const AnswerScope& scope) {
  auto answer = answers_.find(scope);
  if (answer) return {scope, std::move(*answer), std::nullopt};
  if (answer.error().code == ErrorCode::kCorrupt) note_damage(answer.error());
  return {scope, nullptr, std::move(answer.error())};
}

Result<StoredTask> ShardStore::read_task(const FetchOne& one) {
  TaskNumber number = one.number;
  if (!number) {
    auto found = tables_.number_of(one.key);
    if (!found) return failure(std::move(found.error()));
    number = *found;
  }
  if (one.version && !one.dead) {
    auto spec = tables_.spec(number, one.key);
    if (!spec) return failure(std::move(spec.error()));
    return StoredTask{number, one.key, std::move(*spec), {}};
  }
  auto task = read_whole(number);
  if (task && one.dead) {
    auto dead = dead_.find({number, *one.dead});
    if (dead) task->dead = std::move(*dead);
    if (!dead) note_damage(dead.error());
  }
  return task;
}

// The state that a definition began with is only looked at if there is no later one.
Result<StoredTask> ShardStore::read_whole(TaskNumber number) {
  std::optional<ThinTask> later;
  if (const Overlay::Entry* entry = overlay_.find(number)) {
    later = ThinTask{number, entry->key, *entry->state};
  } else {
    auto stored = tables_.stored_state(number);
    if (!stored) return failure(std::move(stored.error()));
    later = std::move(*stored);
  }
  if (later) {
    auto spec = tables_.spec(number, later->key);
    if (!spec) return failure(std::move(spec.error()));
    return StoredTask{number, later->key, std::move(*spec), std::move(later->state)};
  }
  auto definition = tables_.definition(number);
  if (!definition) return failure(std::move(definition.error()));
  return StoredTask{number, definition->key, std::move(definition->spec),
                    std::move(definition->seed)};
}

// --- scan ---

Result<Scanned> ShardStore::scan(const ScanRequest& range) {
  Scanned scanned;
  scanned.asked = range;
  const Database::Reading together(*database_);
  size_t limit = std::clamp<size_t>(range.limit, 1, kScanPageMax);
  places_.clear();
  auto complete = places_from(range, limit, places_);
  if (!complete) return failure(std::move(complete.error()));
  const auto go_on_behind = [&scanned](const DuePlace& last) {
    scanned.next = scanned.asked;
    scanned.next->after_slice = last.slice;
    scanned.next->after_task = last.number;
  };
  if (!*complete) go_on_behind(places_.empty() ? DuePlace{} : places_.back());
  size_t bytes = 0;  // of runs' own payloads
  for (const DuePlace& place : places_) {
    // Places out of range only mark how far the index has been read.
    if (place.wake_ms < range.from.ms || place.wake_ms >= range.to.ms) continue;
    auto task = thin(place.number);
    if (!task) {
      if (task.error().code != ErrorCode::kCorrupt) return failure(std::move(task.error()));
      note_damage(task.error());
    } else if (*task) {
      bytes += (*task)->state.payload_bytes();
      scanned.tasks.push_back(std::move(**task));
    }
    if (bytes < kListBytes) continue;
    go_on_behind(place);
    break;
  }
  metrics_.scanned.add(scanned.tasks.size());
  return scanned;
}

// The next places of the range, ascending; false: there are more after the last one given.
Result<bool> ShardStore::places_from(const ScanRequest& range, size_t limit,
                                     std::vector<DuePlace>& out) {
  int64_t from_ms = std::max(range.from.ms, kFirstInstant.ms);
  DuePlace start{from_ms >> kSliceBits, {}, 0};
  DuePlace asked{range.after_slice, range.after_task, 0};
  DueRange wanted{from_ms, range.to.ms, std::max(start, asked)};
  auto complete = tables_.due(wanted.after, range.to.ms - 1, kExaminedPerTask * limit, out);
  if (!complete) return complete;
  bool all = *complete;
  DuePlace read_to = out.empty() ? wanted.after : out.back();
  // What the overlay knows better, and what lies beyond the range, goes.
  std::erase_if(out, [this, &wanted](const DuePlace& place) {
    return !wanted.holds(place) || overlay_.find(place.number) != nullptr;
  });
  size_t from_fresh = out.size();
  fresh_.collect(wanted, out);
  out.erase(std::remove_if(
                out.begin() + static_cast<ptrdiff_t>(from_fresh), out.end(),
                [this](const DuePlace& place) { return overlay_.find(place.number) != nullptr; }),
            out.end());
  overlay_.collect(wanted, out);
  if (!all) std::erase_if(out, [&read_to](const DuePlace& place) { return read_to < place; });
  if (keep_lowest(out, limit)) return false;
  if (!all && (out.empty() || out.back() < read_to)) {
    read_to.wake_ms = INT64_MIN;  // not a task of the range
    out.push_back(read_to);
  }
  return all;
}

Result<std::optional<ThinTask>> ShardStore::thin(TaskNumber number) {
  if (const Overlay::Entry* entry = overlay_.find(number)) {
    return ThinTask{number, entry->key, *entry->state};
  }
  return tables_.thin(number);
}

// --- queries ---

std::optional<Result<QueryAnswer>> ShardStore::query(RunningQuery& running) {
  using Answer = std::optional<Result<QueryAnswer>>;
  metrics_.queries.add(1);
  return std::visit(
      Overloaded{[&](const GetTask& query) -> Answer { return get_task(query); },
                 [&](const ListTasks& query) -> Answer { return list_tasks(query); },
                 [&](const ListRuns& query) { return list_runs(running, query); },
                 [&](const GetRun& query) { return get_run(running, query); },
                 [&](const RunsAround& query) { return runs_around(running, query); },
                 [&](const ListDead& query) { return list_dead(running, query); },
                 [&](const TallyDead& query) { return tally_dead(running, query); },
                 [&](const Backup& query) { return back_up(running, query); },
                 [&](const Recall& query) -> Answer { return QueryAnswer(recall(query.scope)); },
                 [&](const ListAudit& query) { return list_audit(running, query); },
                 [&](const VerifyAudit& query) { return verify_audit(running, query); },
                 [&](const FollowChanges& query) -> Answer { return follow(query); },
                 [&](const ListRecords& query) { return list_records(running, query); },
                 [](const CountLastRuns&) -> Answer { return of_the_shard(); },
                 [](const ListBreakers&) -> Answer { return of_the_shard(); }},
      running.query);
}

Result<QueryAnswer> ShardStore::get_task(const GetTask& query) {
  auto task = read_task({query.key, {}});
  if (task) return QueryAnswer(std::move(*task));
  if (task.error().code == ErrorCode::kCorrupt) note_damage(task.error());
  return failure(std::move(task.error()));
}

Result<QueryAnswer> ShardStore::list_tasks(const ListTasks& query) {
  size_t limit = std::clamp<uint32_t>(query.limit, 1, kListMax);
  // One more than is given tells whether there are more.
  size_t examined = takes_all(query.filter) ? limit + 1 : kListExamined;
  numbers_.clear();
  if (Status read = tables_.numbers(query.after, examined, numbers_); !read) {
    return failure(read.error());
  }
  TaskPage page;
  size_t bytes = 0;
  bool all = numbers_.size() < examined;
  for (TaskNumber number : numbers_) {
    if (page.tasks.size() == limit || bytes > kListBytes) {
      all = false;
      break;
    }
    page.next = number;
    auto task = read_if_listed(number, query.filter, bytes);
    if (!task) {
      if (task.error().code != ErrorCode::kCorrupt) return failure(std::move(task.error()));
      note_damage(task.error());
    } else if (*task) {
      page.tasks.push_back(std::move(**task));
    }
  }
  if (all) page.next = {};
  return QueryAnswer(std::move(page));
}

// The task, if the filter takes it; `bytes` grows by what was looked through. Requires: it has a
// definition.
Result<std::optional<StoredTask>> ShardStore::read_if_listed(TaskNumber number,
                                                             const TaskFilter& filter,
                                                             size_t& bytes) {
  auto state = thin(number);
  if (!state) return failure(std::move(state.error()));
  if (!*state || !matches_state(filter, (*state)->state)) return std::optional<StoredTask>();
  auto spec = tables_.spec(number, (*state)->key);
  if (!spec) return failure(std::move(spec.error()));
  bytes += spec->bytes() + (*state)->state.payload_bytes();
  if (!matches_spec(filter, *spec)) return std::optional<StoredTask>();
  return StoredTask{number, (*state)->key, std::move(*spec), std::move((*state)->state)};
}

std::optional<Result<QueryAnswer>> ShardStore::list_runs(RunningQuery& running,
                                                         const ListRuns& query) {
  if (!running.number) {
    auto number = tables_.number_of(query.key);
    if (!number) return Result<QueryAnswer>(failure(std::move(number.error())));
    running.number = *number;
    running.found.task = query.key;
    running.before = query.before == 0 ? kNewest : query.before;
  }
  size_t limit = std::clamp<uint32_t>(query.limit, 1, kRunsMax);
  RunPage& page = running.found;
  auto found = log_.find(running.number, running.before, limit - page.records.size());
  if (!found) return Result<QueryAnswer>(failure(std::move(found.error())));
  for (uint64_t position : found->positions) {
    auto row = log_.read_of(running.number, position);
    if (!row || !row->record) {
      if (!row) note_damage(row.error());
      continue;
    }
    page.records.push_back(std::move(*row->record));
    page.positions.push_back(position);
  }
  running.before = found->searched_down_to;
  if (running.before > 1 && page.records.size() < limit) return std::nullopt;
  page.next = running.before > 1 ? running.before : 0;
  return Result<QueryAnswer>(QueryAnswer(std::move(page)));
}

std::optional<Result<QueryAnswer>> ShardStore::get_run(RunningQuery& running, const GetRun& query) {
  if (!running.number) {
    auto number = tables_.number_of(query.key);
    if (!number) return Result<QueryAnswer>(failure(std::move(number.error())));
    running.number = *number;
    running.found.task = query.key;
    running.before = kNewest;
  }
  RunPage& page = running.found;
  auto found = log_.find(running.number, running.before, kRunsExamined);
  if (!found) return Result<QueryAnswer>(failure(std::move(found.error())));
  bool whole = found->searched_down_to <= 1;
  for (uint64_t position : found->positions) {
    auto row = log_.read_of(running.number, position);
    if (!row) note_damage(row.error());
    if (!row || !row->record || row->record->key != query.run) continue;
    whole = whole || is_first_record(*row->record);
    page.records.push_back(std::move(*row->record));
    page.positions.push_back(position);
    if (is_first_record(page.records.back())) break;
  }
  running.before = found->searched_down_to;
  whole = whole || log_.all_recorded_before(running.before, not_before(query.run));
  if (!whole) return std::nullopt;
  if (page.records.empty()) {
    return Result<QueryAnswer>(
        failure(ErrorCode::kNotFound, "", "there is no run " + run_id(query.key, query.run)));
  }
  std::reverse(page.records.begin(), page.records.end());
  std::reverse(page.positions.begin(), page.positions.end());
  return Result<QueryAnswer>(QueryAnswer(std::move(page)));
}

std::optional<Result<QueryAnswer>> ShardStore::list_audit(RunningQuery& running,
                                                          const ListAudit& query) {
  auto whole = audit_.find(running.audit, query);
  if (!whole) return Result<QueryAnswer>(failure(std::move(whole.error())));
  if (!*whole) return std::nullopt;
  for (const std::string& what : running.audit.page.damage) {
    note_damage({ErrorCode::kCorrupt, "", what});
  }
  return Result<QueryAnswer>(QueryAnswer(std::move(running.audit.page)));
}

std::optional<Result<QueryAnswer>> ShardStore::verify_audit(RunningQuery& running,
                                                            const VerifyAudit& query) {
  auto whole = audit_.verify(running.chain, query);
  if (!whole) return Result<QueryAnswer>(failure(std::move(whole.error())));
  if (!*whole) return std::nullopt;
  return Result<QueryAnswer>(QueryAnswer(std::move(running.chain.verdict)));
}

std::optional<Result<QueryAnswer>> ShardStore::back_up(RunningQuery& running, const Backup& query) {
  if (!running.copy) {
    auto copy = DatabaseCopy::begin(*database_, query.path);
    if (!copy) return Result<QueryAnswer>(failure(std::move(copy.error())));
    running.copy = std::move(*copy);
    return std::nullopt;
  }
  auto whole = running.copy->step(kBackupPages);
  if (!whole) return Result<QueryAnswer>(failure(std::move(whole.error())));
  if (!*whole) return std::nullopt;
  return Result<QueryAnswer>(QueryAnswer(BackupDone{running.copy->bytes()}));
}

void ShardStore::note_damage(const Error& error) {
  metrics_.damaged_rows.add(1);
  damage_ = error;
}

}  // namespace hourwheel
