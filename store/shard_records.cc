// What the run log keeps, over all tasks: a walk from the newest row down, or along the index of
// one task. A quantum looks at kRecordsAtOnce rows; a list that finds little is a short page, which
// says where to go on. Rows of a task that is gone have no id and are passed over.
#include <algorithm>

#include "engine/run_filter.h"
#include "store/shard_store.h"

namespace hourwheel {
namespace {

constexpr size_t kRecordsAtOnce = 128;  // about 2 ms, with the definitions of as many tasks
constexpr int kRecordLooks = 32;        // of one page
constexpr size_t kDefinitionBytes = size_t{4} << 20;  // ... and no more, if they are long
constexpr uint32_t kRecordsMax = 500;
constexpr size_t kIdsRemembered = 10'000;

template <class Value>
bool is_among(const std::vector<Value>& wanted, Value value) {
  return wanted.empty() || std::find(wanted.begin(), wanted.end(), value) != wanted.end();
}

// All that can be told without the task's definition.
bool matches_row(const RecordFilter& filter, const RunRecord& record) {
  const bool tried = record.attempt > 0 && record.outcome.result != AttemptResult::kNone;
  const AttemptOutcome& outcome = record.outcome;
  if (asks_for_end(filter.run) && !tried) return false;
  if (!filter.run.error.empty() && record.state == RunState::kSucceeded) return false;
  if (filter.run.due_after && record.last_due < *filter.run.due_after) return false;
  if (filter.run.due_before && record.due >= *filter.run.due_before) return false;
  return is_among(filter.states, record.state) && is_among(filter.triggers, record.key.trigger) &&
         matches_end(filter.run, outcome.result, outcome.status, outcome.detail);
}

}  // namespace

std::optional<Result<QueryAnswer>> ShardStore::list_records(RunningQuery& running,
                                                            const ListRecords& query) {
  RecordSearch& search = running.records;
  RecordPage& page = search.page;
  if (search.looks++ == 0) {
    auto any = begin_records(search, query);
    if (!any) return Result<QueryAnswer>(failure(std::move(any.error())));
    if (!*any) return Result<QueryAnswer>(QueryAnswer(std::move(page)));
  }
  const size_t limit = std::clamp<uint32_t>(query.limit, 1, kRecordsMax);
  const Database::Reading together(*database_);
  uint64_t below = 0;
  auto positions = next_records(search, below);
  if (!positions) return Result<QueryAnswer>(failure(std::move(positions.error())));
  search.bytes = 0;
  for (uint64_t position : *positions) {
    if (page.entries.size() == limit || search.bytes > kDefinitionBytes) break;
    Status looked = look_at_record(search, query.filter, position);
    if (!looked) return Result<QueryAnswer>(failure(looked.error()));
    search.position = position;
  }
  if (positions->empty() || search.position == positions->back()) search.position = below;
  // What is due later than it was recorded there is not.
  const auto& due_after = query.filter.run.due_after;
  if (due_after && log_.all_recorded_before(search.position, *due_after)) search.position = 0;
  const bool more = search.position > log_.first_seq();
  const bool full = page.entries.size() == limit || search.looks == kRecordLooks;
  if (more && !full) return std::nullopt;
  page.next = more ? search.position : 0;
  return Result<QueryAnswer>(QueryAnswer(std::move(page)));
}

// False: there is no such task, or none with these labels, and nothing to be found: not even how
// long its part of the log is (SL1).
Result<bool> ShardStore::begin_records(RecordSearch& search, const ListRecords& query) {
  search.position = log_.last_seq() + 1;
  if (query.before != 0) search.position = std::min(search.position, query.before);
  if (!query.filter.run.task) return true;
  auto number = tables_.number_of(*query.filter.run.task);
  if (number) {
    search.task = *number;
    return matches_task(search, query.filter.run, *number);
  }
  if (number.error().code == ErrorCode::kNotFound) return false;
  return failure(std::move(number.error()));
}

// Newest first; when all of them are looked at, the search goes on below `below`.
Result<std::vector<uint64_t>> ShardStore::next_records(RecordSearch& search, uint64_t& below) {
  std::vector<uint64_t> positions;
  if (search.task) {
    auto found = log_.find(search.task, search.position, kRecordsAtOnce);
    if (!found) return failure(std::move(found.error()));
    below = found->searched_down_to;
    return std::move(found->positions);
  }
  below = search.position;
  while (below > log_.first_seq() && positions.size() < kRecordsAtOnce) {
    auto row = log_.row_before(below);
    if (!row) return failure(std::move(row.error()));
    below = *row;
    if (below > 0) positions.push_back(below);
  }
  return positions;
}

Status ShardStore::look_at_record(RecordSearch& search, const RecordFilter& filter,
                                  uint64_t position) {
  auto row = log_.read(position);
  if (!row) {
    if (row.error().code == ErrorCode::kIo) return failure(std::move(row.error()));
    note_damage(row.error());  // C-23
    return {};
  }
  if (!row->record || !matches_row(filter, *row->record)) return {};
  auto match = matches_task(search, filter.run, row->task);
  if (!match) return failure(std::move(match.error()));
  if (!*match) return {};
  row->record->outcome.body.clear();
  row->record->outcome.kept_fields.clear();
  search.page.entries.push_back({std::move(*row->record), search.ids[row->task]});
  search.page.positions.push_back(position);
  return {};
}

Result<bool> ShardStore::matches_task(RecordSearch& search, const DeadFilter& filter,
                                      TaskNumber number) {
  auto known = search.ids.find(number);
  if (known == search.ids.end()) {
    auto definition = tables_.definition(number);
    if (!definition && definition.error().code == ErrorCode::kIo) {
      return failure(std::move(definition.error()));
    }
    if (!definition && definition.error().code == ErrorCode::kCorrupt) {
      note_damage(definition.error());
    }
    std::string id;
    if (definition) {
      search.bytes += definition->spec.bytes();
      if (has_labels(definition->spec, filter)) id = std::move(definition->spec.id);
    }
    if (search.ids.size() >= kIdsRemembered) search.ids.clear();
    known = search.ids.emplace(number, std::move(id)).first;
  }
  return !known->second.empty();
}

}  // namespace hourwheel
