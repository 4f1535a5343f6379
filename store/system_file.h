// The part of the data folder's system file that changes while the server runs: the global pauses
// and the API keys. The number of shards and the partition map in the same file are layout.h's, and
// are never changed.
//
// A pause or key that cannot be read is never guessed over (C-23): the server does not start, and
// names it. Cost: a transaction and a flush for each change. Thread: one at a time; it blocks.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/pause_book.h"
#include "store/layout.h"

namespace hourwheel {

class Database;

// Those in this file; the first one that is damaged is the error.
Result<StoredPauses> read_pauses(Database& database);
Result<std::vector<ApiKey>> read_keys(Database& database);

class SystemFile final : public PauseFile, public KeyFile {
 public:
  static Result<std::unique_ptr<SystemFile>> open(const DataFolder& folder);
  ~SystemFile() override;
  SystemFile(const SystemFile&) = delete;
  SystemFile& operator=(const SystemFile&) = delete;

  [[nodiscard]] Result<StoredPauses> pauses();
  [[nodiscard]] Result<std::vector<ApiKey>> keys();

  // --- PauseFile: durable when they return ---
  Status put(const GlobalPause& pause) override;
  Status remove(uint64_t id) override;
  // --- KeyFile: the same ---
  Status put(const ApiKey& key) override;
  Status remove_key(const std::string& id) override;

 private:
  explicit SystemFile(std::unique_ptr<Database> database);
  Status write(const GlobalPause& pause);
  Status written(Status done);

  std::unique_ptr<Database> database_;
};

}  // namespace hourwheel
