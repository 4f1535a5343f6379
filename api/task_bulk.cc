// POST /v1/tasks:bulk: one action on all tasks that match a filter, however many there are.
//
// Every shard is gone through by itself, in the order of its tasks' numbers: a lot of tasks is
// read, its commands are decided, then the next lot is read. So little is held at a time, a number
// is met once, and none that was met comes again. A request ends before its client loses patience;
// what is left is for the next one, which goes on from a token.
//
// Under an Idempotency-Key each task is kept by itself, as an entry of a batch is: a repeat tells
// again what became of a task, and changes only those that the first did not come to.
#include <algorithm>
#include <utility>

#include "api/batch_answer.h"
#include "api/definition_patch.h"
#include "api/handlers.h"
#include "api/members.h"
#include "api/page_token.h"
#include "api/task_filter.h"
#include "api/task_json.h"

namespace hourwheel {
namespace {

// Of one shard, read and changed at once. A commit for so many costs each of them little.
constexpr uint32_t kTasksPerLot = 256;
// Of a patch: each task is read as a whole, about 100 µs, and is as long as the patch makes it.
constexpr uint32_t kPatchedPerLot = 16;
constexpr size_t kPatchBytesPerLot = size_t{2} << 20;
// Then no further lot is begun. Clients often wait no longer than 30 s, nor does the server
// (kAnswerDeadline), and the last lot has to be decided within that.
constexpr Duration kLongestBulk = seconds(10);
constexpr size_t kProblemsShown = 10;

struct TaskBulkBody {
  FieldErrors& errors;
  TaskFilter filter{};
  std::string asked{};  // for the token: what must be the same when it comes back
  std::optional<CommandKind> action{};
  std::optional<JsonValue> reason{};
  std::optional<JsonValue> until{};
  std::optional<Pause> pause{};
  std::unique_ptr<Error> refusal{};  // of each task, unless its key was answered before
  std::optional<JsonValue> patch{};
  std::unique_ptr<DefinitionPatch> patches{};
  std::string token{};
  bool has_filter = false;
  bool dry_run = false;
  bool keyed = false;

  // What was asked for under a key may have been done before its end had passed.
  [[nodiscard]] bool may_repeat() const { return keyed && !dry_run; }
};

constexpr Word<CommandKind> kTaskBulkActions[] = {
    {"pause", CommandKind::kPause},   {"resume", CommandKind::kResume},
    {"delete", CommandKind::kDelete}, {"run", CommandKind::kRun},
    {"patch", CommandKind::kReplace},
};

constexpr Member<TaskBulkBody> kTaskBulkMembers[] = {
    {"filter",
     [](TaskBulkBody& body, const JsonValue& value) {
       body.has_filter = true;
       body.asked += value.raw();
       read_task_filter(value, body.filter, body.errors);
     }},
    {"action",
     [](TaskBulkBody& body, const JsonValue& value) {
       CommandKind action{};
       if (read_word(value, kTaskBulkActions, action, body.errors)) body.action = action;
     }},
    {"reason", [](TaskBulkBody& body, const JsonValue& value) { body.reason = value; }},
    {"until", [](TaskBulkBody& body, const JsonValue& value) { body.until = value; }},
    {"patch", [](TaskBulkBody& body, const JsonValue& value) { body.patch = value; }},
    {"dry_run", [](TaskBulkBody& body,
                   const JsonValue& value) { read_truth(value, body.dry_run, body.errors); }},
    {"page_token",
     [](TaskBulkBody& body, const JsonValue& value) {
       read_text(value, kMaxRequestBody, body.token, body.errors);
     }},
};

// The members that only a pause has.
void read_pause_members(TaskBulkBody& body, const JsonValue& object, Instant now) {
  if (body.action != CommandKind::kPause) {
    for (const auto* member : {&body.reason, &body.until}) {
      if (*member) refuse_unknown(**member, body.errors);
    }
    return;
  }
  Pause pause{"", now, std::nullopt};
  if (body.reason) read_text(*body.reason, kMaxReason, pause.reason, body.errors);
  if (body.until && !body.until->is(JsonKind::kNull)) {
    Instant until;
    if (read_instant(*body.until, until, body.errors)) pause.until = until;
  }
  body.pause = std::move(pause);
  if (body.may_repeat()) {
    body.refusal = refusal_of_past_end(body.pause, now, "");
  } else {
    refuse_past_end(object, body.pause, now, body.errors);
  }
}

// The member that only a patch has.
void read_patch_member(TaskBulkBody& body, Instant now) {
  FieldErrors& errors = body.errors;
  if (body.action != CommandKind::kReplace) {
    if (body.patch) refuse_unknown(*body.patch, errors);
    return;
  }
  if (!body.patch) return refuse_missing("/patch", errors);
  const JsonValue& patch = *body.patch;
  if (!patch.is(JsonKind::kObject)) {
    return errors.add(patch, "wrong-type", "an object is expected");
  }
  refuse_unpatchable(patch, errors);
  if (const auto id = patch.find("id")) errors.add(*id, "invalid", "tasks keep their ids");
  const auto paused = patch.find("paused");
  if (paused && !paused->is(JsonKind::kNull)) {
    const auto pause = read_pause(*paused, now, errors);
    if (body.may_repeat()) {
      body.refusal = refusal_of_past_end(pause, now, "/patch/paused");
    } else {
      refuse_past_end(*paused, pause, now, errors);
    }
  }
  body.patches = std::make_unique<DefinitionPatch>(patch.raw());
}

// A task that the patch does not fit.
struct Unfit {
  std::string id;
  Problem problem;
};

// As the shard would refuse it, which a dry run does not ask.
std::optional<Problem> refused_outside(const TaskSpec& patched, const Selection& selection) {
  Status good = check_within(patched.labels, selection);
  return good ? std::nullopt : std::optional(problem_of(std::move(good.error())));
}

// What one shard has still before it.
struct Lane {
  TaskNumber after;  // all up to here is done
  TaskNumber next;   // ... once the lot under way is decided; zero: nothing is left then
  std::vector<std::string> ids;  // of the lot under way, of which the shard is asked
  std::vector<Unfit> unfit;      // of the same lot
  bool ended = false;
};

class TaskBulkAnswer : public Answer {
 public:
  TaskBulkAnswer(TaskBulkBody&& body, CommandKind action, std::vector<Lane> lanes, Monotonic until)
      : filter_(std::move(body.filter)),
        asked_(std::move(body.asked)),
        action_(action),
        pause_(std::move(body.pause)),
        refusal_(std::move(body.refusal)),
        patch_(std::move(body.patches)),
        dry_run_(body.dry_run),
        keyed_(body.keyed),
        lanes_(std::move(lanes)),
        until_(until) {
    if (patch_ == nullptr) return;
    const size_t fit = kPatchBytesPerLot / std::max<size_t>(1, patch_->bytes());
    per_lot_ = static_cast<uint32_t>(std::clamp<size_t>(fit, 1, kPatchedPerLot));
  }

  void start(Calls& calls, Call& call) {
    for (uint32_t shard = 0; shard < lanes_.size(); ++shard) read_lot(calls, call, shard);
    if (under_way_ == 0) finish(calls, call);
  }

  void on_part(Calls& calls, Call& call, Reply reply) override {
    const uint32_t shard = reply.token.shard;
    --under_way_;
    if (auto* outcomes = std::get_if<std::vector<CommandOutcome>>(&reply.body)) {
      on_outcomes(calls, call, shard, *outcomes);
    } else if (auto& answer = std::get<Result<QueryAnswer>>(reply.body); answer) {
      on_lot(calls, call, shard, std::get<TaskPage>(*answer));
    } else {
      stop(std::move(answer.error()));
    }
    if (under_way_ == 0) finish(calls, call);
  }

 private:
  void stop(Error why) {
    if (!stopped_) stopped_ = std::move(why);
  }

  // Whether what is left is left to the next request.
  bool must_stop(Calls& calls) {
    if (stopped_) return true;
    if (calls.mono() >= until_) return true;
    if (calls.facts().draining()) {
      stop({ErrorCode::kDraining, "", "the server is stopping"});
    } else if (auto strain = calls.gate().refuses(demand_of(action_))) {
      stop({ErrorCode::kOverloaded, "", std::string(tell(*strain))});
    }
    return stopped_.has_value();
  }

  void read_lot(Calls& calls, Call& call, uint32_t shard) {
    const Lane& lane = lanes_[shard];
    if (lane.ended || must_stop(calls)) return;
    if (calls.post(call, shard, shard, ListTasks{filter_, lane.after, per_lot_})) {
      ++under_way_;
    } else {
      stop({ErrorCode::kOverloaded, "", "a shard has no room for more requests"});
    }
  }

  void on_lot(Calls& calls, Call& call, uint32_t shard, const TaskPage& page) {
    Lane& lane = lanes_[shard];
    lane.next = page.next;
    lane.ids.clear();
    lane.unfit.clear();
    std::vector<Command> commands;
    if (dry_run_ && patch_ == nullptr) {
      matched_ += page.tasks.size();
    } else {
      for (const StoredTask& task : page.tasks) add_command(calls, call, task, lane, commands);
    }
    if (dry_run_) matched_ += commands.size();
    if (dry_run_ || commands.empty()) {
      count_unfit(lane);
      return go_on(calls, call, shard);
    }
    if (calls.post(call, shard, shard, std::move(commands))) {
      ++under_way_;
    } else {
      stop({ErrorCode::kOverloaded, "", "a shard has no room for more requests"});
    }
  }

  // Decided on the definition as it was read: one that was changed since is left alone. What moves
  // without a new version (its pause, what is due next, how it ended last) is as of the reading.
  void add_command(Calls& calls, const Call& call, const StoredTask& task, Lane& lane,
                   std::vector<Command>& commands) {
    Command command;
    command.kind = action_;
    command.existence =
        action_ == CommandKind::kReplace ? Existence::kMustExist : Existence::kEither;
    command.id = task.spec.id;
    command.key = task.key;
    command.if_match = task.state.version;
    command.pause = pause_;
    if (refusal_) command.refusal = std::make_unique<Error>(*refusal_);
    give_key(call, command);
    if (action_ == CommandKind::kRun) command.nonce = calls.new_nonce();
    if (patch_ != nullptr) {
      auto problem = patch_->put_on(task,
                                    {.now = calls.now(),
                                     .administers = call.administers(),
                                     .trace = call.its_trace(),
                                     .reachable = calls.links().available()},
                                    command);
      if (!problem && dry_run_) problem = refused_outside(*command.spec, call.caller.selection);
      if (problem) return lane.unfit.push_back({task.spec.id, std::move(*problem)});
    }
    lane.ids.push_back(task.spec.id);
    commands.push_back(std::move(command));
  }

  void on_outcomes(Calls& calls, Call& call, uint32_t shard,
                   const std::vector<CommandOutcome>& outcomes) {
    calls.count_decided(call, outcomes.size());
    // Nothing of it was done for want of room or time: it is as if it had not been asked for.
    const bool put_off = std::all_of(outcomes.begin(), outcomes.end(), [](const auto& outcome) {
      return !outcome && problem_facts(outcome.error().code).status == 503;
    });
    if (put_off) return stop(outcomes.front().error());
    matched_ += outcomes.size();
    for (size_t i = 0; i < outcomes.size(); ++i) count(lanes_[shard].ids[i], outcomes[i]);
    count_unfit(lanes_[shard]);
    go_on(calls, call, shard);
  }

  void count(const std::string& id, const CommandOutcome& outcome) {
    if (outcome) {
      changed_ += outcome->effect == CommandEffect::kUnchanged ? 0 : 1;
      replayed_ += outcome->replayed ? 1 : 0;
      in_flight_ += outcome->in_flight;
    } else {
      count_failed(id, problem_of(outcome.error()));
    }
  }

  void count_unfit(const Lane& lane) {
    matched_ += lane.unfit.size();
    for (const Unfit& one : lane.unfit) count_failed(one.id, one.problem);
  }

  void count_failed(const std::string& id, const Problem& problem) {
    ++failed_;
    if (problems_.size() == kProblemsShown) return;
    problems_.push_back(refused_result(BatchEntry{id}, problem));
  }

  void go_on(Calls& calls, Call& call, uint32_t shard) {
    Lane& lane = lanes_[shard];
    began_ = true;
    lane.ended = !lane.next;
    if (lane.next) lane.after = lane.next;
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
    if (action_ != CommandKind::kResume && action_ != CommandKind::kRun) {
      json.name("in_flight");
      json.count(in_flight_);
    }
    json.name("failed");
    json.count(failed_);
    if (keyed_) {
      json.name("replayed");
      json.count(replayed_);
    }
    if (!problems_.empty()) write_problems(json);
    write_rest(json);
    json.end_object();
    calls.respond(call, std::move(response));
  }

  void write_problems(JsonWriter& json) const {
    json.name("problems");
    json.begin_array();
    for (const std::string& problem : problems_) json.raw(problem);
    json.end_array();
  }

  void write_rest(JsonWriter& json) const {
    const bool done =
        std::all_of(lanes_.begin(), lanes_.end(), [](const Lane& lane) { return lane.ended; });
    json.name("done");
    json.boolean(done);
    if (done) return;
    std::vector<uint64_t> positions;
    for (const Lane& lane : lanes_) positions.push_back(position_of({lane.after, lane.ended}));
    json.name("next_page_token");
    json.string(write_page_token(asked_, positions));
  }

  TaskFilter filter_;
  std::string asked_;
  CommandKind action_;
  std::optional<Pause> pause_;
  std::unique_ptr<Error> refusal_;
  std::unique_ptr<DefinitionPatch> patch_;  // of kReplace
  uint32_t per_lot_ = kTasksPerLot;
  bool dry_run_;
  bool keyed_;
  std::vector<Lane> lanes_;
  Monotonic until_;
  size_t under_way_ = 0;
  bool began_ = false;            // something is done, or known to need nothing
  std::optional<Error> stopped_;  // why no further lot is begun; the time being up is no reason
  uint64_t matched_ = 0;
  uint64_t changed_ = 0;
  uint64_t in_flight_ = 0;
  uint64_t failed_ = 0;
  uint64_t replayed_ = 0;  // of the changed ones and those that were as asked for
  std::vector<std::string> problems_;
};

// Where each shard begins; a refusal is about the token.
Result<std::vector<Lane>> lanes_from(const std::string& token, const std::string& asked,
                                     size_t shards) {
  std::vector<Lane> lanes(shards);
  if (token.empty()) return lanes;
  auto positions = read_page_token(token, asked, shards);
  if (!positions) return failure(std::move(positions.error()));
  for (size_t i = 0; i < shards; ++i) {
    const TaskPlace place = task_place_at((*positions)[i]);
    lanes[i].after = place.after;
    lanes[i].ended = place.ended;
  }
  return lanes;
}

// To run a task is a right of its own.
Status check_action(const Caller& caller, CommandKind action) {
  return action == CommandKind::kRun ? check_right(caller, Right::kTasksTrigger) : Status();
}

}  // namespace

void change_by_filter(Calls& calls, Call& call, const HttpRequest& request) {
  auto object = calls.read_body(call, request);
  if (!object) return;
  FieldErrors errors;
  TaskBulkBody body{errors};
  body.keyed = call.key.has_value();
  read_members<TaskBulkBody>(*object, kTaskBulkMembers, Unknown::kRefuse, body);
  if (!body.has_filter) refuse_missing("/filter", errors);
  if (!object->find("action")) refuse_missing("/action", errors);
  if (body.action) {
    read_pause_members(body, *object, calls.now());
    read_patch_member(body, calls.now());
  }
  if (!errors.empty()) return calls.refuse(call, problem_of(std::move(errors)));
  // Pauses and deletes are urgent, and never refused (C-25).
  const CommandKind action = *body.action;
  if (auto good = check_action(call.caller, action); !good) {
    return calls.refuse_unauthorized(call, std::move(good.error()), Right::kTasksTrigger);
  }
  const Demand demand = demand_of(action);
  if (auto strain = calls.gate().refuses(demand)) return calls.shed(call, demand, *strain);
  body.asked.append("&").append(object->find("action")->text());
  if (body.patch) body.asked.append("&").append(body.patch->raw());
  auto lanes = lanes_from(body.token, body.asked, calls.shards().shard_count());
  if (!lanes) return calls.refuse(call, std::move(lanes.error()));
  auto answer = std::make_unique<TaskBulkAnswer>(std::move(body), action, std::move(*lanes),
                                                 calls.mono() + kLongestBulk);
  TaskBulkAnswer& started = *answer;
  call.answer = std::move(answer);
  started.start(calls, call);
}

}  // namespace hourwheel
