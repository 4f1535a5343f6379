// Kills a server under mixed load, again and again, on one data folder, and half of the times cuts
// the power as well: the next server starts from what a disk would have kept. Afterwards nothing
// acknowledged may be lost, nothing may have fired after an acknowledged delete, pause or
// replacement, and what arrived twice must say so (C-1, C-4, C-5, C-8, C-10).
//
// The moment of a kill is drawn: after so many acknowledgements, or at the nth pass of a named
// point after that (tests/support/power_cut/controls.h), or while the server still recovers.
// Thread: one.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/random.h"
#include "tests/e2e/load_verdict.h"
#include "tests/e2e/mixed_load.h"
#include "tests/e2e/node.h"
#include "tests/support/power_cut/power_cut.h"

namespace hourwheel {

class KillLoop {
 public:
  // What the loop is for when the disk lies: finding that out. Then the power is cut every time.
  enum class Disk : uint8_t { kHonest, kLies };

  KillLoop(const Backend& backend, uint64_t seed, Disk disk);

  // Findings are test failures.
  void run(int kills);
  // One line: what was done, and what was found.
  void print() const;
  [[nodiscard]] const Findings& findings() const { return verdict_.findings(); }

 private:
  struct Kill {
    KillPoint point = KillPoint::kNone;
    int64_t nth = 0;  // pass of the point
    bool at_start = false;
    uint64_t acknowledgements = 0;  // before it
    bool cuts_power = false;
  };

  Kill draw_kill();
  bool live_and_die(const Kill& kill);
  bool start(const Kill& kill);
  void kill_under_load(const Kill& kill);
  void end_process();
  void cut_power();
  bool compare(MixedLoad::Scope scope);

  Random random_;
  const Backend backend_;
  const Disk kind_of_disk_;
  RecordingTarget target_;
  Node node_;
  PowerCut disk_;
  std::vector<std::unique_ptr<MixedLoad>> loads_;
  LoadVerdict verdict_;
  Duration patience_ = kPatience;
  int kills_ = 0;
  int cuts_ = 0;
  int cuts_that_took_ = 0;  // more than a sector was not flushed
  std::array<int, kKillPoints> died_at_{};
};

}  // namespace hourwheel
