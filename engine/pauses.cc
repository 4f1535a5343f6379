#include "engine/pauses.h"

#include <algorithm>
#include <utility>

namespace hourwheel {

bool GlobalPause::selects(const std::vector<NamedText>& of_task) const {
  return std::includes(of_task.begin(), of_task.end(), labels.begin(), labels.end());
}

std::optional<Instant> GlobalPause::end() const {
  if (ended && until) return std::min(*ended, *until);
  return ended ? ended : until;
}

bool GlobalPause::in_force(Instant now) const {
  return !ended && (!until || now < *until);
}

void Pauses::replace(PauseTable table) {
  version_ = table.version;
  open_.clear();
  over_.clear();
  last_end_ = Instant{INT64_MIN};
  for (GlobalPause& pause : table.pauses) {
    if (auto end = pause.end()) last_end_ = std::max(last_end_, *end);
    (pause.ended ? over_ : open_).push_back(std::move(pause));
  }
}

const GlobalPause* Pauses::holding(const std::vector<NamedText>& labels, Instant now) const {
  for (const GlobalPause& pause : open_) {
    if (pause.in_force(now) && pause.selects(labels)) return &pause;
  }
  return nullptr;
}

const GlobalPause* Pauses::holding_all(Instant now) const {
  return holding({}, now);
}

bool Pauses::in_force(uint64_t id, Instant now) const {
  return std::any_of(open_.begin(), open_.end(), [&](const GlobalPause& pause) {
    return pause.id == id && pause.in_force(now);
  });
}

std::vector<const GlobalPause*> Pauses::all_in_force(Instant now) const {
  std::vector<const GlobalPause*> found;
  for (const GlobalPause& pause : open_) {
    if (pause.in_force(now)) found.push_back(&pause);
  }
  return found;
}

std::optional<Instant> Pauses::until(uint64_t id) const {
  for (const GlobalPause& pause : open_) {
    if (pause.id == id) return pause.until;
  }
  return std::nullopt;
}

const GlobalPause* Pauses::held_at(const std::vector<NamedText>& labels, Instant t) const {
  for (const auto* pauses : {&open_, &over_}) {
    for (const GlobalPause& pause : *pauses) {
      const auto end = pause.end();
      if (pause.since <= t && (!end || t < *end) && pause.selects(labels)) return &pause;
    }
  }
  return nullptr;
}

std::optional<Instant> Pauses::slept_until(const std::vector<NamedText>& labels, Instant due,
                                           Instant now) const {
  std::optional<Instant> last;
  if (due >= last_end_) return last;  // what is due now was due after all of them: the usual case
  for (const auto* pauses : {&open_, &over_}) {
    for (const GlobalPause& pause : *pauses) {
      auto end = pause.end();
      const bool held = end && due < *end && pause.since <= now && pause.selects(labels);
      if (held && (!last || *end > *last)) last = end;
    }
  }
  return last;
}

}  // namespace hourwheel
