// The part of the shard that answers a request sent again as it was the first time (AK1 to AK4).
//
// A command with a key waits for what is kept under it in its task's line, with the fetch of the
// task: so commands on one task are decided in the order in which they came, with and without keys.
#include <utility>

#include "engine/shard.h"

namespace hourwheel {

// AK1. Or another one with its key.
bool Shard::is_under_way(const Command& command) const {
  return command.idempotency && keys_under_way_.contains(command.idempotency->scope);
}

// What the store found under the key of the first command that waits. A failure is that command's
// alone. null: nothing was asked.
void Shard::take_recalled(HotTask& task, Recalled* recalled) {
  if (recalled == nullptr || task.waiting.empty()) return;
  WaitingCommand& first = task.waiting.front();
  if (!first.command.idempotency || first.command.idempotency->scope != recalled->scope) return;
  if (recalled->failed) {
    const WaitingCommand refused = std::move(first);
    task.waiting.erase(task.waiting.begin());
    return settle_answer(refused, failure(std::move(*recalled->failed)), task.dirty);
  }
  first.recalled = true;
  first.command.kept = std::move(recalled->answer);
}

// To be told without a decision: what it was told before, or that it is not to be carried out.
std::optional<CommandOutcome> Shard::undecided_answer(Command& command) const {
  auto again = answers_again(command.kept.get(), *command.idempotency, now_.utc);
  if (!again) return failure(std::move(again.error()));
  if (!*again && command.refusal) return failure(std::move(*command.refusal));
  if (!*again) return std::nullopt;
  command.kept->done.replayed = true;
  return std::move(command.kept->done);
}

// AK2. Which batch the answer rests on.
uint64_t Shard::keep_answer(const Command& command, const CommandDone& done) {
  Batch& open = commit_.open();
  open.bytes += sizeof(KeptAnswer) + done.state.open.size() * sizeof(OpenRun) +
                (done.spec ? done.spec->bytes() : 0);
  open.answers.push_back({*command.idempotency, now_.utc, copy_of(done)});
  return commit_.sequence();
}

// AK1: what is refused, or only told again, is no longer under way; what is kept, once it is
// durable.
void Shard::end_keyed(const Command& command, const CommandOutcome& outcome) {
  if (command.idempotency && (!outcome || outcome->replayed)) {
    keys_under_way_.erase(command.idempotency->scope);
  }
}

void Shard::end_keyed(const Batch& durable) {
  for (const KeptAnswer& answer : durable.answers) keys_under_way_.erase(answer.key.scope);
}

}  // namespace hourwheel
