// The one place that begins and ends global pauses (C-15, S7): writes the change, has it told to
// everybody who starts attempts, and answers when all of them have confirmed.
//
//   Q1  A change is told only when it is durable, so that what holds now also holds after a crash.
//   Q2  An answer leaves only when every place has confirmed a table that has the change: no
//       attempt of a selected task starts after the acknowledgement.
//   Q3  One table is under way at a time; what is asked meanwhile goes with the next.
//   Q4  At most kMaxPausesInForce pauses hold at once (a further one is refused), and at most
//       kMaxPausesKept are remembered (the one that ended first is forgotten).
// Thread: one; it may block for a flush.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "engine/message.h"
#include "engine/ports.h"

namespace hourwheel {

// What is remembered of the pauses of former lives.
struct StoredPauses {
  std::vector<GlobalPause> pauses;
  uint64_t last_id = 0;
};

class PauseDesk {
 public:
  // `places` tell attempts to start: each confirms every table. The table of version 1 is what they
  // begin with.
  PauseDesk(PauseFile& file, StoredPauses stored, size_t places, Instant now);

  [[nodiscard]] PauseTable table() const { return {version_, pauses_}; }

  void ask(PauseRequest request) { asked_.push_back(std::move(request)); }
  // Carries out what was asked, if no table is under way; the table that all places must get now,
  // if there is one. Refusals are answered at once.
  std::optional<PauseTable> turn(Instant now, ReplyDoor& door);
  void confirmed(size_t place, uint64_t version, ReplyDoor& door);
  [[nodiscard]] bool idle() const { return asked_.empty() && held_.empty(); }

 private:
  Result<PausesChanged> begin(GlobalPause pause, Instant now);
  Result<PausesChanged> end(uint64_t id, Instant now);
  Result<PausesChanged> end_all(Instant now);
  Result<PausesChanged> carry_out(PauseRequest& request, Instant now);
  Status forget_old(Instant now);
  [[nodiscard]] bool all_confirmed() const;
  void answer_held(ReplyDoor& door);

  PauseFile& file_;
  std::vector<GlobalPause> pauses_;  // ascending by id
  uint64_t last_id_;
  uint64_t version_ = 1;
  bool changed_ = false;             // since that version
  std::vector<uint64_t> confirmed_;  // by place
  std::deque<PauseRequest> asked_;   // bounded by the credits of those who ask
  std::vector<Reply> held_;          // rest on version_
};

}  // namespace hourwheel
