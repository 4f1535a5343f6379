// Refuses early, before a body is read, what would only make the line longer while more comes in
// than can be done (C-25); and how fast such refusals leave.
//
// Pressure is one number, in percent: the largest of
//   changes  commands taken and not answered yet, of kFullChanges
//   bytes    of the bodies they came in, of kFullChangeBytes
//   wait     of the command that has waited longest to be decided, of kFullWait; it counts no more
//            than the number of commands does of kFewChanges: a short line is never a reason,
//            however slow the machine
//   lag      the shortest of the last kLagTurns turns, of kFullLag: one long turn is no reason
// Lists are refused from 50 % on (and when kMaxListsOpen of them are being answered), creates from
// 100 %, other changes and reads of one thing from 150 %.
//
// Invariants
//   O1  Deletes, pauses, cancellations, reports of targets, probes and what an operator looks at
//   are
//       never refused.
//   O2  What is refused at some pressure is refused at every higher one, and so is all that stands
//       before it in the order lists, creates, other changes.
//   O3  A call's load is counted in once and out once.
// Cost: a few comparisons a request. Thread: the reactor's own.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/base/time.h"
#include "engine/message.h"
#include "engine/ports.h"

namespace hourwheel {

// What a request asks for, in the order in which it is refused, last first.
enum class Demand : uint8_t { kUrgent, kChange, kCreate, kList };
inline constexpr size_t kDemands = 4;
[[nodiscard]] Demand demand_of(CommandKind kind);

// What the pressure comes from.
enum class Strain : uint8_t { kChanges, kBytes, kWait, kLag, kLists };
inline constexpr size_t kStrains = 5;
// For people: the refusal's detail.
[[nodiscard]] std::string_view tell(Strain strain);

// What a call that is being answered holds.
struct CallLoad {
  uint32_t commands = 0;
  size_t bytes = 0;
  uint32_t lists = 0;
};

class OverloadGate {
 public:
  // Each turn.
  void observe(const LoadSigns& signs);

  // Why it must not come in now; nullopt: it may.
  [[nodiscard]] std::optional<Strain> refuses(Demand demand) const;
  [[nodiscard]] int64_t pressure() const { return strongest().percent; }

  void enter(const CallLoad& load);
  void leave(const CallLoad& load);

 private:
  struct Reading {
    int64_t percent = 0;
    Strain strain = Strain::kChanges;
  };
  [[nodiscard]] Reading strongest() const;

  static constexpr size_t kLagTurns = 4;
  CallLoad open_;  // of all calls
  Duration wait_{};
  std::array<Duration, kLagTurns> lags_{};
  size_t turn_ = 0;
};

// How fast refusals leave: a few at once, then at a rate of which a reactor's core is no more than
// some percent. Clients that ask again as soon as they are refused would otherwise have the server
// do nothing but refuse.
class RefusalPace {
 public:
  // Whether another may leave now; it is counted if so.
  [[nodiscard]] bool take(Monotonic now);
  // When take() may next say yes, after it said no.
  [[nodiscard]] Monotonic next(Monotonic now) const { return now + milliseconds(1); }

 private:
  int64_t left_ = 0;
  std::optional<Monotonic> filled_;
};

}  // namespace hourwheel
