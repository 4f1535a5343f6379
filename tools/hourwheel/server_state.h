// What the threads of one server share: built before they start, then read only, but for the
// counters (single writer each) and the lines of the switchboard.
#pragma once

#include <latch>
#include <memory>
#include <string>
#include <vector>

#include "api/http_counters.h"
#include "api/rate_limit.h"
#include "api/server_facts.h"
#include "engine/metrics.h"
#include "engine/task_quotas.h"
#include "net/secret_box.h"
#include "net/signature.h"
#include "net/switchboard.h"
#include "net/tls_client.h"
#include "store/layout.h"
#include "store/store_thread.h"
#include "tools/hourwheel/log.h"
#include "tools/hourwheel/options.h"
#include "tools/hourwheel/tls_control.h"

namespace hourwheel {

struct ServerState {
  explicit ServerState(Log& its_log) : log(its_log) {}

  Log& log;
  ServeOptions options;
  std::unique_ptr<DataFolder> folder;
  std::unique_ptr<Switchboard> board;
  std::vector<StoreThread*> stores;  // by shard
  SystemTable system;                // as of the start
  std::vector<SigningSecret> signing_secrets;
  std::unique_ptr<SecretBox> secret_box;  // opens the stored secrets
  TlsRoots roots;                         // what https targets are trusted by
  std::unique_ptr<TlsControl> tls;        // what clients are served through; null: plain HTTP
  Instant started;
  std::string tzdata_version;
  bool on_loopback = true;
  KeyPolicy key_policy = KeyPolicy::kOnceMade;
  std::string session_secret;
  RateLimits rate_limits;  // written by all reactors (RL1)
  TaskQuotas quotas;       // written by the system desk and all reactors (TQ1)
  // No reactor takes its counters away while another may still show them.
  std::unique_ptr<std::latch> all_stopped;
  // What the metrics page reads; filled while the reactors are built, before any of them listens.
  std::vector<const ShardMetrics*> shard_metrics;  // by shard
  std::vector<const StoreMetrics*> store_metrics;  // by shard
  const StorageMetrics* storage = nullptr;
  const ProcessMetrics* process = nullptr;
  std::vector<const HttpCounters*> http_counters;  // by reactor
  std::vector<const Histogram*> turn_cpu_us;       // by reactor
  std::vector<const Counter*> tls_handshakes;      // by reactor
  std::vector<const Counter*> tls_resumed;         // by reactor
  std::vector<const Counter*> client_handshakes;   // by reactor
  std::vector<const Counter*> client_handshakes_failed;
};

}  // namespace hourwheel
