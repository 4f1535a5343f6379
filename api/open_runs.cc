// Every shard is gone through lot by lot, as by tasks:bulk: tasks are read, their open runs are
// canceled piece by piece, then the next lot is read. A run that was asked to end is not met again,
// so that a lot may be read twice.
#include "api/open_runs.h"

#include <algorithm>
#include <utility>

#include "api/page_token.h"

namespace hourwheel {
namespace {

constexpr uint32_t kTasksPerCancel = 64;  // each with at most kMaxOpenRuns
// Asked of a shard at once: an outcome brings its task's definition along.
constexpr size_t kRunsAtOnce = 64;
// Then no further lot is begun: clients wait no longer than 30 s.
constexpr Duration kLongestCancel = seconds(10);

class OpenRunsAnswer : public Answer {
 public:
  struct Lane {
    TaskNumber after;           // all up to here is done
    TaskNumber next;            // ... once the lot under way is decided; zero: nothing is left then
    std::vector<Command> left;  // of the lot, not asked for yet; the next one last
    bool ended = false;
  };
  OpenRunsAnswer(CancelOrder order, Monotonic until, std::vector<Lane> lanes)
      : order_(std::move(order)), filter_(order_.filter), until_(until), lanes_(std::move(lanes)) {
    tasks_.labels = filter_.labels;
  }

  void start(Calls& calls, Call& call) {
    for (uint32_t shard = 0; shard < lanes_.size(); ++shard) {
      Lane& lane = lanes_[shard];
      lane.ended = lane.ended || (filter_.task && calls.shards().shard_of(*filter_.task) != shard);
      if (!lane.ended) read_lot(calls, call, shard);
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
      began_ = lanes_[shard].ended = true;  // there is no such task, and so no run
    } else {
      stop(std::move(answer.error()));
    }
    if (under_way_ == 0) finish(calls, call);
  }

 private:
  void stop(Error why) {
    if (!stopped_) stopped_ = std::move(why);
  }

  void read_lot(Calls& calls, Call& call, uint32_t shard) {
    if (!stopped_ && calls.facts().draining()) {
      stop({ErrorCode::kDraining, "", "the server is stopping"});
    }
    late_ = late_ || calls.mono() >= until_;
    if (stopped_ || late_) return;
    const Query query = filter_.task
                            ? Query(GetTask{*filter_.task})
                            : Query(ListTasks{tasks_, lanes_[shard].after, kTasksPerCancel});
    if (calls.post(call, shard, shard, query)) {
      ++under_way_;
    } else {
      stop({ErrorCode::kOverloaded, "", "a shard has no room for more requests"});
    }
  }

  void on_found(Calls& calls, Call& call, uint32_t shard, const QueryAnswer& found) {
    Lane& lane = lanes_[shard];
    lane.next = {};
    if (const auto* task = std::get_if<StoredTask>(&found)) {
      if (matches_spec(tasks_, task->spec)) add_runs(*task, lane.left);
    } else {
      const auto& page = std::get<TaskPage>(found);
      lane.next = page.next;
      for (const StoredTask& one : page.tasks) add_runs(one, lane.left);
    }
    std::reverse(lane.left.begin(), lane.left.end());
    if (order_.dry_run) matched_ += std::exchange(lane.left, {}).size();
    go_on(calls, call, shard);
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
    if (!lane.left.empty()) return ask_for_some(calls, call, shard);
    lane.after = lane.next;
    lane.ended = !lane.next;
    if (!lane.ended) read_lot(calls, call, shard);
  }

  void ask_for_some(Calls& calls, Call& call, uint32_t shard) {
    std::vector<Command>& left = lanes_[shard].left;
    late_ = late_ || calls.mono() >= until_;
    if (stopped_ || late_) return;
    std::vector<Command> some;
    while (!left.empty() && some.size() < kRunsAtOnce) {
      some.push_back(std::move(left.back()));
      left.pop_back();
    }
    if (calls.post(call, shard, shard, std::move(some))) {
      ++under_way_;
    } else {
      stop({ErrorCode::kOverloaded, "", "a shard has no room for more requests"});
    }
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
    if (stopped_ || late_) {
      std::vector<uint64_t> positions;
      for (const Lane& lane : lanes_) positions.push_back(position_of({lane.after, lane.ended}));
      json.name("next_page_token");
      json.string(write_page_token(order_.asked, positions));
    }
    json.end_object();
    calls.respond(call, std::move(response));
  }

  CancelOrder order_;
  const DeadFilter& filter_;
  TaskFilter tasks_;
  Monotonic until_;
  std::vector<Lane> lanes_;
  size_t under_way_ = 0;
  bool began_ = false;            // some lot is done
  bool late_ = false;             // a lot was left for want of time
  std::optional<Error> stopped_;  // why no further lot is begun
  uint64_t matched_ = 0;
  uint64_t changed_ = 0;
};

// Where each shard begins; a refusal is about the token.
Result<std::vector<OpenRunsAnswer::Lane>> lanes_of(const CancelOrder& order, size_t shards) {
  std::vector<OpenRunsAnswer::Lane> lanes(shards);
  if (order.token.empty()) return lanes;
  auto positions = read_page_token(order.token, order.asked, shards);
  if (!positions) return failure(std::move(positions.error()));
  for (size_t i = 0; i < shards; ++i) {
    const TaskPlace place = task_place_at((*positions)[i]);
    lanes[i].after = place.after;
    lanes[i].ended = place.ended;
  }
  return lanes;
}

}  // namespace

void cancel_open_runs(Calls& calls, Call& call, CancelOrder order) {
  auto lanes = lanes_of(order, calls.shards().shard_count());
  if (!lanes) return calls.refuse(call, std::move(lanes.error()));
  auto answer = std::make_unique<OpenRunsAnswer>(std::move(order), calls.mono() + kLongestCancel,
                                                 std::move(*lanes));
  OpenRunsAnswer& started = *answer;
  call.answer = std::move(answer);
  started.start(calls, call);
}

}  // namespace hourwheel
