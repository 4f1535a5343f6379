// Identities. A task is named by its id (text, chosen by the client or generated), found by its key
// (128 bits, a pure function of the id) and stored under its number (64 bits, ascending, one
// shard).
//
//   id      "tsk_01j…" (TypeID of a UUIDv7, RFC 9562) when generated, else whatever the client
//   chose. key     generated ids: the UUID itself, so that keys ascend in time and indexes on them
//   append;
//           all others: SipHash-2-4-128 of the text with the version nibble set to 8 (RFC 9562
//           "custom"), so that a hash can never equal a generated id's key.
//   number  the shard's counter at the task's creation; never used again (C-3).
//
// Thread: pure functions, any thread.
#pragma once

#include <bitset>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/random.h"
#include "engine/base/time.h"

namespace hourwheel {

// A 64-bit number with a type of its own. 0 means "none" for all of them.
template <class Tag>
struct Numbered {
  uint64_t value = 0;
  friend constexpr auto operator<=>(Numbered, Numbered) = default;
  explicit constexpr operator bool() const { return value != 0; }
};
using TaskNumber = Numbered<struct TaskNumberTag>;
using Version = Numbered<struct VersionTag>;  // of a task's definition (C-3)
using Generation =
    Numbered<struct GenerationTag>;  // of its schedule; part of a run's identity (C-7)

struct TaskKey {
  uint64_t high = 0;
  uint64_t low = 0;
  friend constexpr auto operator<=>(const TaskKey&, const TaskKey&) = default;
};

TaskKey task_key(std::string_view id);

// "tsk_" and 26 characters of lower-case Crockford base32. Ascends with `now`; ids of the same
// millisecond are in random order.
std::string generate_task_id(Instant now, Random& random);

// The key of such an id, and the id of such a key.
TaskKey generate_task_key(Instant now, Random& random);
std::string generated_id(TaskKey key);

// The key of the first of `tries` ids that is wanted, or of the last. A wanted share s of all keys
// is missed with probability (1 - s)^tries.
template <class IsWanted>
TaskKey generate_task_key(Instant now, Random& random, uint32_t tries, IsWanted is_wanted) {
  TaskKey key = generate_task_key(now, random);
  for (uint32_t i = 1; i < tries && !is_wanted(key); ++i) key = generate_task_key(now, random);
  return key;
}

// 26 characters of lower-case Crockford base32 (first character 0-7), and back.
std::string base32(TaskKey key);
std::optional<TaskKey> parse_base32(std::string_view text);

// Partitions are what a cluster will hand out; a shard is a set of them (store/layout).
inline constexpr uint32_t kPartitions = 1024;
constexpr uint32_t partition_of(TaskKey key) {
  uint64_t mixed = (key.low ^ (key.high * 0x9e3779b97f4a7c15)) * 0xbf58476d1ce4e5b9;
  return static_cast<uint32_t>(mixed >> 54);  // the top 10 bits: 0..1023
}
using Partitions = std::bitset<kPartitions>;
inline Partitions all_partitions() {
  return Partitions().set();
}

}  // namespace hourwheel

template <>
struct std::hash<hourwheel::TaskKey> {
  size_t operator()(const hourwheel::TaskKey& key) const {
    return static_cast<size_t>((key.low ^ (key.high * 0x9e3779b97f4a7c15)) * 0xbf58476d1ce4e5b9);
  }
};
template <class Tag>
struct std::hash<hourwheel::Numbered<Tag>> {
  size_t operator()(hourwheel::Numbered<Tag> n) const {
    return static_cast<size_t>(n.value * 0x9e3779b97f4a7c15);
  }
};
