#include "api/overload_gate.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/limits.h"

namespace hourwheel {
namespace {

constexpr int64_t kFull = 100;

// From which pressure on each demand is refused; none is for what is urgent (O1).
std::optional<int64_t> refused_from(Demand demand) {
  switch (demand) {
    case Demand::kUrgent:
      return std::nullopt;
    case Demand::kChange:
      return kFull * 3 / 2;
    case Demand::kCreate:
      return kFull;
    case Demand::kList:
      return kFull / 2;
  }
  HW_CHECK(false, "O2 every demand has its place in the order");
}

int64_t percent(int64_t part, int64_t whole) {
  return part * kFull / whole;
}

}  // namespace

Demand demand_of(CommandKind kind) {
  if (is_urgent(kind)) return Demand::kUrgent;
  return kind == CommandKind::kCreate ? Demand::kCreate : Demand::kChange;
}

std::string_view tell(Strain strain) {
  switch (strain) {
    case Strain::kChanges:
      return "too many changes are being made durable";
    case Strain::kBytes:
      return "the bodies of the changes being made durable take too much memory";
    case Strain::kWait:
      return "changes have waited too long to be decided";
    case Strain::kLag:
      return "the server cannot keep up with its requests";
    case Strain::kLists:
      return "too many lists are being made";
  }
  HW_CHECK(false, "every strain has its words");
}

void OverloadGate::observe(const LoadSigns& signs) {
  wait_ = signs.oldest_wait;
  lags_[turn_++ % kLagTurns] = signs.turn_lag;
}

OverloadGate::Reading OverloadGate::strongest() const {
  const Duration lag = *std::min_element(lags_.begin(), lags_.end());
  const int64_t long_line = percent(open_.commands, kFewChanges);
  const Reading readings[] = {
      {percent(open_.commands, kFullChanges), Strain::kChanges},
      {percent(static_cast<int64_t>(open_.bytes), kFullChangeBytes), Strain::kBytes},
      {std::min(percent(wait_.ms, kFullWait.ms), long_line), Strain::kWait},
      {percent(lag.ms, kFullLag.ms), Strain::kLag}};
  return *std::max_element(
      std::begin(readings), std::end(readings),
      [](const Reading& a, const Reading& b) { return a.percent < b.percent; });
}

std::optional<Strain> OverloadGate::refuses(Demand demand) const {
  const auto from = refused_from(demand);
  if (!from) return std::nullopt;
  if (demand == Demand::kList && open_.lists >= kMaxListsOpen) return Strain::kLists;
  const Reading reading = strongest();
  return reading.percent >= *from ? std::optional(reading.strain) : std::nullopt;
}

void OverloadGate::enter(const CallLoad& load) {
  open_.commands += load.commands;
  open_.bytes += load.bytes;
  open_.lists += load.lists;
}

void OverloadGate::leave(const CallLoad& load) {
  HW_CHECK(
      open_.commands >= load.commands && open_.bytes >= load.bytes && open_.lists >= load.lists,
      "O3 what is counted out was counted in");
  open_.commands -= load.commands;
  open_.bytes -= load.bytes;
  open_.lists -= load.lists;
}

bool RefusalPace::take(Monotonic now) {
  const Duration since = filled_ ? now - *filled_ : milliseconds(kRefusalsAtOnce);
  if (since.ms > 0) {
    left_ = std::min(kRefusalsAtOnce, left_ + std::min(since.ms, kRefusalsAtOnce) * kRefusalsPerMs);
    filled_ = now;
  }
  if (left_ == 0) return false;
  --left_;
  return true;
}

}  // namespace hourwheel
