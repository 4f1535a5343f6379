// What a test and the library it preloads into a server share while the server runs: a mapped file.
// The test sets, the library obeys and says at what it killed the process.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace hourwheel {

// Where the process can kill itself, as kill -9 does. "Answer" is a send to a client, "attempt" one
// to a target; at a result the target's answer has come and the process has not seen it.
enum class KillPoint : uint32_t {
  kNone,
  kBeforeWrite,  // of a file of the folder
  kDuringWrite,
  kAfterWrite,
  kBeforeFlush,
  kAfterFlush,
  kBeforeAnswer,
  kAfterAnswer,
  kBeforeAttempt,
  kAfterAttempt,
  kBeforeResult,
};
inline constexpr size_t kKillPoints = 11;
inline constexpr std::array<const char*, kKillPoints> kKillPointNames{
    "random",         "before_write",  "during_write",  "after_write",
    "before_flush",   "after_flush",   "before_answer", "after_answer",
    "before_attempt", "after_attempt", "before_result"};

// What open() and the like refuse beyond; a folder with this much never is full.
inline constexpr int64_t kEndlessSpace = std::numeric_limits<int64_t>::max();

// The name of the mapped file, in the environment of the process.
inline constexpr const char* kControlsVariable = "HOURWHEEL_POWER_CUT";

struct Controls {
  std::array<char, 512> folder;  // the real path of what is watched
  std::array<char, 512> log;     // of what is done to it (disk_log.h)
  std::atomic<KillPoint> armed;
  std::atomic<int64_t> countdown;  // passes of the armed point until the one that kills
  std::atomic<KillPoint> died_at;
  // A disk that lies: flushes say they are done and do nothing.
  std::atomic<uint32_t> lies;
  // So many of the next flushes fail.
  std::atomic<int64_t> failing_flushes;
  // How long a flush takes, so that kills find writes that wait for one.
  std::atomic<int64_t> flush_us;
  // What files may still grow by before the folder is full.
  std::atomic<int64_t> free_bytes;
  std::array<std::atomic<uint64_t>, kKillPoints> passed;  // how often each point was
};
static_assert(std::atomic<KillPoint>::is_always_lock_free &&
              std::atomic<int64_t>::is_always_lock_free);

}  // namespace hourwheel
