// Draws something again whenever it may have changed: `--watch`.
//
//   WA1  Between two frames there is a rest: kShortestRest, and as long as the last one took to
//        draw, so that no more than half of the time is spent on them, however much happens.
//   WA2  Behind that rest a frame is drawn at the latest an interval after the one before: some
//        things change without an event (a run that starts, how long ago something was).
#pragma once

#include <cstdint>
#include <functional>

#include "tools/hourwheel/terminal.h"

namespace hourwheel {

enum class FeedState : uint8_t {
  kChanged,
  kQuiet,  // for as long as was waited
  kAbsent  // there are no events to be had now; it did not wait
};

// Events of a server, as they come.
class EventFeed {
 public:
  virtual ~EventFeed() = default;
  EventFeed() = default;
  EventFeed(const EventFeed&) = delete;
  EventFeed& operator=(const EventFeed&) = delete;

  // Takes what is there; if that is nothing it waits, at most so long.
  virtual FeedState wait(Duration longest) = 0;
};

inline constexpr Duration kShortestRest = milliseconds(250);

// When the next frame is due: by events, and without them by polling.
class FollowedChanges {
 public:
  FollowedChanges(Terminal& terminal, EventFeed& feed, Duration interval)
      : terminal_(terminal), feed_(feed), interval_(interval), frame_began_(terminal.steady()) {}
  // Until then. False: no more is to be drawn.
  bool wait();

 private:
  [[nodiscard]] Duration rest(Monotonic now) const;
  bool wait_until(Monotonic end);

  Terminal& terminal_;
  EventFeed& feed_;
  Duration interval_;
  Monotonic frame_began_;
};

// `draw` prints a frame and gives an exit code. A server that is away for a while is waited for,
// once there was a frame; what else fails ends it, with that code.
int watch(const std::function<int()>& draw, FollowedChanges& changes, const Terminal& terminal);

}  // namespace hourwheel
