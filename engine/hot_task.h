// A task in memory: because it is due soon, because a command waits for it, because a change of it
// is not durable yet, or because an attempt of it is in flight.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "engine/base/slab.h"
#include "engine/message.h"
#include "engine/schedule/schedule.h"
#include "engine/task.h"
#include "engine/url.h"

namespace hourwheel {

// What firing needs and a far-off task does not keep: the definition, ready to use.
struct Armed {
  TaskSpec spec;
  Schedule schedule;
  Destination destination;  // of an HTTP target
  size_t bytes = 0;
};

// A command that waits until the task it is about has been read from the store.
struct WaitingCommand {
  SlabHandle request;  // of the request's pending answers
  uint32_t index = 0;  // its place in the request
  Command command;
  bool looked_up = false;  // needs_letter: its dead letter has just been asked for
  bool recalled = false;   // what is kept under its key has been asked for
};

struct HotTask {
  SlabHandle self;
  TaskKey key;
  TaskNumber number;
  TaskState state;               // as decided; durable once `dirty` is
  std::unique_ptr<Armed> armed;  // null: must be fetched before it can fire
  std::vector<WaitingCommand> waiting;
  size_t payloads_counted = 0;  // bytes of its runs' own payloads that count (RP3)
  uint64_t dirty = 0;    // the last batch with a change of it; until durable it stays in memory
  uint64_t held = 0;     // the last batch that changed its definition; until durable nothing starts
  Instant wheel_due;     // of its live entry in the wheel, if in_wheel
  uint32_t flights = 0;  // attempts in flight
  std::optional<Destination> called_by;  // has a place there until it starts
  size_t armed_counted = 0;              // bytes of its definition that count as held for firing
  bool unstored = false;  // runs were opened since its last change, and nothing of them stored
  bool in_wheel = false;
  bool in_line = false;      // waits in the admission's line
  bool fetching = false;     // a fetch of it is under way
  bool wanting = false;      // has to be fetched when there is memory for it
  bool quarantined = false;  // its stored definition cannot be used; it does not fire (C-23)
  bool known = false;   // state holds what is stored or decided; false: only asked about so far
  bool exists = false;  // false and known: deleted, or never was
  // As what it counts with the last change of it, durable or not; none: it does not (SC1).
  std::optional<TaskStatus> counted{};
};

}  // namespace hourwheel
