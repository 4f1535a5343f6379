// A backup is a folder with a copy of each file of a data folder, and a manifest that says how long
// each is and what its bytes add up to. The manifest is written last: without it a backup is not
// whole.
//
//   DIR/manifest    hourwheel-backup 1 | created MILLISECONDS | file NAME BYTES CRC32C, a line each
//
// Restoring writes the files into an empty folder, system.db last, so that a restore that was cut
// short is no data folder yet. In each shard file it notes
//   restored_ms  up to when the former server may have sent what this copy takes for unsent: such
//                runs are flagged, those to be sent at most once end `unknown` (C-6, C-8)
//   counter      moved far ahead: versions, generations and numbers that the former server gave out
//                since the backup are never used again (C-3)
//
// Thread: any; blocks.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/time.h"
#include "store/layout.h"

namespace hourwheel {

struct BackupFile {
  std::string name;
  uint64_t bytes = 0;
  uint32_t checksum = 0;
};

struct BackupManifest {
  Instant created;
  std::vector<BackupFile> files;
};

// Makes the folder (0700), or takes an empty one.
Status make_backup_folder(const std::string& path);
// Copies of all files of a folder that no server uses.
Status copy_closed_folder(const DataFolder& from, const std::string& to);
// Of a folder that one uses: all but the shard files, which the server itself copies.
Status copy_beside_server(const std::string& from, const std::string& to);
// Writes the manifest of what is there, and flushes the folder.
Result<BackupManifest> seal_backup(const std::string& folder, Instant now);

// Every file is there, as long as it was and with the same bytes.
Result<BackupManifest> verify_backup(const std::string& folder);
// Requires: verify_backup().
Status restore_backup(const BackupManifest& manifest, const std::string& from,
                      const std::string& to, Instant now);

// Cuts the write-ahead logs that hold flushed commits behind damage, and marks their shards like
// restored ones: they are back in the past. The paths of the files it changed. Requires: no server.
Result<std::vector<std::string>> give_up_lost_commits(const std::string& path, Instant now);

}  // namespace hourwheel
