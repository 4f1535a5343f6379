// A folder of files as a disk sees it: what is durable of each, and what was done since, in order.
// It is fed with the log of a process (disk_log.h), and says what may be left of all that when the
// power goes.
//
// The model: bytes and lengths of a file become durable when that file is flushed; names when the
// folder is. At a cut each 512-byte sector of what was not flushed is, independently of the others,
// as it was durable or as any write since left it; the length is any that the file had since; of
// the changes of names the first few have happened, as a journal keeps them in order.
//
// Invariants
//   B1  All that was done, played back, is what the folder holds: reconcile() compares every byte.
//   So
//       no call by which the process writes is overlooked.
//   B2  What a flush covered before it returned is in every image.
// Cost: all the files are in memory.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/base/random.h"
#include "engine/base/result.h"
#include "tests/support/power_cut/disk_log.h"

namespace hourwheel {

// What survives of the unflushed.
enum class Survival : uint8_t {
  kNothing,
  kEverything,
  kInOrder,    // all up to some write, of which only the first sectors
  kScattered,  // any sectors
};
struct Cut {
  Survival survival = Survival::kNothing;
  uint32_t percent = 0;  // of sectors, kScattered
};
Cut draw_cut(Random& random);

class TrackedDisk {
 public:
  using Names = std::map<std::string, size_t>;

  // As the folder is now, all of it durable.
  explicit TrackedDisk(const std::string& folder);

  // Takes a log that goes on where the last one ended; a record that is not whole ends it.
  void replay(std::string_view log);
  // B1. After the process was killed its last deed may not have been done, or only in part: then it
  // is taken back to what the folder shows.
  Status reconcile(const std::string& folder);
  // Replaces the folder's contents by what a cut leaves.
  void write_image(const Cut& cut, Random& random, const std::string& folder) const;
  // The bytes that would not survive a cut that leaves nothing.
  [[nodiscard]] uint64_t unflushed_bytes() const;

 private:
  struct Write {
    uint64_t offset = 0;  // the new length, for a truncation
    std::string bytes;
    bool truncates = false;
  };
  struct File {
    std::string durable;
    std::vector<Write> pending;
    uint32_t mode = 0640;
  };
  struct NameChange {
    DiskDeed deed;
    std::string name;
    std::string second;  // the new name
    size_t file;
  };

  File& file_of(uint64_t inode);
  void obey(const DiskRecord& record, std::string_view bytes);
  void change_name(NameChange change);
  [[nodiscard]] Names live_names() const;
  static void apply(const NameChange& change, Names& names);
  static void apply(const Write& write, std::string& bytes);
  static std::string live(const File& file);
  static std::string left_of(const File& file, const Cut& cut, Random& random);
  static std::string scattered(const File& file, const Cut& cut, Random& random);
  Status reconcile_names(const std::string& folder);
  Status reconcile_file(const std::string& name, size_t index, const std::string& found);

  std::deque<File> files_;
  std::unordered_map<uint64_t, size_t> by_inode_;
  Names durable_names_;
  std::vector<NameChange> name_changes_;
  // The last deed of the log, as long as it may not have been done.
  std::optional<DiskRecord> last_;
};

}  // namespace hourwheel
