// POST /v1/tasks:batch: the operations of a body as commands.
#include <utility>

#include "api/batch_answer.h"
#include "api/definition_patch.h"
#include "api/handlers.h"
#include "api/members.h"
#include "api/task_json.h"
#include "engine/limits.h"

namespace hourwheel {
namespace {

struct Operation {
  FieldErrors& errors;
  std::optional<JsonValue> op{};
  std::optional<JsonValue> id{};
  std::optional<JsonValue> task{};
  std::optional<JsonValue> reason{};
  std::optional<JsonValue> until{};
};

constexpr Member<Operation> kOperationMembers[] = {
    {"op", [](Operation& operation, const JsonValue& value) { operation.op = value; }},
    {"id", [](Operation& operation, const JsonValue& value) { operation.id = value; }},
    {"task", [](Operation& operation, const JsonValue& value) { operation.task = value; }},
    {"reason", [](Operation& operation, const JsonValue& value) { operation.reason = value; }},
    {"until", [](Operation& operation, const JsonValue& value) { operation.until = value; }},
};

struct Op {
  CommandKind kind = CommandKind::kCreate;
  bool patches = false;  // what it makes of the task is known when that is read
};
constexpr Word<Op> kOps[] = {
    {"create", {CommandKind::kCreate, false}}, {"upsert", {CommandKind::kReplace, false}},
    {"patch", {CommandKind::kReplace, true}},  {"delete", {CommandKind::kDelete, false}},
    {"pause", {CommandKind::kPause, false}},   {"resume", {CommandKind::kResume, false}},
    {"run", {CommandKind::kRun, false}},
};

// What an entry comes to.
struct Order {
  Command command;
  std::optional<JsonValue> patch{};  // of the task that the command names
};

bool takes_task(CommandKind kind) {
  return kind == CommandKind::kCreate || kind == CommandKind::kReplace;
}

// Members that this op has no use for.
void refuse_unused(const Operation& operation, CommandKind kind) {
  auto refuse = [&](const std::optional<JsonValue>& member, bool used) {
    if (member && !used) refuse_unknown(*member, operation.errors);
  };
  refuse(operation.task, takes_task(kind));
  refuse(operation.reason, kind == CommandKind::kPause);
  refuse(operation.until, kind == CommandKind::kPause);
}

// The entry's own id, or the one in its task; a create may have none. Any id that exists can be
// named; only a new one has to be fit for /v1, which read_task sees to.
void read_entry_id(const JsonValue& entry, const Operation& operation, Command& command) {
  FieldErrors& errors = operation.errors;
  std::string inner = command.spec ? command.spec->id : std::string();
  std::string outer;
  if (operation.id && !read_text(*operation.id, kMaxTaskId, outer, errors)) return;
  if (!inner.empty() && !outer.empty() && inner != outer) {
    return errors.add(*operation.id, "invalid", "the id is not that of the task");
  }
  if (command.spec && inner.empty() && operation.id) {
    if (auto good = check_task_id(outer, Shape::kV1); !good) {
      return errors.add(*operation.id, good.error());
    }
  }
  command.id = inner.empty() ? std::move(outer) : std::move(inner);
  if (command.id.empty() && command.kind != CommandKind::kCreate) {
    errors.add(
        {ErrorCode::kValidationFailed, entry.pointer() + "/id", "required", "the id is missing"});
  }
}

void read_definition(const TaskReading& reading, const JsonValue& entry, const Operation& operation,
                     Command& command) {
  if (!operation.task) {
    return operation.errors.add({ErrorCode::kValidationFailed, entry.pointer() + "/task",
                                 "required", "the task is missing"});
  }
  auto body = read_task(*operation.task, reading, operation.errors);
  if (!body) return;
  command.spec = std::move(body->spec);
  command.pause = std::move(body->pause);
  command.past = body->past;
}

// As PATCH does; the rest is refused, if at all, with the task that it comes to.
void read_patch(const JsonValue& entry, const Operation& operation, Order& order) {
  FieldErrors& errors = operation.errors;
  if (!operation.task) return refuse_missing(entry.pointer() + "/task", errors);
  const JsonValue& patch = *operation.task;
  if (!patch.is(JsonKind::kObject)) {
    return errors.add(patch, "wrong-type", "an object is expected");
  }
  refuse_unpatchable(patch, errors);
  const auto named = patch.find("id");
  if (named && operation.id && named->text() != operation.id->text()) {
    errors.add(*named, "invalid", "a task keeps its id");
  }
  order.patch = patch;
}

// C-25: of a batch that comes at a bad time what is urgent is done all the same.
bool may_come_in(Calls& calls, const JsonValue& entry, CommandKind kind, FieldErrors& errors) {
  auto strain = calls.gate().refuses(demand_of(kind));
  if (!strain) return true;
  calls.counters().count_shed(demand_of(kind), *strain);
  errors.add({ErrorCode::kOverloaded, entry.pointer(), "overloaded", std::string(tell(*strain))});
  return false;
}

// To run a task is a right of its own.
bool may_ask(const Call& call, const JsonValue& entry, CommandKind kind, FieldErrors& errors) {
  if (kind != CommandKind::kRun) return true;
  auto good = check_right(call.caller, Right::kTasksTrigger);
  if (!good) {
    errors.add({good.error().code, entry.pointer() + "/op", "forbidden", good.error().detail});
  }
  return good.has_value();
}

// Only what defines a task may have members that nobody knows (handling=lenient): here one may be a
// bound that is misspelt.
void refuse_unknown_bounds(const JsonValue& entry, FieldErrors& errors) {
  if (entry.unknown() == Unknown::kRefuse) return;  // they were refused
  for (auto member = entry.first(); member; member = member->next()) {
    const bool known =
        std::any_of(std::begin(kOperationMembers), std::end(kOperationMembers),
                    [&member](const Member<Operation>& one) { return one.name == member->name(); });
    if (!known) refuse_unknown(*member, errors);
  }
}

// The entry at `place`, from 1, as a command; errors say what is wrong with it, if anything.
Order read_operation(Calls& calls, const Call& call, const JsonValue& entry, size_t place,
                     FieldErrors& errors) {
  Order order;
  Command& command = order.command;
  Operation operation{errors};
  std::span<const Member<Operation>> members = kOperationMembers;
  if (!read_members(entry, members, Unknown::kRefuse, operation)) return order;
  if (!operation.op) {
    errors.add(
        {ErrorCode::kValidationFailed, entry.pointer() + "/op", "required", "the op is missing"});
    return order;
  }
  Op op;
  if (!read_word(*operation.op, kOps, op, errors)) return order;
  command.kind = op.kind;
  if (!may_ask(call, entry, command.kind, errors) ||
      !may_come_in(calls, entry, command.kind, errors)) {
    return order;
  }
  refuse_unused(operation, command.kind);
  if (!takes_task(command.kind)) refuse_unknown_bounds(entry, errors);
  if (op.patches) {
    read_patch(entry, operation, order);
  } else if (takes_task(command.kind)) {
    read_definition({.now = calls.now(),
                     .administers = call.administers(),
                     .trace = call.its_trace(),
                     .reachable = calls.links().available()},
                    entry, operation, command);
  }
  if (command.kind == CommandKind::kPause) {
    command.pause = read_pause(entry, calls.now(), errors);
    if (call.key) {
      command.refusal = refusal_of_past_end(command.pause, calls.now(), entry.pointer());
    } else {
      refuse_past_end(entry, command.pause, calls.now(), errors);
    }
  }
  if (command.kind == CommandKind::kRun) command.nonce = calls.new_nonce();
  read_entry_id(entry, operation, command);
  if (!errors.empty()) return order;
  if (command.id.empty()) give_id(calls, call, command, place);
  give_key(call, command, place);
  if (command.spec) command.spec->id = command.id;
  command.key = task_key(command.id);
  return order;
}

BatchPatch patch_of(Order order) {
  BatchPatch patch;
  patch.id = std::move(order.command.id);
  patch.key = order.command.key;
  patch.text = order.patch->raw();
  patch.pointer = order.patch->pointer();
  if (order.command.idempotency) patch.idempotency = *order.command.idempotency;
  return patch;
}

// The "operations" of the body; nullopt: the call is refused.
std::optional<JsonValue> read_operations(Calls& calls, Call& call, const HttpRequest& request) {
  auto body = calls.read_body(call, request);
  if (!body) return std::nullopt;
  FieldErrors errors;
  auto operations = body->find("operations");
  for (auto member = body->first(); member; member = member->next()) {
    const bool known = member->name() == "operations" || body->unknown() == Unknown::kIgnore;
    if (!known) refuse_unknown(*member, errors);
  }
  if (!operations) {
    errors.add(
        {ErrorCode::kValidationFailed, "/operations", "required", "the operations are missing"});
  } else if (!operations->is(JsonKind::kArray)) {
    errors.add(*operations, "wrong-type", "an array is expected");
  } else if (operations->size() > kMaxBatchOperations) {
    errors.add(*operations, "too-many",
               "at most " + std::to_string(kMaxBatchOperations) + " operations");
  }
  if (!errors.empty()) {
    calls.refuse(call, problem_of(std::move(errors)));
    return std::nullopt;
  }
  const size_t further = std::max<size_t>(1, operations->size()) - 1;
  return calls.take_operations(call, further) ? operations : std::nullopt;
}

}  // namespace

void run_batch(Calls& calls, Call& call, const HttpRequest& request) {
  auto operations = read_operations(calls, call, request);
  if (!operations) return;
  BatchOrders orders(calls.shards());
  size_t shed = 0;
  for (auto entry = operations->first(); entry; entry = entry->next()) {
    FieldErrors errors;
    Order order = read_operation(calls, call, *entry, orders.size() + 1, errors);
    BatchEntry row{order.command.id, order.command.key};
    if (errors.empty()) {
      if (order.patch) {
        orders.add(std::move(row), patch_of(std::move(order)));
      } else {
        orders.add(std::move(row), std::move(order.command));
      }
      continue;
    }
    Problem problem = problem_of(std::move(errors));
    shed += problem.code == ErrorCode::kOverloaded ? 1 : 0;
    row.result = refused_result(row, problem);
    orders.add(std::move(row));
  }
  if (shed > 0 && shed == orders.size()) {
    return calls.hold_refusal(call, *calls.gate().refuses(Demand::kCreate));  // O2
  }
  orders.carry_out(calls, call);
}

}  // namespace hourwheel
