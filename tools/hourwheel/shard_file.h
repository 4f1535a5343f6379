// One shard's data file with its thread, wired to the reactor that owns the shard.
//
// C-22: when the file fails (a flush above all), nothing that follows can be trusted. The process
// ends at once, and the next start recovers from what is on the disk.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "net/mailbox.h"
#include "net/system_clock.h"
#include "store/layout.h"
#include "store/run_log.h"
#include "store/store_thread.h"
#include "tools/hourwheel/log.h"

namespace hourwheel {

inline constexpr int kStoreFailedExit = 70;

class ShardFile final : public StoreListener, public StoreClock {
 public:
  // They outlive it.
  struct Around {
    Doorbell& bell;  // of the reactor that owns the shard
    StorageRoom& room;
    Log& log;
  };
  static Result<std::unique_ptr<ShardFile>> open(const DataFolder& folder, uint32_t shard,
                                                 const RunLogLimits& limits, const Around& around);
  [[nodiscard]] StoreThread& thread() { return *thread_; }

  void on_results_ready() override { bell_.ring(); }
  void on_store_failed() override;
  void on_damage(const Error& first, uint64_t rows) override;
  [[nodiscard]] Instant now() const override { return SystemClock().now().utc; }
  [[nodiscard]] int64_t monotonic_us() const override { return SystemClock().monotonic_us(); }

 private:
  ShardFile(Doorbell& bell, Log& log, std::string path)
      : bell_(bell), log_(log), path_(std::move(path)) {}

  Doorbell& bell_;
  Log& log_;
  const std::string path_;
  std::unique_ptr<StoreThread> thread_;
};

}  // namespace hourwheel
