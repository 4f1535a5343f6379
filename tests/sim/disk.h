// What outlives a shard's process: its stored tasks. Gives the store of each life and decides what
// a crash leaves.
#pragma once

#include <cstdint>
#include <memory>

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
  // The power goes. `cut`: the batch whose commit was under way, if any; true: it survived.
  virtual bool crash(const Batch* cut) = 0;
  // From here on the store may break off in the middle of its work.
  virtual void arm_crash(Random& random) = 0;
  // Nothing breaks off any more, unless it already has.
  virtual void heal() = 0;
  // It has broken off.
  [[nodiscard]] virtual bool died() = 0;
  // After a start: what is stored is what the ledger says.
  virtual void compare() = 0;
};

std::unique_ptr<Disk> make_model_disk(const Ledger& ledger);
std::unique_ptr<Disk> make_real_disk(const Ledger& ledger, Trace& trace, uint32_t shard,
                                     uint64_t seed);

}  // namespace hourwheel
