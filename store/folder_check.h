// Looks at every row of a data folder that no server uses: SQLite's own check of the pages, each
// row's checksum and decoding, that definitions, states and the due index say the same (C-23), and
// that there are as many tasks in each state as the file says.
// Changes nothing but the write-ahead log, which it empties.
//
// Cost: reads every page, most of them more than once. Thread: any; blocks.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "store/layout.h"

namespace hourwheel {

struct DamagedRow {
  std::string table;  // "file": pages, or what cannot be said of one row
  uint64_t row = 0;   // the task's number; of the run log a position, of dead letters and
                      // kept answers the id, of the audit log the row
  std::string what;
};

struct FileReport {
  std::string path;
  uint64_t definitions = 0;
  uint64_t states = 0;
  uint64_t places = 0;  // in the due index
  uint64_t log_rows = 0;
  uint64_t dead_letters = 0;
  uint64_t kept_answers = 0;
  uint64_t audit_entries = 0;
  uint64_t damaged = 0;
  std::vector<DamagedRow> rows;  // the first kMaxNamed of them
  static constexpr size_t kMaxNamed = 1'000;

  void add(std::string table, uint64_t row, std::string what);
};

// An error: it could not be looked at (in use, not ours, input or output failed).
Result<FileReport> check_shard_file(const std::string& path, uint32_t shard);
Result<FileReport> check_system_file(const std::string& path);
// All files of the folder, the system file last.
Result<std::vector<FileReport>> check_folder(const DataFolder& folder);

}  // namespace hourwheel
