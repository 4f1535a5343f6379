// The libevent loop of a program in tools/: it runs until SIGINT, SIGTERM or stop().
#pragma once

#include <memory>

struct event;
struct event_base;

namespace hourwheel {

class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  [[nodiscard]] event_base* base() const { return base_; }
  void run_until_signal();
  void stop();

 private:
  event_base* base_;
  event* interrupt_;
  event* terminate_;
};

}  // namespace hourwheel
