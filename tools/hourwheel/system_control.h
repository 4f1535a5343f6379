// The desk at which global pauses, API keys and secrets are changed, wired to the system file and
// to the reactors. On the control thread, which may wait for a flush.
//
// C-22: when the file fails otherwise than for want of space, the process ends at once and the next
// start goes by what is on the disk.
#pragma once

#include <memory>

#include "engine/system_desk.h"
#include "net/switchboard.h"
#include "store/storage_room.h"
#include "store/system_file.h"
#include "tools/hourwheel/log.h"

namespace hourwheel {

class SystemControl final : private PauseFile,
                            private KeyFile,
                            private SecretFile,
                            private AuditFile,
                            private ReplyDoor {
 public:
  // They outlive it.
  struct Around {
    const Sealer& sealer;
    Switchboard& board;
    TaskQuotas& quotas;
    StorageRoom& room;
    Log& log;
  };
  // Seals anew what was not sealed with the newest key. kForbidden: with a key that is not there.
  static Result<std::unique_ptr<SystemControl>> open(std::unique_ptr<SystemFile> file,
                                                     const Around& around);

  // What reactors begin with.
  [[nodiscard]] SystemTable table() const { return desk_->table(); }
  // Reactors may have asked or confirmed something.
  void turn();
  // Since the last call, a client has asked that the server stop.
  [[nodiscard]] bool take_drain() { return desk_->take_drain(); }

 private:
  SystemControl(std::unique_ptr<SystemFile> file, const Around& around)
      : file_(std::move(file)), board_(around.board), room_(around.room), log_(around.log) {}

  Status put(const GlobalPause& pause, const AuditEntry* told) override;
  Status remove(uint64_t id) override;
  Status put(const ApiKey& key, const AuditEntry* told) override;
  Status remove_key(const std::string& id, const AuditEntry& told) override;
  Status put(const StoredSecret& secret, const AuditEntry* told) override;
  Status remove_secret(const std::string& name, const AuditEntry& told) override;
  Status keep(const AuditEntry& entry) override;
  Result<AuditPage> list(const ListAudit& query) override { return file_->list(query); }
  Result<AuditVerdict> verify(const VerifyAudit& query) override { return file_->verify(query); }
  [[nodiscard]] Status unless_fatal(Status done) const;
  void reply(Reply reply) override { board_.answer_system(std::move(reply)); }

  std::unique_ptr<SystemFile> file_;
  Switchboard& board_;
  StorageRoom& room_;
  Log& log_;
  std::unique_ptr<SystemDesk> desk_;
};

}  // namespace hourwheel
