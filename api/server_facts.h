// What the API tells about the server it is part of. Implemented by the composition root; called on
// every reactor's thread.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "engine/base/time.h"
#include "engine/metrics.h"

namespace hourwheel {

class HttpCounters;

// Whether requests need an API key.
enum class KeyPolicy : uint8_t {
  kNever,
  kOnceMade,  // as soon as there is one
  kAlways,
};

class ServerFacts {
 public:
  virtual ~ServerFacts() = default;
  // Every data file is open and requests are served. What came due before may still be read.
  [[nodiscard]] virtual bool ready() const = 0;
  // The server is stopping: nothing new is accepted (C-26).
  [[nodiscard]] virtual bool draining() const = 0;
  [[nodiscard]] virtual std::string_view version() const = 0;
  // That it was built from; "unknown" if that was not known.
  [[nodiscard]] virtual std::string_view commit() const = 0;
  // Of the time zones as they were at the start; "unknown" if they do not say.
  [[nodiscard]] virtual std::string_view tzdata_version() const = 0;
  // "io_uring" or "libevent".
  [[nodiscard]] virtual std::string_view io_backend() const = 0;
  [[nodiscard]] virtual Instant started() const = 0;
  [[nodiscard]] virtual uint32_t reactor_count() const = 0;
  [[nodiscard]] virtual KeyPolicy key_policy() const = 0;
  // What sessions are signed with: random, and another one after each start.
  [[nodiscard]] virtual std::string_view session_secret() const = 0;
  // --dev: targets on loopback allowed; without keys, what needs an administrator, too.
  [[nodiscard]] virtual bool dev_mode() const = 0;
  // The server listens on loopback only: browsers on this machine are the ones to guard against.
  [[nodiscard]] virtual bool on_loopback() const = 0;
  // The Host by which targets report; empty: that is not known.
  [[nodiscard]] virtual std::string_view public_authority() const = 0;
  // Every client has proved itself by a certificate before it could ask.
  [[nodiscard]] virtual bool clients_certified() const = 0;
  // When the server's own certificate ends, in seconds since 1970; null: it speaks plain HTTP.
  [[nodiscard]] virtual const Gauge* tls_certificate_end() const = 0;
  // A change of a task must say which version it is about.
  [[nodiscard]] virtual bool require_if_match() const = 0;
  // What the shards and the APIs of all reactors count; they outlive every API.
  [[nodiscard]] virtual std::span<const ShardMetrics* const> shard_metrics() const = 0;
  [[nodiscard]] virtual std::span<const StoreMetrics* const> store_metrics() const = 0;
  // The room on the data folder's volume (C-21).
  [[nodiscard]] virtual const StorageMetrics& storage() const = 0;
  // What the kernel tells of the process.
  [[nodiscard]] virtual const ProcessMetrics& process_metrics() const = 0;
  // CPU time of each turn of each reactor, in microseconds.
  [[nodiscard]] virtual std::span<const Histogram* const> turn_cpu_us() const = 0;
  [[nodiscard]] virtual std::span<const HttpCounters* const> http_counters() const = 0;
  // Handshakes of each reactor with https targets that went well, and those of them that resumed a
  // session.
  [[nodiscard]] virtual std::span<const Counter* const> tls_handshakes() const = 0;
  [[nodiscard]] virtual std::span<const Counter* const> tls_resumed() const = 0;
  // Handshakes of each reactor with clients: those that went well, and those that did not.
  [[nodiscard]] virtual std::span<const Counter* const> client_handshakes() const = 0;
  [[nodiscard]] virtual std::span<const Counter* const> client_handshakes_failed() const = 0;
};

// With little room left (low) most of what is asked still works; with none, nothing that changes
// anything (C-21).
inline bool is_ready(const ServerFacts& facts) {
  return facts.ready() && !facts.draining() && facts.storage().storage() != StorageState::kFull;
}

}  // namespace hourwheel
