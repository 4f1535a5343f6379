// The doors of one shard for its tests: they keep what goes out, and the test says when something
// comes back. The store behind them is a map.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "engine/shard.h"

namespace hourwheel {

struct FakeStore : StoreDoor {
  void commit(std::unique_ptr<Batch> batch) override { committing = std::move(batch); }
  void fetch(std::vector<FetchOne> tasks) override { fetches.push_back(std::move(tasks)); }
  void scan(ScanRequest range) override { scans.push_back(range); }
  void query(QueryRequest request) override { queries.push_back(std::move(request)); }

  std::unique_ptr<Batch> committing;
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
  };
  void start(const AttemptStart& attempt) override {
    sent.push_back({attempt.token, attempt.task, attempt.run, attempt.attempt, attempt.now,
                    attempt.possible_duplicate});
  }
  std::vector<Sent> sent;
};

struct FakeClient : ReplyDoor {
  void reply(Reply reply) override { replies.push_back(std::move(reply)); }
  std::vector<Reply> replies;
};

// A shard with its doors and a clock that the test moves.
class ShardUnderTest {
 public:
  static constexpr Instant kStart{1'800'000'000'000};

  explicit ShardUnderTest(RecoveredShard recovered = {})
      : shard(0, 1, recovered, kStart, {store, targets, client}) {}

  void turn() { shard.turn({now, {(now - kStart).ms}}, 1'000); }
  void pass(Duration time) {
    now = now + time;
    turn();
  }
  // The batch with the store becomes durable.
  void flush() {
    if (!store.committing) return;
    std::vector<RunRecord>& all = records;
    for (const RunRecord& record : store.committing->records) all.push_back(record);
    shard.post(Committed{std::move(store.committing)});
    turn();
  }
  // Answers reads with nothing and flushes until the shard has nothing more to ask.
  void rest() {
    turn();
    while (store.committing || !store.scans.empty()) {
      while (!store.scans.empty()) {
        shard.post(Scanned{store.scans.front(), {}, std::nullopt});
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
  FakeStore store;
  FakeTargets targets;
  FakeClient client;
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

// Of an id that was generated: nobody looks whether it is taken.
inline Command create(const std::string& id, Instant at) {
  Command made = command(CommandKind::kCreate, id);
  made.id_origin = IdOrigin::kGenerated;
  made.spec = once_at(id, at);
  return made;
}

}  // namespace hourwheel
