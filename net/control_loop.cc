#include "net/control_loop.h"

#include <event2/event.h>

#include <csignal>
#include <string>
#include <utility>

namespace hourwheel {

void ControlLoop::BaseDeleter::operator()(event_base* base) const {
  event_base_free(base);
}
void ControlLoop::EventDeleter::operator()(event* watch) const {
  event_free(watch);
}

Result<std::unique_ptr<ControlLoop>> ControlLoop::create(ControlHandler& handler) {
  std::unique_ptr<ControlLoop> loop(new ControlLoop(handler));
  if (Status opened = loop->open(); !opened) return failure(std::move(opened.error()));
  return loop;
}

Status ControlLoop::open() {
  std::signal(SIGPIPE, SIG_IGN);
  base_.reset(event_base_new());
  if (!base_) return failure(ErrorCode::kIo, "", "no event base for the control loop");
  auto arrived = [](evutil_socket_t signal, short /*what*/, void* self) {
    static_cast<ControlLoop*>(self)->on_signal(signal);
  };
  for (int signal : {SIGTERM, SIGINT, SIGHUP}) {
    EventPtr watch(evsignal_new(base_.get(), signal, arrived, this));
    if (!watch || event_add(watch.get(), nullptr) != 0) {
      return failure(ErrorCode::kIo, "", "cannot watch signal " + std::to_string(signal));
    }
    watches_.push_back(std::move(watch));
  }
  return {};
}

ControlLoop::~ControlLoop() = default;

void ControlLoop::on_signal(int signal) {
  if (signal == SIGHUP) return handler_.on_reload();
  if (std::exchange(stop_, Stop::kAsked) == Stop::kAsked) return handler_.on_stop_now();
  handler_.on_stop_requested();
}

Status ControlLoop::every(Duration period, std::function<void()> chore) {
  auto due = [](evutil_socket_t, short /*what*/, void* argument) {
    static_cast<Chore*>(argument)->call();
  };
  auto entry = std::make_unique<Chore>(Chore{std::move(chore), nullptr});
  entry->timer.reset(event_new(base_.get(), -1, EV_PERSIST, due, entry.get()));
  timeval each{.tv_sec = period.ms / 1000, .tv_usec = period.ms % 1000 * 1000};
  if (!entry->timer || event_add(entry->timer.get(), &each) != 0) {
    return failure(ErrorCode::kIo, "", "cannot add a timer to the control loop");
  }
  chores_.push_back(std::move(entry));
  return {};
}

Status ControlLoop::watch(int fd, FdWatcher& watcher) {
  auto readable = [](evutil_socket_t, short /*what*/, void* argument) {
    static_cast<FdWatcher*>(argument)->on_readable();
  };
  EventPtr watch(event_new(base_.get(), fd, EV_READ | EV_PERSIST, readable, &watcher));
  if (!watch || event_add(watch.get(), nullptr) != 0) {
    return failure(ErrorCode::kIo, "", "cannot watch descriptor " + std::to_string(fd));
  }
  watches_.push_back(std::move(watch));
  return {};
}

void ControlLoop::run() {
  event_base_dispatch(base_.get());
}

void ControlLoop::stop() {
  event_base_loopbreak(base_.get());
}

}  // namespace hourwheel
