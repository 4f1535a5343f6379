#include "tools/wire/loop.h"

#include <event2/event.h>

#include <csignal>

#include "engine/base/check.h"

namespace hourwheel {
namespace {

void on_signal(evutil_socket_t, short, void* base) {
  event_base_loopbreak(static_cast<event_base*>(base));
}

}  // namespace

Loop::Loop() : base_(event_base_new()) {
  HW_CHECK(base_ != nullptr, "libevent made no loop");
  interrupt_ = evsignal_new(base_, SIGINT, on_signal, base_);
  terminate_ = evsignal_new(base_, SIGTERM, on_signal, base_);
  evsignal_add(interrupt_, nullptr);
  evsignal_add(terminate_, nullptr);
}

Loop::~Loop() {
  event_free(interrupt_);
  event_free(terminate_);
  event_base_free(base_);
}

void Loop::run_until_signal() {
  event_base_loop(base_, EVLOOP_NO_EXIT_ON_EMPTY);
}

void Loop::stop() {
  event_base_loopbreak(base_);
}

}  // namespace hourwheel
