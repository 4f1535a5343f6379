#include "net/event_loop.h"

#include <event2/event.h>
#include <h2o.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>

#include "engine/base/check.h"
#include "net/system_clock.h"

namespace hourwheel {
namespace {

tl::unexpected<Error> io_failure(std::string_view what) {
  return failure(ErrorCode::kIo, "", std::string(what) + ": " + strerror(errno));
}

// h2o 2.2 has no accessor for its epoll set. It is the one member that its epoll loop adds behind
// the public struct; we believe that number only if the kernel calls it an epoll set. (Comparing
// the process's sets before and after would need a lock around every loop that any thread makes or
// ends, as numbers are used again.)
int epoll_set_of(const h2o_evloop_t* loop) {
  int fd = -1;
  std::memcpy(&fd, reinterpret_cast<const char*>(loop) + sizeof(h2o_evloop_t), sizeof fd);
  std::array<char, 32> target{};
  std::string link = "/proc/self/fd/" + std::to_string(fd);
  ssize_t size = readlink(link.c_str(), target.data(), target.size());
  HW_CHECK(size > 0 && std::string_view(target.data(), static_cast<size_t>(size)) ==
                           "anon_inode:[eventpoll]",
           "L1 h2o's epoll set is where its layout says");
  return fd;
}

void only_wakes(int /*fd*/, short /*what*/, void* /*unused*/) {}
void call_watcher(int /*fd*/, short /*what*/, void* watcher) {
  static_cast<FdWatcher*>(watcher)->on_readable();
}

}  // namespace

void EventLoop::BaseDeleter::operator()(event_base* base) const {
  event_base_free(base);
}
void EventLoop::EventDeleter::operator()(event* watch) const {
  event_free(watch);
}

Result<std::unique_ptr<EventLoop>> EventLoop::create() {
  std::unique_ptr<EventLoop> loop(new EventLoop);
  if (Status opened = loop->open(); !opened) return failure(std::move(opened.error()));
  return loop;
}

Status EventLoop::open() {
  event_config* config = event_config_new();
  HW_CHECK(config != nullptr, "no memory for a loop");
  event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);  // one thread, no locks
  base_.reset(event_base_new_with_config(config));
  event_config_free(config);
  if (!base_) return io_failure("no event base");

  h2o_ = h2o_evloop_create();
  h2o_set_ = epoll_set_of(h2o_);
  if (Status s = add_event(h2o_set_, only_wakes, nullptr, h2o_event_); !s) return s;
  if (Status s = open_timer(utc_timer_, CLOCK_REALTIME); !s) return s;
  return open_timer(mono_timer_, CLOCK_BOOTTIME);  // as SystemClock::now()
}

Status EventLoop::open_timer(Timer& timer, int clock) {
  timer.fd = timerfd_create(clock, TFD_NONBLOCK | TFD_CLOEXEC);
  if (timer.fd < 0) return io_failure("no timer for the loop");
  auto on_expiry = [](int fd, short /*what*/, void* argument) {
    uint64_t expirations = 0;
    // A step of the wall clock reads as ECANCELED; either way the timer must be armed anew.
    while (read(fd, &expirations, sizeof expirations) < 0 && errno == EINTR) {
    }
    static_cast<Timer*>(argument)->armed_ms = kDisarmed;
  };
  return add_event(timer.fd, on_expiry, &timer, timer.event);
}

Status EventLoop::add_event(int fd, void (*callback)(int, short, void*), void* argument,
                            EventPtr& out) {
  out.reset(event_new(base_.get(), fd, EV_READ | EV_PERSIST, callback, argument));
  if (!out || event_add(out.get(), nullptr) != 0) {
    out.reset();
    return io_failure("cannot watch descriptor " + std::to_string(fd));
  }
  return {};
}

EventLoop::~EventLoop() {
  watches_.clear();
  h2o_event_.reset();
  for (Timer* timer : {&utc_timer_, &mono_timer_}) {
    timer->event.reset();
    if (timer->fd >= 0) close(timer->fd);
  }
  if (h2o_ == nullptr) return;
  h2o_evloop_destroy(h2o_);
  close(h2o_set_);  // h2o leaves it open
}

Status EventLoop::watch(int fd, FdWatcher& watcher) {
  Watch watch{fd, nullptr};
  if (Status s = add_event(fd, call_watcher, &watcher, watch.event); !s) return s;
  watches_.push_back(std::move(watch));
  return {};
}

void EventLoop::unwatch(int fd) {
  std::erase_if(watches_, [fd](const Watch& watch) { return watch.fd == fd; });
}

void EventLoop::add_sleeper(Sleeper& sleeper) {
  sleepers_.push_back(&sleeper);
}

void EventLoop::wait(const WakeAt& wake) {
  // h2o tells its epoll set of changes only at the start of a run, so after each batch of requests
  // one more run is due before it may sleep (L1). A stubborn client can keep it busy: bounded. A
  // turn that comes at once anyway need not wait for it: a run can be 256 requests, and what is due
  // waits.
  for (int runs = 0; runs < kRunsBeforeTurn; ++runs) {
    run_h2o();
    if (!h2o_pending() || anyone_has_work()) break;
  }
  if (h2o_pending() || anyone_has_work()) {
    // ONCE matters: NONBLOCK alone would spin as long as a level-triggered descriptor is readable.
    event_base_loop(base_.get(), EVLOOP_ONCE | EVLOOP_NONBLOCK);
    return;
  }
  block(wake);
  run_h2o();
}

void EventLoop::block(const WakeAt& wake) {
  size_t armed = 0;
  bool work = false;
  while (armed < sleepers_.size() && !work) work = sleepers_[armed++]->arm_wakeup();
  int flags = EVLOOP_ONCE;
  if (work) {
    flags |= EVLOOP_NONBLOCK;
  } else {
    // h2o's own deadlines are of the wall clock, in milliseconds; none is UINT64_MAX.
    uint64_t h2o_at = std::min<uint64_t>(h2o_timeout_get_wake_at(&h2o_->_timeouts), kDisarmed);
    int64_t utc = std::min(wake.utc ? wake.utc->ms : kDisarmed, static_cast<int64_t>(h2o_at));
    arm(utc_timer_, utc, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET);
    arm(mono_timer_, wake.mono ? wake.mono->ms : kDisarmed, TFD_TIMER_ABSTIME);
  }
  event_base_loop(base_.get(), flags);
  while (armed > 0) sleepers_[--armed]->disarm_wakeup();
}

void EventLoop::arm(Timer& timer, int64_t deadline_ms, int flags) {
  if (timer.armed_ms == deadline_ms) return;
  itimerspec at{};  // all zero disarms
  if (deadline_ms != kDisarmed) {
    // Before the epoch of the clock is long ago: 1 ns fires at once.
    at.it_value = {.tv_sec = std::max<int64_t>(deadline_ms, 0) / 1000,
                   .tv_nsec = std::max<int64_t>(deadline_ms, 0) % 1000 * 1'000'000 + 1};
  }
  // ECANCELED: the clock was stepped since the last look; the timer is armed all the same.
  int rc = timerfd_settime(timer.fd, flags, &at, nullptr);
  HW_CHECK(rc == 0 || errno == ECANCELED, "L3 a deadline can be armed");
  timer.armed_ms = deadline_ms;
}

void EventLoop::run_h2o() {
  // -1 is EINTR: h2o skipped its callbacks this time and has them at the next run.
  static_cast<void>(h2o_evloop_run(h2o_, 0));
}

void EventLoop::tell_h2o_the_time() {
  h2o_->_now = static_cast<uint64_t>(SystemClock().now().utc.ms);
}

bool EventLoop::h2o_pending() const {
  return h2o_->_statechanged.head != nullptr || h2o_->_pending_as_server != nullptr ||
         h2o_->_pending_as_client != nullptr;
}

bool EventLoop::anyone_has_work() const {
  return std::any_of(sleepers_.begin(), sleepers_.end(),
                     [](const Sleeper* sleeper) { return sleeper->has_work(); });
}

}  // namespace hourwheel
