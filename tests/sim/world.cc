#include "tests/sim/world.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "tests/sim/status_check.h"

namespace hourwheel {
namespace {

constexpr Instant kBeginning{1'700'000'000'000};
constexpr size_t kMaxSteps = 60'000;

}  // namespace

World::Node::Node(World& of, uint32_t number)
    : world(of),
      index(number),
      ledger(of.trace_),
      callbacks(of.trace_, number, of.features_.shards),
      memory(of.trace_, ledger, of.features_.memory, of.gone_in_line()),
      deliveries(of.trace_, ledger) {
  disk = of.store_kind_ == StoreKind::kModel
             ? make_model_disk(ledger)
             : make_real_disk(ledger, of.trace_, number, of.random_.next());
  ledger.watch(of.pauses_);
  ledger.hold_against(callbacks);
  ledger.hold_against(of.audit_check_);
  ledger.hold_against(of.quota_check_);
}

World::World(const WorldPlan& plan, const Features& features, Trace& trace)
    : store_kind_(plan.store),
      trace_(trace),
      features_(features),
      random_(plan.seed),
      now_(kBeginning + milliseconds(static_cast<int64_t>(random_.below(uint64_t{1} << 37)))),
      started_(now_),
      mono_zero_(now_),
      audit_check_(trace),
      quota_check_(features.quotas, trace),
      clients_(features_, trace, random_.next()),
      answer_times_(trace),
      pauses_(features_, trace, plan.seed),
      client_due_(now_) {
  trace_.at(now_);
  const MemoryLimits& m = features_.memory;
  trace_.note(
      "memory: %u tasks, %u dormant, %zu armed bytes, %u fetches, a page of %u, %u urgent, %u "
      "commands, %u queries, %u changes, %u callbacks",
      m.tasks, m.dormant, m.armed_bytes, m.arming_fetches, m.scan_page, m.urgent_reserve,
      m.commands_waiting, m.queries, m.batch_changes, m.batch_callbacks);
  clients_.know(fates_);
  clients_.hold_against(audit_check_);
  clients_.hold_against(quota_check_);
  for (uint32_t i = 0; i < features_.shards; ++i)
    nodes_.push_back(std::make_unique<Node>(*this, i));
}

World::~World() = default;

World::Totals World::totals() const {
  Totals totals = totals_;
  totals.lived_ms = static_cast<uint64_t>((now_ - started_).ms);
  totals.acknowledged = clients_.acknowledged();
  totals.pauses = pauses_.begun();
  for (const auto& node : nodes_) {
    totals.sends += node->deliveries.sends();
    totals.repeats += node->deliveries.repeats();
    totals.callbacks += node->callbacks.seen();
    totals.memory_looks += node->memory.looks();
    totals.full_memories += node->memory.full();
    totals.run_records += node->ledger.last_position();
    const Disk::Faults faults = node->disk->faults();
    totals.disk_faults += faults.errors;
    totals.lost_sectors += faults.lost_sectors;
    totals.failed_reads += faults.reads;
    totals.kills += faults.starts_killed;
    totals.power_cuts += faults.starts_cut;
  }
  return totals;
}

void World::count_life(const Node& node) {
  totals_.parked += node.shard->metrics().parked.value();
  totals_.target_faults += node.targets->faults();
  totals_.stalls += node.store->stalls();
  totals_.unread += node.store->failed_reads();
}

// --- lives ---

void World::boot() {
  mono_zero_ = now_ - milliseconds(static_cast<int64_t>(random_.below(1'000'000)));
  const PauseTable pauses = pauses_.boot(nodes_.size(), now_);
  quotas_ = std::make_unique<TaskQuotas>();
  MadeBy made_by;
  for (auto& node : nodes_) {
    StoreBackend& backend = node->disk->open();
    node->disk->compare();
    RecoveredShard recovered = backend.recovered();
    add_up(made_by, recovered.made_by);
    check_statuses(node->ledger, recovered.statuses, "a start finds", trace_);
    trace_.note("boot %u counter %llu mark %lld", node->index,
                static_cast<unsigned long long>(recovered.counter),
                static_cast<long long>(recovered.send_mark.ms));
    node->deliveries.booted(now_);
    node->store =
        std::make_unique<SimStore>(backend, node->ledger, trace_, features_, random_.next());
    if (node->recording != nullptr) node->store->record(*node->recording);
    node->targets =
        std::make_unique<SimTargets>(features_, trace_, node->deliveries, random_.next());
    node->targets->watch(watchers_);
    if (!faults_on_) heal(*node);
    node->shard = std::make_unique<Shard>(
        node->index, random_.next(), recovered, now_,
        ShardDoors{*node->store, *node->targets, *node, teller_, nullptr, quotas_.get()});
    node->shard->post(PauseTable(pauses));
    node->told.reset();
    node->offset = Duration{now_.ms - now().mono.ms};
    node->callbacks.new_life();
    node->memory.look_soon();
    limit(*node);
    node->hungry = true;
  }
  quota_check_.begin(*quotas_, made_by);
  moments_.reset();
  if (faults_on_ && random_.chance(features_.storm_percent)) moments_ = random_.below(80);
}

void World::limit(Node& node) const {
  LineLimits limits;
  if (features_.longest_line > 0) limits = {features_.longest_line, 8, 1, limits.callbacks_kept};
  if (features_.hung_targets > 0) limits.in_flight_unproven = 1;
  limits.breaker_failures = features_.breaker_failures;
  const MemoryLimits& memory = features_.memory;
  limits.crowded = std::min(limits.crowded, memory.tasks / 4);
  limits.callbacks_kept = std::min(
      {limits.callbacks_kept, features_.callbacks_kept, memory.tasks - memory.scan_reserve()});
  node.shard->limit_lines(limits);
  node.shard->limit_memory(memory);
  node.shard->own(partitions_of(node.index, features_.shards));
}

void World::heal(Node& node) {
  node.targets->heal();
  node.store->heal();
}

void World::end_life(Node& node) {
  count_life(node);
  node.shard.reset();
}

// C-26: no new runs, what is in flight ends or is cut off, all is durable.
void World::drain() {
  ++totals_.drains;
  trace_.note("drain");
  make_room();
  for (auto& node : nodes_) node->shard->drain();
  for (auto& node : nodes_) node->hungry = true;
  const Instant patience = now_ + (random_.chance(50) ? kDrainTimeout : milliseconds(10));
  auto drained = [this] {
    return pauses_.unanswered() == 0 &&
           std::all_of(nodes_.begin(), nodes_.end(), [](const auto& node) {
             return node->shard->drained() && node->store->idle();
           });
  };
  clients_on_ = false;
  for (size_t steps = 0; !drained() && !trace_.failed(); ++steps) {
    if (steps == kMaxSteps) {
      return trace_.fail("C-26 the drain does not end");
    }
    if (now_ > patience) {
      for (auto& node : nodes_) {
        while (node->targets->in_flight() > 0) post(*node, node->targets->cut_off(now_));
      }
    }
    if (now_ > patience + minutes(5)) {
      return trace_.fail("C-26 the drain does not end in 5 minutes");
    }
    if (!step()) pass_time();
    if (crash_wanted_) return;
  }
}

void World::drain_and_restart() {
  drain();
  clients_on_ = faults_on_;
  if (trace_.failed() || crash_wanted_) return;
  if (clients_.unanswered() > 0) {
    return trace_.fail("C-26 a drain leaves %zu requests unanswered", clients_.unanswered());
  }
  for (auto& node : nodes_) {
    end_life(*node);
    node->disk->close_clean();
    node->store.reset();
    node->targets.reset();
    node->deliveries.stopped(Deliveries::Stop::kClean);
  }
  now_ = now_ +
         milliseconds(static_cast<int64_t>(random_.below(random_.chance(80) ? 5'000 : 9'000'000)));
  trace_.at(now_);
  boot();
}

// --- steps ---

void World::post(Node& node, Message message) {
  node.hungry = true;
  node.shard->post(std::move(message));
}

void World::ask(Clients::Request request) {
  Node& node = *nodes_[request.shard];
  const auto* commands = std::get_if<Commands>(&request.message);
  const RequestToken token =
      commands != nullptr ? commands->token : std::get<QueryRequest>(request.message).token;
  answer_times_.asked(token.slot, request.shard, clock_of(node));
  if (commands != nullptr) {
    for (const Command& command : commands->commands) {
      const bool ends =
          command.kind == CommandKind::kComplete && command.report.kind != ReportKind::kHeartbeat;
      if (ends) node.deliveries.report_asked(command.run, command.attempt);
      if (ends) node.reports[token.slot].push_back({command.run, command.attempt});
    }
  }
  post(node, std::move(request.message));
}

Duration World::clock_of(const Node& node) const {
  return Duration{now().mono.ms} - node.store->worked() - stopped_;
}

void World::send(std::vector<Clients::Request> requests) {
  for (Clients::Request& request : requests) ask(std::move(request));
}

void World::audit() {
  send(clients_.audit());
}

void World::tell_pauses() {
  auto table = pauses_.turn(now_);
  if (!table) return;
  const auto most = static_cast<uint64_t>(features_.store_latency.ms) + 1;
  for (auto& node : nodes_) {
    node->told = *table;
    node->told_at = now_ + milliseconds(static_cast<int64_t>(random_.below(most)));
  }
}

void World::Watchers::attempt_starts(const AttemptStart& attempt) {
  world.clients_.attempt_starts(attempt);
  world.pauses_.attempt_starts(attempt.spec.labels, attempt.now);
}

bool World::Fates::completed(TaskKey key, Version version) const {
  return std::any_of(world.nodes_.begin(), world.nodes_.end(),
                     [&](const auto& node) { return node->callbacks.completed(key, version); });
}

void World::client_asks() {
  ++asked_;
  if (features_.global_pauses && random_.chance(8)) {
    pauses_.ask(now_);
    tell_pauses();
  }
  auto request = clients_.next(now_);
  trace_.note("client asks shard %u", request.shard);
  ask(std::move(request));
  auto mean = static_cast<uint64_t>(features_.pause_between.ms);
  client_due_ = burst_ > 0 || random_.chance(30)
                    ? now_
                    : now_ + milliseconds(static_cast<int64_t>(random_.below(2 * mean + 1)));
  if (burst_ > 0) --burst_;
  if (features_.near_horizon && burst_ == 0 && random_.chance(10)) {
    // Many at the moment at which the horizon moves: where reading and committing meet.
    const int64_t step = kHorizonStep.ms;
    Instant moves{((now_ + kHorizonAhead).ms / step + 1) * step};
    client_due_ = moves - kHorizonAhead - milliseconds(static_cast<int64_t>(random_.below(4)));
    burst_ = 12;
  }
  break_something();
  if (!crash_wanted_ && random_.chance(features_.drain_percent)) drain_and_restart();
}

void World::turn(Node& node) {
  node.turned_at = now_;
  node.hungry = false;
  // Steps with what was slewed since its last turn, as the shard sees them.
  const Duration offset{now_.ms - now().mono.ms};
  const Duration stepped = offset - std::exchange(node.offset, offset);
  if (stepped <= kClockStep * -1) node.deliveries.clock_stepped(stepped);
  const uint32_t budget = 1 + static_cast<uint32_t>(random_.below(features_.turn_budget));
  node.targets->turn_begins(now().mono);
  if (node.shard->turn(now(), budget)) node.hungry = true;
  node.memory.turned(*node.shard, *node.store, now_, node.hungry);
  pauses_.confirmed(node.index, node.shard->pauses_version());
  tell_pauses();
}

void World::collect_steps() {
  steps_.clear();
  for (auto& node : nodes_) {
    auto wake = node->shard->next_wake();
    if (node->hungry || (wake && *wake <= now_ && node->turned_at < now_)) {
      steps_.push_back({Kind::kTurn, node.get()});
    }
    if (node->store->can_work(now_)) steps_.push_back({Kind::kWork, node.get()});
    if (node->store->can_deliver(now_)) steps_.push_back({Kind::kDeliver, node.get()});
    if (node->told && node->told_at <= now_) steps_.push_back({Kind::kTell, node.get()});
    if (node->targets->can_end(now_)) steps_.push_back({Kind::kAttemptEnds, node.get()});
  }
  if (clients_on_ && client_due_ <= now_) steps_.push_back({Kind::kClient, nullptr});
}

void World::take(const Step& chosen) {
  switch (chosen.kind) {
    case Kind::kTurn:
      return turn(*chosen.node);
    case Kind::kWork:
      chosen.node->store->work(now_);
      if (chosen.node->store->broken() || chosen.node->disk->died()) crash_wanted_ = true;
      return;
    case Kind::kDeliver:
      return post(*chosen.node, chosen.node->store->deliver());
    case Kind::kAttemptEnds:
      return post(*chosen.node, chosen.node->targets->end(now_));
    case Kind::kTell:
      return post(*chosen.node, *std::exchange(chosen.node->told, std::nullopt));
    case Kind::kClient:
      return client_asks();
  }
}

// False: nothing is to be done at this instant.
bool World::step() {
  if (moments_ && (*moments_)-- == 0) crash_wanted_ = true;
  collect_steps();
  if (steps_.empty()) return false;
  ++totals_.steps;
  Step chosen = steps_[random_.below(steps_.size())];
  trace_.note("step %d %d", static_cast<int>(chosen.kind),
              chosen.node != nullptr ? static_cast<int>(chosen.node->index) : -1);
  take(chosen);
  return true;
}

void World::pass_time() {
  std::optional<Instant> next;
  auto consider = [&](std::optional<Instant> t) {
    if (t && *t > now_ && (!next || *t < *next)) next = t;
  };
  for (auto& node : nodes_) {
    auto wake = node->shard->next_wake();
    consider(wake);
    // Its turn has come and gone: a loop that listened to it would spin.
    if (wake && *wake <= now_ && node->turned_at == now_) {
      trace_.fail("shard %u asks to be woken at %lld for what it cannot do yet", node->index,
                  static_cast<long long>(wake->ms));
    }
    consider(node->store->next());
    consider(node->targets->next());
    if (node->told) consider(node->told_at);
  }
  if (clients_on_) consider(client_due_);
  if (full_until_) consider(*full_until_);
  const Instant before = now_;
  now_ = next ? *next : now_ + seconds(1);
  // The real loop is sometimes late.
  if (random_.chance(10)) {
    const Duration late{static_cast<int64_t>(random_.below(30))};
    now_ = now_ + late;
    stopped_ = stopped_ + late;
  }
  slew(now_ - before);
  trace_.at(now_);
  if (full_until_ && *full_until_ <= now_) make_room();
  answer_times_.look([this](uint32_t shard) { return clock_of(*nodes_[shard]); });
}

// --- replies ---

void World::Node::reply(Reply reply) {
  world.trace_.note("reply %u", reply.token.slot);
  world.answer_times_.answered(reply.token.slot);
  world.check_replies(*this, reply);
  note_refused_reports(*this, reply);
  world.clients_.replied(reply, world.now_);
  if (world.faults_on_ && world.random_.chance(world.features_.crash_on_reply_percent)) {
    world.crash_wanted_ = true;
  }
}

// Of a request that was refused as a whole; of others which part was is not looked at. Without
// space a report may come through later (C-21).
void World::note_refused_reports(Node& node, const Reply& reply) {
  const auto asked = node.reports.extract(reply.token.slot);
  const auto* outcomes = std::get_if<std::vector<CommandOutcome>>(&reply.body);
  if (asked.empty() || outcomes == nullptr) return;
  const bool refused =
      std::all_of(outcomes->begin(), outcomes->end(), [](const CommandOutcome& outcome) {
        return !outcome && outcome.error().code != ErrorCode::kStorageFull &&
               outcome.error().code != ErrorCode::kIo;
      });
  if (!refused) return;
  for (const auto& report : asked.mapped()) {
    node.deliveries.report_refused(report.run, report.attempt);
  }
}

// S1 from within: what a reply shows is in the ledger of what is durable.
void World::check_replies(const Node& node, const Reply& reply) {
  const auto* outcomes = std::get_if<std::vector<CommandOutcome>>(&reply.body);
  if (outcomes == nullptr) return;
  for (const CommandOutcome& outcome : *outcomes) {
    if (!outcome) continue;
    if (!node.ledger.was_durable(outcome->state)) {
      trace_.fail("S1 a reply shows version %llu, updated %lld, which is not durable",
                  static_cast<unsigned long long>(outcome->state.version.value),
                  static_cast<long long>(outcome->state.updated.ms));
    }
    // A sign of life from an attempt in flight rests on nothing.
    const OpenRun* open = outcome->run ? outcome->state.find_open(*outcome->run) : nullptr;
    const bool alive = outcome->effect == CommandEffect::kUnchanged && open != nullptr &&
                       open->in_flight && !open->canceled;
    if (!alive && outcome->run && !node.ledger.was_open(*outcome->run) &&
        !node.ledger.ended(*outcome->run)) {
      trace_.fail("S1 a reply names a run that is not durable");
    }
    // A cancel holds until its run's attempt comes back, which only a crash keeps it from soon.
    const bool under_way =
        outcome->run && !outcome->ended && outcome->effect == CommandEffect::kDone;
    if (under_way && faults_on_ && features_.crash_percent > 0 && random_.chance(20)) {
      crash_wanted_ = true;
    }
  }
}

// --- the phase with faults; the one without is in world_at_rest.cc ---

bool World::run() {
  boot();
  while (asked_ < features_.commands && totals_.steps < kMaxSteps && !trace_.failed()) {
    if (crash_wanted_) {
      crash();
    } else if (!step()) {
      pass_time();
    }
  }
  if (!trace_.failed()) liveness();
  return !trace_.failed();
}

}  // namespace hourwheel
