// The shard's own CPU time for a create and for a fire, from the message to the record, with doors
// that cost next to nothing: a store that is durable at once, a target that answers at once. What
// is left of a request's or a firing's CPU is HTTP, SQLite and sockets.
#include "engine/shard.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "engine/base/check.h"

namespace hourwheel {
namespace {

constexpr Instant kStart{1'800'000'000'000};
constexpr uint32_t kTurnBudget = 256;  // as the reactor gives
// As many as wait for one flush under load; timing is paused once for all of them.
constexpr uint64_t kRound = 4'096;

// Durable at once, and nothing is stored from before; messages wait until they are taken.
class InstantStore final : public StoreDoor {
 public:
  void commit(std::unique_ptr<Batch> batch) override {
    records_ += batch->records.size();
    out_.emplace_back(Committed{std::move(batch)});
  }
  void fetch(std::vector<FetchOne> /*tasks*/) override {
    HW_CHECK(false, "tasks are created armed, so nothing is fetched");
  }
  void scan(ScanRequest range) override { out_.emplace_back(Scanned{range, {}, {}}); }
  void query(QueryRequest /*request*/) override { HW_CHECK(false, "nothing is asked"); }

  std::vector<Message> take() { return std::exchange(out_, {}); }
  [[nodiscard]] uint64_t records() const { return records_; }

 private:
  std::vector<Message> out_;
  uint64_t records_ = 0;
};

class InstantTarget final : public DispatchDoor {
 public:
  void start(const AttemptStart& attempt) override {
    AttemptEnded ended{attempt.token, {}};
    ended.outcome.result = AttemptResult::kResponded;
    ended.outcome.sent = true;
    ended.outcome.status = 200;
    ended.outcome.started = ended.outcome.ended = attempt.now;
    out_.emplace_back(std::move(ended));
  }
  void cancel(AttemptToken /*attempt*/) override {}
  std::vector<Message> take() { return std::exchange(out_, {}); }

 private:
  std::vector<Message> out_;
};

class CountingFront final : public ReplyDoor {
 public:
  void reply(Reply reply) override {
    auto& outcomes = std::get<std::vector<CommandOutcome>>(reply.body);
    HW_CHECK(outcomes.size() == 1 && outcomes[0].has_value(), "every create succeeds");
    ++replies_;
  }
  [[nodiscard]] uint64_t replies() const { return replies_; }

 private:
  uint64_t replies_ = 0;
};

// A shard with its doors, and the part of the reactor that carries messages between them.
class Rig {
 public:
  void post(Message message) { shard_.post(std::move(message)); }
  void run_turn() {
    for (Message& message : store_.take()) shard_.post(std::move(message));
    for (Message& message : target_.take()) shard_.post(std::move(message));
    static_cast<void>(shard_.turn(now_, kTurnBudget));
  }
  void create_all(std::vector<Commands> round) {
    const uint64_t wanted = front_.replies() + round.size();
    for (Commands& one : round) shard_.post(std::move(one));
    while (front_.replies() < wanted) run_turn();
  }
  void fire_until(uint64_t records) {
    while (store_.records() < records) run_turn();
  }
  void advance(Duration by) { now_ = {now_.utc + by, now_.mono + by}; }
  [[nodiscard]] Now now() const { return now_; }
  [[nodiscard]] uint64_t records() const { return store_.records(); }

 private:
  Now now_{kStart, {1'000'000}};
  InstantStore store_;
  InstantTarget target_;
  CountingFront front_;
  struct : CallbackTeller {
    [[nodiscard]] std::string tell(const RunEnd& /*end*/) const override { return "{}"; }
  } teller_;
  Shard shard_{0, 1, {}, kStart, {store_, target_, front_, teller_}};
};

// A round of creates, as that many single requests.
std::vector<Commands> creates(const ScheduleSpec& schedule, Now now, Random& random) {
  std::vector<Commands> round(kRound);
  for (Commands& request : round) {
    Command command;
    command.id_origin = IdOrigin::kGenerated;
    command.id = generate_task_id(now.utc, random);
    command.key = task_key(command.id);
    command.spec = std::make_unique<TaskSpec>();
    command.spec->id = command.id;
    command.spec->type = type_of(schedule.kind);
    command.spec->schedule = schedule;
    command.spec->target.kind = TargetKind::kHttp;
    command.spec->target.url = "http://127.0.0.1:9000/hook";
    command.spec->payload_kind = PayloadKind::kJson;
    command.spec->payload = std::string(200, 'p');
    request.commands.push_back(std::move(command));
  }
  return round;
}

ScheduleSpec at(Instant due) {
  ScheduleSpec spec;
  spec.kind = ScheduleKind::kAt;
  spec.at = due;
  return spec;
}

// Due next month (let go of once durable), or in ten minutes (stays in memory, in the wheel; every
// round goes to a shard of its own, so that memory does not fill).
void ShardCreate(benchmark::State& state) {
  const Duration ahead = minutes(state.range(0));
  Random random(1);
  for (auto _ : state) {
    state.PauseTiming();
    auto rig = std::make_unique<Rig>();
    auto round = creates(at(rig->now().utc + ahead), rig->now(), random);
    state.ResumeTiming();
    rig->create_all(std::move(round));
    state.PauseTiming();
    rig.reset();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kRound));
}
BENCHMARK(ShardCreate)->ArgName("minutes_ahead")->Arg(43'200)->Arg(10);

// One-time tasks, all due at one instant, which are gone afterwards.
void ShardFireOnce(benchmark::State& state) {
  Random random(2);
  for (auto _ : state) {
    state.PauseTiming();
    auto rig = std::make_unique<Rig>();
    rig->create_all(creates(at(rig->now().utc + seconds(1)), rig->now(), random));
    rig->advance(seconds(1));
    state.ResumeTiming();
    rig->fire_until(kRound);
    state.PauseTiming();
    rig.reset();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kRound));
}
BENCHMARK(ShardFireOnce);

// Tasks that are due every second, again and again: the schedule's step is part of it.
void ShardFireRecurring(benchmark::State& state) {
  Random random(3);
  auto rig = std::make_unique<Rig>();
  ScheduleSpec every;
  every.kind = ScheduleKind::kEvery;
  every.every = seconds(1);
  every.anchor = kStart + seconds(1);
  rig->create_all(creates(every, rig->now(), random));
  for (auto _ : state) {
    rig->advance(seconds(1));
    rig->fire_until(rig->records() + kRound);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kRound));
}
BENCHMARK(ShardFireRecurring);

}  // namespace
}  // namespace hourwheel
