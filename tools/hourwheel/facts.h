// What one reactor's API tells about the server: an adapter from the threads' shared state.
// Thread: the reactor's; the counters of others are made to be read by it.
#pragma once

#include <string>
#include <utility>

#include "api/server_facts.h"
#include "net/reactor.h"
#include "tools/hourwheel/build_facts.h"
#include "tools/hourwheel/public_url.h"
#include "tools/hourwheel/server_state.h"

namespace hourwheel {

class Facts final : public ServerFacts {
 public:
  Facts(const ServerState& state, const Reactor& reactor, const PublicUrl& public_url,
        std::string io_backend)
      : state_(state),
        reactor_(reactor),
        public_url_(public_url),
        io_backend_(std::move(io_backend)) {}

  // Nobody can ask before every data file is open.
  [[nodiscard]] bool ready() const override { return true; }
  [[nodiscard]] bool draining() const override { return reactor_.draining(); }
  [[nodiscard]] std::string_view version() const override { return HW_VERSION; }
  [[nodiscard]] std::string_view commit() const override { return built_commit(); }
  [[nodiscard]] std::string_view tzdata_version() const override { return state_.tzdata_version; }
  [[nodiscard]] std::string_view io_backend() const override { return io_backend_; }
  [[nodiscard]] Instant started() const override { return state_.started; }
  [[nodiscard]] uint32_t reactor_count() const override {
    return static_cast<uint32_t>(state_.http_counters.size());
  }
  [[nodiscard]] KeyPolicy key_policy() const override { return state_.key_policy; }
  [[nodiscard]] std::string_view session_secret() const override { return state_.session_secret; }
  [[nodiscard]] bool dev_mode() const override { return state_.options.dev; }
  [[nodiscard]] bool on_loopback() const override { return state_.on_loopback; }
  [[nodiscard]] std::string_view public_authority() const override { return public_url_.authority; }
  [[nodiscard]] bool clients_certified() const override {
    return !state_.options.tls_client_ca.empty();
  }
  [[nodiscard]] const Gauge* tls_certificate_end() const override {
    return state_.tls == nullptr ? nullptr : &state_.tls->certificate_end();
  }
  [[nodiscard]] bool require_if_match() const override { return state_.options.require_if_match; }
  [[nodiscard]] std::span<const ShardMetrics* const> shard_metrics() const override {
    return state_.shard_metrics;
  }
  [[nodiscard]] std::span<const StoreMetrics* const> store_metrics() const override {
    return state_.store_metrics;
  }
  [[nodiscard]] const StorageMetrics& storage() const override { return *state_.storage; }
  [[nodiscard]] const ProcessMetrics& process_metrics() const override { return *state_.process; }
  [[nodiscard]] std::span<const Histogram* const> turn_cpu_us() const override {
    return state_.turn_cpu_us;
  }
  [[nodiscard]] std::span<const HttpCounters* const> http_counters() const override {
    return state_.http_counters;
  }
  [[nodiscard]] std::span<const Counter* const> tls_handshakes() const override {
    return state_.tls_handshakes;
  }
  [[nodiscard]] std::span<const Counter* const> tls_resumed() const override {
    return state_.tls_resumed;
  }
  [[nodiscard]] std::span<const Counter* const> client_handshakes() const override {
    return state_.client_handshakes;
  }
  [[nodiscard]] std::span<const Counter* const> client_handshakes_failed() const override {
    return state_.client_handshakes_failed;
  }

 private:
  const ServerState& state_;
  const Reactor& reactor_;
  const PublicUrl& public_url_;
  const std::string io_backend_;
};

}  // namespace hourwheel
