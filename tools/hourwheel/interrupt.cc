#include "tools/hourwheel/interrupt.h"

#include <sys/signalfd.h>
#include <unistd.h>

#include <initializer_list>

#include "engine/base/check.h"

namespace hourwheel {
namespace {

// Blocks them, and tells what was blocked before.
int open_interrupts(sigset_t& before) {
  sigset_t signals;
  sigemptyset(&signals);
  for (int signal : {SIGINT, SIGTERM}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, &before);
  return signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
}

}  // namespace

Interrupt::Interrupt()
    : pipe_before_(std::signal(SIGPIPE, SIG_IGN)), signals_(open_interrupts(before_)) {
  HW_CHECK(signals_.get() >= 0, "there is a descriptor for signals");
}

Interrupt::~Interrupt() {
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  std::signal(SIGPIPE, pipe_before_);
}

bool Interrupt::came() {
  signalfd_siginfo told{};
  if (::read(signals_.get(), &told, sizeof told) == static_cast<ssize_t>(sizeof told)) came_ = true;
  return came_;
}

}  // namespace hourwheel
