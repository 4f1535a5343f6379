// A file of the simulated disk: what readers see, as through an operating system's cache, and what
// has reached the platter.
//
//   write, truncate    change what is seen, and are remembered in order until a flush
//   flush              all of them reach the platter
//   lose_unflushed     a flush has failed and the cache calls its pages clean all the same: they
//   are
//                      seen until the power goes, and no later flush will write them
//   power_cut          a random subset of what is remembered has reached the platter, each write
//   torn
//                      at 512-byte sectors; what is seen is what is there
// A process that is killed changes nothing: its writes stay in the cache, unflushed.
// Thread: one world's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/random.h"

namespace hourwheel {

inline constexpr size_t kSector = 512;

class SimFile {
 public:
  [[nodiscard]] const std::string& seen() const { return seen_; }
  [[nodiscard]] size_t size() const { return seen_.size(); }

  void write(size_t offset, std::string_view bytes);
  void truncate(size_t size);
  // True: it was the first one.
  bool flush();
  // Some of it had reached the platter before the flush failed.
  void lose_unflushed(Random& random);
  // How many sectors that had been written are not there.
  size_t power_cut(Random& random);

 private:
  struct Change {
    size_t offset = 0;  // of a write; the new size of a truncation
    std::string bytes;
    bool truncates = false;
  };
  size_t let_some_through(Random& random);

  bool flushed_ = false;
  std::string seen_;
  std::string durable_;
  std::vector<Change> unflushed_;
};

}  // namespace hourwheel
