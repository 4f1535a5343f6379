#include "tests/sim/exhaustive.h"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>

#include "engine/base/check.h"
#include "tests/sim/failing_memory.h"
#include "tests/sim/real_disk.h"
#include "tests/sim/recorded_workload.h"

namespace hourwheel {
namespace {

constexpr uint64_t kDiskSeed = 2;
constexpr uint64_t kSpaceStep = 4096;
constexpr uint64_t kMostPlaces = 100'000;  // of one kind: it has an end
constexpr uint64_t kMostFailures = 3;
// There are so many allocations that the workload goes on for this long only after one has failed.
constexpr size_t kBatchesAfterMemory = 5;

// One way in which the n-th of something goes wrong.
struct Kind {
  const char* name;
  enum class What : uint8_t { kDisk, kSpace, kMemory } what = What::kDisk;
  SimVfs::Fail fail = SimVfs::Fail::kOnce;
  SimVfs::FailedFlush flush = SimVfs::FailedFlush::kKept;
  Disk::Crash then = Disk::Crash::kKilled;
};
using enum SimVfs::Fail;
using enum SimVfs::FailedFlush;
using enum Disk::Crash;
constexpr Kind kKinds[] = {
    {"an operation fails", Kind::What::kDisk, kOnce, kKept, kKilled},
    {"an operation fails, the pages of a flush are dropped", Kind::What::kDisk, kOnce, kDropped,
     kKilled},
    {"an operation fails, then the power goes", Kind::What::kDisk, kOnce, kKept, kPowerCut},
    {"killed", Kind::What::kDisk, kForGood, kKept, kKilled},
    {"the power goes", Kind::What::kDisk, kForGood, kKept, kPowerCut},
    {"the disk is full", Kind::What::kSpace, kOnce, kKept, kKilled},
    {"an allocation fails", Kind::What::kMemory, kOnce, kKept, kKilled},
    {"allocations fail", Kind::What::kMemory, kForGood, kKept, kPowerCut},
};

// The workload on a disk of its own, with one fault in it.
class Passage {
 public:
  Passage(const Recording& workload, const Kind& kind, uint64_t place)
      : workload_(workload), kind_(kind) {
    trace_.at(workload.front().now);
    arm(place);
  }
  ~Passage() { failing_memory::stop(); }
  Passage(const Passage&) = delete;
  Passage& operator=(const Passage&) = delete;

  // False: the fault did not strike, so there are no more places of this kind.
  bool run() {
    if (!disk_.try_open() || disk_.died()) reopen();
    for (const RecordedBatch& recorded : workload_) {
      if (trace_.failed() || is_over()) break;
      trace_.at(recorded.now);
      commit(*recorded.batch);
      if (!look_around(recorded) || disk_.died()) reopen();
    }
    const bool struck = struck_ || has_struck();
    reopen_after(kPowerCut);
    disk_.close_clean();
    disk_.open();
    disk_.compare();
    return struck;
  }
  [[nodiscard]] const Trace& trace() const { return trace_; }

 private:
  void arm(uint64_t place) {
    switch (kind_.what) {
      case Kind::What::kDisk:
        return disk_.vfs().fail(place, kind_.fail, kind_.flush);
      case Kind::What::kSpace:
        return disk_.limit_space(place * kSpaceStep);
      case Kind::What::kMemory:
        return failing_memory::fail(place, kind_.fail == kForGood);
    }
  }
  [[nodiscard]] bool has_struck() {
    if (kind_.what == Kind::What::kMemory) return failing_memory::struck();
    return kind_.what == Kind::What::kSpace ? disk_.vfs().counts().full > 0 : disk_.vfs().struck();
  }

  [[nodiscard]] bool is_over() {
    if (kind_.what != Kind::What::kMemory) return false;
    struck_ = struck_ || has_struck();
    return struck_ && ++batches_after_ > kBatchesAfterMemory;
  }

  void reopen() { reopen_after(kind_.then); }
  // There was one fault, and it is over.
  void reopen_after(Disk::Crash how) {
    struck_ = struck_ || has_struck();
    failing_memory::stop();
    disk_.stop(how);
    disk_.open();
    disk_.compare();
  }

  void commit(const Batch& batch) {
    Status done = disk_.store().commit(batch);
    if (!done && done.error().code == ErrorCode::kStorageLow) {
      disk_.compare_contents();  // what is not durable is not shown
      disk_.limit_space(std::nullopt);
      done = disk_.store().commit(batch);
      if (!done) trace_.fail("C-21 a batch does not go when there is space again");
    }
    if (!done) done = commit_in_another_life(batch);
    if (done) ledger_.apply(batch);
  }

  // After a failed commit: it is there, or it is not and goes now.
  Status commit_in_another_life(const Batch& batch) {
    struck_ = struck_ || has_struck();
    failing_memory::stop();
    const bool survived = disk_.crash(&batch, kind_.then);
    disk_.open();
    if (survived) return {};
    disk_.compare();
    Status done = disk_.store().commit(batch);
    if (!done) trace_.fail("C-22 a batch does not go after the start that followed its failure");
    return done;
  }

  // False: the process would have to stop.
  bool look_around(const RecordedBatch& recorded) {
    const size_t step = step_++;
    if (!disk_.store().background(recorded.now)) return false;
    if (step % 3 == 0) {
      ScanRequest all;
      all.from = Instant{INT64_MIN / 2};
      all.to = Instant{INT64_MAX / 2};
      return disk_.store().scan(all).has_value();
    }
    if (recorded.batch->tasks.empty()) return true;
    const TaskChange& change = recorded.batch->tasks.back();
    if (step % 3 == 1) {
      check_fetched(disk_.store().fetch({{change.key, {}}}));
    } else {
      ListRuns runs;
      runs.key = change.key;
      static_cast<void>(disk_.store().query(runs));  // right or an error: compare() looks closer
    }
    return true;
  }

  // Right, or an error: never another answer.
  void check_fetched(const Fetched& fetched) {
    const auto& found = fetched.found.front();
    const Ledger::Task* live = ledger_.live(fetched.asked.front().key);
    if (!found) {
      const bool gone = found.error().code == ErrorCode::kNotFound;
      if (gone && live != nullptr) trace_.fail("C-1 a stored task is said not to be there");
      return;
    }
    if (live == nullptr || !(found->state == live->state) || !(found->spec == live->spec)) {
      trace_.fail("C-1 a task is read as it is not");
    }
  }

  const Recording& workload_;
  const Kind& kind_;
  Trace trace_{Trace::Show::kNothing};
  Ledger ledger_{trace_};
  RealDisk disk_{ledger_, trace_, 0, kDiskSeed};
  size_t step_ = 0;
  size_t batches_after_ = 0;
  bool struck_ = false;
};

}  // namespace

ExhaustiveSum run_exhaustive(const ExhaustiveShare& share) {
  const Recording workload = record_workload();
  ExhaustiveSum sum;
  for (const Kind& kind : kKinds) {
    uint64_t places = 0;
    for (uint64_t place = share.share; place < kMostPlaces; place += share.processes) {
      Passage passage(workload, kind, place);
      const bool struck = passage.run();
      if (passage.trace().failed()) {
        std::printf("%s at %llu\n  %s\n", kind.name, shown(place),
                    passage.trace().failure().c_str());
        passage.trace().print_last(10);
        if (++sum.failed == kMostFailures) return sum;
      }
      if (!struck) break;
      ++places;
    }
    std::printf("%s: %llu places\n", kind.name, shown(places));
    sum.places += places;
  }
  return sum;
}

}  // namespace hourwheel
