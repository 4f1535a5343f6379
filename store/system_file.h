// The part of the data folder's system file that changes while the server runs: the global pauses.
// The number of shards and the partition map in the same file are layout.h's, and are never
// changed.
//
// A pause that cannot be read is never guessed over (C-23): the server does not start, and names
// it. Cost: a transaction and a flush for each change. Thread: one at a time; it blocks.
#pragma once

#include <memory>

#include "engine/pause_desk.h"
#include "store/layout.h"

namespace hourwheel {

class Database;

// Those in this file; the first one that is damaged is the error.
Result<StoredPauses> read_pauses(Database& database);

class SystemFile final : public PauseFile {
 public:
  static Result<std::unique_ptr<SystemFile>> open(const DataFolder& folder);
  ~SystemFile() override;
  SystemFile(const SystemFile&) = delete;
  SystemFile& operator=(const SystemFile&) = delete;

  [[nodiscard]] Result<StoredPauses> pauses();

  // --- PauseFile: durable when they return ---
  Status put(const GlobalPause& pause) override;
  Status remove(uint64_t id) override;

 private:
  explicit SystemFile(std::unique_ptr<Database> database);
  Status write(const GlobalPause& pause);

  std::unique_ptr<Database> database_;
};

}  // namespace hourwheel
