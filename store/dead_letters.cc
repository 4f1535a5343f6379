#include "store/dead_letters.h"

#include <algorithm>

#include "engine/run_filter.h"
#include "store/rows.h"
#include "store/task_tables.h"

namespace hourwheel {
namespace {

constexpr uint64_t kNewestLetter = INT64_MAX;  // a position above all others
constexpr uint32_t kLettersMax = 1'000;
constexpr size_t kLettersBytes = size_t{4} << 20;
constexpr size_t kLetterIdsRemembered = 10'000;

constexpr uint64_t column_of(Trigger trigger) {
  return static_cast<uint64_t>(trigger);
}

}  // namespace

bool has_labels(const TaskSpec& spec, const DeadFilter& filter) {
  return std::all_of(filter.labels.begin(), filter.labels.end(), [&spec](const NamedText& label) {
    return std::find(spec.labels.begin(), spec.labels.end(), label) != spec.labels.end();
  });
}

DeadLetters::DeadLetters(Database& database)
    : database_(database),
      aged_(database, "dead", "ended_ms", kDeadKept),
      insert_(database, "INSERT OR REPLACE INTO dead VALUES(NULL,?,?,?,?,?,?,?)"),
      delete_run_(database,
                  "DELETE FROM dead WHERE number = ? AND instant = ? AND run_trigger = ? AND "
                  "generation = ?"),
      has_letter_(database, "SELECT 1 FROM dead WHERE number = ? LIMIT 1"),
      note_removed_(database, "INSERT OR IGNORE INTO dead_of_removed VALUES(?)"),
      find_(database,
            "SELECT run FROM dead WHERE number = ? AND instant = ? AND run_trigger = ? AND "
            "generation = ?"),
      newest_(database,
              "SELECT id, number, due_ms, run FROM dead WHERE id < ? ORDER BY id DESC LIMIT ?"),
      newest_of_task_(database,
                      "SELECT id, number, due_ms, run FROM dead INDEXED BY dead_by_task WHERE "
                      "number = ? AND id < ? ORDER BY id DESC LIMIT ?"),
      oldest_rows_(database,
                   "SELECT id, number, due_ms, run FROM dead WHERE id > ? ORDER BY id LIMIT ?"),
      oldest_of_task_(database,
                      "SELECT id, number, due_ms, run FROM dead INDEXED BY dead_by_task WHERE "
                      "number = ? AND id > ? ORDER BY id LIMIT ?") {}

Status DeadLetters::load() {
  Statement removed(database_, "SELECT 1 FROM dead_of_removed LIMIT 1");
  if (Status loaded = aged_.load(); !loaded) return loaded;
  Rows rows = removed.rows();
  some_removed_ = rows.next();
  return rows.status();
}

// --- writing ---

Status DeadLetters::add(const DeadRun& dead) {
  row_.clear();
  seal_dead(dead, row_);
  return insert_.run(dead.task, dead.run.instant_or_nonce, column_of(dead.run.trigger),
                     dead.run.generation.value, dead.due.ms, dead.ended.ms, Blob{row_});
}

void DeadLetters::added(const DeadRun& dead) {
  aged_.added(dead.ended);
}

Status DeadLetters::remove(const TaskRun& run) {
  return delete_run_.run(run.task, run.run.instant_or_nonce, column_of(run.run.trigger),
                         run.run.generation.value);
}

Status DeadLetters::remove_task(TaskNumber task) {
  bool any = false;
  {
    Rows rows = has_letter_.rows(task);
    any = rows.next();
    if (!rows.status()) return rows.status();
  }
  if (!any) return {};
  some_removed_ = true;  // at worst, after a rollback, a look for nothing
  return note_removed_.run(task);
}

// --- reading ---

Result<std::optional<DeadRun>> DeadLetters::find(const TaskRun& run) {
  Rows rows = find_.rows(run.task, run.run.instant_or_nonce, column_of(run.run.trigger),
                         run.run.generation.value);
  if (!rows.next()) {
    if (!rows.status()) return failure(rows.status().error());
    return std::nullopt;
  }
  auto dead = unseal_dead(run.task, rows.bytes(0));
  if (!dead) return failure(std::move(dead.error()));
  if (dead->run != run.run) {
    return failure(ErrorCode::kCorrupt, "",
                   "a dead letter of task " + std::to_string(run.task.value) +
                       " stands in another one's place");
  }
  return std::optional(std::move(*dead));
}

// The next kExamined rows.
Status DeadLetters::read_rows(Statement& statement, const Search& search, std::vector<Row>& rows) {
  constexpr uint64_t kLimit = kExamined;
  Rows found = search.task ? statement.rows(search.task, search.position, kLimit)
                           : statement.rows(search.position, kLimit);
  while (found.next()) {
    rows.push_back(
        {found.number(0), {found.number(1)}, {found.integer(2)}, std::string(found.bytes(3))});
  }
  return found.status();
}

Result<bool> DeadLetters::matches(const DeadFilter& filter, TaskTables& tables, const Row& row,
                                  Search& search) {
  if (filter.due_after && row.due < *filter.due_after) return false;
  if (filter.due_before && row.due >= *filter.due_before) return false;
  return matches_task(filter, tables, row.task, search);
}

// DR3: a removed task has no definition, and so no id.
Result<bool> DeadLetters::matches_task(const DeadFilter& filter, TaskTables& tables,
                                       TaskNumber task, Search& search) {
  auto known = search.ids.find(task);
  if (known == search.ids.end()) {
    auto definition = tables.definition(task);
    if (!definition && definition.error().code == ErrorCode::kIo) {
      return failure(std::move(definition.error()));
    }
    if (!definition && definition.error().code == ErrorCode::kCorrupt && !search.damage) {
      search.damage = definition.error();  // C-23: its letters are not listed, and not silently
    }
    std::string id;
    if (definition) {
      if (has_labels(definition->spec, filter)) id = std::move(definition->spec.id);
    }
    if (search.ids.size() >= kLetterIdsRemembered) search.ids.clear();
    known = search.ids.emplace(task, std::move(id)).first;
  }
  return !known->second.empty();
}

std::optional<DeadRun> DeadLetters::opened(const DeadFilter& filter, const Row& row,
                                           Search& search) {
  auto dead = unseal_dead(row.task, row.run);
  if (!dead) {
    if (!search.damage) search.damage = std::move(dead.error());
    return std::nullopt;
  }
  if (!matches_end(filter, dead->result, dead->status, dead->detail)) return std::nullopt;
  return std::move(*dead);
}

void DeadLetters::add_letter(const Row& row, DeadRun dead, Search& search) {
  search.bytes += row.run.size();
  search.page.letters.push_back({std::move(dead), search.ids[row.task], row.id});
}

Status DeadLetters::look_at(const DeadFilter& filter, TaskTables& tables, const Row& row,
                            Search& search) {
  search.position = row.id;
  auto match = matches(filter, tables, row, search);
  if (!match) return failure(std::move(match.error()));
  if (!*match) return {};
  if (auto dead = opened(filter, row, search)) add_letter(row, std::move(*dead), search);
  return {};
}

Result<bool> DeadLetters::finds_nothing(const DeadFilter& filter, TaskTables& tables,
                                        Search& search) {
  if (!search.task) return false;
  auto match = matches_task(filter, tables, search.task, search);
  return match ? Result<bool>(!*match) : match;
}

Result<bool> DeadLetters::list(const ListDead& query, TaskTables& tables, Search& search) {
  if (search.position == 0) search.position = query.before == 0 ? kNewestLetter : query.before;
  const size_t limit = std::clamp<uint32_t>(query.limit, 1, kLettersMax);
  auto nothing = finds_nothing(query.filter, tables, search);
  if (!nothing || *nothing) return nothing;
  std::vector<Row> rows;
  Status read = read_rows(search.task ? newest_of_task_ : newest_, search, rows);
  if (!read) return failure(read.error());
  DeadPage& page = search.page;
  for (const Row& row : rows) {
    if (page.letters.size() == limit || search.bytes > kLettersBytes) break;
    Status looked = look_at(query.filter, tables, row, search);
    if (!looked) return failure(looked.error());
  }
  const bool end = rows.size() < kExamined && (rows.empty() || search.position == rows.back().id);
  page.next = end ? 0 : search.position;
  const bool whole = page.letters.size() == limit || search.bytes > kLettersBytes;
  return end || whole || ++search.looks == kLooks;
}

Result<bool> DeadLetters::tally(const TallyDead& query, TaskTables& tables, Search& search) {
  auto nothing = finds_nothing(query.filter, tables, search);
  if (!nothing || *nothing) return nothing;
  std::vector<Row> rows;
  Status read = read_rows(search.task ? oldest_of_task_ : oldest_rows_, search, rows);
  if (!read) return failure(read.error());
  DeadPage& page = search.page;
  for (const Row& row : rows) {
    search.position = row.id;
    auto match = matches(query.filter, tables, row, search);
    if (!match) return failure(std::move(match.error()));
    if (!*match) continue;
    // What is only counted is not opened, unless it has to be.
    const bool is_full = page.letters.size() == std::min(query.limit, kLettersMax);
    const bool must_open = asks_for_end(query.filter);
    auto dead = must_open || !is_full ? opened(query.filter, row, search) : std::nullopt;
    if (must_open && !dead) continue;
    ++page.matched;
    if (is_full || !dead) continue;
    dead->payload.reset();  // the letter only names what is to be looked up
    add_letter(row, std::move(*dead), search);
  }
  return rows.size() < kExamined;
}

// --- retention ---

Result<bool> DeadLetters::drop_some(Instant now) {
  if (some_removed_) return drop_removed();
  return aged_.drop_some(now);
}

Result<bool> DeadLetters::drop_removed() {
  Statement first(database_, "SELECT number FROM dead_of_removed LIMIT 1");
  Statement some(database_,
                 "DELETE FROM dead WHERE id IN (SELECT id FROM dead WHERE number = ? LIMIT ?)");
  Statement forget(database_,
                   "DELETE FROM dead_of_removed WHERE number = ?1 AND NOT EXISTS (SELECT 1 FROM "
                   "dead WHERE number = ?1)");
  std::optional<TaskNumber> task;
  {
    Rows rows = first.rows();
    if (rows.next()) task = TaskNumber{rows.number(0)};
    if (!rows.status()) return failure(rows.status().error());
  }
  if (!task) {
    if (Status loaded = load(); !loaded) return failure(loaded.error());
    return true;
  }
  Status done = drop_rows(database_, Flush::kLater, [&] {
    if (Status dropped = some.run(*task, AgedRows::kDroppedAtOnce); !dropped) return dropped;
    return forget.run(*task);
  });
  if (!done) return failure(done.error());
  return true;
}

}  // namespace hourwheel
