// The real store over the simulated disk, held against the ledger after every crash.
//
// Thread: one world's.
#pragma once

#include <memory>
#include <optional>

#include "store/shard_store.h"
#include "tests/sim/disk.h"
#include "tests/sim/sim_vfs.h"

namespace hourwheel {

class RealStore : public StoreBackend {
 public:
  explicit RealStore(std::unique_ptr<ShardStore> store) : store_(std::move(store)) {}

  RecoveredShard recovered() override { return store_->recovered(); }
  Status commit(const Batch& batch) override;
  Fetched fetch(std::vector<FetchOne> asked) override { return store_->fetch(std::move(asked)); }
  Result<Scanned> scan(const ScanRequest& range) override { return store_->scan(range); }
  Result<QueryAnswer> query(const Query& query) override;
  Status background(Instant now) override;
  ShardStore& store() { return *store_; }

 private:
  std::unique_ptr<ShardStore> store_;
  uint64_t quanta_ = 0;  // of background work
};

class RealDisk : public Disk {
 public:
  RealDisk(const Ledger& ledger, Trace& trace, uint32_t shard, uint64_t seed);

  StoreBackend& open() override;
  void close_clean() override;
  bool crash(const Batch* cut, Crash how) override;
  void compare() override;
  // The same at any time, not only after a start.
  void compare_contents();
  void arm_fault(Random& random) override;
  void limit_space(std::optional<uint64_t> bytes) override { vfs_.limit_space(bytes); }
  void heal() override;
  [[nodiscard]] bool died() override { return vfs_.died(); }
  [[nodiscard]] Faults faults() const override;

  // --- for those who place the fault themselves ---
  // The file as it is, with whatever fault strikes; what open() does without one.
  Status try_open();
  // The process ends without a word.
  void stop(Crash how);
  [[nodiscard]] SimVfs& vfs() { return vfs_; }
  [[nodiscard]] RealStore& store() { return *store_; }

 private:
  void must_open();
  [[nodiscard]] bool survived(const Batch& cut);
  [[nodiscard]] bool is_kept(const KeptAnswer& answer);
  [[nodiscard]] bool is_newest(const AuditEntry& entry);
  [[nodiscard]] std::optional<TaskState> indexed(TaskNumber number);
  void compare_runs(const Ledger::Task& task);
  void compare_letters();
  void compare_answers();
  void compare_audit();

  const Ledger& ledger_;
  Trace& trace_;
  uint32_t shard_;
  Random random_;
  SimVfs vfs_;
  FoldLimits fold_;
  size_t cache_bytes_ = size_t{1} << 20;
  bool starts_fail_ = false;  // some do
  Faults starts_;
  std::unique_ptr<RealStore> store_;
};

}  // namespace hourwheel
