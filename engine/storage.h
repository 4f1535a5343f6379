// What the volume of the data folder allows (C-21): told to each shard by its store, decided on by
// the shard (shard_storage.cc).
#pragma once

#include <cstdint>

namespace hourwheel {

// In the order of alarm; the numbers are those of the metric.
enum class StorageState : uint8_t {
  kOk = 0,
  kLow = 1,   // less is free than is reserved for what must go on
  kFull = 2,  // a commit could not be written and waits for space
};

// A commit was tried and found no space. It stays with the store, which tries it again until there
// is some.
struct CommitPutOff {};

}  // namespace hourwheel
