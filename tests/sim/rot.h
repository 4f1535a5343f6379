// Damage at rest (C-23): the files that a fixed workload leaves, after a stop or a kill, get one
// bit turned over, a sector of zeros, or one from elsewhere, and are opened and read.
//
// Invariants
//   D1  What is read was stored, or is an error.
//   D2  What is missing, or was stored before what is missing, is known to be: the file does not
//       open, a read says so, the store has met damage, or the check of the folder (`hourwheel db
//       check`) finds some.
// Cost: some 30 ms a damage, most of it flushes of a real disk. Thread: one.
#pragma once

#include <cstdint>

namespace hourwheel {

struct RotShare {
  uint64_t from = 1;  // each damage is drawn from a seed of its own, these ascending
  uint64_t count = 0;
  uint64_t processes = 1;
  uint64_t share = 0;  // of so many processes
};

struct RotSum {
  uint64_t harmless = 0;  // bytes that nobody reads
  uint64_t refused = 0;   // the file does not open
  uint64_t named = 0;     // something of it is missing or cannot be read, and known to be
  uint64_t torn = 0;      // of the log's last commit or so, which a power cut could have torn (C-1)
  uint64_t failed = 0;
};

// Prints what breaks an invariant, with the options that repeat it.
RotSum run_rot(const RotShare& share);

}  // namespace hourwheel
