#include "tests/sim/world.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"

namespace hourwheel {
namespace {

constexpr Instant kBeginning{1'700'000'000'000};
constexpr size_t kMaxSteps = 60'000;
constexpr size_t kMaxStepsAtRest = 400'000;

}  // namespace

World::Node::Node(World& of, uint32_t number)
    : world(of), index(number), ledger(of.trace_), deliveries(of.trace_, ledger) {
  disk = of.store_kind_ == StoreKind::kModel
             ? make_model_disk(ledger)
             : make_real_disk(ledger, of.trace_, number, of.random_.next());
}

World::World(uint64_t seed, StoreKind store, Trace& trace)
    : seed_(seed),
      store_kind_(store),
      trace_(trace),
      features_(Features::of(seed)),
      random_(seed),
      now_(kBeginning + milliseconds(static_cast<int64_t>(random_.below(uint64_t{1} << 37)))),
      started_(now_),
      mono_zero_(now_),
      clients_(features_, trace, random_.next()),
      client_due_(now_) {
  trace_.at(now_);
  for (uint32_t i = 0; i < features_.shards; ++i)
    nodes_.push_back(std::make_unique<Node>(*this, i));
}

World::~World() = default;

World::Totals World::totals() const {
  Totals totals = totals_;
  totals.lived = now_ - started_;
  totals.acknowledged = clients_.acknowledged();
  for (const auto& node : nodes_) {
    totals.sends += node->deliveries.sends();
    totals.repeats += node->deliveries.repeats();
    totals.run_records += node->ledger.last_position();
  }
  return totals;
}

// --- lives ---

void World::boot() {
  mono_zero_ = now_ - milliseconds(static_cast<int64_t>(random_.below(1'000'000)));
  for (auto& node : nodes_) {
    StoreBackend& backend = node->disk->open();
    node->disk->compare();
    RecoveredShard recovered = backend.recovered();
    trace_.note("boot %u counter %llu mark %lld", node->index,
                static_cast<unsigned long long>(recovered.counter),
                static_cast<long long>(recovered.send_mark.ms));
    node->deliveries.booted(now_);
    node->store =
        std::make_unique<SimStore>(backend, node->ledger, trace_, features_, random_.next());
    node->targets =
        std::make_unique<SimTargets>(features_, trace_, node->deliveries, random_.next());
    node->targets->watch(clients_);
    if (!faults_on_) heal(*node);
    node->shard = std::make_unique<Shard>(node->index, random_.next(), recovered, now_,
                                          ShardDoors{*node->store, *node->targets, *node});
    node->hungry = true;
  }
}

void World::heal(Node& node) {
  node.targets->heal();
  node.store->heal();
}

void World::crash() {
  ++totals_.crashes;
  crash_wanted_ = false;
  trace_.note("crash");
  for (auto& node : nodes_) {
    node->shard.reset();
    const Batch* cut = node->store->cut();
    if (node->disk->crash(cut)) node->ledger.apply(*cut);
    node->store.reset();
    node->targets.reset();
    node->deliveries.stopped(Deliveries::Stop::kCrash);
  }
  clients_.crashed();
  // Down for a moment, or for long.
  now_ = now_ + milliseconds(
                    static_cast<int64_t>(random_.below(random_.chance(80) ? 5'000 : 100'000'000)));
  if (random_.chance(20)) now_ = now_ + features_.pause_between * 100;
  trace_.at(now_);
  client_due_ = now_;
  boot();
  audit();
}

// C-26: no new runs, what is in flight ends or is cut off, all is durable.
void World::drain() {
  ++totals_.drains;
  trace_.note("drain");
  for (auto& node : nodes_) node->shard->drain();
  for (auto& node : nodes_) node->hungry = true;
  const Instant patience = now_ + (random_.chance(50) ? kDrainTimeout : milliseconds(10));
  auto drained = [this] {
    return std::all_of(nodes_.begin(), nodes_.end(), [](const auto& node) {
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
    node->shard.reset();
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

void World::send(std::vector<Clients::Request> requests) {
  for (Clients::Request& request : requests) {
    post(*nodes_[request.shard], std::move(request.message));
  }
}

void World::audit() {
  send(clients_.audit());
}

void World::client_asks() {
  ++asked_;
  auto request = clients_.next(now_);
  trace_.note("client asks shard %u", request.shard);
  post(*nodes_[request.shard], std::move(request.message));
  auto mean = static_cast<uint64_t>(features_.pause_between.ms);
  client_due_ = burst_ > 0 || random_.chance(30)
                    ? now_
                    : now_ + milliseconds(static_cast<int64_t>(random_.below(2 * mean + 1)));
  if (features_.clock_step_percent > 0 && random_.chance(features_.clock_step_percent))
    step_clock();
  if (burst_ > 0) --burst_;
  if (features_.near_horizon && burst_ == 0 && random_.chance(10)) {
    // Many at the moment at which the horizon moves: where reading and committing meet.
    const int64_t step = kHorizonStep.ms;
    Instant moves{((now_ + kHorizonAhead).ms / step + 1) * step};
    client_due_ = moves - kHorizonAhead - milliseconds(static_cast<int64_t>(random_.below(4)));
    burst_ = 12;
  }
  if (random_.chance(features_.crash_percent)) crash_wanted_ = random_.chance(50);
  if (!crash_wanted_ && random_.chance(features_.crash_percent) && features_.crash_inside_store) {
    nodes_[random_.below(nodes_.size())]->disk->arm_crash(random_);
  }
  if (!crash_wanted_ && random_.chance(features_.drain_percent)) drain_and_restart();
}

// C-20: somebody sets the wall clock ahead; no time passes, and what goes on elsewhere goes on.
// (Set back it is in tests/engine/shard_clock_test: the checkers here order what they know by the
// wall clock.)
void World::step_clock() {
  const uint64_t reach = random_.chance(70) ? 120'000 : 40'000'000;
  const Duration step{static_cast<int64_t>(random_.below(reach))};
  trace_.note("clock step %lld", static_cast<long long>(step.ms));
  now_ = now_ + step;
  mono_zero_ = mono_zero_ + step;
  client_due_ = client_due_ + step;
  trace_.at(now_);
  for (auto& node : nodes_) {
    node->store->clock_stepped(step);
    node->targets->clock_stepped(step);
    node->hungry = true;  // the loop's wait ends at once
  }
}

void World::turn(Node& node) {
  node.turned_at = now_;
  node.hungry = false;
  const uint32_t budget = 1 + static_cast<uint32_t>(random_.below(features_.turn_budget));
  if (node.shard->turn(now(), budget)) node.hungry = true;
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
    case Kind::kClient:
      return client_asks();
  }
}

// False: nothing is to be done at this instant.
bool World::step() {
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
  }
  if (clients_on_) consider(client_due_);
  now_ = next ? *next : now_ + seconds(1);
  // The real loop is sometimes late.
  if (random_.chance(10)) now_ = now_ + milliseconds(static_cast<int64_t>(random_.below(30)));
  trace_.at(now_);
}

// --- replies ---

void World::Node::reply(Reply reply) {
  world.trace_.note("reply %u", reply.token.slot);
  world.check_replies(*this, reply);
  world.clients_.replied(reply, world.now_);
  if (world.faults_on_ && world.random_.chance(world.features_.crash_on_reply_percent)) {
    world.crash_wanted_ = true;
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
    if (outcome->run && !node.ledger.was_open(*outcome->run)) {
      trace_.fail("S1 a reply names a manual run that is not durable");
    }
  }
}

// --- the two phases ---

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

// A task of which something came due a while ago and has not ended; null: there is none.
const Ledger::Task* World::unsettled() const {
  const Instant before = now_ - seconds(5);
  for (const auto& node : nodes_) {
    for (const auto& [number, task] : node->ledger.tasks()) {
      if (!task.has_state) continue;
      if (!task.has_spec) return &task;  // a deleted task's runs must end
      const TaskState& state = task.state;
      if (state.pause) {
        if (state.pause->until && *state.pause->until <= before) return &task;
        continue;
      }
      const Oracle& oracle = task.reigns.back().oracle;
      if (state.next_due && oracle.fire_at(state.generation, *state.next_due) <= before) {
        return &task;
      }
      // What is owed waits for what is open, and that perhaps for its jitter.
      const bool may_catch_up = state.open.empty() || state.overlap == Overlap::kAllow;
      if (!state.catch_up.empty() && may_catch_up && state.catch_up_after <= before) return &task;
      for (const OpenRun& run : state.open) {
        if (run.next_attempt <= before) return &task;
      }
    }
  }
  return nullptr;
}

bool World::run_until_settled(Duration patience) {
  const Instant until = now_ + patience;
  for (size_t steps = 0; !trace_.failed(); ++steps) {
    // Asking is dear; a thousand steps are not.
    if (steps % 64 == 0 && settled()) return true;
    if (now_ > until || steps > kMaxStepsAtRest) return false;
    if (!step()) pass_time();
  }
  return true;
}

void World::liveness() {
  trace_.note("faults end");
  faults_on_ = false;
  clients_on_ = false;
  for (auto& node : nodes_) {
    node->disk->heal();
    if (node->disk->died()) crash_wanted_ = true;
  }
  if (crash_wanted_ || random_.chance(50)) crash();
  for (auto& node : nodes_) heal(*node);
  audit();
  const Instant from = now_;
  while (now_ < from + seconds(10) && !trace_.failed()) {
    if (!step()) pass_time();
  }
  if (!run_until_settled(minutes(10))) {
    const Ledger::Task* task = unsettled();
    if (task == nullptr) return trace_.fail("%zu requests get no answer", clients_.unanswered());
    auto ms = [](std::optional<Instant> t) { return static_cast<long long>(t ? t->ms : -1); };
    const TaskState& state = task->state;
    const OpenRun* run = state.open.empty() ? nullptr : &state.open.front();
    trace_.fail(
        "C-4 what is due does not end: task %llu, next due %lld, %zu open (first: due %lld, "
        "next %lld%s)%s%s",
        static_cast<unsigned long long>(task->number.value), ms(state.next_due), state.open.size(),
        run != nullptr ? ms(run->due) : -1, run != nullptr ? ms(run->next_attempt) : -1,
        run != nullptr && run->in_flight ? ", in flight" : "", state.pause ? ", paused" : "",
        state.deleted ? ", deleted" : "");
  }
  if (trace_.failed()) return;
  audit();
  if (features_.near_horizon) crowd_the_horizon();
  if (!rest()) return;
  if (!trace_.failed()) check_rest();
  if (!trace_.failed()) drain_and_restart();
}

// Tasks due just beyond the horizon, created one a millisecond while it moves over them: some are
// applied before and durable after. No crash will read again what was overlooked.
void World::crowd_the_horizon() {
  const int64_t step_ms = kHorizonStep.ms;
  clients_on_ = true;  // pass_time() stops at client_due_
  for (int round = 0; round < 4 && !trace_.failed(); ++round) {
    const Instant horizon{((now_ + kHorizonAhead).ms / step_ms + 1) * step_ms};
    client_due_ = horizon - kHorizonAhead - milliseconds(4);
    while (now_ < client_due_ && !trace_.failed()) {
      if (!step()) pass_time();
    }
    client_due_ = now_ + hours(1);
    for (int created = 0; created < 10 && !trace_.failed(); ++created) {
      std::vector<Clients::Request> requests;
      requests.push_back(clients_.create_once(now_, horizon + seconds(created)));
      send(std::move(requests));
      while (step()) {
      }
      now_ = now_ + milliseconds(1);
      trace_.at(now_);
    }
  }
  clients_on_ = false;
}

// Recurring tasks are paused; what is left comes due within the time the horizon runs ahead, and
// beyond, and must end too.
bool World::rest() {
  std::vector<TaskKey> recurring;
  for (const auto& node : nodes_) {
    for (const auto& [number, task] : node->ledger.tasks()) {
      if (task.has_spec && task.spec.type == TaskType::kRecurring) recurring.push_back(task.key);
    }
  }
  send(clients_.rest(recurring, now_));
  const Instant until = now_ + kHorizonAhead + minutes(4);
  while (now_ < until && !trace_.failed()) {
    if (!step()) pass_time();
  }
  const Ledger::Task* task = unsettled();
  if (task != nullptr) {
    trace_.fail("C-4 task %llu never fires", static_cast<unsigned long long>(task->number.value));
  }
  return !trace_.failed();
}

void World::check_rest() {
  if (clients_.unanswered() > 0) {
    trace_.fail("a request is not answered at rest");
  }
  for (const auto& node : nodes_) {
    if (node->targets->in_flight() > 0) trace_.fail("an attempt is in flight at rest");
    if (node->shard->metrics().runs_waiting.value() != 0) {
      trace_.fail("A2 somebody still stands in line at rest");
    }
  }
}

}  // namespace hourwheel
