// The loop of the main thread: signals, periodic chores and the stop sequence. It serves nobody, so
// it may also do what would hold up a reactor.
//
// SIGTERM and SIGINT: the first asks for a drain, the second to stop at once (C-26). SIGHUP: read
// certificates and configuration again. SIGPIPE is ignored in the whole process: a client or target
// that is gone is an error of one write.
//
// Thread: the main one. The signals are its own: block them in other threads, or start those after
// run() began; libevent's handlers work either way.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "engine/base/result.h"
#include "engine/base/time.h"
#include "net/event_loop.h"

namespace hourwheel {

// What the signals ask for. Called on the loop, never from a signal handler.
class ControlHandler {
 public:
  virtual ~ControlHandler() = default;
  virtual void on_stop_requested() = 0;
  // A second SIGTERM or SIGINT: do not wait for anything.
  virtual void on_stop_now() = 0;
  virtual void on_reload() = 0;
};

class ControlLoop {
 public:
  static Result<std::unique_ptr<ControlLoop>> create(ControlHandler& handler);
  ~ControlLoop();
  ControlLoop(const ControlLoop&) = delete;
  ControlLoop& operator=(const ControlLoop&) = delete;

  // Calls `chore` each `period`, from now on.
  Status every(Duration period, std::function<void()> chore);
  // For a Doorbell by which other threads speak to this one. As in EventLoop.
  Status watch(int fd, FdWatcher& watcher);
  // For what libevent serves on this loop.
  [[nodiscard]] event_base* base() const { return base_.get(); }

  // Until stop(), which is called from within a callback.
  void run();
  void stop();

 private:
  struct BaseDeleter {
    void operator()(event_base* base) const;
  };
  struct EventDeleter {
    void operator()(event* watch) const;
  };
  using EventPtr = std::unique_ptr<event, EventDeleter>;
  enum class Stop : uint8_t { kNotAsked, kAsked };
  struct Chore {
    std::function<void()> call;
    EventPtr timer;
  };

  explicit ControlLoop(ControlHandler& handler) : handler_(handler) {}
  Status open();
  void on_signal(int signal);

  ControlHandler& handler_;
  Stop stop_ = Stop::kNotAsked;
  std::unique_ptr<event_base, BaseDeleter> base_;
  std::vector<EventPtr> watches_;
  std::vector<std::unique_ptr<Chore>> chores_;  // the timers point at them
};

}  // namespace hourwheel
