#include "engine/admission.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/limits.h"

namespace hourwheel {
namespace {

// A success counts as recent for this long.
constexpr Duration kProvenFor = seconds(60);
// Without a recent success: of the places that are free for such ones.
constexpr uint32_t kUnprovenShare = 8;

// Empty, if it is none.
std::string destination_in(std::string_view url) {
  const auto parsed = parse_url(url);
  if (!parsed) return {};
  return (parsed->scheme == UrlScheme::kHttp ? "http://" : "https://") + parsed->authority;
}

}  // namespace

SlabHandle Admission::Line::take_first() {  // A2
  const bool both = !fresh.empty() && !left_behind.empty();
  const bool share = both && ++turns % kBacklogShare == 0;
  std::deque<SlabHandle>& first = fresh.empty() || share ? left_behind : fresh;
  const SlabHandle task = first.front();
  first.pop_front();
  return task;
}

void Admission::limit(uint32_t most, uint32_t most_unproven) {
  HW_CHECK(most > 0 && most_unproven > 0, "A3 every destination gets something");
  most_ = std::min(most, kMaxRunsPerDestination);
  most_unproven_ = std::min(most_, most_unproven);
}

uint32_t Admission::room_of(const Line& line, Monotonic now) const {
  const uint32_t allowed = line.breaker.room(now);  // A4
  if (allowed == 0) return 0;
  const bool proven = now < line.proven_until;
  const uint32_t free = proven ? kMaxRunsInFlight - in_flight_ : kMaxRunsUnproven - unproven_;
  if (free == 0) return 0;
  uint32_t most =
      proven ? std::min(free, most_) : std::clamp(free / kUnprovenShare, 1U, most_unproven_);
  // A probe does not wait for what hangs from before the pause.
  if (line.breaker.is_tripped()) most = most_;
  return std::min(allowed, most - std::min(most, line.in_flight));
}

uint32_t Admission::room_for(Destination destination, Monotonic now) const {
  auto place = lines_.find(destination);
  return room_of(place == lines_.end() ? Line{} : place->second, now);
}

void Admission::enqueue_turn(Destination destination, Line& line) {
  if (line.in_turns || line.waiting() == 0) return;
  line.in_turns = true;
  turns_.push_back(destination);
}

void Admission::set_clogged(Line& line, bool clogged) {
  if (line.clogged == clogged) return;
  line.clogged = clogged;
  if (clogged) {
    clogged_ += line.waiting();
  } else {
    clogged_ -= line.waiting();
  }
}

void Admission::wait(Destination destination, SlabHandle task, Standing standing) {
  Line& line = lines_[destination];
  (standing == Standing::kFresh ? line.fresh : line.left_behind).push_back(task);
  ++waiting_;
  if (line.clogged) ++clogged_;
  enqueue_turn(destination, line);
}

// It leaves the turns: full, or its breaker is open. The end of one of its attempts brings it back;
// if it has none, the end of another's, or time.
void Admission::set_aside(Destination destination, Line& line, Monotonic now) {
  set_clogged(line, now >= line.proven_until);
  if (line.waiting() == 0) return;
  if (line.breaker.state(now) == Breaker::State::kOpen) {
    line.in_turns = true;
    asleep_.emplace(line.breaker.open_until(), destination);
  } else if (line.in_flight == 0) {
    line.in_turns = true;
    starved_.push_back(destination);
  }
}

void Admission::wake(Monotonic now) {
  forget_quiet(now);
  while (!asleep_.empty() && asleep_.begin()->first <= now) {
    turns_.push_back(asleep_.begin()->second);
    asleep_.erase(asleep_.begin());
  }
}

std::optional<Admission::Admitted> Admission::next(Monotonic now) {
  wake(now);
  if (came_out_) forget_idle(*std::exchange(came_out_, std::nullopt));
  if (in_flight_ >= kMaxRunsInFlight) return std::nullopt;
  for (size_t tries = turns_.size(); tries > 0; --tries) {
    Destination destination = turns_.front();
    turns_.pop_front();
    Line& line = lines_[destination];
    line.in_turns = false;
    if (room_of(line, now) == 0) {
      set_aside(destination, line, now);
      continue;
    }
    set_clogged(line, false);
    if (line.waiting() == 0) continue;
    const SlabHandle task = line.take_first();  // there is room, so the line is not clogged
    --waiting_;
    enqueue_turn(destination, line);
    came_out_ = destination;
    return Admitted{destination, task};
  }
  return std::nullopt;
}

void Admission::started(Destination destination, Monotonic now) {
  Line& line = lines_[destination];
  line.breaker.started(now);
  ++line.in_flight;
  ++in_flight_;
  if (now >= line.proven_until) {
    ++line.unproven;
    ++unproven_;
  }
  HW_CHECK(in_flight_ <= kMaxRunsInFlight && unproven_ <= kMaxRunsUnproven,
           "A1 attempts in flight are bounded");
}

void Admission::forget_unproven(Line& line, uint32_t count) {
  line.unproven -= count;
  unproven_ -= count;
}

bool Admission::ended(Destination destination, Monotonic now, const End& end) {
  auto place = lines_.find(destination);
  HW_CHECK(place != lines_.end() && place->second.in_flight > 0, "A1 every end had a start");
  Line& line = place->second;
  --line.in_flight;
  --in_flight_;
  if (line.unproven > 0) forget_unproven(line, 1);
  const bool was_tripped = line.breaker.is_tripped();
  const bool opened =
      line.breaker.ended({end.sign, end.retry_after, end.started}, breaker_failures_, now);
  const bool is_tripped = line.breaker.is_tripped();
  if (was_tripped || is_tripped) note_tripped(destination, line.breaker, end.url);
  if (is_tripped) {
    line.proven_until = Monotonic{INT64_MIN};  // what it did before tells nothing now
  } else if (end.succeeded) {
    line.proven_until = now + kProvenFor;
    set_clogged(line, false);
    forget_unproven(line, line.unproven);
  }
  enqueue_turn(destination, line);
  if (!starved_.empty()) {  // A3: before the one that has just had its turn
    turns_.push_front(starved_.front());
    starved_.pop_front();
  }
  forget_idle(destination);
  return opened;
}

// What is known of a destination that nobody waits for is forgotten, to bound the table; a success
// is remembered while attempts follow each other.
void Admission::forget_idle(Destination destination) {
  if (lines_.size() <= kMaxDestinations) return;
  auto place = lines_.find(destination);
  if (place == lines_.end() || place->second.waiting() > 0 || place->second.in_flight > 0) return;
  const Breaker& breaker = place->second.breaker;
  if (breaker.is_tripped()) forget_tripped({breaker.opened(), destination.value});
  lines_.erase(place);
}

// An end there has opened it, closed it, or found it open.
void Admission::note_tripped(Destination destination, const Breaker& breaker,
                             std::string_view url) {
  const ByTime opened{breaker.opened(), destination.value};
  std::string name;
  if (const auto told = tripped_.find(opened); told != tripped_.end()) {
    name = std::move(told->second.name);
    forget_tripped(opened);
  }
  if (!breaker.is_tripped()) return;
  if (name.empty()) name = destination_in(url);
  tripped_until_.insert({breaker.open_until(), destination.value});
  tripped_[opened] = {std::move(name), breaker.open_until()};
}

void Admission::forget_tripped(ByTime opened) {
  const auto told = tripped_.find(opened);
  if (told == tripped_.end()) return;
  tripped_until_.erase({told->second.open_until, opened.second});
  tripped_.erase(told);
}

// They stay half-open, and are told again when a probe of theirs has failed.
void Admission::forget_quiet(Monotonic now) {
  while (!tripped_until_.empty() && tripped_until_.begin()->first + kBreakerToldFor <= now) {
    const Destination destination{tripped_until_.begin()->second};
    forget_tripped({lines_.at(destination).breaker.opened(), destination.value});
  }
}

std::vector<Admission::Tripped> Admission::longest_tripped(size_t most) const {
  std::vector<Tripped> told;
  for (const auto& [opened, one] : tripped_) {
    if (told.size() == most) break;
    if (one.name.empty()) continue;
    const auto place = lines_.find(Destination{opened.second});
    HW_CHECK(place != lines_.end(), "what is tripped is known");
    told.push_back(
        {one.name, opened.first, one.open_until, place->second.breaker.failures_in_row()});
  }
  return told;
}

std::optional<Monotonic> Admission::open_until(Destination destination, Monotonic now) const {
  auto place = lines_.find(destination);
  if (place == lines_.end()) return std::nullopt;
  const Breaker& breaker = place->second.breaker;
  return breaker.state(now) == Breaker::State::kOpen ? std::optional(breaker.open_until())
                                                     : std::nullopt;
}

size_t Admission::waiting_for(Destination destination) const {
  auto place = lines_.find(destination);
  return place == lines_.end() ? 0 : place->second.waiting();
}

bool Admission::is_proven(Destination destination, Monotonic now) const {
  auto place = lines_.find(destination);
  return place != lines_.end() && now < place->second.proven_until;
}

}  // namespace hourwheel
