// GET /v1/server: what runs here, how it keeps its promises, and the bounds a client may run into.
#include <utility>

#include "api/handlers.h"
#include "api/json_writer.h"
#include "api/page_request.h"
#include "api/words.h"
#include "engine/limits.h"

namespace hourwheel {
namespace {

void write_storage(JsonWriter& json, const StorageMetrics& storage) {
  auto bytes = [&json](std::string_view name, const Gauge& gauge) {
    json.name(name);
    json.count(static_cast<uint64_t>(gauge.value()));
  };
  json.begin_object();
  json.name("state");
  json.string(word_of(storage.storage()));
  bytes("free_bytes", storage.free_bytes);
  bytes("volume_bytes", storage.volume_bytes);
  bytes("reserve_bytes", storage.reserve_bytes);
  bytes("ballast_bytes", storage.ballast_bytes);
  json.end_object();
}

// Those that a client has to know of beforehand.
void write_limits(JsonWriter& json) {
  constexpr std::pair<std::string_view, uint64_t> kLimits[] = {
      {"body_bytes", kMaxRequestBody},
      {"page_size", kMaxPageSize},
      {"batch_operations", kMaxBatchOperations},
      {"payload_bytes", kMaxPayload},
      {"run_payload_bytes", kMaxRunPayload},
      {"run_payloads_bytes_per_task", kMaxRunPayloads},
      {"labels", kMaxLabels},
      {"open_runs_per_task", kMaxOpenRuns},
      {"backfill_instants", kMaxBackfill},
      {"pauses_in_force", static_cast<uint64_t>(kMaxPausesInForce)},
      {"api_keys", kMaxApiKeys},
      {"secrets", kMaxSecrets},
  };
  json.begin_object();
  for (const auto& [name, limit] : kLimits) {
    json.name(name);
    json.count(limit);
  }
  json.end_object();
}

// What depends on how the server was started.
void write_features(JsonWriter& json, Calls& calls) {
  const ServerFacts& facts = calls.facts();
  const std::pair<std::string_view, bool> features[] = {
      {"api_keys", calls.access().asks_for_keys()},
      {"client_certificates", facts.clients_certified()},
      {"completion", calls.links().available()},
      {"require_if_match", facts.require_if_match()},
  };
  json.begin_array();
  for (const auto& [name, has] : features) {
    if (has) json.string(name);
  }
  json.end_array();
}

void write_build(JsonWriter& json, const ServerFacts& facts) {
  json.name("version");
  json.string(facts.version());
  json.name("commit");
  json.string(facts.commit());
  json.name("tzdata_version");
  json.string(facts.tzdata_version());
}

}  // namespace

void show_server(Calls& calls, Call& call, const HttpRequest& /*request*/) {
  const ServerFacts& facts = calls.facts();
  HttpResponse response;
  JsonWriter json(response.body);
  json.begin_object();
  write_build(json, facts);
  json.name("started_at");
  json.instant(facts.started());
  json.name("io_backend");
  json.string(facts.io_backend());
  json.name("shards");
  json.count(calls.shards().shard_count());
  json.name("reactors");
  json.count(facts.reactor_count());
  json.name("scheme");
  json.string(facts.tls_certificate_end() == nullptr ? "http" : "https");
  json.name("dev");
  json.boolean(facts.dev_mode());
  json.name("ready");
  json.boolean(is_ready(facts));
  json.name("draining");
  json.boolean(facts.draining());
  json.name("durability");
  json.string("flush");  // C-1: there is no other
  json.name("storage");
  write_storage(json, facts.storage());
  json.name("limits");
  write_limits(json);
  json.name("features");
  write_features(json, calls);
  json.end_object();
  calls.respond(call, std::move(response));
}

}  // namespace hourwheel
