#include "store/folder_check.h"

#include <unordered_map>
#include <utility>

#include "store/dead_letters.h"
#include "store/run_log.h"
#include "store/schema.h"
#include "store/shard_store.h"
#include "store/system_file.h"

namespace hourwheel {
namespace {

constexpr size_t kCheckCacheBytes = size_t{64} << 20;

// Damage is noted, and the check goes on; anything else ends it.
Status note(FileReport& report, std::string table, uint64_t row, const Error& why) {
  if (why.code != ErrorCode::kCorrupt && why.code != ErrorCode::kNotFound) return failure(why);
  report.add(std::move(table), row, why.detail);
  return {};
}

Status check_pages(Database& database, FileReport& report) {
  Statement check(database, "PRAGMA integrity_check(100)");
  Rows rows = check.rows();
  while (rows.next()) {
    std::string said(rows.bytes(0));
    if (said != "ok") report.add("file", 0, std::move(said));
  }
  return rows.status() ? Status{} : note(report, "file", 0, rows.status().error());
}

Status check_chain(Database& database, FileReport& report) {
  AuditLog audit(database);
  if (Status loaded = audit.load(); !loaded) return note(report, "audit", 0, loaded.error());
  VerifyAudit query;
  while (!query.so_far.whole) {
    AuditLog::Check check;
    Result<bool> piece = audit.verify(check, query);
    while (piece && !*piece) piece = audit.verify(check, query);
    if (!piece) return note(report, "audit", 0, piece.error());
    query.so_far = std::move(check.verdict);
  }
  report.audit_entries = query.so_far.entries;
  if (query.so_far.broken) report.add("audit", query.so_far.last_row + 1, *query.so_far.broken);
  return {};
}

class ShardCheck {
 public:
  ShardCheck(Database& database, FileReport& report)
      : database_(database), report_(report), tables_(database), log_(database, {}) {}

  Status run(uint32_t shard) {
    Status done = check_pages(database_, report_);
    if (done) done = check_figures(shard);
    for (auto step :
         {&ShardCheck::check_definitions, &ShardCheck::check_states, &ShardCheck::check_places,
          &ShardCheck::check_log, &ShardCheck::check_letters, &ShardCheck::check_answers,
          &ShardCheck::check_audit, &ShardCheck::check_counts}) {
      if (done) done = (this->*step)();
    }
    return done;
  }

 private:
  Status check_figures(uint32_t shard) {
    auto stamped = tables_.figure("shard");
    if (!stamped) return note(report_, "meta", 0, stamped.error());
    if (*stamped && **stamped != static_cast<int64_t>(shard)) {
      report_.add("meta", 0, "this is the file of shard " + std::to_string(**stamped));
    }
    auto folded = tables_.figure("fold_number");
    if (!folded) return note(report_, "meta", 0, folded.error());
    fold_number_ = static_cast<uint64_t>(folded->value_or(0));
    auto counter = tables_.figure("counter");
    if (!counter) return note(report_, "meta", 0, counter.error());
    counter_ = static_cast<uint64_t>(counter->value_or(0));
    return {};
  }

  // The row of `table` says that the task wakes at `wake`; the index has to know.
  Status check_placed(const char* table, uint64_t number, const std::optional<int64_t>& wake) {
    if (!wake) return {};
    auto there = tables_.has_due(due_place({number}, *wake));
    if (!there) return note(report_, "due", number, there.error());
    if (!*there) report_.add(table, number, "the task is missing in the due index");
    return {};
  }

  Status check_definitions() {
    Statement all(database_, "SELECT number, wake_ms FROM definition ORDER BY number");
    Rows rows = all.rows();
    while (rows.next()) {
      ++report_.definitions;
      const uint64_t number = rows.number(0);
      if (number > counter_) {
        report_.add("definition", number, "the counter of numbers says it was never given out");
      }
      auto definition = tables_.definition({number});
      if (!definition) {
        if (Status noted = note(report_, "definition", number, definition.error()); !noted) {
          return noted;
        }
        continue;
      }
      const auto wake = wake_ms_of(definition->seed);
      if (wake != rows.maybe_integer(1)) {
        report_.add("definition", number, "the column of its due instant says another one");
      }
      auto later = tables_.stored_state({number});
      // Fresh ones have no place yet; what is wrong with a state is told with the states.
      if (!later || *later || number > fold_number_) continue;
      if (Status done = check_placed("definition", number, wake); !done) return done;
    }
    return rows.status() ? Status{} : note(report_, "definition", 0, rows.status().error());
  }

  Status check_states() {
    Statement all(database_, "SELECT number, wake_ms FROM state ORDER BY number");
    Rows rows = all.rows();
    while (rows.next()) {
      ++report_.states;
      const uint64_t number = rows.number(0);
      auto task = tables_.stored_state({number});
      if (!task || !*task) {
        Error why = task ? Error{ErrorCode::kCorrupt, "", "it cannot be found"} : task.error();
        if (Status noted = note(report_, "state", number, why); !noted) return noted;
        continue;
      }
      const auto wake = wake_ms_of((*task)->state);
      if (wake != rows.maybe_integer(1)) {
        report_.add("state", number, "the column of its due instant says another one");
      }
      if (Status done = check_placed("state", number, wake); !done) return done;
    }
    return rows.status() ? Status{} : note(report_, "state", 0, rows.status().error());
  }

  Status check_places() {
    Statement all(database_, "SELECT slice, number, wake_ms FROM due");
    Rows rows = all.rows();
    while (rows.next()) {
      ++report_.places;
      const DuePlace place{rows.integer(0), {rows.number(1)}, rows.integer(2)};
      if (place.slice != place.wake_ms >> kSliceBits) {
        report_.add("due", place.number.value, "it stands in another slice than its instant");
      }
      auto task = tables_.thin(place.number);
      if (!task) continue;  // told with its own table
      if (!*task) {
        report_.add("due", place.number.value, "it leads to no task");
      } else if (wake_ms_of((*task)->state) != place.wake_ms) {
        report_.add("due", place.number.value, "the task wakes at another instant");
      }
    }
    return rows.status() ? Status{} : note(report_, "due", 0, rows.status().error());
  }

  // Positions ascend without gaps (L1), so that a row that is not there shows; those that were
  // removed are counted.
  Status check_log() {
    if (Status loaded = log_.load(); !loaded) return note(report_, "piece", 0, loaded.error());
    Statement oldest(database_, "SELECT min(first_seq) FROM piece");
    uint64_t seq = 1;
    {
      Rows rows = oldest.rows();
      if (rows.next()) seq = static_cast<uint64_t>(rows.maybe_integer(0).value_or(1));
      if (!rows.status()) return note(report_, "piece", 0, rows.status().error());
    }
    auto fold_seq = tables_.figure("fold_seq");
    if (!fold_seq) return note(report_, "meta", 0, fold_seq.error());
    const auto folded = static_cast<uint64_t>(fold_seq->value_or(0));
    if (folded > log_.last_seq()) {
      report_.add("run log", log_.last_seq() + 1, "it ends before what has been folded");
    }
    for (;; ++seq) {
      auto next = log_.next_row(seq);
      if (!next) return note(report_, "run log", seq, next.error());
      seq = *next;
      if (seq > log_.last_seq()) break;
      ++report_.log_rows;
      auto row = log_.read(seq);
      Status done =
          row ? check_indexed(*row, seq, folded) : note(report_, "run log", seq, row.error());
      if (!done) return done;
    }
    auto amiss = log_.rows_amiss();
    if (!amiss) return note(report_, "run log", 0, amiss.error());
    if (*amiss > 0) {
      report_.add("run log", 0, std::to_string(*amiss) + " rows fewer or more than its pieces say");
    }
    return check_index();
  }

  Status check_indexed(const LogRow& row, uint64_t seq, uint64_t folded) {
    if (row.state && seq > folded) unfolded_[row.task] = status_of(*row.state);
    if (!row.record) return {};
    auto there = log_.is_indexed(row.task, seq);
    if (!there) return note(report_, "run log", seq, there.error());
    indexed_ += *there ? 1 : 0;
    if (!*there && seq <= folded) {
      report_.add("run log", seq, "the index does not have it for its task");
    }
    return {};
  }

  // Each row is in it once: what is beyond leads nowhere.
  Status check_index() {
    auto entries = log_.index_entries();
    if (!entries) return note(report_, "run log", 0, entries.error());
    if (*entries > indexed_) {
      report_.add("run log", 0,
                  std::to_string(*entries - indexed_) + " entries of the index are of no row");
    }
    return {};
  }

  Status check_letters() {
    Statement all(database_, "SELECT id, number, instant, due_ms, run FROM dead ORDER BY id");
    Rows rows = all.rows();
    while (rows.next()) {
      ++report_.dead_letters;
      auto dead = unseal_dead({rows.number(1)}, rows.bytes(4));
      if (!dead) {
        if (Status noted = note(report_, "dead letter", rows.number(0), dead.error()); !noted) {
          return noted;
        }
      } else if (dead->run.instant_or_nonce != rows.integer(2) || dead->due.ms != rows.integer(3)) {
        report_.add("dead letter", rows.number(0), "its columns tell of another run");
      }
    }
    return rows.status() ? Status{} : note(report_, "dead letter", 0, rows.status().error());
  }

  Status check_audit() { return check_chain(database_, report_); }

  // SC1. Of a file with damage nobody can tell, and one of before has no figures yet.
  Status check_counts() {
    if (report_.damaged > 0) return {};
    StatusCounts there;
    Statement all(database_, "SELECT number FROM definition ORDER BY number");
    Rows rows = all.rows();
    while (rows.next()) {
      const TaskNumber number{rows.number(0)};
      const auto later = unfolded_.find(number);
      auto task = tables_.thin(number);
      if (!task) return note(report_, "state", number.value, task.error());
      if (later != unfolded_.end()) {
        ++there.of(later->second);
      } else if (*task) {
        ++there.of(status_of((*task)->state));
      }
    }
    if (!rows.status()) return note(report_, "definition", 0, rows.status().error());
    for (const StatusFigure& one : kStatusFigures) {
      auto said = tables_.figure(one.name);
      if (!said) return note(report_, "meta", 0, said.error());
      if (!*said || **said == there.of(one.status)) continue;
      report_.add("meta", 0,
                  std::string(one.name) + " says " + std::to_string(**said) + ", and there are " +
                      std::to_string(there.of(one.status)));
    }
    return {};
  }

  Status check_answers() {
    Statement all(database_, "SELECT id, scope, decided_ms, answer FROM kept_answer ORDER BY id");
    Rows rows = all.rows();
    while (rows.next()) {
      ++report_.kept_answers;
      const auto scope = parse_key(rows.bytes(1));
      if (!scope) {
        report_.add("kept answer", rows.number(0), "its scope is not 16 bytes");
        continue;
      }
      auto answer = unseal_answer({scope->high, scope->low}, rows.bytes(3));
      if (!answer) {
        if (Status noted = note(report_, "kept answer", rows.number(0), answer.error()); !noted) {
          return noted;
        }
      } else if (answer->decided.ms != rows.integer(2)) {
        report_.add("kept answer", rows.number(0), "its column tells of another instant");
      }
    }
    return rows.status() ? Status{} : note(report_, "kept answer", 0, rows.status().error());
  }

  Database& database_;
  FileReport& report_;
  TaskTables tables_;
  RunLog log_;
  uint64_t fold_number_ = 0;
  uint64_t counter_ = 0;
  // States that only the log has.
  std::unordered_map<TaskNumber, TaskStatus> unfolded_;
  uint64_t indexed_ = 0;  // rows of the log with a record that the index has
};

DatabaseOptions options_of(const std::string& path, uint32_t owner,
                           std::span<const std::string_view> schema) {
  DatabaseOptions options;
  options.path = path;
  options.cache_bytes = kCheckCacheBytes;
  options.application_id = owner;
  options.schema = schema;
  return options;
}

}  // namespace

void FileReport::add(std::string table, uint64_t row, std::string what) {
  ++damaged;
  if (rows.size() < kMaxNamed) rows.push_back({std::move(table), row, std::move(what)});
}

Result<FileReport> check_shard_file(const std::string& path, uint32_t shard) {
  FileReport report;
  report.path = path;
  auto database = Database::open(options_of(path, kShardApplicationId, shard_schema()));
  Status done;
  if (!database) {
    done = note(report, "file", 0, database.error());
  } else {
    done = ShardCheck(**database, report).run(shard);
  }
  if (!done) return failure(std::move(done.error()));
  return report;
}

Result<FileReport> check_system_file(const std::string& path) {
  FileReport report;
  report.path = path;
  auto database = Database::open(options_of(path, kSystemApplicationId, system_schema()));
  if (!database) {
    if (Status noted = note(report, "file", 0, database.error()); !noted) {
      return failure(std::move(noted.error()));
    }
    return report;
  }
  Status done = check_pages(**database, report);
  if (!done) return failure(std::move(done.error()));
  auto pauses = read_pauses(**database);
  if (!pauses) done = note(report, "pause", 0, pauses.error());
  auto keys = read_keys(**database);
  if (!keys && done) done = note(report, "api_key", 0, keys.error());
  auto secrets = read_secrets(**database);
  if (!secrets && done) done = note(report, "secret", 0, secrets.error());
  if (done) done = check_chain(**database, report);
  if (!done) return failure(std::move(done.error()));
  return report;
}

Result<std::vector<FileReport>> check_folder(const DataFolder& folder) {
  std::vector<FileReport> reports;
  for (uint32_t shard = 0; shard < folder.shards(); ++shard) {
    auto report = check_shard_file(folder.shard_file(shard), shard);
    if (!report) return failure(std::move(report.error()));
    reports.push_back(std::move(*report));
  }
  auto system = check_system_file(folder.system_file());
  if (!system) return failure(std::move(system.error()));
  reports.push_back(std::move(*system));
  return reports;
}

}  // namespace hourwheel
