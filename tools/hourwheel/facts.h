// What one reactor's API tells about the server: an adapter from the threads' shared state.
// Thread: the reactor's; collect() reads other threads' counters, which are made for that.
#pragma once

#include <string>

#include "api/server_facts.h"
#include "net/reactor.h"
#include "tools/hourwheel/server_state.h"

namespace hourwheel {

class Facts final : public ServerFacts {
 public:
  Facts(const ServerState& state, const Reactor& reactor, std::string io_backend)
      : state_(state), reactor_(reactor), io_backend_(std::move(io_backend)) {}

  [[nodiscard]] bool ready() const override { return !reactor_.draining(); }
  [[nodiscard]] bool draining() const override { return reactor_.draining(); }
  [[nodiscard]] std::string_view version() const override { return HW_VERSION; }
  [[nodiscard]] std::string_view io_backend() const override { return io_backend_; }
  [[nodiscard]] Instant started() const override { return state_.started; }
  [[nodiscard]] uint32_t reactor_count() const override {
    return static_cast<uint32_t>(state_.reactors.size());
  }
  [[nodiscard]] bool dev_mode() const override { return state_.options.dev; }
  [[nodiscard]] bool on_loopback() const override { return !state_.options.insecure_no_auth; }
  void collect(MetricsPage& page) const override;

 private:
  const ServerState& state_;
  const Reactor& reactor_;
  const std::string io_backend_;
};

// Random bits for ids and jitter, from the system.
uint64_t random_seed();
EgressPolicy make_egress_policy(bool dev, const Address& own);

}  // namespace hourwheel
