#include "net/mailbox.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <string>

namespace hourwheel {

Result<std::unique_ptr<Doorbell>> Doorbell::create() {
  int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (fd < 0) {
    return failure(ErrorCode::kIo, "",
                   std::string("no eventfd for a doorbell: ") + strerror(errno));
  }
  return std::unique_ptr<Doorbell>(new Doorbell(fd));
}

Doorbell::~Doorbell() {
  close(fd_);
}

void Doorbell::write_bell() {
  uint64_t one = 1;
  ssize_t wrote;
  do {
    wrote = write(fd_, &one, sizeof one);
  } while (wrote < 0 && errno == EINTR);
  // The counter cannot overflow (one write a sleep), so nothing but a bug makes this fail.
  HW_CHECK(wrote == sizeof one, "M2 a ring reaches the eventfd");
}

void Doorbell::end_sleep() {
  // Still asleep: nobody rang, and the eventfd is at zero unless the ring is being written just
  // now; such a late one costs one empty wake-up later, never a lost one.
  if (state_.exchange(kAwake, std::memory_order_acq_rel) == kAsleep) return;
  uint64_t rings = 0;
  while (read(fd_, &rings, sizeof rings) < 0 && errno == EINTR) {
  }
}

Doorbell::Woken Doorbell::wait(std::optional<Duration> timeout) {
  int timeout_ms = -1;
  if (timeout) timeout_ms = static_cast<int>(std::clamp<int64_t>(timeout->ms, 0, INT_MAX));
  pollfd bell{.fd = fd_, .events = POLLIN, .revents = 0};
  // A signal ends the wait early: to the caller that is a wake-up like any other.
  int ready = poll(&bell, 1, timeout_ms);
  end_sleep();
  return ready == 0 ? Woken::kTimedOut : Woken::kRung;
}

}  // namespace hourwheel
