#include "engine/pause_book.h"

#include <algorithm>
#include <string>
#include <utility>

#include "engine/base/check.h"
#include "engine/limits.h"

namespace hourwheel {
namespace {

AuditEntry entry_of(const GlobalPause& pause, AuditAction action, const Actor& actor, Instant now) {
  AuditEntry entry;
  entry.at = now;
  entry.actor = actor;
  entry.action = action;
  entry.subject = std::to_string(pause.id);
  entry.note = pause.reason;
  return entry;
}

}  // namespace

PauseBook::PauseBook(PauseFile& file, StoredPauses stored, Instant now)
    : file_(file), pauses_(std::move(stored.pauses)), last_id_(stored.last_id) {
  // Nothing rests on it: what cannot be removed now goes with a later change.
  static_cast<void>(forget_old(now));
}

Result<PausesChanged> PauseBook::carry_out(PauseRequest& request, Instant now) {
  switch (request.action) {
    case PauseAction::kBegin:
      return begin(std::move(request.pause), request.actor, now);
    case PauseAction::kEnd:
      return end(request.pause.id, request.actor, now);
    case PauseAction::kEndAll:
      return end_all(request.actor, now);
  }
  HW_CHECK(false, "every action has its case");
}

Result<PausesChanged> PauseBook::begin(GlobalPause pause, const Actor& actor, Instant now) {
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
  const AuditEntry told = entry_of(pause, AuditAction::kBeginPause, actor, now);
  if (auto kept = file_.put(pause, &told); !kept) return failure(std::move(kept.error()));
  ++last_id_;
  changed_ = true;
  pauses_.push_back(pause);
  return PausesChanged{{std::move(pause)}};
}

Result<PausesChanged> PauseBook::end(uint64_t id, const Actor& actor, Instant now) {
  auto place = std::find_if(pauses_.begin(), pauses_.end(), [&](const GlobalPause& pause) {
    return pause.id == id && pause.in_force(now);
  });
  if (place == pauses_.end()) {
    return failure(ErrorCode::kNotFound, "", "no pause in force has this id");
  }
  GlobalPause over = *place;
  over.ended = now;
  const AuditEntry told = entry_of(over, AuditAction::kEndPause, actor, now);
  if (auto kept = file_.put(over, &told); !kept) return failure(std::move(kept.error()));
  changed_ = true;
  *place = over;
  return PausesChanged{{std::move(over)}};
}

Result<PausesChanged> PauseBook::end_all(const Actor& actor, Instant now) {
  PausesChanged changed;
  for (const GlobalPause& pause : std::vector<GlobalPause>(pauses_)) {
    if (!pause.in_force(now)) continue;
    auto one = end(pause.id, actor, now);
    if (!one) return one;
    changed.pauses.push_back(std::move(one->pauses.front()));
  }
  return changed;
}

// Z2, PB2.
Status PauseBook::forget_old(Instant now) {
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
