// The real store over the simulated disk, held against the ledger after every crash.
#include <string>
#include <utility>

#include "engine/base/check.h"
#include "store/shard_store.h"
#include "tests/sim/disk.h"
#include "tests/sim/sim_vfs.h"

namespace hourwheel {
namespace {

class RealStore : public StoreBackend {
 public:
  RealStore(std::unique_ptr<ShardStore> store, Trace& trace)
      : store_(std::move(store)), trace_(trace) {}

  RecoveredShard recovered() override { return store_->recovered(); }
  Status commit(const Batch& batch) override { return store_->commit(batch); }
  Fetched fetch(std::vector<FetchOne> asked) override { return store_->fetch(std::move(asked)); }
  Scanned scan(const ScanRequest& range) override {
    auto page = store_->scan(range);
    if (page) return std::move(*page);
    // The disk has died under it; the world is about to crash.
    Scanned none;
    none.asked = range;
    none.next = range;
    return none;
  }
  Result<QueryAnswer> query(const Query& query) override {
    RunningQuery running;
    running.query = query;
    while (true) {
      if (auto answer = store_->query(running)) return std::move(*answer);
    }
  }
  bool background(Instant now) override {
    if (store_->checkpoint_due()) return store_->checkpoint().has_value();
    auto more = store_->background(now);
    return more && *more;
  }
  ShardStore& store() { return *store_; }

 private:
  std::unique_ptr<ShardStore> store_;
  Trace& trace_;
};

class RealDisk : public Disk {
 public:
  RealDisk(const Ledger& ledger, Trace& trace, uint32_t shard, uint64_t seed)
      : ledger_(ledger), trace_(trace), shard_(shard), random_(seed), vfs_(random_.next()) {
    // Small figures, so that every mechanism has its turn within a short life.
    fold_.tasks = 1 + random_.below(20);
    fold_.fresh = 1 + random_.below(20);
    fold_.rows = 1 + random_.below(100);
  }

  StoreBackend& open() override {
    vfs_.work_again();  // breaking off within a start is not part of this world
    open_file();
    return *store_;
  }
  void close_clean() override {
    vfs_.work_again();
    if (!store_->store().close_clean()) trace_.fail("the store does not close");
    store_.reset();
  }
  bool crash(const Batch* cut) override;
  void compare() override;
  void arm_crash(Random& random) override { vfs_.fail_after(random.below(60)); }
  void heal() override {
    if (!vfs_.died()) vfs_.work_again();
  }
  [[nodiscard]] bool died() override { return vfs_.died(); }

 private:
  void open_file();
  [[nodiscard]] bool has_place(TaskNumber number);
  void compare_runs(const Ledger::Task& task);
  void compare_letters();

  const Ledger& ledger_;
  Trace& trace_;
  uint32_t shard_;
  Random random_;
  SimVfs vfs_;
  FoldLimits fold_;
  std::unique_ptr<RealStore> store_;
};

void RealDisk::open_file() {
  ShardStoreOptions options;
  options.path = "shard.db";
  options.vfs = vfs_.name();
  options.cache_bytes = size_t{1} << 20;
  options.shard = shard_;
  options.fold = fold_;
  // Some worlds live for more than a month: the comparison is with all that ever was.
  options.log.age_max = hours(24 * 3650);
  auto store = ShardStore::open(options);
  if (!store) trace_.note("open: %s", store.error().detail.c_str());
  HW_CHECK(store.has_value(), "C-1 a shard file opens after every crash");
  store_ = std::make_unique<RealStore>(std::move(*store), trace_);
}

// Whether the due index knows the task.
bool RealDisk::has_place(TaskNumber number) {
  std::optional<ScanRequest> range = ScanRequest{};
  range->from = Instant{INT64_MIN / 2};
  range->to = Instant{INT64_MAX / 2};
  while (range) {
    Scanned page = store_->scan(*range);
    for (const ThinTask& task : page.tasks) {
      if (task.number == number) return true;
    }
    range = page.next;
  }
  return false;
}

// True: the batch that was cut is in the file all the same.
bool RealDisk::crash(const Batch* cut) {
  // Closing would checkpoint: a process that dies does not.
  vfs_.fail_after(0);
  store_.reset();
  vfs_.crash(random_);
  if (cut == nullptr) return false;
  // Its counter tells: each batch that hands out a number moves it. One that does not is known by
  // the first of what it wrote.
  open_file();
  bool survived = false;
  auto recovered = store_->recovered();
  if (cut->counter != ledger_.recovered().counter) {
    survived = recovered.counter == cut->counter;
  } else if (cut->send_mark && *cut->send_mark != ledger_.recovered().send_mark) {
    survived = recovered.send_mark == *cut->send_mark;
  } else if (!cut->tasks.empty()) {
    const TaskChange& last = cut->tasks.back();
    auto fetched = store_->fetch({{last.key, last.number}});
    const bool gone = last.kind == ChangeKind::kRemove || last.kind == ChangeKind::kForget;
    survived = gone ? !fetched.found[0] : fetched.found[0] && fetched.found[0]->state == last.state;
    // A task that is forgotten has had no definition for long; its state says more.
    if (last.kind == ChangeKind::kForget) survived = survived && !has_place(last.number);
  }
  trace_.note("the batch that was cut %s: counter %llu, its own %llu, before %llu",
              survived ? "survived" : "is lost", static_cast<unsigned long long>(recovered.counter),
              static_cast<unsigned long long>(cut->counter),
              static_cast<unsigned long long>(ledger_.recovered().counter));
  store_.reset();
  return survived;
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
  size_t expected = std::min<size_t>(task.runs.size(), list.limit);
  bool same = page.records.size() == expected;
  for (size_t i = 0; same && i < expected; ++i) {
    const RunRecord& a = page.records[i];
    const RunRecord& b = task.runs[task.runs.size() - 1 - i].second;
    same = a.key == b.key && a.state == b.state && a.due == b.due && a.last_due == b.last_due &&
           a.count == b.count && a.attempt == b.attempt && a.recorded == b.recorded &&
           a.possible_duplicate == b.possible_duplicate && a.outcome.result == b.outcome.result &&
           a.outcome.status == b.outcome.status;
  }
  if (!same) {
    trace_.fail(
        "C-1 the run log of task %llu is not what was acknowledged (%zu rows, expected %zu)",
        static_cast<unsigned long long>(task.number.value), page.records.size(), expected);
  }
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

// Everything acknowledged is in the file, and nothing else.
void RealDisk::compare() {
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
  if (live != stored.size()) trace_.fail("C-1 %zu tasks are stored, not %zu", stored.size(), live);
  if (store_->recovered().counter < ledger_.recovered().counter) {
    trace_.fail("C-3 the counter is back at an older figure");
  }
}

}  // namespace

std::unique_ptr<Disk> make_real_disk(const Ledger& ledger, Trace& trace, uint32_t shard,
                                     uint64_t seed) {
  return std::make_unique<RealDisk>(ledger, trace, shard, seed);
}

}  // namespace hourwheel
