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

bool keeps_answer(const GlobalPause& pause, Instant now) {
  return pause.idempotency && now < pause.since + kAnswersKept;
}

// What was answered when it was begun.
PausesChanged as_begun(const GlobalPause& pause) {
  PausesChanged told{{pause}, true};
  told.pauses.front().ended.reset();
  return told;
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
      return begin(request, now);
    case PauseAction::kEnd:
      return end(request.pause.id, request.actor, now);
    case PauseAction::kEndAll:
      return end_all(request.actor, now);
  }
  HW_CHECK(false, "every action has its case");
}

// PB3; null: nothing is kept under the key.
Result<const GlobalPause*> PauseBook::begun_under(const IdempotencyKey& key, Instant now) const {
  for (auto pause = pauses_.rbegin(); pause != pauses_.rend(); ++pause) {
    if (!pause->idempotency || pause->idempotency->scope != key.scope) continue;
    auto again = answers_again(*pause->idempotency, pause->since, key, now);
    if (!again) return failure(std::move(again.error()));
    return *again ? &*pause : nullptr;  // those before it are older still
  }
  return nullptr;
}

// PB2, PB3.
Status PauseBook::check_room(const GlobalPause& pause, Instant now) const {
  const auto in_force = std::count_if(pauses_.begin(), pauses_.end(),
                                      [now](const GlobalPause& one) { return one.in_force(now); });
  if (in_force >= kMaxPausesInForce) {
    return failure(ErrorCode::kStateConflict, "",
                   "there are " + std::to_string(in_force) + " pauses already; end one first");
  }
  const auto keyed = std::count_if(pauses_.begin(), pauses_.end(), [now](const GlobalPause& one) {
    return keeps_answer(one, now);
  });
  if (pause.idempotency && static_cast<size_t>(keyed) >= kMaxKeyedPauses) {
    return failure(ErrorCode::kStateConflict, "",
                   std::to_string(keyed) +
                       " pauses were begun under an Idempotency-Key within a day; begin this one "
                       "without");
  }
  return {};
}

Result<PausesChanged> PauseBook::begin(PauseRequest& request, Instant now) {
  GlobalPause& pause = request.pause;
  if (pause.idempotency) {
    auto before = begun_under(*pause.idempotency, now);
    if (!before) return failure(std::move(before.error()));
    if (*before != nullptr) return as_begun(**before);
  }
  if (request.refusal) return failure(std::move(*request.refusal));
  if (auto room = check_room(pause, now); !room) return failure(std::move(room.error()));
  if (auto forgotten = forget_old(now); !forgotten) return failure(std::move(forgotten.error()));
  pause.id = last_id_ + 1;
  pause.since = now;
  pause.ended.reset();
  const AuditEntry told = entry_of(pause, AuditAction::kBeginPause, request.actor, now);
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

// Z2, PB2, PB3. Of kMaxPausesKept, some neither hold nor keep an answer.
Status PauseBook::forget_old(Instant now) {
  while (true) {
    auto oldest = pauses_.end();
    for (auto pause = pauses_.begin(); pause != pauses_.end(); ++pause) {
      if (pause->in_force(now) || keeps_answer(*pause, now)) continue;
      if (oldest == pauses_.end() || *pause->end() < *oldest->end()) oldest = pause;
    }
    if (oldest == pauses_.end()) return {};
    if (pauses_.size() < kMaxPausesKept && now - *oldest->end() < kPauseKept) return {};
    if (auto removed = file_.remove(oldest->id); !removed) return removed;
    pauses_.erase(oldest);
  }
}

}  // namespace hourwheel
