// What an attempt did on the wire: whom it spoke to, and how long that took by phases.
//
// Invariants
//   AW1  A phase has a time only if it came to its end within this attempt: a connection that was
//        kept from an earlier one was neither made nor secured by it.
//   AW2  Without an address there is nothing else: no connection was tried, or a crash has lost
//        what there was.
// Cost: 32 bytes and no allocation, because an attempt's end stands in bounded queues, and a run
// keeps it in memory while its target goes on by itself. Thread: values.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "engine/base/time.h"

namespace hourwheel {

// How long a phase took, in 4 bytes; made of nothing: it did not come to its end.
class PhaseTime {
 public:
  constexpr PhaseTime() = default;
  // By the monotonic clock. 49 days, which no time-out allows, are the most it tells.
  constexpr explicit PhaseTime(Duration took)
      : ms_(static_cast<uint32_t>(std::clamp<int64_t>(took.ms, 0, kNone - 1))) {}
  [[nodiscard]] constexpr std::optional<Duration> took() const {
    if (ms_ == kNone) return std::nullopt;
    return Duration{ms_};
  }
  friend constexpr bool operator==(PhaseTime, PhaseTime) = default;

 private:
  static constexpr int64_t kNone = UINT32_MAX;
  uint32_t ms_ = UINT32_MAX;
};

enum class RemoteKind : uint8_t { kNone = 0, kV4 = 4, kV6 = 6 };

struct AttemptWire {
  RemoteKind remote = RemoteKind::kNone;  // AW2
  bool reused = false;                    // the connection was there before the attempt
  uint16_t port = 0;
  // In network order; IPv4 uses the first four. The one connected to, or the last one tried.
  std::array<uint8_t, 16> address{};
  PhaseTime connect;     // from the first address that was tried on
  PhaseTime tls;         // the handshake
  PhaseTime first_byte;  // of the response, from when the request was handed over

  [[nodiscard]] bool is_sound() const {  // AW1, AW2
    const bool made = connect.took() || tls.took();
    const bool any = made || reused || first_byte.took();
    return !(made && reused) && (!any || remote != RemoteKind::kNone);
  }
  friend bool operator==(const AttemptWire&, const AttemptWire&) = default;
};
static_assert(sizeof(AttemptWire) == 32);

}  // namespace hourwheel
