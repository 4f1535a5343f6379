// The log of all that a process did to the files of a folder, in the order in which it was done.
// Each record is written before its deed, but for a creation, whose inode is known only afterwards:
// so when the process is killed, at most the last deed is in the log and not, or not wholly, in the
// folder, and at most one new and empty file is in the folder and not in the log.
#pragma once

#include <cstdint>

namespace hourwheel {

enum class DiskDeed : uint32_t {
  kCreate,    // bytes: the name
  kWrite,     // at offset; bytes: what was written
  kTruncate,  // to the length `offset`, shorter or longer
  kFlush,
  kRename,  // bytes: the old name, a NUL, the new name
  kUnlink,  // bytes: the name
  kFlushFolder,
};

// Followed by `size` bytes. Files are known by inode: names change.
struct DiskRecord {
  DiskDeed deed;
  uint32_t size;
  uint64_t inode;
  uint64_t offset;
};

}  // namespace hourwheel
