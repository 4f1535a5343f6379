// All that a shard holds, as plain lists, for checkers that hold it against what they work out
// themselves (tests/sim/memory_check.h). Nothing in the server asks for it.
#pragma once

#include <optional>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/time.h"
#include "engine/message.h"
#include "engine/parking.h"

namespace hourwheel {

// Sizes of the queues. Cost: O(1).
struct ShardQueues {
  size_t tasks = 0;
  size_t dormant = 0;  // those in the wheel, and those waiting to be fetched
  size_t commands = 0;
  size_t queries = 0;
  size_t fetches = 0;
  size_t wanting = 0;  // definitions, or will be looked at and found gone
  size_t in_line = 0;
  size_t flights = 0;
  size_t places = 0;  // among the attempts in flight: theirs, and those of called tasks
  size_t claims = 0;
  size_t unkept = 0;
  size_t changes = 0;  // in the open batch
  size_t callbacks = 0;
  size_t keys = 0;  // under way
  size_t armed_bytes = 0;
  size_t run_payload_bytes = 0;
};

// Cost: a look at everything in memory and in the wheel.
struct ShardContents {
  struct Held {
    TaskNumber number;
    TaskKey key;
    std::optional<Instant> in_wheel;  // its live entry
    bool armed = false;
    size_t definition = 0;  // bytes, where they count as held for firing
    size_t payloads = 0;    // bytes of its runs' own payloads
    bool in_line = false;   // and nothing of it is being changed
    bool called = false;    // has a place and waits for its definition, or is to start with it
    bool lost = false;      // it is called, and nobody will come back to it
    bool has_open = false;  // runs, and all changes of it are durable
    bool stuck = false;     // commands wait for it, and it neither for a fetch nor for a commit
    bool at_rest = false;   // all of it is stored and durable, and it waits for nothing but a time
  };
  struct Dormant {
    TaskNumber number;
    Instant comes_out;
  };
  std::vector<Held> tasks;
  std::vector<Dormant> dormant;  // live entries of the wheel, by the cells
  std::vector<TaskNumber> stirred;
  std::vector<TaskNumber> unkept;
  Instant horizon;
  Instant latest;                    // that the wall clock has shown
  std::vector<ScanRequest> reading;  // what of the ranges below it is still to come
  std::vector<Parking::Range> parked;
  size_t cells = 0;
  size_t wheel_live = 0;     // entries that were not noted as stale
  bool looks_at_due = true;  // false: it drains, or commits do not come through
  bool heard_all = true;     // false: something that came has not been looked at
};

}  // namespace hourwheel
