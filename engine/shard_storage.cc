// The part of the shard that follows the room on the disk (C-21).
//
//   ST1  While storage is low or full, only what lessens the work to come is decided: deletes,
//        pauses, cancels, the end of a backfill. They use the reserve. Everything else is refused
//        at once. What is due fires, and how it ended is stored.
//   ST2  While a commit is put off nobody waits for it: replies that rest on it say that their
//        change may or may not happen. It will when there is space, unless the server ends first.
//   ST3  While commits do not come through, what is fired is bounded: nothing is sent beyond the
//        durable send mark (C-8), and nothing is opened once the batch holds enough (S6).
#include <string>
#include <utility>
#include <vector>

#include "engine/shard.h"

namespace hourwheel {

void Shard::apply(StorageState state) {
  storage_ = state;
}

// ST1. None: the command is decided.
std::optional<Error> Shard::refused_by_storage(const Command& command) const {
  if (storage_ == StorageState::kOk || is_urgent(command.kind)) return std::nullopt;
  if (storage_ == StorageState::kFull) {
    return Error{ErrorCode::kStorageFull, "",
                 "the disk is full; only deletes, pauses, cancels and reports are taken"};
  }
  return Error{ErrorCode::kStorageLow, "",
               "the disk is nearly full; only deletes, pauses, cancels and reports are taken"};
}

// ST1 for what would only wait to be refused. False: something of it has to be decided.
bool Shard::refuse_for_storage(const Commands& commands) {
  if (storage_ == StorageState::kOk) return false;
  std::vector<CommandOutcome> outcomes;
  for (const Command& command : commands.commands) {
    auto why = refused_by_storage(command);
    if (!why) return false;
    outcomes.push_back(tl::unexpected<Error>(std::move(*why)));
  }
  metrics_.refusals.add();
  doors_.reply.reply({commands.token, std::move(outcomes)});
  return true;
}

// ST2
void Shard::apply(CommitPutOff /*tried*/) {
  const Error full{ErrorCode::kStorageFull, "",
                   "the disk is full; the change is kept and may still happen"};
  refuse_behind_changes();
  if (commit_.full()) refuse_behind_full_batch();
  commit_.give_up_waiting(full, doors_.reply);  // last: also what was refused in part just now
}

// Commands on tasks whose last change waits for space.
void Shard::refuse_behind_changes() {
  if (commands_waiting_ == 0) return;
  tasks_.for_each([this](SlabHandle, HotTask& task) {
    if (task.fetching || task.held <= commit_.durable()) return;
    for (const WaitingCommand& waiting : std::exchange(task.waiting, {})) {
      settle_answer(waiting,
                    failure(ErrorCode::kStorageFull, "",
                            "the disk is full, and an earlier change of the task waits for space"),
                    0);
    }
  });
}

void Shard::refuse_behind_full_batch() {
  constexpr const char* kWhy = "the disk is full";
  if (next_command_ > 0) {  // of the first request a part is decided
    const auto count = static_cast<uint32_t>(commands_.front().commands.commands.size());
    for (; next_command_ < count; ++next_command_) {
      metrics_.refusals.add();
      settle_answer(front_request_, next_command_, failure(ErrorCode::kStorageFull, "", kWhy), 0);
    }
    next_command_ = 0;
    commands_.pop_front();
  }
  for (const Line& waiting : std::exchange(commands_, {})) {
    commands_waiting_ -= static_cast<uint32_t>(waiting.commands.commands.size());
    refuse(waiting.commands, ErrorCode::kStorageFull, kWhy);
  }
}

}  // namespace hourwheel
