#include "tests/sim/sim_pauses.h"

#include <algorithm>
#include <utility>

namespace hourwheel {

std::vector<NamedText> draw_labels(Random& random) {
  return {{"team", random.chance(50) ? "red" : "blue"}};
}

const GlobalPause* SimPauses::in_file(uint64_t id) const {
  auto place = std::find_if(file_.pauses.begin(), file_.pauses.end(),
                            [id](const GlobalPause& pause) { return pause.id == id; });
  return place == file_.pauses.end() ? nullptr : &*place;
}

// --- lives ---

PauseTable SimPauses::boot(size_t shards, Instant now) {
  now_ = now;
  for (auto& [id, known] : known_) {
    const GlobalPause* kept = in_file(id);
    if (kept == nullptr) {
      auto end = known.pause.end();
      if (end && now - *end >= kPauseKept) continue;
      trace_.fail("C-1 pause %llu was acknowledged and is gone", shown(id));
      continue;
    }
    if (known.pause.ended && !kept->ended) {
      trace_.fail("C-1 the end of pause %llu was acknowledged and is gone", shown(id));
    }
    known.pause = *kept;  // an end that was asked for and not answered may have happened
  }
  desk_ = std::make_unique<SystemDesk>(
      SystemDesk::Books{PauseBook(*this, file_, now), KeyBook(*this, {}),
                        SecretBook(*this, sealer_, {})},
      static_cast<AuditFile&>(*this), shards);
  return desk_->table().pauses;
}

// What was asked and not answered may have happened: what is in the file has.
void SimPauses::crashed() {
  asked_.clear();
  desk_.reset();
}

Status SimPauses::put(const GlobalPause& pause, const AuditEntry* /*told*/) {
  trace_.note("pause %llu %s", shown(pause.id), pause.ended ? "ends" : "begins");
  std::erase_if(file_.pauses, [&pause](const GlobalPause& p) { return p.id == pause.id; });
  file_.pauses.push_back(pause);
  file_.last_id = std::max(file_.last_id, pause.id);
  return {};
}

Status SimPauses::remove(uint64_t id) {
  std::erase_if(file_.pauses, [id](const GlobalPause& p) { return p.id == id; });
  return {};
}

// --- what clients ask ---

void SimPauses::ask(PauseAction action, GlobalPause pause) {
  const uint32_t slot = next_slot_++;
  asked_.emplace(slot, action);
  desk_->ask(PauseRequest{{0, slot, 1, 0}, action, std::move(pause)});
}

void SimPauses::ask(Instant now) {
  GlobalPause pause;
  if (random_.chance(55)) {
    pause.reason = "asked to";
    if (random_.chance(60)) pause.labels = draw_labels(random_);
    auto gap = static_cast<uint64_t>(features_.pause_between.ms) + 1;
    if (random_.chance(50)) {
      pause.until = now + milliseconds(static_cast<int64_t>(random_.below(40 * gap)));
    }
    return ask(PauseAction::kBegin, std::move(pause));
  }
  if (random_.chance(15)) return ask(PauseAction::kEndAll, {});
  pause.id = 1 + random_.below(file_.last_id + 1);
  ask(PauseAction::kEnd, std::move(pause));
}

void SimPauses::end_all() {
  ask(PauseAction::kEndAll, {});
}

std::optional<PauseTable> SimPauses::turn(Instant now) {
  now_ = now;
  auto table = desk_->turn(now, *this);
  return table ? std::optional(std::move(table->pauses)) : std::nullopt;
}

void SimPauses::reply(Reply reply) {
  if (asked_.erase(reply.token.slot) == 0) {
    return trace_.fail("a change of pauses is answered twice");
  }
  const auto& answer = std::get<Result<QueryAnswer>>(reply.body);
  if (!answer) {
    if (answer.error().code != ErrorCode::kNotFound) {
      trace_.fail("C-15 a change of pauses is refused: %s", answer.error().detail.c_str());
    }
    return;
  }
  for (const GlobalPause& pause : std::get<PausesChanged>(*answer).pauses) {
    trace_.note("pause %llu %s is acknowledged", shown(pause.id), pause.ended ? "end" : "begin");
    auto [known, is_new] = known_.try_emplace(pause.id, Known{pause, std::max(now_, latest_)});
    if (is_new) ++begun_;
    known->second.pause = pause;
  }
}

// --- what was promised ---

void SimPauses::attempt_starts(const std::vector<NamedText>& labels, Instant now) {
  for (const auto& [id, known] : known_) {
    // From the moment its end is written it may be known to some.
    const GlobalPause* kept = in_file(id);
    const bool ends = kept == nullptr || kept->ended;
    if (!ends && known.pause.in_force(now) && known.pause.selects(labels)) {
      trace_.fail("S7 pause %llu holds, yet a run of a task it selects is sent", shown(id));
    }
  }
}

void SimPauses::skipped(const TaskSpec& spec, const RunRecord& record) {
  if (record.skip_reason != SkipReason::kMisfire) return;
  // What is owed or left over may be given up for other reasons later.
  if (spec.misfire.policy == MisfirePolicy::kFireAll || spec.schedule.max_runs > 0) return;
  for (const auto& [id, known] : known_) {
    const GlobalPause* kept = in_file(id);
    auto end = (kept != nullptr ? *kept : known.pause).end();
    if (end && known.acknowledged <= record.due && record.due < *end &&
        record.recorded - *end < kPauseKept && known.pause.selects(spec.labels)) {
      trace_.fail("C-15 due %lld slept through pause %llu, yet it is called a misfire",
                  static_cast<long long>(record.due.ms), shown(id));
    }
  }
}

bool SimPauses::may_hold(const std::vector<NamedText>& labels, Instant now) const {
  return std::any_of(file_.pauses.begin(), file_.pauses.end(), [&](const GlobalPause& pause) {
    return pause.in_force(now) && pause.selects(labels);
  });
}

}  // namespace hourwheel
