// GET /v1/stats: how the server is doing now, since it started, and lately. The counts are there to
// be read; only which breakers are open is asked of the shards, and only if there are any.
#include <algorithm>
#include <map>
#include <utility>

#include "api/handlers.h"
#include "api/json_writer.h"
#include "api/url_text.h"
#include "api/words.h"
#include "engine/schedule/time_text.h"

namespace hourwheel {
namespace {

constexpr std::array kStatuses{TaskStatus::kActive, TaskStatus::kPaused, TaskStatus::kCompleted,
                               TaskStatus::kQuarantined};

void write_ends(JsonWriter& json, const std::array<uint64_t, ShardMetrics::kEnds>& ended) {
  json.begin_object();
  for (size_t i = 0; i < ended.size(); ++i) {
    json.name(word_of(static_cast<RunState>(static_cast<size_t>(RunState::kSucceeded) + i)));
    json.count(ended[i]);
  }
  json.end_object();
}

void write_ms(JsonWriter& json, std::string_view name, const std::optional<uint64_t>& us) {
  json.name(name);
  if (us) {
    json.real(static_cast<double>(*us) / 1'000);
  } else {
    json.null();
  }
}

void write_gauge(JsonWriter& json, std::string_view name, int64_t value) {
  json.name(name);
  json.number(value);
}

// What the shards count, added up.
struct Sum {
  explicit Sum(std::span<const ShardMetrics* const> shards);
  int64_t in_flight = 0;
  int64_t waiting = 0;
  int64_t due_soon = 0;
  int64_t breakers_open = 0;
  std::array<int64_t, kStatuses.size()> tasks{};
  std::array<uint64_t, ShardMetrics::kEnds> ended{};
  uint64_t attempts = 0;
  uint64_t callbacks = 0;
  Histogram lateness_us;
};

Sum::Sum(std::span<const ShardMetrics* const> shards) {
  for (const ShardMetrics* shard : shards) {
    in_flight += shard->runs_in_flight.value();
    waiting += shard->runs_waiting.value();
    due_soon += shard->wheel_entries.value();
    breakers_open += shard->breakers_open.value();
    for (size_t i = 0; i < tasks.size(); ++i) tasks[i] += shard->tasks(kStatuses[i]).value();
    for (size_t i = 0; i < ended.size(); ++i) {
      const auto state = static_cast<RunState>(static_cast<size_t>(RunState::kSucceeded) + i);
      ended[i] += shard->runs_ended(state).value();
    }
    attempts += shard->attempts.value();
    callbacks += shard->callbacks.value();
    lateness_us.merge(shard->lateness_us);
  }
}

// What the breakers of one destination have in common, one of each shard at most.
struct LeftAlone {
  std::string destination;
  Instant since = kLastInstant;
  Instant next_probe = kLastInstant;
  uint32_t failures = 0;
  uint32_t shards = 0;
};

// Every shard tells of those that opened first, so that the first over all are among them.
class Breakers {
 public:
  void add(const BreakerPage& page) {
    for (const OpenBreaker& one : page.breakers) {
      LeftAlone& all = by_name_[one.destination];
      all.destination = one.destination;
      all.since = std::min(all.since, one.since);
      all.next_probe = std::min(all.next_probe, one.next_probe);
      all.failures = std::max(all.failures, one.failures);
      ++all.shards;
    }
  }
  void write(JsonWriter& json) const {
    json.begin_array();
    for (const LeftAlone& one : first()) {
      json.begin_object();
      json.name("destination");
      json.string(one.destination);
      json.name("since");
      json.instant(one.since);
      json.name("next_probe_at");
      json.instant(one.next_probe);
      json.name("failures");
      json.count(one.failures);
      json.name("shards");
      json.count(one.shards);
      json.end_object();
    }
    json.end_array();
  }

 private:
  [[nodiscard]] std::vector<LeftAlone> first() const {
    std::vector<LeftAlone> all;
    for (const auto& [name, one] : by_name_) all.push_back(one);
    std::stable_sort(all.begin(), all.end(),
                     [](const LeftAlone& a, const LeftAlone& b) { return a.since < b.since; });
    if (all.size() > kBreakersTold) all.resize(kBreakersTold);
    return all;
  }

  std::map<std::string, LeftAlone> by_name_;
};

void write_now(JsonWriter& json, const Calls& calls, const Sum& sum, const Breakers& breakers) {
  json.name("now");
  json.begin_object();
  write_gauge(json, "runs_in_flight", sum.in_flight);
  write_gauge(json, "runs_waiting", sum.waiting);
  write_gauge(json, "tasks_due_soon", sum.due_soon);
  json.name("pauses_in_force");
  json.count(calls.pauses().all_in_force(calls.now()).size());
  write_gauge(json, "breakers_open", sum.breakers_open);
  json.name("breakers");
  breakers.write(json);
  json.name("tasks");
  json.begin_object();
  for (size_t i = 0; i < sum.tasks.size(); ++i) {
    write_gauge(json, word_of(kStatuses[i]), sum.tasks[i]);
  }
  json.end_object();
  json.end_object();
}

void write_since_start(JsonWriter& json, const Calls& calls, const Sum& sum) {
  json.name("since_start");
  json.begin_object();
  json.name("started_at");
  json.instant(calls.facts().started());
  json.name("runs");
  write_ends(json, sum.ended);
  json.name("attempts");
  json.count(sum.attempts);
  json.name("callbacks");
  json.count(sum.callbacks);
  const bool any = sum.lateness_us.count() > 0;
  for (const auto& [name, q] : {std::pair("lateness_p50_ms", 0.5), {"lateness_p99_ms", 0.99}}) {
    write_ms(json, name, any ? std::optional(sum.lateness_us.quantile(q)) : std::nullopt);
  }
  json.end_object();
}

void write_step(JsonWriter& json, const StatsStep& step) {
  json.begin_object();
  json.name("end");
  json.instant(step.end);
  json.name("seconds");
  json.real(static_cast<double>(step.length.ms) / 1'000);
  json.name("runs");
  write_ends(json, step.runs_ended);
  json.name("attempts");
  json.count(step.attempts);
  write_ms(json, "lateness_p50_ms", step.lateness_p50_us);
  write_ms(json, "lateness_p99_ms", step.lateness_p99_us);
  json.end_object();
}

// kBadRequest.
Result<Duration> window_of(const HttpRequest& request) {
  auto parameters = parse_query(request.query);
  if (!parameters) return failure(std::move(parameters.error()));
  Duration window = kStatsKept;
  for (const auto& [name, value] : *parameters) {
    if (name != "window") {
      return failure(ErrorCode::kBadRequest, "", "the query takes no parameter \"" + name + "\"");
    }
    auto read = parse_duration(value);
    if (!read || read->ms <= 0) {
      return failure(ErrorCode::kBadRequest, "", "window is a duration, as PT15M, not zero");
    }
    window = *read;
  }
  return window;
}

void respond_stats(Calls& calls, Call& call, Duration window, const Breakers& breakers) {
  const Sum sum(calls.facts().shard_metrics());
  HttpResponse response;
  JsonWriter json(response.body);
  json.begin_object();
  json.name("at");
  json.instant(calls.now());
  write_now(json, calls, sum, breakers);
  write_since_start(json, calls, sum);
  json.name("series");
  json.begin_array();
  for (const StatsStep& step : calls.stats().steps()) {
    if (step.end + window >= calls.now()) write_step(json, step);
  }
  json.end_array();
  json.end_object();
  calls.respond(call, std::move(response));
}

// A shard that has no room for the question is left out of the list: how a server is doing is told
// above all when it has too much to do, and the count tells of what is missing.
class StatsAnswer : public Answer {
 public:
  explicit StatsAnswer(Duration window) : window_(window) {}

  void ask(Calls& calls, Call& call) {
    for (uint32_t shard = 0; shard < calls.shards().shard_count(); ++shard) {
      if (calls.post(call, shard, shard, ListBreakers{})) ++outstanding_;
    }
    if (outstanding_ == 0) respond_stats(calls, call, window_, breakers_);
  }
  void on_part(Calls& calls, Call& call, Reply reply) override {
    const auto& answer = std::get<Result<QueryAnswer>>(reply.body);
    if (answer) breakers_.add(std::get<BreakerPage>(*answer));
    if (--outstanding_ == 0) respond_stats(calls, call, window_, breakers_);
  }

 private:
  Duration window_;
  Breakers breakers_;
  size_t outstanding_ = 0;
};

}  // namespace

void show_stats(Calls& calls, Call& call, const HttpRequest& request) {
  auto window = window_of(request);
  if (!window) return calls.refuse(call, std::move(window.error()));
  if (Sum(calls.facts().shard_metrics()).breakers_open == 0) {
    return respond_stats(calls, call, *window, {});
  }
  auto answer = std::make_unique<StatsAnswer>(*window);
  StatsAnswer& started = *answer;
  call.answer = std::move(answer);
  started.ask(calls, call);
}

}  // namespace hourwheel
