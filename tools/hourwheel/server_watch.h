// `--watch` of what a server tells: drawn again when an event of GET /v1/changes says that it may
// have changed, and without one after the interval.
//
//   SW1  Whenever a stream begins that counts as a change: nobody told what happened before it.
//   SW2  A server that refuses the stream is not asked for it again; one that is away, or has no
//        place for one more, is, as often as a frame is drawn without it.
#pragma once

#include <functional>
#include <string>
#include <utility>

#include "tools/hourwheel/api_stream.h"
#include "tools/hourwheel/connection.h"
#include "tools/hourwheel/event_stream.h"
#include "tools/hourwheel/options_task.h"
#include "tools/hourwheel/seen_rows.h"
#include "tools/hourwheel/watch.h"

namespace hourwheel {

class ServerEvents final : public EventFeed {
 public:
  ServerEvents(ServerAccess to, std::string path, const Terminal& terminal)
      : stream_(std::move(to)), path_(std::move(path)), terminal_(terminal) {}
  FeedState wait(Duration longest) override;

 private:
  enum class Stream : uint8_t { kNone, kBegun, kOpen, kRefused };

  void begin();
  // Whether something was told.
  bool read(Duration longest);

  ApiStream stream_;
  EventStream events_;
  std::string path_;
  const Terminal& terminal_;
  Stream state_ = Stream::kNone;
};

// Which events are of interest; empty: all.
struct WatchedEvents {
  std::string types;
  std::string task_id;
};

struct WatchPlan {
  const ServerChoice& server;
  const WatchChoice& choice;
  WatchedEvents events;
};

// Draws once, or again and again if that was chosen; `seen` is null if it is not. The exit code.
using Draw = std::function<int(SeenRows* seen)>;
int draw_or_watch(const WatchPlan& plan, Terminal& terminal, const Draw& draw);

}  // namespace hourwheel
