// The global pauses of a server (C-15): begins and ends them, and writes each change before anybody
// is told.
//
//   PB1  What is in the book is in the file.
//   PB2  At most kMaxPausesInForce pauses hold at once (a further one is refused), and at most
//        kMaxPausesKept are remembered (the one that ended first is forgotten).
//   PB3  A pause begun under an Idempotency-Key is the answer that is kept under it: in its row it
//        is as durable as the pause (AK2), and it is not forgotten before the key is (AK4). At most
//        kMaxKeyedPauses; a further one is refused.
// Cost: a flush for each change. Thread: the system desk's.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "engine/message.h"
#include "engine/ports.h"

namespace hourwheel {

// What is remembered of the pauses of former lives.
struct StoredPauses {
  std::vector<GlobalPause> pauses;
  uint64_t last_id = 0;
};

class PauseBook {
 public:
  PauseBook(PauseFile& file, StoredPauses stored, Instant now);

  // Ascending by id.
  [[nodiscard]] const std::vector<GlobalPause>& pauses() const { return pauses_; }

  // Whether anything was changed since it was last asked, also by what failed half-way.
  [[nodiscard]] bool take_changed() { return std::exchange(changed_, false); }

  // kNotFound, kStateConflict, or what the file says.
  Result<PausesChanged> carry_out(PauseRequest& request, Instant now);

 private:
  Result<PausesChanged> begin(PauseRequest& request, Instant now);
  [[nodiscard]] Status check_room(const GlobalPause& pause, Instant now) const;
  [[nodiscard]] Result<const GlobalPause*> begun_under(const IdempotencyKey& key,
                                                       Instant now) const;
  Result<PausesChanged> end(uint64_t id, const Actor& actor, Instant now);
  Result<PausesChanged> end_all(const Actor& actor, Instant now);
  Status forget_old(Instant now);

  PauseFile& file_;
  std::vector<GlobalPause> pauses_;
  uint64_t last_id_;
  bool changed_ = false;
};

}  // namespace hourwheel
