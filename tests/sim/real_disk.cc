#include "tests/sim/real_disk.h"

#include <map>
#include <set>
#include <string>
#include <utility>

#include "engine/base/check.h"

namespace hourwheel {
namespace {

constexpr uint64_t kCheckpointEach = 16;

bool is_same(const RunRecord& a, const RunRecord& b) {
  return a.key == b.key && a.state == b.state && a.due == b.due && a.last_due == b.last_due &&
         a.count == b.count && a.attempt == b.attempt && a.recorded == b.recorded &&
         a.possible_duplicate == b.possible_duplicate && a.outcome.result == b.outcome.result &&
         a.outcome.status == b.outcome.status && a.outcome.wire == b.outcome.wire;
}

}  // namespace

// As the store's thread does it (H4): a full disk may have room in an emptied log.
Status RealStore::commit(const Batch& batch) {
  Status done = store_->commit(batch);
  if (done || done.error().code != ErrorCode::kStorageLow) return done;
  Status emptied = store_->checkpoint();
  if (emptied) return store_->commit(batch);
  return emptied.error().code == ErrorCode::kStorageLow ? done : emptied;
}

Result<QueryAnswer> RealStore::query(const Query& query) {
  RunningQuery running;
  running.query = query;
  while (true) {
    if (auto answer = store_->query(running)) return std::move(*answer);
  }
}

// As the store's thread takes it: with a full disk it waits.
Status RealStore::background(Instant now) {
  Status done;
  // A short life does not fill a log: it is copied long before that is due.
  if (++quanta_ % kCheckpointEach == 0 || store_->checkpoint_due()) {
    done = store_->checkpoint();
  } else if (auto more = store_->background(now); !more) {
    done = failure(std::move(more.error()));
  }
  if (!done && done.error().code == ErrorCode::kStorageLow) return {};
  return done;
}

RealDisk::RealDisk(const Ledger& ledger, Trace& trace, uint32_t shard, uint64_t seed)
    : ledger_(ledger), trace_(trace), shard_(shard), random_(seed), vfs_(random_.next()) {
  // Small figures, so that every mechanism has its turn within a short life.
  fold_.tasks = 1 + random_.below(20);
  fold_.fresh = 1 + random_.below(20);
  fold_.rows = 1 + random_.below(100);
  // With little of it in memory, the disk is read.
  if (random_.chance(50)) cache_bytes_ = size_t{16} << 10;
}

Status RealDisk::try_open() {
  ShardStoreOptions options;
  options.path = "shard.db";
  options.vfs = vfs_.name();
  options.cache_bytes = cache_bytes_;
  options.shard = shard_;
  options.fold = fold_;
  // Some worlds live for more than a month: the comparison is with all that ever was.
  options.log.age_max = hours(24 * 3650);
  auto store = ShardStore::open(options);
  if (!store) return failure(std::move(store.error()));
  store_ = std::make_unique<RealStore>(std::move(*store));
  return {};
}

void RealDisk::must_open() {
  const Status opened = try_open();
  if (!opened) trace_.note("open: %s", opened.error().detail.c_str());
  HW_CHECK(opened.has_value(), "C-1 a shard file opens after every crash");
}

StoreBackend& RealDisk::open() {
  vfs_.work_again();
  while (starts_fail_ && random_.chance(15)) {
    arm_fault(random_);
    if (try_open() && !vfs_.died()) {
      vfs_.work_again();
      return *store_;
    }
    trace_.note("a start fails");
    const auto how = random_.chance(50) ? Crash::kKilled : Crash::kPowerCut;
    ++(how == Crash::kKilled ? starts_.starts_killed : starts_.starts_cut);
    stop(how);
  }
  must_open();
  return *store_;
}

void RealDisk::close_clean() {
  vfs_.work_again();
  if (!store_->store().close_clean()) trace_.fail("the store does not close");
  store_.reset();
}

void RealDisk::arm_fault(Random& random) {
  if (random.chance(30)) return vfs_.fail_reads(1 + random.below(3));
  starts_fail_ = true;
  const auto how = random.chance(60) ? SimVfs::Fail::kForGood : SimVfs::Fail::kOnce;
  const auto flush = random.chance(50) ? SimVfs::FailedFlush::kKept : SimVfs::FailedFlush::kDropped;
  vfs_.fail(random.below(60), how, flush);
}

void RealDisk::heal() {
  starts_fail_ = false;
  vfs_.limit_space(std::nullopt);
  if (!vfs_.died()) vfs_.work_again();
}

Disk::Faults RealDisk::faults() const {
  const SimVfs::Counts& counts = vfs_.counts();
  Faults faults = starts_;
  faults.errors = counts.errors + counts.full;
  faults.lost_sectors = counts.lost_sectors;
  faults.reads = counts.reads;
  return faults;
}

void RealDisk::stop(Crash how) {
  // Closing would checkpoint: a process that dies does not.
  vfs_.die();
  store_.reset();
  if (how == Crash::kKilled) {
    vfs_.kill();
  } else {
    vfs_.power_cut(random_);
  }
  vfs_.limit_space(std::nullopt);
}

// From the due index, which always has a deleted task with open runs.
std::optional<TaskState> RealDisk::indexed(TaskNumber number) {
  std::optional<ScanRequest> range = ScanRequest{};
  range->from = Instant{INT64_MIN / 2};
  range->to = Instant{INT64_MAX / 2};
  while (range) {
    auto page = store_->scan(*range);
    HW_CHECK(page.has_value(), "nothing fails here");
    for (ThinTask& task : page->tasks) {
      if (task.number == number) return std::move(task.state);
    }
    range = page->next;
  }
  return std::nullopt;
}

// True: the batch that was cut is in the file all the same.
bool RealDisk::crash(const Batch* cut, Crash how) {
  stop(how);
  if (cut == nullptr) return false;
  must_open();
  const bool lives = survived(*cut);
  trace_.note("the batch that was cut %s", lives ? "survived" : "is lost");
  stop(Crash::kKilled);
  return lives;
}

// Its counter tells: each batch that hands out a number moves it. One that does not is known by the
// answer it keeps, by what it tells the audit log (a command may change nothing of its task, as one
// that drops a dead letter), or by its last change.
bool RealDisk::survived(const Batch& cut) {
  const auto recovered = store_->recovered();
  if (cut.counter != ledger_.recovered().counter) return recovered.counter == cut.counter;
  if (cut.send_mark && *cut.send_mark != ledger_.recovered().send_mark) {
    return recovered.send_mark == *cut.send_mark;
  }
  if (!cut.answers.empty()) return is_kept(cut.answers.back());
  const auto& audit = ledger_.audit();
  if (!cut.audit.empty() && (audit.empty() || !Ledger::same(audit.back(), cut.audit.back()))) {
    return is_newest(cut.audit.back());
  }
  if (cut.tasks.empty()) return false;
  const TaskChange& last = cut.tasks.back();
  auto fetched = store_->fetch({{last.key, last.number}});
  const auto& found = fetched.found[0];
  if (last.kind == ChangeKind::kRemove) return !found;
  if (found) return last.kind != ChangeKind::kForget && found->state == last.state;
  // A deleted task with open runs has had no definition for long; its place says more.
  const std::optional<TaskState> state = indexed(last.number);
  return last.kind == ChangeKind::kForget ? !state : state && *state == last.state;
}

bool RealDisk::is_kept(const KeptAnswer& answer) {
  auto found = store_->query(Recall{answer.key.scope});
  if (!found) return false;
  const auto& kept = std::get<Recalled>(*found).answer;
  return kept && Ledger::same(*kept, answer);
}

bool RealDisk::is_newest(const AuditEntry& entry) {
  ListAudit list;
  list.limit = 1;
  const auto found = store_->query(list);
  if (!found) return false;
  const auto& entries = std::get<AuditPage>(*found).entries;
  return !entries.empty() && Ledger::same(entries.front(), entry);
}

void RealDisk::compare_runs(const Ledger::Task& task) {
  ListRuns list;
  list.key = task.key;
  list.limit = 500;  // a page
  auto answer = store_->query(list);
  if (!answer) {
    return trace_.fail("C-1 the runs of task %llu: %s",
                       static_cast<unsigned long long>(task.number.value),
                       answer.error().detail.c_str());
  }
  const auto& page = std::get<RunPage>(*answer);
  const std::set<uint64_t> may_be_gone = ledger_.may_be_gone(task);
  size_t found = 0;
  for (auto run = task.runs.rbegin(); run != task.runs.rend() && found < list.limit; ++run) {
    if (found < page.records.size() && is_same(page.records[found], run->second)) {
      ++found;
    } else if (!may_be_gone.contains(run->first)) {
      return trace_.fail(
          "C-1 the run log of task %llu is not what was acknowledged (%zu rows of %zu, %zu may be "
          "gone)",
          static_cast<unsigned long long>(task.number.value), page.records.size(), task.runs.size(),
          may_be_gone.size());
    }
  }
  if (found == page.records.size()) return;
  trace_.fail("C-1 the run log of task %llu has rows that were never acknowledged",
              static_cast<unsigned long long>(task.number.value));
}

// C-14: no letter but the ledger's, and of those all that are not too old.
void RealDisk::compare_letters() {
  std::map<RunKey, DeadRun> missing = ledger_.letters();
  ListDead list;
  list.limit = 1'000;
  do {
    auto answer = store_->query(list);
    if (!answer) return trace_.fail("C-1 the dead letters: %s", answer.error().detail.c_str());
    const auto& page = std::get<DeadPage>(*answer);
    for (const DeadLetter& letter : page.letters) {
      auto expected = missing.find(letter.run.run);
      if (expected == missing.end() || !(expected->second == letter.run)) {
        trace_.fail("C-14 task %llu has a dead letter that was never acknowledged so",
                    static_cast<unsigned long long>(letter.run.task.value));
      }
      missing.erase(letter.run.run);
    }
    list.before = page.next;
  } while (list.before != 0);
  for (const auto& [run, dead] : missing) {
    if (dead.ended + kDeadKept > trace_.now()) {
      trace_.fail("C-14 a dead letter of task %llu is gone",
                  static_cast<unsigned long long>(dead.task.value));
    }
  }
}

// C-2: all that are not too old.
void RealDisk::compare_answers() {
  for (const auto& [scope, answer] : ledger_.answers()) {
    if (answer.decided + kAnswersKept <= trace_.latest() || is_kept(answer)) continue;
    trace_.fail("C-2 an answer of %lld is gone or another one",
                static_cast<long long>(answer.decided.ms));
  }
}

// AU1, AU2: the entries that are not too old, in their order, and the chain they make.
void RealDisk::compare_audit() {
  VerifyAudit question;
  while (!question.so_far.whole) {
    auto piece = store_->query(question);
    if (!piece) return trace_.fail("AU2 the audit log: %s", piece.error().detail.c_str());
    question.so_far = std::get<AuditVerdict>(*piece);
  }
  if (question.so_far.broken) trace_.fail("AU2 %s", question.so_far.broken->c_str());
  const std::vector<AuditEntry>& expected = ledger_.audit();
  size_t left = expected.size();
  ListAudit list;
  list.limit = 1'000;
  do {
    auto answer = store_->query(list);
    if (!answer) return trace_.fail("AU2 the audit log: %s", answer.error().detail.c_str());
    const auto& page = std::get<AuditPage>(*answer);
    for (const AuditEntry& entry : page.entries) {
      if (left == 0 || !Ledger::same(entry, expected[left - 1])) {
        return trace_.fail("AU1 the audit log tells what was never acknowledged");
      }
      --left;
    }
    list.before = page.next;
  } while (list.before != 0);
  if (left > 0 && expected[left - 1].at + kAuditKept > trace_.latest()) {
    trace_.fail("AU1 %zu entries of the audit log are gone", left);
  }
}

void RealDisk::compare() {
  compare_contents();
  if (store_->recovered().counter < ledger_.recovered().counter) {
    trace_.fail("C-3 the counter is back at an older figure");
  }
}

void RealDisk::compare_contents() {
  ListTasks list;
  list.limit = 100'000;
  std::map<TaskNumber, StoredTask> stored;
  while (true) {
    auto answer = store_->query(list);
    if (!answer) return trace_.fail("C-1 the tasks: %s", answer.error().detail.c_str());
    auto& page = std::get<TaskPage>(*answer);
    for (StoredTask& task : page.tasks) stored.insert_or_assign(task.number, std::move(task));
    if (!page.next) break;
    list.after = page.next;
  }
  size_t live = 0;
  for (const auto& [number, task] : ledger_.tasks()) {
    if (!task.has_spec) continue;
    ++live;
    auto place = stored.find(number);
    const bool same = place != stored.end() && place->second.key == task.key &&
                      place->second.state == task.state && place->second.spec == task.spec;
    if (!same) {
      if (place != stored.end()) {
        const TaskState& a = place->second.state;
        const TaskState& b = task.state;
        trace_.note("stored version %llu open %zu counts %llu, expected %llu open %zu counts %llu",
                    static_cast<unsigned long long>(a.version.value), a.open.size(),
                    static_cast<unsigned long long>(a.counts.succeeded + a.counts.skipped),
                    static_cast<unsigned long long>(b.version.value), b.open.size(),
                    static_cast<unsigned long long>(b.counts.succeeded + b.counts.skipped));
      }
      trace_.fail("C-1 task %llu is %s", static_cast<unsigned long long>(number.value),
                  place == stored.end() ? "gone" : "not as it was acknowledged");
    }
    compare_runs(task);
  }
  compare_letters();
  compare_answers();
  compare_audit();
  if (live != stored.size()) trace_.fail("C-1 %zu tasks are stored, not %zu", stored.size(), live);
}

std::unique_ptr<Disk> make_real_disk(const Ledger& ledger, Trace& trace, uint32_t shard,
                                     uint64_t seed) {
  return std::make_unique<RealDisk>(ledger, trace, shard, seed);
}

}  // namespace hourwheel
