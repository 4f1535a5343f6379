#include "tests/sim/key_check.h"

#include <algorithm>
#include <utility>

#include "engine/limits.h"

namespace hourwheel {
namespace {

constexpr size_t kRemembered = 12;  // keys that may be used again
// Answers are kept for longer; but the clock may have been set back.
constexpr Duration kSurelyKept = Duration{kAnswersKept.ms / 2};

template <class T>
std::unique_ptr<T> copy_of(const std::unique_ptr<T>& value) {
  return value ? std::make_unique<T>(*value) : nullptr;
}

Command copy_of(const Command& command) {
  Command copy;
  copy.kind = command.kind;
  copy.id_origin = command.id_origin;
  copy.existence = command.existence;
  copy.past = command.past;
  copy.id = command.id;
  copy.key = command.key;
  copy.if_match = command.if_match;
  copy.spec = copy_of(command.spec);
  copy.pause = command.pause;
  copy.nonce = command.nonce;
  copy.payload = copy_of(command.payload);
  copy.run = command.run;
  copy.not_before = command.not_before;
  copy.range = command.range;
  copy.idempotency = copy_of(command.idempotency);
  return copy;
}

}  // namespace

bool KeyCheck::surely_kept(const Sent& sent) const {
  return sent.told && trace_.latest() < sent.since + kSurelyKept;
}

KeyCheck::Use KeyCheck::begin(Command& command, Random& random, Instant now) {
  const AnswerScope scope{random.next(), random.next()};
  command.idempotency = std::make_unique<IdempotencyKey>(IdempotencyKey{scope, {}});
  Sent& sent = sent_[scope];
  sent.command = copy_of(command);
  sent.open = 1;
  sent.since = now;
  order_.push_back(scope);
  return {scope, 0, false, now};
}

std::optional<Command> KeyCheck::again(Use& use, Random& random) {
  if (order_.empty()) return std::nullopt;
  const size_t newest = std::min(order_.size(), kRemembered);
  use.scope = order_[order_.size() - 1 - random.below(newest)];
  Sent& sent = sent_.at(use.scope);
  use.beside = sent.open > 0 || sent.maybe[0] || sent.maybe[1];
  use.body = random.chance(15) ? 1 : 0;
  ++sent.open;
  Command command = copy_of(sent.command);
  command.idempotency->body[0] = use.body;
  command.nonce = random.next();  // drawn by whoever passes the request on
  return command;
}

bool KeyCheck::answered(const Use& use, const CommandOutcome& outcome) {
  Sent& sent = sent_.at(use.scope);
  --sent.open;
  if (!outcome) return refused(use, sent, outcome.error());
  const Told told{use.body, outcome->effect, outcome->state.version, outcome->state.updated,
                  outcome->run};
  if (outcome->replayed) {
    replayed(use, sent, told);
    return false;
  }
  if (surely_kept(sent)) trace_.fail("C-2 K1 a request is carried out again under its key");
  sent.told = told;
  sent.since = use.asked;
  sent.maybe = {};
  return true;
}

void KeyCheck::replayed(const Use& use, Sent& sent, const Told& told) {
  if (!sent.may_be_kept(use.body)) {
    trace_.fail("C-2 K1 a key is answered that was never used so");
  } else if (!sent.maybe[use.body] && *sent.told != told) {
    trace_.fail("C-2 K1 a key is answered in two ways");
  }
  sent.told = told;
  sent.maybe = {};
}

// True: the refusal is not about the key.
bool KeyCheck::refused(const Use& use, Sent& sent, const Error& why) {
  switch (why.code) {
    case ErrorCode::kIdempotencyInProgress:
      if (!use.beside) trace_.fail("C-2 K3 no other request with this key is under way");
      return false;
    case ErrorCode::kIdempotencyReused:
      if (!sent.may_be_kept(1 - use.body)) {
        trace_.fail("C-2 K2 a key is refused that was used with no other body");
      }
      return false;
    case ErrorCode::kStorageFull:
      in_doubt(use, sent);
      return true;
    case ErrorCode::kOverloaded:
    case ErrorCode::kStorageLow:
    case ErrorCode::kIo:
      return true;
    default:
      if (surely_kept(sent)) {
        trace_.fail("C-2 K1 a key that was answered is refused: %s", why.detail.c_str());
      }
      return true;
  }
}

void KeyCheck::lost(const Use& use) {
  Sent& sent = sent_.at(use.scope);
  --sent.open;
  in_doubt(use, sent);
}

// It may have been carried out; but not while another answer is kept.
void KeyCheck::in_doubt(const Use& use, Sent& sent) const {
  if (surely_kept(sent)) return;
  sent.maybe[use.body] = true;
  if (sent.told) sent.maybe[sent.told->body] = true;
  sent.told.reset();
}

}  // namespace hourwheel
