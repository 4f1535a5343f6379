#include "tests/sim/audit_check.h"

#include <set>

namespace hourwheel {
namespace {

Actor::Address address_of(uint64_t serial) {
  Actor::Address address{};
  for (size_t i = 0; i < sizeof serial; ++i) {
    address[i] = static_cast<uint8_t>(serial >> (8 * i) & 0xff);
  }
  return address;
}

uint64_t serial_of(const Actor& actor) {
  uint64_t serial = 0;
  if (!actor.address) return serial;
  for (size_t i = 0; i < sizeof serial; ++i) serial |= uint64_t{(*actor.address)[i]} << (8 * i);
  return serial;
}

bool is_of(AuditAction action, CommandKind kind) {
  switch (kind) {
    case CommandKind::kCreate:
      return action == AuditAction::kCreate;
    case CommandKind::kReplace:
      return action == AuditAction::kCreate || action == AuditAction::kReplace;
    case CommandKind::kDelete:
      return action == AuditAction::kDelete;
    case CommandKind::kPause:
      return action == AuditAction::kPause;
    case CommandKind::kResume:
      return action == AuditAction::kResume;
    case CommandKind::kRun:
      return action == AuditAction::kRun;
    case CommandKind::kRedrive:
      return action == AuditAction::kRedrive;
    case CommandKind::kCancel:
      return action == AuditAction::kCancel;
    case CommandKind::kBackfill:
      return action == AuditAction::kBackfill;
    case CommandKind::kStopBackfill:
      return action == AuditAction::kStopBackfill;
    case CommandKind::kDiscard:
      return action == AuditAction::kDiscard;
    case CommandKind::kComplete:
      return false;  // the run log tells of it
  }
  return false;
}

}  // namespace

void AuditCheck::asked(Command& command, uint64_t serial) {
  command.actor.address = address_of(serial);
  changes_[serial] = {command.kind, command.key};
}

void AuditCheck::answered(uint64_t serial, const CommandOutcome& outcome) {
  Change& change = changes_.at(serial);
  const bool changed =
      outcome && outcome->effect != CommandEffect::kUnchanged && !outcome->replayed;
  if (changed && !change.told && change.kind != CommandKind::kComplete) {
    trace_.fail("AU1 command %llu was acknowledged, and no entry tells of it", shown(serial));
  }
  // Without space a change may be refused that comes through later (C-21).
  if (changed || (!outcome && outcome.error().code == ErrorCode::kStorageFull)) return;
  change.refused = true;
  if (change.told) {
    trace_.fail("AU1 command %llu changed nothing, and an entry tells of it", shown(serial));
  }
}

void AuditCheck::told(const AuditEntry& entry, const Batch& batch) {
  const uint64_t serial = serial_of(entry.actor);
  auto place = changes_.find(serial);
  if (place == changes_.end()) return trace_.fail("AU1 an entry names nobody who asked");
  Change& change = place->second;
  if (!is_of(entry.action, change.kind) || entry.task != change.task) {
    trace_.fail("AU1 the entry of command %llu tells of something else", shown(serial));
  }
  if (change.told || change.refused) {
    trace_.fail("AU1 command %llu is told of %s", shown(serial),
                change.told ? "twice" : "and was refused");
  }
  change.told = true;
  if (!entry.change) return;
  if (*entry.change >= batch.tasks.size() || batch.tasks[*entry.change].key != entry.task) {
    trace_.fail("AU1 the entry of command %llu names another change", shown(serial));
  }
}

void AuditCheck::durable(const Batch& batch) {
  std::set<uint32_t> named;
  for (const AuditEntry& entry : batch.audit) {
    told(entry, batch);
    if (entry.change) named.insert(*entry.change);
  }
  for (uint32_t i = 0; i < batch.tasks.size(); ++i) {
    if (batch.tasks[i].kind == ChangeKind::kReplace && !named.contains(i)) {
      trace_.fail("AU1 no entry tells who replaced task %llu", shown(batch.tasks[i].number.value));
    }
  }
}

}  // namespace hourwheel
