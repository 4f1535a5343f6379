// What a command came to, and the answers that are kept so that a request sent again under its
// Idempotency-Key is answered as it was the first time (C-2;
// draft-ietf-httpapi-idempotency-key-header-06).
//
//   AK1  Of one scope at most one command is under way: from its arrival until its answer is
//        durable, or it was refused. Another one that comes meanwhile is refused.
//   AK2  An answer is kept in the batch of the change that it tells of: both are durable, or
//        neither.
//   AK3  A refusal is not kept: sent again, the request is decided anew.
//   AK4  An answer is kept for kAnswersKept by the wall clock, and told again as it was.
// Thread: values.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "engine/base/result.h"
#include "engine/task.h"

namespace hourwheel {

// Stored: only append.
enum class CommandEffect : uint8_t { kCreated, kReplaced, kUnchanged, kDeleted, kDone, kStarted };

struct CommandDone {
  CommandEffect effect = CommandEffect::kDone;
  std::unique_ptr<TaskSpec> spec;  // the definition as it now stands; null after kDeleted
  TaskState state;
  uint32_t in_flight = 0;     // attempts that may still arrive (C-10)
  std::optional<RunKey> run;  // kStarted; of what names a run
  // kCancel: how the run ended, if it has. kComplete: what the attempt came to, if it is over.
  std::unique_ptr<RunRecord> ended;
  bool replayed = false;  // told again: nothing was changed now
  TaskNumber number;      // kDeleted: of the task that is gone; zero when told again
};
CommandDone copy_of(const CommandDone& done);

// Names what a key is about: a hash of who asks, for what, and the key, which nobody can aim at
// another one's.
struct AnswerScope {
  uint64_t high = 0;
  uint64_t low = 0;
  friend constexpr auto operator<=>(const AnswerScope&, const AnswerScope&) = default;
};
using BodyDigest = std::array<uint8_t, 32>;  // SHA-256

struct IdempotencyKey {
  AnswerScope scope;
  BodyDigest body{};
  friend bool operator==(const IdempotencyKey&, const IdempotencyKey&) = default;
};

struct KeptAnswer {
  IdempotencyKey key;
  Instant decided;
  CommandDone done;
};
KeptAnswer copy_of(const KeptAnswer& answer);

// Whether what is kept (null: nothing) is to be told again now (AK4). kIdempotencyReused: it was
// the answer to another body.
Result<bool> answers_again(const KeptAnswer* kept, const IdempotencyKey& key, Instant now);
// The same of an answer that was decided then, under `kept`, and can be told from something else.
Result<bool> answers_again(const IdempotencyKey& kept, Instant decided, const IdempotencyKey& key,
                           Instant now);

}  // namespace hourwheel

template <>
struct std::hash<hourwheel::AnswerScope> {
  size_t operator()(const hourwheel::AnswerScope& scope) const {
    return static_cast<size_t>(scope.low);  // of a hash
  }
};
