// What an attempt in the simulator did on the wire: a function of its identity, so that whoever
// sees a record of it knows what it must say. Thread: a value.
#pragma once

#include "engine/attempt_wire.h"
#include "engine/run.h"

namespace hourwheel {

inline AttemptWire sim_wire(const RunKey& run, uint32_t attempt) {
  const uint64_t seed = static_cast<uint64_t>(run.instant_or_nonce) + attempt;
  const auto time = [seed](uint64_t below) {
    return PhaseTime(milliseconds(static_cast<int64_t>(seed % below)));
  };
  AttemptWire wire;
  const bool v4 = seed % 2 == 0;
  wire.remote = v4 ? RemoteKind::kV4 : RemoteKind::kV6;
  wire.reused = seed % 3 == 0;
  wire.port = static_cast<uint16_t>(seed);
  wire.address = {10, 1, 2, static_cast<uint8_t>(seed)};
  if (!v4) wire.address.back() = 1;
  if (!wire.reused) wire.connect = time(7);
  if (!wire.reused && seed % 5 != 0) wire.tls = time(50);
  wire.first_byte = time(1'000);
  return wire;
}

}  // namespace hourwheel
