// The desk at which global pauses are changed, wired to the system file and to the reactors. On the
// control thread, which may wait for a flush.
//
// C-22: when the file fails otherwise than for want of space, the process ends at once and the next
// start goes by what is on the disk.
#pragma once

#include <memory>

#include "engine/pause_desk.h"
#include "net/switchboard.h"
#include "store/storage_room.h"
#include "store/system_file.h"

namespace hourwheel {

class PauseControl final : private PauseFile, private ReplyDoor {
 public:
  static Result<std::unique_ptr<PauseControl>> open(const DataFolder& folder, Switchboard& board,
                                                    StorageRoom& room);

  // What reactors begin with.
  [[nodiscard]] PauseTable table() const { return desk_->table(); }
  // Reactors may have asked or confirmed something.
  void turn();

 private:
  PauseControl(std::unique_ptr<SystemFile> file, Switchboard& board, StorageRoom& room)
      : file_(std::move(file)), board_(board), room_(room) {}

  Status put(const GlobalPause& pause) override;
  Status remove(uint64_t id) override;
  void reply(Reply reply) override { board_.answer_pauses(std::move(reply)); }

  std::unique_ptr<SystemFile> file_;
  Switchboard& board_;
  StorageRoom& room_;
  std::unique_ptr<PauseDesk> desk_;
};

}  // namespace hourwheel
