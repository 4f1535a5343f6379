// Commits of creates and of fires beside their floor, raw appends of as many bytes with a flush;
// and what a million tasks that wait cost on disk and at a restart. Figures of CPU are of the
// thread that commits; the fold they cause later is part of them (background() runs within the
// loop).
#include "store/shard_store.h"

#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <unistd.h>

#include <ctime>
#include <filesystem>

#include "engine/base/random.h"

namespace hourwheel {
namespace {

constexpr Instant kNow{1'800'000'000'000};
constexpr int64_t kMonthMs = int64_t{30} * 24 * 3'600'000;

class BenchFolder {
 public:
  BenchFolder() {
    // Beside the program: on the disk of the build, and never among the sources.
    auto program = std::filesystem::read_symlink("/proc/self/exe");
    std::string pattern = (program.parent_path() / "store-bench-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~BenchFolder() { std::filesystem::remove_all(path_); }
  BenchFolder(const BenchFolder&) = delete;
  BenchFolder& operator=(const BenchFolder&) = delete;
  [[nodiscard]] std::string file() const { return path_ + "/shard-000.db"; }

 private:
  std::string path_;
};

std::unique_ptr<ShardStore> open_store(const BenchFolder& folder) {
  ShardStoreOptions options;
  options.path = folder.file();
  auto store = ShardStore::open(options);
  return store ? std::move(*store) : nullptr;
}

TaskKey key_of(uint64_t number) {
  // As of generated ids: they ascend.
  return {(number << 16) | 0x7000, number * 0x9e3779b97f4a7c15};
}

TaskChange create(uint64_t number, Random& random) {
  TaskChange change;
  change.kind = ChangeKind::kCreate;
  change.number = {number};
  change.key = key_of(number);
  change.spec = std::make_unique<TaskSpec>();
  change.spec->id = "tsk_" + base32(change.key);
  change.spec->target.kind = TargetKind::kHttp;
  change.spec->target.url = "http://127.0.0.1:9090/hook";
  change.spec->payload_kind = PayloadKind::kJson;
  change.spec->payload = std::string(100, 'p');
  change.state.version = {number};
  change.state.generation = {number};
  change.state.created = change.state.updated = kNow;
  Instant due{kNow.ms + static_cast<int64_t>(random.below(static_cast<uint64_t>(kMonthMs)))};
  change.spec->schedule.at = due;
  change.spec->schedule.source = "2027-01-15T08:00:00.000Z";
  change.state.next_due = due;
  return change;
}

Batch creates(uint64_t first, uint64_t count, Random& random) {
  Batch batch;
  for (uint64_t i = 0; i < count; i++) batch.tasks.push_back(create(first + i, random));
  batch.counter = first + count - 1;
  return batch;
}

// The firing of `count` random ones of `tasks` recurring tasks.
Batch fires(uint64_t tasks, uint64_t count, int64_t now_ms, Random& random) {
  Batch batch;
  batch.counter = tasks;
  for (uint64_t i = 0; i < count; i++) {
    uint64_t number = 1 + random.below(tasks);
    RunRecord record;
    record.task = {number};
    record.task_version = {number};
    record.key = {{number}, Trigger::kSchedule, now_ms};
    record.state = RunState::kSucceeded;
    record.due = record.last_due = {now_ms};
    record.attempt = 1;
    record.recorded = {now_ms + 3};
    record.outcome.result = AttemptResult::kResponded;
    record.outcome.sent = true;
    record.outcome.status = 200;
    record.outcome.started = {now_ms};
    record.outcome.ended = {now_ms + 3};
    TaskChange change;
    change.kind = ChangeKind::kState;
    change.number = {number};
    change.key = key_of(number);
    change.state.version = {number};
    change.state.generation = {number};
    change.state.created = change.state.updated = kNow;
    change.state.next_due = Instant{now_ms + 60'000};
    change.state.counts.succeeded = 1;
    change.state.last_run = {record.key, record.state, record.due, record.recorded, {3}};
    batch.tasks.push_back(std::move(change));
    batch.records.push_back(std::move(record));
  }
  return batch;
}

double cpu_us() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

// Commits, and in between what the store's thread does in between.
void commit_and_keep_up(benchmark::State& state, ShardStore& store, const Batch& batch) {
  if (!store.commit(batch)) state.SkipWithError("commit failed");
  auto more = store.background(kNow);
  if (!more) state.SkipWithError("fold failed");
  if (store.checkpoint_due() && !store.checkpoint()) state.SkipWithError("checkpoint failed");
}

// The rest of the fold belongs to the price.
void finish(ShardStore& store) {
  benchmark::DoNotOptimize(store.close_clean().has_value());
}

void BM_CommitCreates(benchmark::State& state) {
  BenchFolder folder;
  auto store = open_store(folder);
  Random random(1);
  auto count = static_cast<uint64_t>(state.range(0));
  uint64_t next = 1;
  double cpu = 0;
  for (auto _ : state) {
    state.PauseTiming();
    Batch batch = creates(next, count, random);
    next += count;
    double began = cpu_us();
    state.ResumeTiming();
    commit_and_keep_up(state, *store, batch);
    cpu += cpu_us() - began;
  }
  double began = cpu_us();
  finish(*store);
  cpu += cpu_us() - began;
  state.SetItemsProcessed(static_cast<int64_t>(next - 1));
  state.counters["cpu_us_row"] = cpu / static_cast<double>(next - 1);
}
BENCHMARK(BM_CommitCreates)->Arg(1)->Iterations(2'000)->UseRealTime();
BENCHMARK(BM_CommitCreates)->Arg(10)->Iterations(2'000)->UseRealTime();
BENCHMARK(BM_CommitCreates)->Arg(100)->Iterations(1'000)->UseRealTime();
BENCHMARK(BM_CommitCreates)->Arg(1'000)->Iterations(300)->UseRealTime();

void BM_CommitFires(benchmark::State& state) {
  constexpr uint64_t kTasks = 200'000;
  BenchFolder folder;
  auto store = open_store(folder);
  Random random(2);
  for (uint64_t first = 1; first <= kTasks; first += 1'000) {
    commit_and_keep_up(state, *store, creates(first, 1'000, random));
  }
  finish(*store);
  auto count = static_cast<uint64_t>(state.range(0));
  int64_t now_ms = kNow.ms;
  uint64_t rows = 0;
  double cpu = 0;
  for (auto _ : state) {
    state.PauseTiming();
    Batch batch = fires(kTasks, count, now_ms++, random);
    double began = cpu_us();
    state.ResumeTiming();
    if (!store->commit(batch)) state.SkipWithError("commit failed");
    if (store->checkpoint_due() && !store->checkpoint()) state.SkipWithError("checkpoint failed");
    cpu += cpu_us() - began;
    rows += count;
  }
  double began = cpu_us();
  finish(*store);
  double folding = cpu_us() - began;
  state.SetItemsProcessed(static_cast<int64_t>(rows));
  state.counters["cpu_us_row"] = cpu / static_cast<double>(rows);
  state.counters["fold_us_row"] = folding / static_cast<double>(rows);
}
BENCHMARK(BM_CommitFires)->Arg(1'000)->Iterations(50)->UseRealTime();
BENCHMARK(BM_CommitFires)->Arg(1'000)->Iterations(400)->UseRealTime();

// The floor: as many bytes appended to a file and flushed.
void BM_FloorAppendAndFlush(benchmark::State& state) {
  BenchFolder folder;
  int file = ::open(folder.file().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  auto count = static_cast<uint64_t>(state.range(0));
  std::string row(300, 'r');
  double began = cpu_us();
  for (auto _ : state) {
    std::string bytes;
    for (uint64_t i = 0; i < count; i++) bytes += row;
    bool ok = ::write(file, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size());
    if (!ok || ::fdatasync(file) != 0) state.SkipWithError("append failed");
  }
  double rows = static_cast<double>(count) * static_cast<double>(state.iterations());
  state.SetItemsProcessed(static_cast<int64_t>(rows));
  state.counters["cpu_us_row"] = (cpu_us() - began) / rows;
  ::close(file);
}
BENCHMARK(BM_FloorAppendAndFlush)->Arg(1)->Iterations(2'000)->UseRealTime();
BENCHMARK(BM_FloorAppendAndFlush)->Arg(10)->Iterations(2'000)->UseRealTime();
BENCHMARK(BM_FloorAppendAndFlush)->Arg(100)->Iterations(1'000)->UseRealTime();
BENCHMARK(BM_FloorAppendAndFlush)->Arg(1'000)->Iterations(300)->UseRealTime();

// Opens a file with so many tasks that wait, left as a kill would leave it: no clean stop, the
// overlay as full as background work alone lets it be.
void BM_OpenAfterAKill(benchmark::State& state) {
  auto tasks = static_cast<uint64_t>(state.range(0));
  BenchFolder folder;
  Random random(3);
  {
    auto store = open_store(folder);
    for (uint64_t first = 1; first <= tasks; first += 1'000) {
      commit_and_keep_up(state, *store, creates(first, 1'000, random));
    }
    for (uint64_t i = 0; i < 16; i++) {
      commit_and_keep_up(state, *store, fires(tasks, 1'000, kNow.ms, random));
    }
    state.counters["bytes_task"] =
        static_cast<double>(store->metrics().file_bytes.value()) / static_cast<double>(tasks);
    state.counters["overlay"] = static_cast<double>(store->metrics().fold_lag_tasks.value());
  }
  for (auto _ : state) {
    auto store = open_store(folder);
    if (!store) state.SkipWithError("open failed");
    auto page = store->scan({kNow, kNow + minutes(20), 0, {}, kScanPage});
    benchmark::DoNotOptimize(page);
    state.PauseTiming();
    store.reset();
    state.ResumeTiming();
  }
}
BENCHMARK(BM_OpenAfterAKill)
    ->Arg(1'000'000)
    ->Iterations(3)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace hourwheel
