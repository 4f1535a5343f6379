#include "tools/hourwheel/pause_control.h"

#include <cstdlib>
#include <utility>

#include "net/system_clock.h"
#include "tools/hourwheel/log.h"
#include "tools/hourwheel/shard_file.h"

namespace hourwheel {
namespace {

bool is_full(const Status& done) {
  return !done && done.error().code == ErrorCode::kStorageLow;
}

Status unless_fatal(Status done) {
  if (done || is_full(done)) return done;
  log_line(LogLevel::kError, "the system file failed, stopping at once: " + done.error().detail);
  std::_Exit(kStoreFailedExit);
}

}  // namespace

Result<std::unique_ptr<PauseControl>> PauseControl::open(const DataFolder& folder,
                                                         Switchboard& board, StorageRoom& room) {
  auto file = SystemFile::open(folder);
  if (!file) return failure(std::move(file.error()));
  auto stored = (*file)->pauses();
  if (!stored) return failure(std::move(stored.error()));
  std::unique_ptr<PauseControl> control(new PauseControl(std::move(*file), board, room));
  PauseFile& kept = *control;
  control->desk_ = std::make_unique<PauseDesk>(kept, std::move(*stored), board.reactors(),
                                               SystemClock().now().utc);
  return control;
}

void PauseControl::turn() {
  for (uint32_t reactor = 0; reactor < board_.reactors(); ++reactor) {
    while (auto version = board_.take_confirmation(reactor)) {
      desk_->confirmed(reactor, *version, *this);
    }
  }
  while (auto request = board_.take_pause_request()) desk_->ask(std::move(*request));
  auto table = desk_->turn(SystemClock().now().utc, *this);
  if (!table) return;
  for (uint32_t reactor = 0; reactor < board_.reactors(); ++reactor) {
    board_.tell_pauses(reactor, PauseTable(*table));
  }
}

Status PauseControl::put(const GlobalPause& pause) {
  Status done = file_->put(pause);
  // A pause uses the reserve (C-21).
  if (is_full(done) && room_.make_room()) done = file_->put(pause);
  return unless_fatal(std::move(done));
}

Status PauseControl::remove(uint64_t id) {
  return unless_fatal(file_->remove(id));
}

}  // namespace hourwheel
