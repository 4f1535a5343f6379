// The spread of H: which value a task takes where its cron expression says "any one will do". Drawn
// from the task's id, so that a thousand nightly tasks do not start in the same second, and so that
// one task keeps its time through restarts, moves and changes of anything but its id.
//
// Invariant
//   SP1  The draw depends on the seed, the draw's number and the bound alone. All are stored facts
//        or constants: never change this arithmetic, or tasks move.
// Cost: a few ns. Thread: pure functions, any thread.
#pragma once

#include <cstdint>

#include "engine/base/ids.h"
#include "engine/base/random.h"

namespace hourwheel {

// The default seed is that of a schedule without a task, such as in a preview without an id.
struct SpreadSeed {
  uint64_t value = 0;
  friend bool operator==(SpreadSeed, SpreadSeed) = default;
};

inline SpreadSeed spread_seed(TaskKey key) {
  return {Random(key.low ^ Random(key.high).next()).next()};
}

// Uniform in [0, bound). Draws with different numbers are independent of each other.
inline uint32_t spread(SpreadSeed seed, uint32_t number, uint32_t bound) {
  return static_cast<uint32_t>(Random(seed.value ^ Random(number).next()).below(bound));
}

}  // namespace hourwheel
