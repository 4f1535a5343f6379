// The part of the shard that tells of the changes that clients made (AU1).
#include <string>

#include "engine/base/check.h"
#include "engine/shard.h"

namespace hourwheel {
namespace {

AuditAction action_of(const Command& command, const CommandDone& done) {
  switch (command.kind) {
    case CommandKind::kCreate:
    case CommandKind::kReplace:
      return done.effect == CommandEffect::kCreated ? AuditAction::kCreate : AuditAction::kReplace;
    case CommandKind::kDelete:
      return AuditAction::kDelete;
    case CommandKind::kPause:
      return AuditAction::kPause;
    case CommandKind::kResume:
      return AuditAction::kResume;
    case CommandKind::kRun:
      return AuditAction::kRun;
    case CommandKind::kRedrive:
      return AuditAction::kRedrive;
    case CommandKind::kCancel:
      return AuditAction::kCancel;
    case CommandKind::kBackfill:
      return AuditAction::kBackfill;
    case CommandKind::kStopBackfill:
      return AuditAction::kStopBackfill;
    case CommandKind::kDiscard:
      return AuditAction::kDiscard;
    case CommandKind::kComplete:
      break;
  }
  HW_CHECK(false, "every command that clients give has its case");
}

bool changes_definition(CommandEffect effect) {
  return effect == CommandEffect::kCreated || effect == CommandEffect::kReplaced ||
         effect == CommandEffect::kDeleted;
}

}  // namespace

// Requires: the command was decided just now, and the open batch ends with its change.
void Shard::note(const HotTask& task, const Command& command, const CommandDone& done) {
  // What a target says of its attempt is told by the run log, as a response is.
  if (done.effect == CommandEffect::kUnchanged || command.kind == CommandKind::kComplete) return;
  Batch& open = commit_.open();
  AuditEntry& entry = open.audit.emplace_back();
  entry.at = now_.utc;
  entry.actor = command.actor;
  entry.action = action_of(command, done);
  entry.task = task.key;
  entry.subject = done.spec ? done.spec->id : command.id;
  entry.version = done.state.version;
  entry.run = done.run;
  if (command.kind == CommandKind::kPause) entry.note = done.state.pause->reason;
  if (command.payload) {
    entry.note =
        "with a payload of its own, " + std::to_string(command.payload->body.size()) + " bytes";
  }
  if (changes_definition(done.effect)) {
    HW_CHECK(!open.tasks.empty() && open.tasks.back().key == task.key,
             "AU1 what is told of is in the batch");
    entry.change = static_cast<uint32_t>(open.tasks.size() - 1);
  }
  open.bytes += sizeof(AuditEntry) + entry.subject.size() + entry.note.size();
}

}  // namespace hourwheel
