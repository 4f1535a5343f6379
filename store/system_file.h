// The part of the data folder's system file that changes while the server runs: the global pauses,
// the API keys and the secrets, and the audit log of them. The number of shards and the partition
// map in the same file are layout.h's, and are never changed.
//
// A pause, key or secret that cannot be read is never guessed over (C-23): the server does not
// start, and names it. Cost: a transaction and a flush for each change. Thread: one at a time; it
// blocks.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/pause_book.h"
#include "engine/secret_book.h"
#include "store/layout.h"

namespace hourwheel {

class AuditLog;
class Database;

// Those in this file; the first one that is damaged is the error.
Result<StoredPauses> read_pauses(Database& database);
Result<std::vector<ApiKey>> read_keys(Database& database);
Result<StoredSecrets> read_secrets(Database& database);

class SystemFile final : public PauseFile, public KeyFile, public SecretFile, public AuditFile {
 public:
  static Result<std::unique_ptr<SystemFile>> open(const DataFolder& folder);
  ~SystemFile() override;
  SystemFile(const SystemFile&) = delete;
  SystemFile& operator=(const SystemFile&) = delete;

  [[nodiscard]] Result<StoredPauses> pauses();
  [[nodiscard]] Result<std::vector<ApiKey>> keys();
  [[nodiscard]] Result<StoredSecrets> secrets();

  // --- PauseFile: durable when they return ---
  Status put(const GlobalPause& pause, const AuditEntry* told) override;
  Status remove(uint64_t id) override;
  // --- KeyFile: the same ---
  Status put(const ApiKey& key, const AuditEntry* told) override;
  Status remove_key(const std::string& id, const AuditEntry& told) override;
  // --- SecretFile: the same ---
  Status put(const StoredSecret& secret, const AuditEntry* told) override;
  Status remove_secret(const std::string& name, const AuditEntry& told) override;
  // --- AuditFile ---
  Status keep(const AuditEntry& entry) override;
  Result<AuditPage> list(const ListAudit& query) override;
  Result<AuditVerdict> verify(const VerifyAudit& query) override;

 private:
  explicit SystemFile(std::unique_ptr<Database> database);
  Status write(const GlobalPause& pause);
  Status write(const StoredSecret& secret);
  Status note_last(std::string_view name, uint64_t number);
  template <class Write>
  Status transact(const AuditEntry* told, Write&& write);

  std::unique_ptr<Database> database_;
  std::unique_ptr<AuditLog> audit_;
};

}  // namespace hourwheel
