#include "store/task_tables.h"

namespace hourwheel {
namespace {

tl::unexpected<Error> no_task(const std::string& which) {
  return failure(ErrorCode::kNotFound, "", "there is no task " + which);
}
tl::unexpected<Error> bad_key(TaskNumber number) {
  return failure(ErrorCode::kCorrupt, "",
                 "the key of task " + std::to_string(number.value) + " is damaged");
}

}  // namespace

TaskTables::TaskTables(Database& database)
    : insert_definition_(database, "INSERT INTO definition VALUES(?,?,?,?,?)"),
      replace_spec_(database, "UPDATE definition SET spec = ?2 WHERE number = ?1"),
      delete_definition_(database, "DELETE FROM definition WHERE number = ?"),
      delete_state_(database, "DELETE FROM state WHERE number = ?"),
      delete_due_(database, "DELETE FROM due WHERE slice = ? AND number = ?"),
      insert_state_(database, "INSERT INTO state VALUES(?,?,?,?)"),
      update_state_(database,
                    "UPDATE state SET key = ?2, wake_ms = ?3, state = ?4 WHERE number = ?1"),
      insert_due_(database, "INSERT OR IGNORE INTO due VALUES(?,?,?)"),
      replace_due_(database, "INSERT OR REPLACE INTO due VALUES(?,?,?)"),
      state_wake_(database, "SELECT wake_ms FROM state WHERE number = ?"),
      definition_wake_(database, "SELECT wake_ms FROM definition WHERE number = ?"),
      number_of_(database, "SELECT number FROM definition WHERE key = ?"),
      key_of_(database, "SELECT key FROM definition WHERE number = ?"),
      definition_(database, "SELECT key, seed, spec FROM definition WHERE number = ?"),
      spec_(database, "SELECT spec FROM definition WHERE number = ?"),
      state_(database, "SELECT key, state FROM state WHERE number = ?"),
      seed_(database, "SELECT key, seed FROM definition WHERE number = ?"),
      due_(database,
           "SELECT slice, number, wake_ms FROM due WHERE (slice, number) > (?, ?) AND slice <= ? "
           "ORDER BY slice, number LIMIT ?"),
      has_due_(database, "SELECT 1 FROM due WHERE slice = ? AND number = ? AND wake_ms = ?"),
      numbers_(database, "SELECT number FROM definition WHERE number > ? ORDER BY number LIMIT ?"),
      highest_(database, "SELECT max(number) FROM definition"),
      fresh_(
          database,
          "SELECT number, wake_ms FROM definition AS d WHERE number > ? AND wake_ms NOT NULL AND "
          "NOT EXISTS (SELECT 1 FROM state WHERE state.number = d.number) ORDER BY number"),
      figure_(database, "SELECT value FROM meta WHERE name = ?"),
      set_figure_(database, "INSERT OR REPLACE INTO meta VALUES(?,?)"),
      add_to_figure_(database, "UPDATE meta SET value = value + ?2 WHERE name = ?1") {}

// --- writing ---

Status TaskTables::insert_definition(TaskNumber number, TaskKey key, const TaskSpec& spec,
                                     const TaskState& state) {
  row_.clear();
  spec_row_.clear();
  seal_state({RowKind::kSeed, number.value, key}, state, row_);
  seal_spec({RowKind::kSpec, number.value, key}, spec, spec_row_);
  const KeyBytes key_column = key_bytes(key);
  return insert_definition_.run(number, Blob{key_column}, wake_ms_of(state), Blob{row_},
                                Blob{spec_row_});
}

Status TaskTables::replace_spec(TaskNumber number, TaskKey key, const TaskSpec& spec) {
  spec_row_.clear();
  seal_spec({RowKind::kSpec, number.value, key}, spec, spec_row_);
  return replace_spec_.run(number, Blob{spec_row_});
}

Result<std::optional<DuePlace>> TaskTables::remove(TaskNumber number) {
  auto wake = stored_wake(number);
  if (!wake) return failure(std::move(wake.error()));
  std::optional<DuePlace> place;
  if (wake->wake_ms) {
    place = due_place(number, *wake->wake_ms);
    if (Status done = delete_due_.run(place->slice, number); !done) return failure(done.error());
  }
  for (Statement* statement : {&delete_definition_, &delete_state_}) {
    if (Status done = statement->run(number); !done) return failure(done.error());
  }
  return place;
}

Result<std::optional<DuePlace>> TaskTables::put_state(TaskNumber number, TaskKey key,
                                                      const TaskState& state) {
  auto before = stored_wake(number);
  if (!before) return failure(std::move(before.error()));
  std::optional<int64_t> wake = wake_ms_of(state);
  std::optional<DuePlace> old_place;
  if (before->wake_ms) old_place = due_place(number, *before->wake_ms);
  std::optional<DuePlace> place;
  if (wake) place = due_place(number, *wake);

  row_.clear();
  seal_state({RowKind::kState, number.value, key}, state, row_);
  const KeyBytes key_column = key_bytes(key);
  // Not OR REPLACE: SQLite opens a savepoint for each statement that may delete a row as well.
  Statement& put = before->in_state ? update_state_ : insert_state_;
  Status done = put.run(number, Blob{key_column}, wake, Blob{row_});
  if (!done) return failure(done.error());
  // A task without a state row may be fresh (O2): then its place is still to be written.
  if (before->in_state && before->wake_ms == wake) return old_place;
  const bool same_slice = old_place && place && place->slice == old_place->slice;
  if (old_place && !same_slice) done = delete_due_.run(old_place->slice, number);
  if (done && same_slice) done = replace_due_.run(place->slice, number, place->wake_ms);
  if (done && place && !same_slice) done = add_due(*place);
  if (!done) return failure(done.error());
  return old_place;
}

Status TaskTables::add_due(const DuePlace& place) {
  return insert_due_.run(place.slice, place.number, place.wake_ms);
}

// --- reading ---

Result<TaskTables::Wake> TaskTables::stored_wake(TaskNumber number) {
  {
    Rows rows = state_wake_.rows(number);
    if (rows.next()) return Wake{rows.maybe_integer(0), true};
    if (!rows.status()) return failure(rows.status().error());
  }
  Rows rows = definition_wake_.rows(number);
  if (rows.next()) return Wake{rows.maybe_integer(0), false};
  if (!rows.status()) return failure(rows.status().error());
  return Wake{};
}

Result<TaskNumber> TaskTables::number_of(TaskKey key) {
  const KeyBytes bytes = key_bytes(key);
  Rows rows = number_of_.rows(Blob{bytes});
  if (!rows.next()) {
    if (!rows.status()) return failure(rows.status().error());
    return no_task("with this id");
  }
  const TaskNumber number{rows.number(0)};
  // The index alone has said so (C-23).
  Rows own = key_of_.rows(number);
  if (own.next() && parse_key(own.bytes(0)) == key) return number;
  if (!own.status()) return failure(own.status().error());
  return failure(ErrorCode::kCorrupt, "",
                 "the index of ids leads to task " + std::to_string(number.value) +
                     ", which has another id or is not there");
}

Result<TaskSpec> TaskTables::spec(TaskNumber number, TaskKey key) {
  Rows rows = spec_.rows(number);
  if (rows.next()) return unseal_spec({RowKind::kSpec, number.value, key}, rows.bytes(0));
  if (!rows.status()) return failure(rows.status().error());
  return no_task(std::to_string(number.value));
}

Result<std::optional<std::string>> TaskTables::stored_spec(TaskNumber number) {
  Rows rows = spec_.rows(number);
  if (rows.next()) return std::optional<std::string>(rows.bytes(0));
  if (!rows.status()) return failure(rows.status().error());
  return std::optional<std::string>();
}

Result<Definition> TaskTables::definition(TaskNumber number) {
  Rows rows = definition_.rows(number);
  if (!rows.next()) {
    if (!rows.status()) return failure(rows.status().error());
    return no_task(std::to_string(number.value));
  }
  auto key = parse_key(rows.bytes(0));
  if (!key) return bad_key(number);
  auto seed = unseal_state({RowKind::kSeed, number.value, *key}, rows.bytes(1));
  if (!seed) return failure(std::move(seed.error()));
  auto spec = unseal_spec({RowKind::kSpec, number.value, *key}, rows.bytes(2));
  if (!spec) return failure(std::move(spec.error()));
  return Definition{*key, std::move(*spec), std::move(*seed)};
}

Result<std::optional<ThinTask>> TaskTables::stored_state(TaskNumber number) {
  Rows rows = state_.rows(number);
  if (!rows.next()) {
    if (!rows.status()) return failure(rows.status().error());
    return std::nullopt;
  }
  auto key = parse_key(rows.bytes(0));
  if (!key) return bad_key(number);
  auto state = unseal_state({RowKind::kState, number.value, *key}, rows.bytes(1));
  if (!state) return failure(std::move(state.error()));
  return ThinTask{number, *key, std::move(*state)};
}

Result<std::optional<ThinTask>> TaskTables::thin(TaskNumber number) {
  auto stored = stored_state(number);
  if (!stored || *stored) return stored;
  Rows rows = seed_.rows(number);
  if (!rows.next()) {
    if (!rows.status()) return failure(rows.status().error());
    return std::nullopt;
  }
  auto key = parse_key(rows.bytes(0));
  if (!key) return bad_key(number);
  auto seed = unseal_state({RowKind::kSeed, number.value, *key}, rows.bytes(1));
  if (!seed) return failure(std::move(seed.error()));
  return ThinTask{number, *key, std::move(*seed)};
}

Result<bool> TaskTables::due(const DuePlace& after, int64_t to_ms, size_t limit,
                             std::vector<DuePlace>& out) {
  Rows rows =
      due_.rows(after.slice, after.number, to_ms >> kSliceBits, static_cast<uint64_t>(limit));
  size_t found = 0;
  for (; rows.next(); found++) {
    out.push_back({rows.integer(0), {rows.number(1)}, rows.integer(2)});
  }
  if (!rows.status()) return failure(rows.status().error());
  return found < limit;
}

Result<bool> TaskTables::has_due(const DuePlace& place) {
  Rows rows = has_due_.rows(place.slice, place.number, place.wake_ms);
  bool there = rows.next();
  if (!rows.status()) return failure(rows.status().error());
  return there;
}

Result<TaskNumber> TaskTables::highest() {
  Rows rows = highest_.rows();
  TaskNumber highest;
  if (rows.next()) highest = {static_cast<uint64_t>(rows.maybe_integer(0).value_or(0))};
  if (!rows.status()) return failure(rows.status().error());
  return highest;
}

Status TaskTables::numbers(TaskNumber after, size_t limit, std::vector<TaskNumber>& out) {
  Rows rows = numbers_.rows(after, static_cast<uint64_t>(limit));
  while (rows.next()) out.push_back({rows.number(0)});
  return rows.status();
}

Status TaskTables::fresh(TaskNumber after, std::vector<DuePlace>& out) {
  Rows rows = fresh_.rows(after);
  while (rows.next()) out.push_back(due_place({rows.number(0)}, rows.integer(1)));
  return rows.status();
}

// --- figures ---

Result<std::optional<int64_t>> TaskTables::figure(std::string_view name) {
  Rows rows = figure_.rows(name);
  if (rows.next()) return rows.maybe_integer(0);
  if (!rows.status()) return failure(rows.status().error());
  return std::nullopt;
}

Status TaskTables::set_figure(std::string_view name, int64_t value) {
  return set_figure_.run(name, value);
}

Status TaskTables::add_to_figure(std::string_view name, int64_t more) {
  return add_to_figure_.run(name, more);
}

}  // namespace hourwheel
