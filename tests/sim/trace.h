// What happened in one simulated world, as lines: hashed as they come (two runs of a seed must give
// the same hash), the last ones kept for the report of a failure.
//
// Thread: one world's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "engine/base/ids.h"
#include "engine/base/time.h"

namespace hourwheel {

// As arguments of note and fail: %llu, %lld.
inline unsigned long long shown(uint64_t n) {
  return n;
}
template <class Tag>
unsigned long long shown(Numbered<Tag> n) {
  return n.value;
}
inline long long shown(Instant t) {
  return t.ms;
}
inline long long shown(std::optional<Instant> t) {
  return t ? t->ms : -1;
}

class Trace {
 public:
  enum class Show : uint8_t { kNothing, kEveryLine };
  explicit Trace(Show show) : show_(show) {}

  void at(Instant now) {
    now_ = now;
    if (latest_ < now) latest_ = now;
  }
  [[nodiscard]] Instant now() const { return now_; }
  // The highest so far: the clock may have been set back.
  [[nodiscard]] Instant latest() const { return latest_; }
  [[gnu::format(printf, 2, 3)]] void note(const char* format, ...);
  // A promise was broken. Only the first is kept: what follows from it says nothing new.
  [[gnu::format(printf, 2, 3)]] void fail(const char* format, ...);

  [[nodiscard]] bool failed() const { return !failure_.empty(); }
  [[nodiscard]] const std::string& failure() const { return failure_; }
  [[nodiscard]] uint64_t hash() const { return hash_; }
  void print_last(size_t lines) const;

 private:
  void add(std::string line);

  Show show_;
  Instant now_;
  Instant latest_;
  uint64_t hash_ = 0xcbf29ce484222325;  // FNV-1a
  std::deque<std::string> last_;
  std::string failure_;
};

}  // namespace hourwheel
