// Every shard is gone through lot by lot, as by tasks:bulk: tasks are read, their open runs are
// canceled, then the next lot is read. A run that was asked to end is not met again, so that the
// same request, sent again, goes on where this one stopped.
#include "api/open_runs.h"

#include <algorithm>
#include <utility>

namespace hourwheel {
namespace {

constexpr uint32_t kTasksPerLot = 64;  // each with at most kMaxOpenRuns
// Then no further lot is begun: clients wait no longer than 30 s.
constexpr Duration kLongestCancel = seconds(10);

bool has_labels(const TaskSpec& spec, const std::vector<NamedText>& wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&spec](const NamedText& label) {
    return std::find(spec.labels.begin(), spec.labels.end(), label) != spec.labels.end();
  });
}

class OpenRunsAnswer : public Answer {
 public:
  OpenRunsAnswer(DeadFilter filter, CancelMode mode, Monotonic until, size_t shards)
      : filter_(std::move(filter)), mode_(mode), until_(until), lanes_(shards) {
    tasks_.labels = filter_.labels;
  }

  void start(Calls& calls, Call& call) {
    for (uint32_t shard = 0; shard < lanes_.size(); ++shard) {
      if (filter_.task && calls.shards().shard_of(*filter_.task) != shard) continue;
      read_lot(calls, call, shard);
    }
    if (under_way_ == 0) finish(calls, call);
  }

  void on_part(Calls& calls, Call& call, Reply reply) override {
    const uint32_t shard = reply.token.shard;
    --under_way_;
    if (auto* outcomes = std::get_if<std::vector<CommandOutcome>>(&reply.body)) {
      on_outcomes(calls, call, shard, *outcomes);
    } else if (auto& answer = std::get<Result<QueryAnswer>>(reply.body); answer) {
      on_found(calls, call, shard, *answer);
    } else if (answer.error().code == ErrorCode::kNotFound) {
      began_ = true;  // there is no such task, and so no run
    } else {
      stop(std::move(answer.error()));
    }
    if (under_way_ == 0) finish(calls, call);
  }

 private:
  struct Lane {
    TaskNumber after;  // all up to here is done
    TaskNumber next;   // ... once the lot under way is decided; zero: nothing is left then
  };

  void stop(Error why) {
    if (!stopped_) stopped_ = std::move(why);
  }

  void read_lot(Calls& calls, Call& call, uint32_t shard) {
    if (!stopped_ && calls.facts().draining()) {
      stop({ErrorCode::kDraining, "", "the server is stopping"});
    }
    late_ = late_ || calls.mono() >= until_;
    if (stopped_ || late_) return;
    const Query query = filter_.task ? Query(GetTask{*filter_.task})
                                     : Query(ListTasks{tasks_, lanes_[shard].after, kTasksPerLot});
    if (calls.post(call, shard, shard, query)) {
      ++under_way_;
    } else {
      stop({ErrorCode::kOverloaded, "", "a shard has no room for more requests"});
    }
  }

  void on_found(Calls& calls, Call& call, uint32_t shard, const QueryAnswer& found) {
    std::vector<Command> commands;
    if (const auto* task = std::get_if<StoredTask>(&found)) {
      if (has_labels(task->spec, filter_.labels)) add_runs(*task, commands);
    } else {
      const auto& page = std::get<TaskPage>(found);
      lanes_[shard].next = page.next;
      for (const StoredTask& one : page.tasks) add_runs(one, commands);
    }
    if (mode_ == CancelMode::kDryRun || commands.empty()) {
      matched_ += commands.size();
      return go_on(calls, call, shard);
    }
    if (calls.post(call, shard, shard, std::move(commands))) {
      ++under_way_;
    } else {
      stop({ErrorCode::kOverloaded, "", "a shard has no room for more requests"});
    }
  }

  void add_runs(const StoredTask& task, std::vector<Command>& commands) const {
    for (const OpenRun& run : task.state.open) {
      if (run.canceled) continue;  // it ends as soon as its attempt does
      if (filter_.due_after && run.due < *filter_.due_after) continue;
      if (filter_.due_before && run.due >= *filter_.due_before) continue;
      Command command;
      command.kind = CommandKind::kCancel;
      command.id = task.spec.id;
      command.key = task.key;
      command.run = run.key;
      commands.push_back(std::move(command));
    }
  }

  void on_outcomes(Calls& calls, Call& call, uint32_t shard,
                   const std::vector<CommandOutcome>& outcomes) {
    calls.count_decided(call, outcomes.size());
    matched_ += outcomes.size();
    for (const CommandOutcome& outcome : outcomes) changed_ += outcome ? 1 : 0;
    go_on(calls, call, shard);
  }

  void go_on(Calls& calls, Call& call, uint32_t shard) {
    Lane& lane = lanes_[shard];
    began_ = true;
    if (!lane.next) return;
    lane.after = lane.next;
    read_lot(calls, call, shard);
  }

  void finish(Calls& calls, Call& call) {
    if (stopped_ && !began_) return calls.refuse(call, std::move(*stopped_));
    HttpResponse response;
    JsonWriter json(response.body);
    json.begin_object();
    json.name("matched");
    json.count(matched_);
    json.name("changed");
    json.count(changed_);
    json.name("left");
    json.count(matched_ - changed_);
    json.name("done");
    json.boolean(!stopped_ && !late_);
    json.end_object();
    calls.respond(call, std::move(response));
  }

  DeadFilter filter_;
  TaskFilter tasks_;
  CancelMode mode_;
  Monotonic until_;
  std::vector<Lane> lanes_;
  size_t under_way_ = 0;
  bool began_ = false;            // some lot is done
  bool late_ = false;             // a lot was left for want of time
  std::optional<Error> stopped_;  // why no further lot is begun
  uint64_t matched_ = 0;
  uint64_t changed_ = 0;
};

}  // namespace

void cancel_open_runs(Calls& calls, Call& call, DeadFilter filter, CancelMode mode) {
  auto answer = std::make_unique<OpenRunsAnswer>(
      std::move(filter), mode, calls.mono() + kLongestCancel, calls.shards().shard_count());
  OpenRunsAnswer& started = *answer;
  call.answer = std::move(answer);
  started.start(calls, call);
}

}  // namespace hourwheel
