// Draws something again whenever it may have changed: `--watch`.
#pragma once

#include <functional>

#include "tools/hourwheel/terminal.h"

namespace hourwheel {

// What says that it may have. Polling is one way; a server that tells its changes is another.
class ChangeSource {
 public:
  virtual ~ChangeSource() = default;
  ChangeSource() = default;
  ChangeSource(const ChangeSource&) = delete;
  ChangeSource& operator=(const ChangeSource&) = delete;

  // Until then. False: no more is to be drawn.
  virtual bool wait() = 0;
};

class PolledChanges final : public ChangeSource {
 public:
  PolledChanges(Terminal& terminal, Duration interval) : terminal_(terminal), interval_(interval) {}
  bool wait() override { return terminal_.wait(interval_); }

 private:
  Terminal& terminal_;
  Duration interval_;
};

// `draw` prints a frame and gives an exit code. A server that is away for a while is waited for,
// once there was a frame; what else fails ends it, with that code.
int watch(const std::function<int()>& draw, ChangeSource& changes, const Terminal& terminal);

}  // namespace hourwheel
