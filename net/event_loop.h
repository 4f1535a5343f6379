// The loop of one reactor: a libevent base that hosts h2o's own loop. wait() is the only place of a
// reactor that blocks: for sockets of clients (h2o), eventfds and sockets (libevent), and the two
// deadlines the turn gives it.
//
// h2o keeps its sockets in an epoll set of its own; that set's descriptor is one more readable
// descriptor of the base. It only wakes us: h2o runs when we call it, at a known place of the turn.
//
// Invariants
//   L1  The loop never blocks while h2o has changes it did not yet tell its epoll set, or sends it
//       did not yet make: nothing would ever wake us for those.
//   L2  The loop never blocks while a Sleeper has work; every Sleeper armed its wake-up before the
//       last look.
//   L3  wait() never returns late by more than the kernel's timer: deadlines are absolute, on
//       timerfds. A step of the wall clock ends the wait at once.
// Cost: an idle wait is three system calls (h2o's look, block, h2o's look) plus one for each
// deadline that moved. Thread: one, the one that created it (h2o's buffers are thread-local).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "engine/base/result.h"
#include "engine/base/time.h"

struct event;
struct event_base;
struct st_h2o_evloop_t;

namespace hourwheel {

// Called by the loop when a watched descriptor is readable.
class FdWatcher {
 public:
  virtual ~FdWatcher() = default;
  virtual void on_readable() = 0;
};

// Something that can have work for the next turn: a mailbox, the ring of attempts, the shards.
class Sleeper {
 public:
  virtual ~Sleeper() = default;
  // A cheap look, each turn.
  [[nodiscard]] virtual bool has_work() const = 0;
  // Before blocking: asks for a wake-up, then looks again with whatever a thorough look takes (the
  // ring enters the kernel here). True: there is work, do not block.
  [[nodiscard]] virtual bool arm_wakeup() = 0;
  // After every arm_wakeup(), blocked or not.
  virtual void disarm_wakeup() = 0;
};

// When to be awake again. Both clocks, because due instants are of the one and time-outs of the
// other. None: only a descriptor or a Sleeper ends the wait.
struct WakeAt {
  std::optional<Instant> utc;
  std::optional<Monotonic> mono;
};

class EventLoop {
 public:
  static Result<std::unique_ptr<EventLoop>> create();
  // Everything on the loop must be gone: watchers, sockets, the server.
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // Level-triggered. The watcher must clear the descriptor, or the loop spins. The watcher and the
  // descriptor outlive the watch; unwatch comes before close.
  Status watch(int fd, FdWatcher& watcher);
  void unwatch(int fd);
  // Sleepers are looked at in the order in which they were added, and outlive the loop's last wait.
  void add_sleeper(Sleeper& sleeper);

  // Serves clients, then blocks until there is something to do or `wake` is reached, then serves
  // clients again. A `wake` in the past polls.
  void wait(const WakeAt& wake);

  // h2o reads its clock only when it runs. Before it starts a time-out from anywhere else (a new
  // connection, after a long sleep) it must be told, or the time-out begins in the past.
  void tell_h2o_the_time();

  // For what lives on the loop: listeners, evdns, raw events, the HTTP server.
  [[nodiscard]] event_base* base() { return base_.get(); }
  [[nodiscard]] st_h2o_evloop_t* h2o() { return h2o_; }

 private:
  struct BaseDeleter {
    void operator()(event_base* base) const;
  };
  struct EventDeleter {
    void operator()(event* watch) const;
  };
  using EventPtr = std::unique_ptr<event, EventDeleter>;
  struct Watch {
    int fd;
    EventPtr event;
  };
  // One absolute timer. Armed again only when its deadline moved.
  struct Timer {
    int fd = -1;
    EventPtr event;
    int64_t armed_ms = kDisarmed;
  };
  static constexpr int64_t kDisarmed = INT64_MAX;
  static constexpr int kRunsBeforeTurn = 2;

  EventLoop() = default;
  Status open();
  Status open_timer(Timer& timer, int clock);
  Status add_event(int fd, void (*callback)(int, short, void*), void* argument, EventPtr& out);
  void run_h2o();
  [[nodiscard]] bool h2o_pending() const;
  [[nodiscard]] bool anyone_has_work() const;
  void block(const WakeAt& wake);
  void arm(Timer& timer, int64_t deadline_ms, int flags);

  std::unique_ptr<event_base, BaseDeleter> base_;
  st_h2o_evloop_t* h2o_ = nullptr;
  int h2o_set_ = -1;  // its epoll set
  EventPtr h2o_event_;
  Timer utc_timer_;
  Timer mono_timer_;
  std::vector<Watch> watches_;
  std::vector<Sleeper*> sleepers_;
};

}  // namespace hourwheel
