// A fixed workload of the store, run once for every place at which something can fail: each
// operation of the disk, each allocation of SQLite, each few kilobytes of space. After a fault the
// file must open and hold what was acknowledged; the workload then goes on to its end, the power
// goes, and it must hold all of it.
//
// The workload is what a shard commits in a small world without faults, recorded, with reads and
// background work in between. Cost: some milliseconds a place. Thread: one.
#pragma once

#include <cstdint>
#include <string>

namespace hourwheel {

struct ExhaustiveShare {
  uint64_t processes = 1;
  uint64_t share = 0;  // of the places: every processes-th, beginning with this
};

struct ExhaustiveSum {
  uint64_t places = 0;
  uint64_t failed = 0;
};

// Prints each place at which a promise was broken, and stops after the first few.
ExhaustiveSum run_exhaustive(const ExhaustiveShare& share);

}  // namespace hourwheel
