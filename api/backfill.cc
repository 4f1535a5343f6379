// Backfill of a task: an order for a past range, what it would make, and its end.
#include "engine/backfill.h"

#include "api/action_body.h"
#include "api/command_answer.h"
#include "api/handlers.h"
#include "api/members.h"
#include "engine/schedule/time_text.h"

namespace hourwheel {
namespace {

constexpr uint32_t kDefaultBackfillRate = 10;

struct BackfillBody {
  FieldErrors& errors;
  std::optional<Instant> from{};
  std::optional<Instant> to{};
  int64_t rate = kDefaultBackfillRate;
  bool dry_run = false;
};

void read_end(BackfillBody& body, const JsonValue& value, std::optional<Instant>& end) {
  Instant instant;
  if (read_instant(value, instant, body.errors)) end = instant;
}

constexpr Member<BackfillBody> kBackfillMembers[] = {
    {"from", [](BackfillBody& body, const JsonValue& value) { read_end(body, value, body.from); }},
    {"to", [](BackfillBody& body, const JsonValue& value) { read_end(body, value, body.to); }},
    {"rate",
     [](BackfillBody& body, const JsonValue& value) {
       read_whole(value, {1, kMaxReopenRate}, body.rate, body.errors);
     }},
    {"dry_run", [](BackfillBody& body,
                   const JsonValue& value) { read_truth(value, body.dry_run, body.errors); }},
};

void write_plan(JsonWriter& json, const BackfillPlan& plan) {
  json.name("count");
  json.count(plan.count);
  if (plan.count == 0) return;
  json.name("first");
  json.instant(plan.first);
  json.name("last");
  json.instant(plan.last);
}

class OrderAnswer : public Answer {
 public:
  OrderAnswer(std::string task_id, uint32_t rate, const Preconditions& conditions)
      : task_id_(std::move(task_id)), rate_(rate), conditions_(conditions) {}

  void on_part(Calls& calls, Call& call, Reply reply) override {
    CommandOutcome* outcome = calls.outcome_in(call, reply);
    if (outcome == nullptr) return;
    if (!*outcome) {
      return calls.refuse(call, refusal_under(conditions_, std::move(outcome->error())));
    }
    const std::optional<Backfill>& order = (*outcome)->state.backfill;
    HttpResponse response;
    response.status = order ? 202 : 200;
    note_replay(response, **outcome);
    JsonWriter json(response.body);
    json.begin_object();
    json.name("task_id");
    json.string(task_id_);
    if (order) {
      write_plan(json, {order->left, order->next, order->last});
      json.name("rate");
      json.count(rate_);
    }
    json.end_object();
    calls.respond(call, std::move(response));
  }

 private:
  std::string task_id_;
  uint32_t rate_;
  Preconditions conditions_;
};

// What the order would make, from what is stored, and refused as the order would be.
class DryRunAnswer : public Answer {
 public:
  DryRunAnswer(const BackfillRange& range, const Preconditions& conditions)
      : range_(range), conditions_(conditions) {}

  void on_part(Calls& calls, Call& call, Reply reply) override {
    auto& answer = std::get<Result<QueryAnswer>>(reply.body);
    if (!answer) return calls.refuse(call, refusal_under(conditions_, std::move(answer.error())));
    const auto& task = std::get<StoredTask>(*answer);
    Status good = check_if_match(conditions_, task.state.version);
    if (!good) return calls.refuse(call, std::move(good.error()));
    auto schedule = Schedule::compile(task.spec.schedule, spread_seed(task.key));
    if (!schedule) return calls.refuse(call, std::move(schedule.error()));
    auto plan = plan_order(task.spec, task.state, *schedule, range_, calls.now());
    if (!plan) return calls.refuse(call, std::move(plan.error()));
    HttpResponse response;
    JsonWriter json(response.body);
    json.begin_object();
    json.name("task_id");
    json.string(task.spec.id);
    json.name("dry_run");
    json.boolean(true);
    write_plan(json, *plan);
    json.end_object();
    calls.respond(call, std::move(response));
  }

 private:
  BackfillRange range_;
  Preconditions conditions_;
};

void post_order(Calls& calls, Call& call, Command command, const Preconditions& conditions) {
  command.id = call.id;
  command.key = task_key(call.id);
  command.if_match = conditions.if_match;
  give_key(call, command);
  const uint32_t rate = command.range ? command.range->rate : 0;
  call.answer = std::make_unique<OrderAnswer>(call.id, rate, conditions);
  calls.ask_owner(call, std::move(command));
}

void post_dry_run(Calls& calls, Call& call, const BackfillRange& range,
                  const Preconditions& conditions) {
  TaskKey key = task_key(call.id);
  call.answer = std::make_unique<DryRunAnswer>(range, conditions);
  calls.ask_owner(call, key, GetTask{key});
}

}  // namespace

void backfill_task(Calls& calls, Call& call, const HttpRequest& request) {
  const auto conditions = read_if_match(calls, call, request);
  if (!conditions) return;
  auto object = calls.read_body(call, request);
  if (!object) return;
  FieldErrors errors;
  BackfillBody body{errors};
  read_members<BackfillBody>(*object, kBackfillMembers, Unknown::kRefuse, body);
  for (auto [name, end] : {std::pair("/from", &body.from), std::pair("/to", &body.to)}) {
    if (*end || object->find(name + 1)) continue;
    errors.add({ErrorCode::kValidationFailed, name, "required", "an instant is needed"});
  }
  if (!errors.empty()) return calls.refuse(call, problem_of(std::move(errors)));
  BackfillRange range{*body.from, *body.to, static_cast<uint32_t>(body.rate)};
  if (body.dry_run) return post_dry_run(calls, call, range, *conditions);
  Command command;
  command.kind = CommandKind::kBackfill;
  command.range = range;
  post_order(calls, call, std::move(command), *conditions);
}

void stop_backfill(Calls& calls, Call& call, const HttpRequest& request) {
  std::optional<JsonValue> body;
  if (!read_action_body(calls, call, request, body) || refuse_members(calls, call, body)) return;
  const auto conditions = read_if_match(calls, call, request);
  if (!conditions) return;
  Command command;
  command.kind = CommandKind::kStopBackfill;
  post_order(calls, call, std::move(command), *conditions);
}

}  // namespace hourwheel
