// A disk that can lose power under a real process: the process runs with a library preloaded that
// writes down all it does to one folder; after kill -9 the folder is replaced by what a power cut
// would have left of it, and the next process starts from that.
//
//   PowerCut disk(folder);
//   ... run the process with disk.environment(), kill it ...
//   disk.process_ended();           // every time
//   disk.cut_power(random);         // as often as one likes
//
// The library also kills the process at named points, refuses space and flushes, and lies
// (controls.h). Thread: one; the controls may be used by any.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/support/power_cut/controls.h"
#include "tests/support/power_cut/tracked_disk.h"

namespace hourwheel {

class PowerCut {
 public:
  // The folder exists; what it holds is durable. The library's own files lie beside it.
  explicit PowerCut(const std::string& folder);
  ~PowerCut();
  PowerCut(const PowerCut&) = delete;
  PowerCut& operator=(const PowerCut&) = delete;

  // "NAME=value", for the process.
  [[nodiscard]] std::vector<std::string> environment() const;

  // The process shall die at the nth pass from now.
  void arm(KillPoint point, int64_t nth);
  void disarm() { arm(KillPoint::kNone, 0); }
  // What killed the process; kNone: not the library.
  [[nodiscard]] KillPoint died_at() const { return controls_->died_at; }
  [[nodiscard]] uint64_t passed(KillPoint point) const {
    return controls_->passed[static_cast<size_t>(point)];
  }
  void lie(bool lies) { controls_->lies = lies ? 1 : 0; }
  void slow_flushes(int64_t us) { controls_->flush_us = us; }
  void fail_flushes(int64_t count) { controls_->failing_flushes = count; }
  void leave_free(int64_t bytes) { controls_->free_bytes = bytes; }
  [[nodiscard]] int64_t free_bytes() const { return controls_->free_bytes; }

  // Catches up with what the process did; refused when it did something unseen (B1).
  Status process_ended();
  // Puts the image of a cut in place of the folder's contents, and says what was cut.
  Cut cut_power(Random& random);
  void cut_power(const Cut& cut, Random& random);
  [[nodiscard]] const TrackedDisk& disk() const { return *disk_; }

 private:
  const std::string folder_;
  const std::string controls_file_;
  const std::string log_file_;
  Controls* controls_ = nullptr;
  std::unique_ptr<TrackedDisk> disk_;
};

}  // namespace hourwheel
