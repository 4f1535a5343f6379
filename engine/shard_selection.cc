// The part of the shard that holds the changes of narrowed keys to their selections (SL1 to SL3).
#include <utility>

#include "engine/shard.h"

namespace hourwheel {
namespace {

// Of a task that is there and not within: as of one that is not there.
Error outside(const Command& command) {
  if (command.if_match) return {ErrorCode::kVersionMismatch, "", "the task does not exist"};
  const bool replaces = command.kind == CommandKind::kReplace;
  const bool creates = command.kind == CommandKind::kCreate ||
                       (replaces && command.existence != Existence::kMustExist);
  if (creates) return {ErrorCode::kAlreadyExists, "/id", "a task with this id exists"};
  return {ErrorCode::kNotFound, replaces ? "/id" : "", "no task has this id"};
}

// Whatever is stored: SL2.
std::optional<Error> refused_definition(const Command& command) {
  if (!command.spec) return std::nullopt;
  Status good = check_within(command.spec->labels, *command.selection);
  return good ? std::nullopt : std::optional(std::move(good.error()));
}

}  // namespace

// Asked before anything else that could tell of the task, an If-Match included.
std::optional<Error> Shard::refused_by_selection(const HotTask& task, const Command& command) {
  if (!command.selection) return std::nullopt;
  if (auto why = refused_definition(command)) return why;
  if (!task.exists) return std::nullopt;
  const bool readable = !task.quarantined && task.armed;
  if (readable && is_within(task.armed->spec.labels, *command.selection)) return std::nullopt;
  return outside(command);
}

// Why a command is refused whose task cannot be read.
Error Shard::damage_as_told(const Command& command, const Error& why) {
  if (!command.selection) return why;
  return refused_definition(command).value_or(outside(command));
}

}  // namespace hourwheel
