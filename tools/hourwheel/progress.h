// How far a long transfer is, for whoever sits at the terminal: one line of standard error that is
// written over.
//
//   P1  Nothing is written where standard error is no terminal, and nothing in the first second.
//   P2  Whoever prints something else calls clear() before, so that it stands on a line of its own.
// Cost: a look at the clock, and a line at most ten times a second. Thread: one at a time.
#pragma once

#include <cstdint>
#include <string>

#include "tools/hourwheel/terminal.h"

namespace hourwheel {

// What a transfer is about.
struct Transfer {
  bool quiet = false;  // nothing is shown at all
  uint64_t bytes = 0;  // in all; 0: nobody knows
  const char* unit = "tasks";
};

struct HowFar {
  uint64_t bytes = 0;
  uint64_t count = 0;  // of the unit
};

// "[####------]  40 %  1234 tasks  617/s", with a bar only where the end is known.
std::string progress_text(const Transfer& transfer, const HowFar& far, Duration elapsed);

class Progress {
 public:
  Progress(const Terminal& terminal, const Transfer& transfer);
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void show(const HowFar& far);
  void clear();

 private:
  const Terminal& terminal_;
  Transfer transfer_;
  bool shown_;  // P1
  Monotonic started_;
  Monotonic next_;  // no line is written before
  bool drawn_ = false;
};

}  // namespace hourwheel
