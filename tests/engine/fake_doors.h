// The doors of one shard for its tests: they keep what goes out, and the test says when something
// comes back. The store behind them is a map.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/made_by.h"
#include "engine/shard.h"
#include "tests/support/fake_log.h"

namespace hourwheel {

struct FakeStore : StoreDoor {
  using LetterName = std::pair<TaskNumber, RunKey>;
  void commit(std::unique_ptr<Batch> batch) override {
    committing = std::move(batch);
    ++commits;
  }
  void fetch(std::vector<FetchOne> tasks) override { fetches.push_back(std::move(tasks)); }
  void scan(ScanRequest range) override { scans.push_back(range); }
  void query(QueryRequest request) override { queries.push_back(std::move(request)); }

  // What the batch changes is what fetches find from now on.
  void apply(const Batch& batch) {
    audit.insert(audit.end(), batch.audit.begin(), batch.audit.end());
    add_up(made_by, tasks_made(batch));
    for (const TaskChange& change : batch.tasks) {
      if (change.kind == ChangeKind::kRemove || change.kind == ChangeKind::kForget) {
        stored.erase(change.number);
        continue;
      }
      StoredTask& task = stored[change.number];
      task.number = change.number;
      task.key = change.key;
      task.state = change.state;
      if (change.spec) task.spec = *change.spec;
    }
    if (batch.send_mark) mark = *batch.send_mark;
    for (const TaskRun& run : batch.redriven) letters.erase({run.task, run.run});
    for (const TaskRun& run : batch.discarded) letters.erase({run.task, run.run});
    for (const DeadRun& dead : batch.died) letters[{dead.task, dead.run}] = dead;
    for (const KeptAnswer& answer : batch.answers) answers[answer.key.scope] = copy_of(answer);
  }
  Recalled recall(const AnswerScope& scope) const {
    auto found = answers.find(scope);
    if (found == answers.end()) return {scope, nullptr, std::nullopt};
    return {scope, std::make_unique<KeptAnswer>(copy_of(found->second)), std::nullopt};
  }
  Result<StoredTask> find(const FetchOne& one) const {
    for (const auto& [number, task] : stored) {
      if (one.number ? number != one.number : task.key != one.key) continue;
      StoredTask found = task;
      auto letter = one.dead ? letters.find({number, *one.dead}) : letters.end();
      if (letter != letters.end()) found.dead = letter->second;
      return found;
    }
    return failure(ErrorCode::kNotFound, "", "not stored");
  }

  // The due index: everything in the range, in one page.
  Scanned read(const ScanRequest& range) const {
    Scanned page{range, {}, std::nullopt};
    for (const auto& [number, task] : stored) {
      auto wake = task.state.wake();
      if (wake && *wake >= range.from && *wake < range.to) {
        page.tasks.push_back({number, task.key, task.state});
      }
    }
    return page;
  }

  std::map<TaskNumber, StoredTask> stored;
  std::map<LetterName, DeadRun> letters;
  std::map<AnswerScope, KeptAnswer> answers;
  MadeBy made_by;
  Instant mark;
  std::unique_ptr<Batch> committing;
  uint64_t commits = 0;
  std::vector<AuditEntry> audit;  // of all batches that are durable
  std::deque<std::vector<FetchOne>> fetches;
  std::deque<ScanRequest> scans;
  std::deque<QueryRequest> queries;
};

struct FakeTargets : DispatchDoor {
  struct Sent {
    AttemptToken token;
    TaskKey task;
    RunKey run;
    uint32_t attempt = 0;
    Instant at;
    bool possible_duplicate = false;
    std::string url;
    RunPayload payload;
  };
  void start(const AttemptStart& attempt) override {
    const TaskSpec& spec = attempt.spec;
    sent.push_back({attempt.token,
                    attempt.task,
                    attempt.run,
                    attempt.attempt,
                    attempt.now,
                    attempt.possible_duplicate,
                    spec.target.url,
                    {spec.payload_kind, spec.payload, spec.content_type}});
  }
  void cancel(AttemptToken attempt) override { canceled.push_back(attempt); }
  std::vector<Sent> sent;
  std::vector<AttemptToken> canceled;
};

struct FakeClient : ReplyDoor {
  void reply(Reply reply) override { replies.push_back(std::move(reply)); }
  std::vector<Reply> replies;
};

struct FakeTeller : CallbackTeller {
  [[nodiscard]] std::string tell(const RunEnd& end) const override {
    return end.spec.id + " ended as " + std::to_string(static_cast<int>(end.record.state)) +
           " after " + std::to_string(end.record.attempt);
  }
};

// A shard with its doors and a clock that the test moves.
class ShardUnderTest {
 public:
  static constexpr Instant kStart{1'800'000'000'000};

  explicit ShardUnderTest(RecoveredShard recovered = {}, TaskQuotas* quotas = nullptr)
      : shard(0, 1, recovered, kStart, {store, targets, client, teller, &log, quotas}) {}

  void turn() {
    while (shard.turn({now, {(now - kStart - stepped).ms}}, 1'000)) {
    }
  }
  void pass(Duration time) {
    now = now + time;
    turn();
  }
  // Somebody sets the wall clock; no time passes.
  void step_clock(Duration step) {
    now = now + step;
    stepped = stepped + step;
    turn();
  }
  // The batch with the store becomes durable.
  void flush() {
    if (!store.committing) return;
    std::vector<RunRecord>& all = records;
    for (const RunRecord& record : store.committing->records) all.push_back(record);
    store.apply(*store.committing);
    shard.post(Committed{std::move(store.committing)});
    turn();
  }
  // Answers the oldest fetch with what is stored.
  void answer_fetch() {
    Fetched fetched{std::move(store.fetches.front()), {}, {}};
    store.fetches.pop_front();
    for (const FetchOne& one : fetched.asked) {
      fetched.found.push_back(store.find(one));
      if (one.recall) fetched.recalled.push_back(store.recall(*one.recall));
    }
    shard.post(std::move(fetched));
    turn();
  }
  // The disk does not give the oldest fetch, or what it gives is damaged.
  void fail_fetch(ErrorCode code) {
    Fetched failed{std::move(store.fetches.front()), {}, {}};
    store.fetches.pop_front();
    for (const FetchOne& one : failed.asked) {
      failed.found.emplace_back(failure(code, "", "planted"));
      if (one.recall) failed.recalled.push_back({*one.recall, nullptr, Error{code, "", "planted"}});
    }
    shard.post(std::move(failed));
    turn();
  }
  // Lets time pass second by second, with a store that keeps up.
  void live_until(Instant until) {
    while (true) {
      rest();
      while (!store.fetches.empty()) {
        answer_fetch();
        rest();
      }
      if (now >= until) return;
      now = std::min(until, now + seconds(1));
    }
  }
  // Answers reads of the due index and flushes until the shard has nothing more to ask.
  void rest() {
    turn();
    while (store.committing || !store.scans.empty()) {
      while (!store.scans.empty()) {
        shard.post(store.read(store.scans.front()));
        store.scans.pop_front();
      }
      flush();
      turn();
    }
  }
  void ask(Command command) {
    Commands commands{{0, ++slot, 1, 0}, {}};
    commands.commands.push_back(std::move(command));
    shard.post(std::move(commands));
    turn();
  }
  void cut_attempt(size_t index) {
    AttemptOutcome outcome;
    outcome.result = AttemptResult::kStopped;
    outcome.sent = true;
    outcome.started = outcome.ended = now;
    shard.post(AttemptEnded{targets.sent[index].token, std::move(outcome)});
    turn();
  }
  void end_attempt(size_t index, uint16_t status) {
    AttemptOutcome outcome;
    outcome.result = AttemptResult::kResponded;
    outcome.sent = true;
    outcome.status = status;
    outcome.started = outcome.ended = now;
    shard.post(AttemptEnded{targets.sent[index].token, std::move(outcome)});
    turn();
  }
  const CommandOutcome& answer(size_t index) const {
    return std::get<std::vector<CommandOutcome>>(client.replies.at(index).body).at(0);
  }

  Instant now = kStart;
  Duration stepped;  // of the wall clock, in all
  FakeLog log;
  FakeStore store;
  FakeTargets targets;
  FakeClient client;
  FakeTeller teller;
  std::vector<RunRecord> records;  // that are durable
  uint32_t slot = 0;
  Shard shard;
};

inline Command command(CommandKind kind, const std::string& id) {
  Command made;
  made.kind = kind;
  made.id = id;
  made.key = task_key(id);
  if (kind == CommandKind::kPause) made.pause = Pause{"test", {}, {}};
  return made;
}

inline std::unique_ptr<TaskSpec> once_at(const std::string& id, Instant at) {
  auto spec = std::make_unique<TaskSpec>();
  spec->id = id;
  spec->schedule.at = at;
  spec->schedule.source = std::to_string(at.ms);
  spec->target.kind = TargetKind::kHttp;
  spec->target.url = "http://target.example/";
  return spec;
}

inline std::unique_ptr<TaskSpec> every(const std::string& id, Duration interval, Instant from) {
  auto spec = once_at(id, from);
  spec->type = TaskType::kRecurring;
  spec->schedule = {};
  spec->schedule.kind = ScheduleKind::kEvery;
  spec->schedule.every = interval;
  spec->schedule.anchor = from;
  spec->schedule.source = std::to_string(interval.ms) + "/" + std::to_string(from.ms);
  return spec;
}

// Of an id that was generated: nobody looks whether it is taken.
inline Command create(std::unique_ptr<TaskSpec> spec) {
  Command made = command(CommandKind::kCreate, spec->id);
  made.id_origin = IdOrigin::kGenerated;
  made.spec = std::move(spec);
  return made;
}
inline Command create(const std::string& id, Instant at) {
  return create(once_at(id, at));
}

}  // namespace hourwheel
