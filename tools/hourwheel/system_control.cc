#include "tools/hourwheel/system_control.h"

#include <cstdlib>
#include <utility>

#include "net/system_clock.h"
#include "tools/hourwheel/shard_file.h"

namespace hourwheel {
namespace {

bool is_full(const Status& done) {
  return !done && done.error().code == ErrorCode::kStorageLow;
}

}  // namespace

Status SystemControl::unless_fatal(Status done) const {
  if (done || is_full(done)) return done;
  log_.say(LogLevel::kError, "the system file failed, stopping at once: " + done.error().detail);
  log_.flush();
  std::_Exit(kStoreFailedExit);
}

Result<std::unique_ptr<SystemControl>> SystemControl::open(std::unique_ptr<SystemFile> file,
                                                           const Around& around) {
  auto pauses = file->pauses();
  if (!pauses) return failure(std::move(pauses.error()));
  auto keys = file->keys();
  if (!keys) return failure(std::move(keys.error()));
  auto stored = file->secrets();
  if (!stored) return failure(std::move(stored.error()));
  std::unique_ptr<SystemControl> control(new SystemControl(std::move(file), around));
  SystemControl& kept = *control;
  AuditFile& audit = kept;
  const Instant now = SystemClock().now().utc;
  SecretBook secrets(kept, around.sealer, std::move(*stored));
  if (Status opened = secrets.renew(now); !opened) return failure(std::move(opened.error()));
  control->desk_ = std::make_unique<SystemDesk>(
      SystemDesk::Books{PauseBook(kept, std::move(*pauses), now),
                        KeyBook(kept, std::move(*keys), &around.quotas), std::move(secrets)},
      audit, around.board.reactors());
  return control;
}

void SystemControl::turn() {
  for (uint32_t reactor = 0; reactor < board_.reactors(); ++reactor) {
    while (auto version = board_.take_confirmation(reactor)) {
      desk_->confirmed(reactor, *version, *this);
    }
  }
  while (auto request = board_.take_system_request()) desk_->ask(std::move(*request));
  auto table = desk_->turn(SystemClock().now().utc, *this);
  if (!table) return;
  for (uint32_t reactor = 0; reactor < board_.reactors(); ++reactor) {
    board_.tell_system_table(reactor, SystemTable(*table));
  }
}

Status SystemControl::put(const GlobalPause& pause, const AuditEntry* told) {
  Status done = file_->put(pause, told);
  // A pause uses the reserve (C-21).
  if (is_full(done) && room_.make_room()) done = file_->put(pause, told);
  return unless_fatal(std::move(done));
}

Status SystemControl::remove(uint64_t id) {
  return unless_fatal(file_->remove(id));
}

Status SystemControl::put(const ApiKey& key, const AuditEntry* told) {
  return unless_fatal(file_->put(key, told));
}

// To shut somebody out may use the reserve, too.
Status SystemControl::remove_key(const std::string& id, const AuditEntry& told) {
  Status done = file_->remove_key(id, told);
  if (is_full(done) && room_.make_room()) done = file_->remove_key(id, told);
  return unless_fatal(std::move(done));
}

Status SystemControl::put(const StoredSecret& secret, const AuditEntry* told) {
  return unless_fatal(file_->put(secret, told));
}

// To take a secret away may use the reserve, too.
Status SystemControl::remove_secret(const std::string& name, const AuditEntry& told) {
  Status done = file_->remove_secret(name, told);
  if (is_full(done) && room_.make_room()) done = file_->remove_secret(name, told);
  return unless_fatal(std::move(done));
}

// To stop the server may use the reserve, too.
Status SystemControl::keep(const AuditEntry& entry) {
  Status done = file_->keep(entry);
  if (is_full(done) && room_.make_room()) done = file_->keep(entry);
  return unless_fatal(std::move(done));
}

}  // namespace hourwheel
