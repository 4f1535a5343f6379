// Pauses of many tasks at once (C-15): of all tasks that carry some labels, or of the whole
// scheduler. They are a short table, not a mark on tasks: nothing is written for a task while it is
// paused, and the table is looked at when a task is about to start.
//
//   Z1  A task is held from `since` to the pause's end, which is when somebody ended it or `until`,
//       whichever came first.
//   Z2  An ended pause stays in the table for kPauseKept, because a task that slept through it may
//       be read later, even after a restart; then the reason of its skips is still known.
// A pause is told to every shard by replacing the whole table (PauseTable, engine/system_desk.h).
// Cost: nothing without pauses; else a comparison of labels for each pause in force, once a start.
// Thread: its owner's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/answer.h"
#include "engine/task.h"

namespace hourwheel {

struct GlobalPause {
  uint64_t id = 0;                // given out once, ascending
  std::vector<NamedText> labels;  // all must be there, sorted; empty: the whole scheduler
  std::string reason;
  Instant since;
  std::optional<Instant> until;
  std::optional<Instant> ended;                 // by somebody
  std::optional<IdempotencyKey> idempotency{};  // under which it was begun
  friend bool operator==(const GlobalPause&, const GlobalPause&) = default;

  [[nodiscard]] bool selects(const std::vector<NamedText>& of_task) const;
  // When it ended or will end; none: nobody knows yet.
  [[nodiscard]] std::optional<Instant> end() const;
  [[nodiscard]] bool in_force(Instant now) const;
};

// All pauses as of one change.
struct PauseTable {
  uint64_t version = 0;  // grows with each change within one life of the server
  std::vector<GlobalPause> pauses;
};

class Pauses {
 public:
  void replace(PauseTable table);
  [[nodiscard]] uint64_t version() const { return version_; }

  // The pause that keeps a task with these labels from starting; null: none does.
  [[nodiscard]] const GlobalPause* holding(const std::vector<NamedText>& labels, Instant now) const;
  // One that holds every task, whatever its labels.
  [[nodiscard]] const GlobalPause* holding_all(Instant now) const;
  // The pause of this id is in force.
  [[nodiscard]] bool in_force(uint64_t id, Instant now) const;
  // All of those that are, oldest first.
  [[nodiscard]] std::vector<const GlobalPause*> all_in_force(Instant now) const;
  // When the pause of this id ends by itself.
  [[nodiscard]] std::optional<Instant> until(uint64_t id) const;
  // The pause, in force or over, that held a task with these labels at that instant; null: none
  // that is still known.
  [[nodiscard]] const GlobalPause* held_at(const std::vector<NamedText>& labels, Instant t) const;
  // A due instant that is only seen now, while nothing holds its task any more, was held by some
  // pause in between: when the last of those ended. None: it was not held.
  [[nodiscard]] std::optional<Instant> slept_until(const std::vector<NamedText>& labels,
                                                   Instant due, Instant now) const;

 private:
  uint64_t version_ = 0;
  std::vector<GlobalPause> open_;  // not ended by anybody; `until` may have passed
  std::vector<GlobalPause> over_;
  Instant last_end_{INT64_MIN};  // of those that have one
};

}  // namespace hourwheel
