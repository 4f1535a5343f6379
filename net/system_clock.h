// The only reader of time in the server. Everybody else is told: the reactor reads once a turn and
// hands the value down; the engine never sees a clock (S5).
//
// Cost: two calls into the vDSO, about 50 ns. Thread: any; it has no state.
#pragma once

#include <cstdint>

#include "engine/base/time.h"

namespace hourwheel {

class SystemClock {
 public:
  // Both clocks, rounded down: an instant is reached when utc shows it, never before (C-4). The
  // monotonic one goes on while the machine is suspended, so that a suspend is no step (C-20).
  [[nodiscard]] Now now() const;
  // The wall clock in microseconds since 1970, for lateness finer than a millisecond.
  [[nodiscard]] int64_t precise_us() const;
  // The monotonic clock in microseconds, for how long something took.
  [[nodiscard]] int64_t monotonic_us() const;
  // CPU time this thread has used, in microseconds; a system call, so once a turn.
  [[nodiscard]] int64_t thread_cpu_us() const;
};

}  // namespace hourwheel
