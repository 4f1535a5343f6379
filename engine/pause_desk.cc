#include "engine/pause_desk.h"

#include <algorithm>
#include <string>
#include <utility>

#include "engine/base/check.h"
#include "engine/limits.h"

namespace hourwheel {

PauseDesk::PauseDesk(PauseFile& file, StoredPauses stored, size_t places, Instant now)
    : file_(file),
      pauses_(std::move(stored.pauses)),
      last_id_(stored.last_id),
      confirmed_(places, 1) {
  // Nothing rests on it: what cannot be removed now goes with a later change.
  static_cast<void>(forget_old(now));
}

std::optional<PauseTable> PauseDesk::turn(Instant now, ReplyDoor& door) {
  if (asked_.empty() || !all_confirmed()) return std::nullopt;  // Q3
  HW_CHECK(held_.empty(), "Q2 what all have confirmed is answered");
  while (!asked_.empty()) {
    PauseRequest request = std::move(asked_.front());
    asked_.pop_front();
    auto done = carry_out(request, now);
    if (!done) {
      door.reply({request.token, Result<QueryAnswer>(failure(std::move(done.error())))});
      continue;
    }
    Reply& reply = held_.emplace_back();
    reply.token = request.token;
    reply.body.emplace<Result<QueryAnswer>>(QueryAnswer(std::move(*done)));
  }
  if (!changed_) {
    answer_held(door);  // there was nothing to end
    return std::nullopt;
  }
  changed_ = false;
  ++version_;
  return table();
}

void PauseDesk::confirmed(size_t place, uint64_t version, ReplyDoor& door) {
  confirmed_[place] = std::max(confirmed_[place], version);
  if (all_confirmed()) answer_held(door);  // Q2
}

void PauseDesk::answer_held(ReplyDoor& door) {
  for (Reply& reply : held_) door.reply(std::move(reply));
  held_.clear();
}

bool PauseDesk::all_confirmed() const {
  return std::all_of(confirmed_.begin(), confirmed_.end(),
                     [this](uint64_t version) { return version == version_; });
}

Result<PausesChanged> PauseDesk::carry_out(PauseRequest& request, Instant now) {
  switch (request.action) {
    case PauseAction::kBegin:
      return begin(std::move(request.pause), now);
    case PauseAction::kEnd:
      return end(request.pause.id, now);
    case PauseAction::kEndAll:
      return end_all(now);
  }
  HW_CHECK(false, "every action has its case");
}

Result<PausesChanged> PauseDesk::begin(GlobalPause pause, Instant now) {
  auto in_force = std::count_if(pauses_.begin(), pauses_.end(),
                                [now](const GlobalPause& one) { return one.in_force(now); });
  if (in_force >= kMaxPausesInForce) {
    return failure(ErrorCode::kStateConflict, "",
                   "there are " + std::to_string(in_force) + " pauses already; end one first");
  }
  if (auto forgotten = forget_old(now); !forgotten) return failure(std::move(forgotten.error()));
  pause.id = last_id_ + 1;
  pause.since = now;
  pause.ended.reset();
  if (auto kept = file_.put(pause); !kept) return failure(std::move(kept.error()));
  ++last_id_;
  changed_ = true;
  pauses_.push_back(pause);
  return PausesChanged{{std::move(pause)}};
}

Result<PausesChanged> PauseDesk::end(uint64_t id, Instant now) {
  auto place = std::find_if(pauses_.begin(), pauses_.end(), [&](const GlobalPause& pause) {
    return pause.id == id && pause.in_force(now);
  });
  if (place == pauses_.end()) {
    return failure(ErrorCode::kNotFound, "", "no pause in force has this id");
  }
  GlobalPause over = *place;
  over.ended = now;
  if (auto kept = file_.put(over); !kept) return failure(std::move(kept.error()));
  changed_ = true;
  *place = over;
  return PausesChanged{{std::move(over)}};
}

Result<PausesChanged> PauseDesk::end_all(Instant now) {
  PausesChanged changed;
  for (const GlobalPause& pause : std::vector<GlobalPause>(pauses_)) {
    if (!pause.in_force(now)) continue;
    auto one = end(pause.id, now);
    if (!one) return one;
    changed.pauses.push_back(std::move(one->pauses.front()));
  }
  return changed;
}

// Z2, Q4.
Status PauseDesk::forget_old(Instant now) {
  while (true) {
    auto oldest = pauses_.end();
    for (auto pause = pauses_.begin(); pause != pauses_.end(); ++pause) {
      if (pause->in_force(now)) continue;
      if (oldest == pauses_.end() || *pause->end() < *oldest->end()) oldest = pause;
    }
    if (oldest == pauses_.end()) return {};
    if (pauses_.size() < kMaxPausesKept && now - *oldest->end() < kPauseKept) return {};
    if (auto removed = file_.remove(oldest->id); !removed) return removed;
    pauses_.erase(oldest);
  }
}

}  // namespace hourwheel
