// POST /v1/tasks:batch: many commands in one request, each with its own result, none atomic across
// entries. Entries for the same shard travel together and are committed together.
#include <utility>

#include "api/handlers.h"
#include "api/members.h"
#include "api/task_json.h"
#include "engine/base/check.h"
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

constexpr Word<CommandKind> kOps[] = {
    {"create", CommandKind::kCreate}, {"upsert", CommandKind::kReplace},
    {"delete", CommandKind::kDelete}, {"pause", CommandKind::kPause},
    {"resume", CommandKind::kResume}, {"run", CommandKind::kRun},
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

void read_definition(Calls& calls, const JsonValue& entry, const Operation& operation,
                     Command& command) {
  if (!operation.task) {
    return operation.errors.add({ErrorCode::kValidationFailed, entry.pointer() + "/task",
                                 "required", "the task is missing"});
  }
  auto body = read_task(*operation.task, {Shape::kV1, calls.now()}, operation.errors);
  if (!body) return;
  command.spec = std::move(body->spec);
  command.pause = std::move(body->pause);
  command.past = body->past;
}

// C-25: of a batch that comes at a bad time what is urgent is done all the same.
bool may_come_in(Calls& calls, const JsonValue& entry, CommandKind kind, FieldErrors& errors) {
  auto strain = calls.gate().refuses(demand_of(kind));
  if (!strain) return true;
  calls.counters().count_shed(demand_of(kind), *strain);
  errors.add({ErrorCode::kOverloaded, entry.pointer(), "overloaded", std::string(tell(*strain))});
  return false;
}

// The entry at `place`, from 1, as a command; errors say what is wrong with it, if anything.
Command read_operation(Calls& calls, const Call& call, const JsonValue& entry, size_t place,
                       FieldErrors& errors) {
  Command command;
  Operation operation{errors};
  std::span<const Member<Operation>> members = kOperationMembers;
  if (!read_members(entry, members, Unknown::kRefuse, operation)) return command;
  if (!operation.op) {
    errors.add(
        {ErrorCode::kValidationFailed, entry.pointer() + "/op", "required", "the op is missing"});
    return command;
  }
  if (!read_word(*operation.op, kOps, command.kind, errors)) return command;
  if (!may_come_in(calls, entry, command.kind, errors)) return command;
  refuse_unused(operation, command.kind);
  if (takes_task(command.kind)) read_definition(calls, entry, operation, command);
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
  if (!errors.empty()) return command;
  if (command.id.empty()) {
    if (!call.key) command.id_origin = IdOrigin::kGenerated;
    command.id = call.key ? task_id_of(*call.key, place) : calls.new_task_id();
  }
  give_key(call, command, place);
  if (command.spec) command.spec->id = command.id;
  command.key = task_key(command.id);
  return command;
}

class BatchAnswer : public Answer {
 public:
  struct Entry {
    std::string id;
    TaskKey key;
    std::string result;  // JSON, once known
  };
  BatchAnswer(std::vector<Entry> entries, std::vector<std::vector<size_t>> of_shard)
      : entries_(std::move(entries)), of_shard_(std::move(of_shard)) {}

  void on_part(Calls& calls, Call& call, Reply reply) override {
    uint32_t shard = reply.token.shard;
    if (auto* outcomes = std::get_if<std::vector<CommandOutcome>>(&reply.body)) {
      HW_CHECK(outcomes->size() == of_shard_[shard].size(), "one outcome for each command");
      for (size_t i = 0; i < outcomes->size(); ++i) {
        write_outcome(entries_[of_shard_[shard][i]], (*outcomes)[i]);
      }
    } else {
      refuse_shard(shard, std::get<Result<QueryAnswer>>(reply.body).error());
    }
    if (--outstanding_ == 0) finish(calls, call);
  }

  void add_outstanding() { ++outstanding_; }
  [[nodiscard]] size_t outstanding() const { return outstanding_; }

  void refuse_shard(uint32_t shard, const Error& error) {
    for (size_t i : of_shard_[shard]) write_problem_of(entries_[i], problem_of(error));
  }

  static void write_problem_of(Entry& entry, const Problem& problem) {
    JsonWriter json(entry.result);
    begin(json, entry, problem_facts(problem.code).status);
    json.name("problem");
    write_problem(json, problem, {Shape::kV1, "", ""});
    json.end_object();
  }

  void finish(Calls& calls, Call& call) {
    HttpResponse response;
    JsonWriter json(response.body);
    json.begin_object();
    json.name("results");
    json.begin_array();
    for (const Entry& entry : entries_) json.raw(entry.result);
    json.end_array();
    json.end_object();
    calls.respond(call, std::move(response));
  }

 private:
  static void begin(JsonWriter& json, const Entry& entry, int status) {
    json.begin_object();
    json.name("status");
    json.number(status);
    if (!entry.id.empty()) {
      json.name("id");
      json.string(entry.id);
    }
  }

  static int status_of(CommandEffect effect) {
    if (effect == CommandEffect::kCreated) return 201;
    return effect == CommandEffect::kStarted ? 202 : 200;
  }

  static void write_outcome(Entry& entry, const CommandOutcome& outcome) {
    if (!outcome) return write_problem_of(entry, problem_of(outcome.error()));
    JsonWriter json(entry.result);
    begin(json, entry, status_of(outcome->effect));
    if (outcome->effect != CommandEffect::kDeleted) {
      json.name("version");
      json.count(outcome->state.version.value);
    }
    if (outcome->run) {
      json.name("run_id");
      json.string(run_id(entry.key, *outcome->run));
    }
    if (outcome->effect != CommandEffect::kCreated && outcome->effect != CommandEffect::kStarted) {
      json.name("in_flight");
      json.count(outcome->in_flight);
    }
    if (outcome->replayed) {
      json.name("replayed");
      json.boolean(true);
    }
    json.end_object();
  }

  std::vector<Entry> entries_;
  std::vector<std::vector<size_t>> of_shard_;  // the entries each shard decides, in order
  size_t outstanding_ = 0;
};

// The "operations" of the body; nullopt: the call is refused.
std::optional<JsonValue> read_operations(Calls& calls, Call& call, const HttpRequest& request) {
  auto body = calls.read_body(call, request);
  if (!body) return std::nullopt;
  FieldErrors errors;
  auto operations = body->find("operations");
  for (auto member = body->first(); member; member = member->next()) {
    if (member->name() != "operations") refuse_unknown(*member, errors);
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
  if (errors.empty()) return operations;
  calls.refuse(call, problem_of(std::move(errors)));
  return std::nullopt;
}

}  // namespace

void run_batch(Calls& calls, Call& call, const HttpRequest& request) {
  auto operations = read_operations(calls, call, request);
  if (!operations) return;
  uint32_t shards = calls.shards().shard_count();
  std::vector<BatchAnswer::Entry> entries;
  std::vector<std::vector<size_t>> of_shard(shards);
  std::vector<std::vector<Command>> commands(shards);
  size_t shed = 0;
  for (auto entry = operations->first(); entry; entry = entry->next()) {
    FieldErrors errors;
    BatchAnswer::Entry& row = entries.emplace_back();
    Command command = read_operation(calls, call, *entry, entries.size(), errors);
    row.id = command.id;
    row.key = command.key;
    if (!errors.empty()) {
      Problem problem = problem_of(std::move(errors));
      shed += problem.code == ErrorCode::kOverloaded ? 1 : 0;
      BatchAnswer::write_problem_of(row, problem);
      continue;
    }
    uint32_t shard = calls.shards().shard_of(command.key);
    of_shard[shard].push_back(entries.size() - 1);
    commands[shard].push_back(std::move(command));
  }
  if (shed > 0 && shed == entries.size()) {
    return calls.hold_refusal(call, *calls.gate().refuses(Demand::kCreate));  // O2
  }
  auto answer = std::make_unique<BatchAnswer>(std::move(entries), std::move(of_shard));
  BatchAnswer& started = *answer;
  call.answer = std::move(answer);
  for (uint32_t shard = 0; shard < shards; ++shard) {
    if (commands[shard].empty()) continue;
    if (calls.post(call, shard, shard, std::move(commands[shard]))) {
      started.add_outstanding();
    } else {
      started.refuse_shard(shard, Error{ErrorCode::kOverloaded, "",
                                        "the task's shard has no room for more requests"});
    }
  }
  if (started.outstanding() == 0) started.finish(calls, call);
}

}  // namespace hourwheel
