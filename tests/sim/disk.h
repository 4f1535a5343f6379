// What outlives a shard's process: its stored tasks. Gives the store of each life and decides what
// a crash leaves.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "tests/sim/ledger.h"
#include "tests/sim/store_backend.h"

namespace hourwheel {

enum class StoreKind : uint8_t { kModel, kReal };

class Disk {
 public:
  virtual ~Disk() = default;
  // Opens the store for a new life; fails the trace if that cannot be done.
  virtual StoreBackend& open() = 0;
  virtual void close_clean() = 0;
  // The process is killed, or the power goes. `cut`: the batch whose commit was under way, if any;
  // true: it survived.
  enum class Crash : uint8_t { kKilled, kPowerCut };
  virtual bool crash(const Batch* cut, Crash how) = 0;
  // Somewhere in the work to come an operation fails, and perhaps all after it.
  virtual void arm_fault(Random& random) = 0;
  // Writes may add so many bytes; none: as many as they like.
  virtual void limit_space(std::optional<uint64_t> bytes) = 0;
  // Nothing fails any more, unless it already has.
  virtual void heal() = 0;
  // It has failed for good: the process must stop.
  [[nodiscard]] virtual bool died() = 0;
  // After a start: what is stored is what the ledger says.
  virtual void compare() = 0;
  struct Faults {               // so far
    uint64_t errors = 0;        // operations that failed, or found the disk full
    uint64_t reads = 0;         // of those: reads
    uint64_t lost_sectors = 0;  // by power cuts
    uint64_t starts_killed = 0;
    uint64_t starts_cut = 0;
  };
  [[nodiscard]] virtual Faults faults() const { return {}; }
};

std::unique_ptr<Disk> make_model_disk(const Ledger& ledger);
std::unique_ptr<Disk> make_real_disk(const Ledger& ledger, Trace& trace, uint32_t shard,
                                     uint64_t seed);

}  // namespace hourwheel
