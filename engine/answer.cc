#include "engine/answer.h"

#include "engine/limits.h"

namespace hourwheel {
namespace {

template <class T>
std::unique_ptr<T> copy_of(const std::unique_ptr<T>& value) {
  return value ? std::make_unique<T>(*value) : nullptr;
}

}  // namespace

CommandDone copy_of(const CommandDone& done) {
  return {done.effect, copy_of(done.spec),  done.state,    done.in_flight,
          done.run,    copy_of(done.ended), done.replayed, {}};
}

KeptAnswer copy_of(const KeptAnswer& answer) {
  return {answer.key, answer.decided, copy_of(answer.done)};
}

Result<bool> answers_again(const KeptAnswer* kept, const IdempotencyKey& key, Instant now) {
  return kept == nullptr ? false : answers_again(kept->key, kept->decided, key, now);
}

Result<bool> answers_again(const IdempotencyKey& kept, Instant decided, const IdempotencyKey& key,
                           Instant now) {
  if (decided + kAnswersKept <= now) return false;
  if (kept.body == key.body) return true;
  return failure(ErrorCode::kIdempotencyReused, "",
                 "this Idempotency-Key came with another body before");
}

}  // namespace hourwheel
