#include "tests/sim/sim_files.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace hourwheel {
namespace {

void put(std::string& image, size_t offset, std::string_view bytes) {
  if (image.size() < offset + bytes.size()) image.resize(offset + bytes.size());
  std::memcpy(image.data() + offset, bytes.data(), bytes.size());
}

}  // namespace

void SimFile::write(size_t offset, std::string_view bytes) {
  put(seen_, offset, bytes);
  unflushed_.push_back({offset, std::string(bytes), false});
}

void SimFile::truncate(size_t size) {
  seen_.resize(size);
  unflushed_.push_back({size, {}, true});
}

bool SimFile::flush() {
  for (const Change& change : unflushed_) {
    if (change.truncates) {
      durable_.resize(change.offset);
    } else {
      put(durable_, change.offset, change.bytes);
    }
  }
  unflushed_.clear();
  return !std::exchange(flushed_, true);
}

void SimFile::lose_unflushed(Random& random) {
  let_some_through(random);
}

size_t SimFile::power_cut(Random& random) {
  const size_t lost = let_some_through(random);
  seen_ = durable_;
  return lost;
}

// All, most or few of the sectors had reached the platter.
size_t SimFile::let_some_through(Random& random) {
  const unsigned percent = random.chance(30) ? 100 : static_cast<unsigned>(random.below(101));
  size_t lost = 0;
  for (const Change& change : unflushed_) {
    if (change.truncates) {
      if (random.chance(percent)) durable_.resize(change.offset);
      continue;
    }
    for (size_t at = 0; at < change.bytes.size(); at += kSector) {
      if (random.chance(percent)) {
        put(durable_, change.offset + at, std::string_view(change.bytes).substr(at, kSector));
      } else {
        ++lost;
      }
    }
  }
  unflushed_.clear();
  return lost;
}

}  // namespace hourwheel
