// The one file that knows prometheus-cpp: its serializer turns our counts into the page.
#include "api/metrics_page.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "api/http_counters.h"
#include "api/routes.h"
#include "api/words.h"

namespace hourwheel {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;
using Shards = std::span<const ShardMetrics* const>;

constexpr double kMicrosecondsPerSecond = 1e6;
constexpr double kMillisecondsPerSecond = 1e3;

constexpr RunState kEnds[] = {RunState::kSucceeded, RunState::kDead, RunState::kSkipped,
                              RunState::kCanceled, RunState::kUnknown};

std::string_view word_of(CommandKind kind) {
  constexpr std::string_view kWords[] = {"create",   "replace",       "delete",   "pause",
                                         "resume",   "run",           "redrive",  "cancel",
                                         "backfill", "stop_backfill", "complete", "discard"};
  return kWords[static_cast<size_t>(kind)];
}

class Page {
 public:
  // Starts a family; the metrics that follow belong to it.
  void family(MetricType type, std::string name, std::string help) {
    foreign_family(type, "hourwheel_" + std::move(name), std::move(help));
  }
  // Of those whose names are the same with every program.
  void foreign_family(MetricType type, std::string name, std::string help) {
    families_.push_back({std::move(name), std::move(help), type, {}});
  }
  void add(Labels labels, double value) {
    ClientMetric metric;
    metric.label = std::move(labels);
    MetricFamily& last = families_.back();
    if (last.type == MetricType::Counter) {
      metric.counter.value = value;
    } else {
      metric.gauge.value = value;
    }
    last.metric.push_back(std::move(metric));
  }
  // The histogram's values are in units of which `scale` make one of the page's.
  void add(const Histogram& histogram, std::span<const uint64_t> bounds, double scale,
           Labels labels = {}) {
    ClientMetric metric;
    metric.label = std::move(labels);
    for (uint64_t bound : bounds) {
      // Our buckets end where they end: the page gives the bound at which the count is exact.
      uint64_t edge = Histogram::edge(bound);
      metric.histogram.bucket.push_back(
          {histogram.cumulative(edge), static_cast<double>(edge) / scale});
    }
    // All three from one look, so that the page is consistent in itself.
    uint64_t count = histogram.count();
    metric.histogram.bucket.push_back({count, std::numeric_limits<double>::infinity()});
    metric.histogram.sample_count = count;
    metric.histogram.sample_sum = static_cast<double>(histogram.sum()) / scale;
    families_.back().metric.push_back(std::move(metric));
  }
  [[nodiscard]] std::string text() const {
    return prometheus::TextSerializer().Serialize(families_);
  }

 private:
  std::vector<MetricFamily> families_;
};

// Of an HTTP status: 0 is 1xx.
std::string class_word(size_t status_class) {
  return std::to_string(status_class + 1) + "xx";
}

double sum_of(Shards shards, const Counter ShardMetrics::*counter) {
  uint64_t sum = 0;
  for (const ShardMetrics* shard : shards) sum += (shard->*counter).value();
  return static_cast<double>(sum);
}

void add_gauge(Page& page, Shards shards, const Gauge ShardMetrics::*gauge, double scale) {
  for (size_t i = 0; i < shards.size(); ++i) {
    page.add({{"shard", std::to_string(i)}},
             static_cast<double>((shards[i]->*gauge).value()) / scale);
  }
}

Histogram& merged(Shards shards, const Histogram ShardMetrics::*histogram, Histogram& into) {
  for (const ShardMetrics* shard : shards) into.merge(shard->*histogram);
  return into;
}

void add_runs(Page& page, Shards shards) {
  page.family(MetricType::Counter, "runs_total", "Runs that ended, by outcome.");
  for (RunState end : kEnds) {
    uint64_t sum = 0;
    for (const ShardMetrics* shard : shards) sum += shard->runs_ended(end).value();
    page.add({{"outcome", std::string(word_of(end))}}, static_cast<double>(sum));
  }
  page.family(MetricType::Counter, "late_runs_total",
              "First attempts that started later than their task's max_lateness.");
  page.add({}, sum_of(shards, &ShardMetrics::late_runs));
  page.family(MetricType::Counter, "callbacks_total", "Callbacks made for runs that ended.");
  page.add({}, sum_of(shards, &ShardMetrics::callbacks));
  // 1, 2, 5 ms and so on to an hour.
  constexpr uint64_t kBoundsUs[] = {
      1'000,   2'000,     5'000,     10'000,    20'000,     50'000,     100'000,     200'000,
      500'000, 1'000'000, 2'000'000, 5'000'000, 10'000'000, 60'000'000, 600'000'000, 3'600'000'000};
  Histogram lateness;
  page.family(MetricType::Histogram, "lateness_seconds",
              "From a run's due instant to the start of its first attempt.");
  page.add(merged(shards, &ShardMetrics::lateness_us, lateness), kBoundsUs, kMicrosecondsPerSecond);
}

void add_attempts(Page& page, Shards shards) {
  page.family(MetricType::Counter, "attempts_started_total", "Attempts started.");
  page.add({}, sum_of(shards, &ShardMetrics::attempts));
  page.family(MetricType::Counter, "attempts_total",
              "Attempts that ended, by what they came to, and responses by class of status.");
  for (size_t status_class = 0; status_class < ShardMetrics::kResponseClasses; ++status_class) {
    uint64_t sum = 0;
    for (const ShardMetrics* shard : shards) sum += shard->responses(status_class).value();
    page.add({{"outcome", std::string(word_of(AttemptResult::kResponded))},
              {"code", class_word(status_class)}},
             static_cast<double>(sum));
  }
  for (size_t i = 1; i < ShardMetrics::kResults; ++i) {
    const auto result = static_cast<AttemptResult>(i);
    if (result == AttemptResult::kResponded) continue;
    uint64_t sum = 0;
    for (const ShardMetrics* shard : shards) sum += shard->attempts_ended(result).value();
    page.add({{"outcome", std::string(word_of(result))}, {"code", "none"}},
             static_cast<double>(sum));
  }
  // 1 ms to 15 min, the longest an attempt may take.
  constexpr uint64_t kBoundsUs[] = {1'000,       2'000,      5'000,      10'000,     20'000,
                                    50'000,      100'000,    200'000,    500'000,    1'000'000,
                                    2'000'000,   5'000'000,  10'000'000, 30'000'000, 60'000'000,
                                    120'000'000, 900'000'000};
  Histogram took;
  page.family(MetricType::Histogram, "attempt_duration_seconds",
              "From an attempt's start to its response or failure.");
  page.add(merged(shards, &ShardMetrics::attempt_us, took), kBoundsUs, kMicrosecondsPerSecond);
}

void add_commits(Page& page, Shards shards) {
  constexpr CommandKind kKinds[] = {
      CommandKind::kCreate,       CommandKind::kReplace,  CommandKind::kDelete,
      CommandKind::kPause,        CommandKind::kResume,   CommandKind::kRun,
      CommandKind::kRedrive,      CommandKind::kCancel,   CommandKind::kBackfill,
      CommandKind::kStopBackfill, CommandKind::kComplete, CommandKind::kDiscard};
  page.family(MetricType::Counter, "commands_total", "Commands decided, by kind.");
  for (CommandKind kind : kKinds) {
    uint64_t sum = 0;
    for (const ShardMetrics* shard : shards) sum += shard->commands(kind).value();
    page.add({{"kind", std::string(word_of(kind))}}, static_cast<double>(sum));
  }
  page.family(MetricType::Counter, "refusals_total", "Commands and queries refused at a limit.");
  page.add({}, sum_of(shards, &ShardMetrics::refusals));
  // Each shard notices a step of its own accord; the one that saw most has seen all.
  uint64_t steps = 0;
  for (const ShardMetrics* shard : shards) steps = std::max(steps, shard->clock_steps.value());
  page.family(MetricType::Counter, "clock_steps_total",
              "Steps of the wall clock by 50 ms or more.");
  page.add({}, static_cast<double>(steps));
  page.family(MetricType::Counter, "commits_total", "Batches handed to the store.");
  page.add({}, sum_of(shards, &ShardMetrics::commits));
  constexpr uint64_t kBounds[] = {1, 3, 10, 31, 100, 320, 1'000, 3'200, 8'192};
  Histogram batches;
  page.family(MetricType::Histogram, "batch_size", "Changes in a batch.");
  page.add(merged(shards, &ShardMetrics::batch_changes, batches), kBounds, 1);
}

void add_tasks(Page& page, Shards shards) {
  page.family(MetricType::Gauge, "tasks", "Tasks that are stored, by state.");
  for (TaskStatus state : {TaskStatus::kActive, TaskStatus::kPaused, TaskStatus::kCompleted,
                           TaskStatus::kQuarantined}) {
    int64_t sum = 0;
    for (const ShardMetrics* shard : shards) sum += shard->tasks(state).value();
    page.add({{"state", std::string(word_of(state))}}, static_cast<double>(sum));
  }
}

void add_shards(Page& page, Shards shards) {
  page.family(MetricType::Gauge, "wheel_entries", "Entries in the timing wheel.");
  add_gauge(page, shards, &ShardMetrics::wheel_entries, 1);
  page.family(MetricType::Gauge, "tasks_in_memory", "Tasks a shard holds in memory.");
  add_gauge(page, shards, &ShardMetrics::tasks_in_memory, 1);
  page.family(MetricType::Gauge, "tasks_dormant",
              "Tasks due within the horizon of which a shard holds nothing but the instant.");
  add_gauge(page, shards, &ShardMetrics::tasks_dormant, 1);
  page.family(MetricType::Gauge, "runs_waiting", "Due runs that wait in their destination's line.");
  add_gauge(page, shards, &ShardMetrics::runs_waiting, 1);
  page.family(MetricType::Gauge, "runs_in_flight", "Runs with an attempt in flight.");
  add_gauge(page, shards, &ShardMetrics::runs_in_flight, 1);
  page.family(MetricType::Gauge, "breakers_open",
              "Destinations to which nothing but a probe is sent, of each shard.");
  add_gauge(page, shards, &ShardMetrics::breakers_open, 1);
  page.family(MetricType::Counter, "breaker_opens_total",
              "Times a destination's breaker opened after failures in a row.");
  page.add({}, sum_of(shards, &ShardMetrics::breaker_opens));
  page.family(MetricType::Counter, "tasks_parked_total",
              "Times a due task that may not start was given up from memory, to be read again.");
  page.add({}, sum_of(shards, &ShardMetrics::parked));
  page.family(MetricType::Gauge, "pauses_in_force", "Pauses of label selections or of everything.");
  int64_t pauses = 0;  // every shard has the same
  for (const ShardMetrics* shard : shards) {
    pauses = std::max(pauses, shard->pauses_in_force.value());
  }
  page.add({}, static_cast<double>(pauses));
  page.family(MetricType::Gauge, "armed_bytes", "Bytes of definitions held for firing.");
  add_gauge(page, shards, &ShardMetrics::armed_bytes, 1);
  page.family(MetricType::Gauge, "horizon_lag_seconds",
              "How far the horizon is behind where it wants to be.");
  add_gauge(page, shards, &ShardMetrics::horizon_lag_ms, kMillisecondsPerSecond);
}

void add_stores(Page& page, std::span<const StoreMetrics* const> stores) {
  // 0.1 ms to 5 s.
  constexpr uint64_t kBoundsUs[] = {100,    200,    500,     1'000,   2'000,     5'000,    10'000,
                                    20'000, 50'000, 100'000, 200'000, 1'000'000, 5'000'000};
  Histogram commits;
  for (const StoreMetrics* store : stores) commits.merge(store->commit_us);
  page.family(MetricType::Histogram, "commit_duration_seconds",
              "One commit of a batch, its flush included.");
  page.add(commits, kBoundsUs, kMicrosecondsPerSecond);
  auto gauge = [&](const char* name, const char* help, const Gauge StoreMetrics::*member) {
    page.family(MetricType::Gauge, name, help);
    for (size_t i = 0; i < stores.size(); ++i) {
      page.add({{"shard", std::to_string(i)}}, static_cast<double>((stores[i]->*member).value()));
    }
  };
  gauge("wal_bytes", "Size of the write-ahead log.", &StoreMetrics::wal_bytes);
  gauge("file_bytes", "Size of the data file.", &StoreMetrics::file_bytes);
  gauge("run_log_bytes", "Of that, the run log.", &StoreMetrics::run_log_bytes);
  gauge("fold_lag_tasks", "Tasks whose state is not yet in its table.",
        &StoreMetrics::fold_lag_tasks);
  page.family(MetricType::Counter, "commits_put_off_total",
              "Tries of a commit that found the disk full.");
  uint64_t put_off = 0;
  for (const StoreMetrics* store : stores) put_off += store->storage_low.value();
  page.add({}, static_cast<double>(put_off));
  page.family(MetricType::Counter, "damaged_rows_total", "Stored rows that could not be read.");
  uint64_t damaged = 0;
  for (const StoreMetrics* store : stores) damaged += store->damaged_rows.value();
  page.add({}, static_cast<double>(damaged));
}

void add_storage(Page& page, const StorageMetrics& storage) {
  auto gauge = [&page](const char* name, const char* help, const Gauge& value) {
    page.family(MetricType::Gauge, name, help);
    page.add({}, static_cast<double>(value.value()));
  };
  gauge("storage_state", "Room on the volume of the data folder: 0 ok, 1 low, 2 full.",
        storage.state);
  gauge("storage_free_bytes", "Free on the volume of the data folder.", storage.free_bytes);
  gauge("storage_reserve_bytes", "With less than this free, storage is low.",
        storage.reserve_bytes);
}

void add_turns(Page& page, std::span<const Histogram* const> reactors) {
  constexpr uint64_t kBoundsUs[] = {10,    20,    50,    100,    200,    500,
                                    1'000, 2'000, 5'000, 10'000, 20'000, 50'000};
  Histogram turns;
  for (const Histogram* reactor : reactors) turns.merge(*reactor);
  page.family(MetricType::Histogram, "turn_cpu_seconds", "CPU time of one turn of a reactor.");
  page.add(turns, kBoundsUs, kMicrosecondsPerSecond);
}

std::string method_word(const Route* route) {
  return std::string(route == nullptr ? "other" : route->method);
}
std::string route_word(const Route* route) {
  return std::string(route == nullptr ? "none" : route->path);
}

void add_http_row(Page& page, std::span<const HttpCounters* const> all, const Route* route) {
  for (size_t status_class = 0; status_class < HttpCounters::kClasses; ++status_class) {
    uint64_t sum = 0;
    for (const HttpCounters* one : all) sum += one->answered(route, status_class);
    if (sum == 0) continue;
    page.add({{"method", method_word(route)},
              {"route", route_word(route)},
              {"code", class_word(status_class)}},
             static_cast<double>(sum));
  }
}

void add_http_duration(Page& page, std::span<const HttpCounters* const> all, const Route* route) {
  constexpr uint64_t kBoundsUs[] = {1'000,     2'000,     5'000,      10'000,    20'000,
                                    50'000,    100'000,   200'000,    500'000,   1'000'000,
                                    2'000'000, 5'000'000, 10'000'000, 60'000'000};
  Histogram took;
  for (const HttpCounters* one : all) took.merge(one->took_us(route));
  if (took.count() == 0) return;
  page.add(took, kBoundsUs, kMicrosecondsPerSecond,
           {{"method", method_word(route)}, {"route", route_word(route)}});
}

void add_http(Page& page, std::span<const HttpCounters* const> all) {
  page.family(MetricType::Counter, "http_requests_total",
              "Requests answered, by route and class of status.");
  for (const Route& route : routes()) add_http_row(page, all, &route);
  add_http_row(page, all, nullptr);
  page.family(MetricType::Histogram, "http_request_duration_seconds",
              "From a request's arrival to its answer, or to the head of a stream.");
  for (const Route& route : routes()) add_http_duration(page, all, &route);
  add_http_duration(page, all, nullptr);
  page.family(MetricType::Gauge, "stream_clients",
              "Requests that stay open: streams of changes, and waits that were asked for.");
  int64_t followers = 0;
  for (const HttpCounters* one : all) followers += one->followers();
  page.add({}, static_cast<double>(followers));
  page.family(MetricType::Counter, "http_requests_closed_total",
              "Requests whose client left, or that were given up, before the whole answer.");
  uint64_t closed = 0;
  for (const HttpCounters* one : all) closed += one->closed();
  page.add({}, static_cast<double>(closed));
}

void add_overload(Page& page, std::span<const HttpCounters* const> all) {
  constexpr std::pair<Demand, std::string_view> kDemandWords[] = {
      {Demand::kList, "list"}, {Demand::kCreate, "create"}, {Demand::kChange, "change"}};
  constexpr std::pair<Strain, std::string_view> kStrainWords[] = {{Strain::kChanges, "changes"},
                                                                  {Strain::kBytes, "bytes"},
                                                                  {Strain::kWait, "wait"},
                                                                  {Strain::kLag, "lag"},
                                                                  {Strain::kLists, "lists"}};
  page.family(MetricType::Counter, "shed_total",
              "Requests and entries of batches refused early, because there is too much to do.");
  for (auto [demand, demand_word] : kDemandWords) {
    for (auto [strain, strain_word] : kStrainWords) {
      uint64_t sum = 0;
      for (const HttpCounters* one : all) sum += one->shed(demand, strain);
      page.add({{"demand", std::string(demand_word)}, {"reason", std::string(strain_word)}},
               static_cast<double>(sum));
    }
  }
  int64_t pressure = 0;
  for (const HttpCounters* one : all) pressure = std::max(pressure, one->pressure());
  page.family(MetricType::Gauge, "pressure_ratio",
              "Of the reactor that has most to do: from 1 on creates are refused.");
  page.add({}, static_cast<double>(pressure) / 100);
}

void add_lags(Page& page, std::span<const HttpCounters* const> all) {
  constexpr uint64_t kBoundsUs[] = {1'000,  2'000,   5'000,   10'000,    20'000,
                                    50'000, 100'000, 200'000, 1'000'000, 5'000'000};
  page.family(MetricType::Histogram, "loop_lag_seconds",
              "How long one turn of a reactor's loop took: so long what came meanwhile waited.");
  for (size_t i = 0; i < all.size(); ++i) {
    page.add(all[i]->lag_us(), kBoundsUs, kMicrosecondsPerSecond, {{"reactor", std::to_string(i)}});
  }
}

// The names that Prometheus's client libraries have agreed on.
void add_process(Page& page, const ProcessMetrics& now) {
  auto add = [&page](MetricType type, const char* name, const char* help, double value) {
    page.foreign_family(type, name, help);
    page.add({}, value);
  };
  auto number = [](const Gauge& gauge) { return static_cast<double>(gauge.value()); };
  add(MetricType::Counter, "process_cpu_seconds_total", "CPU time of the process, user and system.",
      number(now.cpu_ms) / kMillisecondsPerSecond);
  add(MetricType::Gauge, "process_resident_memory_bytes", "Memory that is resident.",
      number(now.resident_bytes));
  add(MetricType::Gauge, "process_virtual_memory_bytes", "Address space in use.",
      number(now.virtual_bytes));
  add(MetricType::Gauge, "process_open_fds", "Descriptors that are open.", number(now.open_fds));
  add(MetricType::Gauge, "process_max_fds", "Descriptors that may be open.", number(now.max_fds));
  add(MetricType::Gauge, "process_start_time_seconds", "When the process started, as Unix time.",
      number(now.started_ms) / kMillisecondsPerSecond);
}

void add_tls(Page& page, const ServerFacts& facts) {
  if (const Gauge* end = facts.tls_certificate_end()) {
    page.family(MetricType::Gauge, "tls_certificate_not_after_seconds",
                "When the server's own certificate ends, as Unix time.");
    page.add({}, static_cast<double>(end->value()));
  }
  auto sum = [&page](const char* name, const char* help, std::span<const Counter* const> all) {
    uint64_t total = 0;
    for (const Counter* one : all) total += one->value();
    page.family(MetricType::Counter, name, help);
    page.add({}, static_cast<double>(total));
  };
  sum("tls_handshakes_total", "TLS handshakes with clients that went well.",
      facts.client_handshakes());
  sum("tls_handshakes_failed_total",
      "Those that did not: refused by one of the two, broken off, or not done in time.",
      facts.client_handshakes_failed());
  sum("target_tls_handshakes_total", "TLS handshakes with https targets that went well.",
      facts.tls_handshakes());
  sum("target_tls_resumed_total", "Of those, the ones that resumed a session.",
      facts.tls_resumed());
}

}  // namespace

std::string metrics_page(const ServerFacts& facts, const LogDoor& log, MetricsFormat format) {
  Page page;
  page.family(MetricType::Counter, "log_dropped_total",
              "Lines of the log that did not fit, because nobody read them.");
  page.add({}, static_cast<double>(log.dropped()));
  page.family(MetricType::Gauge, "build_info", "The version that runs; always 1.");
  page.add({{"version", std::string(facts.version())}}, 1);
  page.family(MetricType::Gauge, "io_backend_info", "What attempts are sent with; always 1.");
  page.add({{"backend", std::string(facts.io_backend())}}, 1);
  Shards shards = facts.shard_metrics();
  add_runs(page, shards);
  add_attempts(page, shards);
  add_commits(page, shards);
  add_tasks(page, shards);
  add_shards(page, shards);
  add_stores(page, facts.store_metrics());
  add_storage(page, facts.storage());
  add_turns(page, facts.turn_cpu_us());
  add_lags(page, facts.http_counters());
  add_process(page, facts.process_metrics());
  add_tls(page, facts);
  add_http(page, facts.http_counters());
  add_overload(page, facts.http_counters());
  return format == MetricsFormat::kOpenMetrics ? as_openmetrics(page.text()) : page.text();
}

}  // namespace hourwheel
