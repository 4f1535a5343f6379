// The requests about one task: a command to its shard, or a look at what is stored.
#include <utility>

#include "api/access.h"
#include "api/action_body.h"
#include "api/command_answer.h"
#include "api/handlers.h"
#include "api/members.h"
#include "api/payload_json.h"
#include "api/preconditions.h"
#include "api/runs.h"
#include "api/task_json.h"
#include "api/url_text.h"
#include "engine/base/check.h"
#include "engine/schedule/describe.h"
#include "engine/schedule/outlook.h"

namespace hourwheel {
namespace {

constexpr uint32_t kShownUpcoming = 5;

// The body as a task; nullopt: the call is refused.
std::optional<TaskBody> read_task_body(Calls& calls, Call& call, const HttpRequest& request) {
  auto object = calls.read_body(call, request);
  if (!object) return std::nullopt;
  FieldErrors errors;
  auto body = read_task(*object,
                        {.shape = call.shape(),
                         .now = calls.now(),
                         .administers = call.administers(),
                         .trace = call.its_trace(),
                         .reachable = calls.links().available()},
                        errors);
  if (body) return body;
  calls.refuse(call, problem_of(std::move(errors)));
  return std::nullopt;
}

Command command_for(CommandKind kind, std::string id) {
  Command command;
  command.kind = kind;
  command.key = task_key(id);
  command.id = std::move(id);
  return command;
}

void demand(const Preconditions& conditions, Command& command) {
  command.if_match = conditions.if_match;
  if (conditions.if_match_any) command.existence = Existence::kMustExist;
  if (conditions.if_none_match_any) command.existence = Existence::kMustNotExist;
}

void replace_with(TaskBody body, Command& command) {
  command.spec = std::move(body.spec);
  command.pause = std::move(body.pause);
  command.past = body.past;
}

// A command without a definition, for the task named in the path.
void post_plain(Calls& calls, Call& call, const HttpRequest& request, Command command) {
  const auto conditions = read_if_match(calls, call, request);
  if (!conditions) return;
  demand(*conditions, command);
  post_command(calls, call, std::move(command), conditions->if_match_any);
}

// What a manual run may be asked for with.
struct RunBody {
  FieldErrors& errors;
  PayloadMembers payload{};
};

// C-10: not even a run that somebody asks for starts after a pause.
void refuse_force(RunBody& body, const JsonValue& value) {
  body.errors.add(value, "unsupported",
                  "nothing starts while its task is paused, whoever asks: resume the task first "
                  "(one that is completed runs without force)");
}

constexpr Member<RunBody> kRunMembers[] = {
    {"payload", [](RunBody& body, const JsonValue& value) { body.payload.payload = value; }},
    {"payload_text",
     [](RunBody& body, const JsonValue& value) { body.payload.payload_text = value; }},
    {"payload_base64",
     [](RunBody& body, const JsonValue& value) { body.payload.payload_base64 = value; }},
    {"content_type",
     [](RunBody& body, const JsonValue& value) { body.payload.content_type = value; }},
    {"force", refuse_force},
};

// False: the call is refused. What is sent under the task's signature and with its credentials is
// for whoever may change the task to choose.
bool read_run_body(Calls& calls, Call& call, const HttpRequest& request, Command& command) {
  std::optional<JsonValue> object;
  if (!read_action_body(calls, call, request, object)) return false;
  if (!object) return true;
  FieldErrors errors;
  RunBody body{errors};
  read_members<RunBody>(*object, kRunMembers, Unknown::kRefuse, body);
  auto given = read_payload(body.payload, kMaxRunPayload, errors);
  if (!errors.empty()) {
    calls.refuse(call, problem_of(std::move(errors)));
    return false;
  }
  if (!given) return true;
  if (auto good = check_right(call.caller, Right::kTasksWrite); !good) {
    calls.refuse_unauthorized(call, std::move(good.error()), Right::kTasksWrite);
    return false;
  }
  command.payload = std::make_unique<RunPayload>(std::move(given->payload));
  return true;
}

// What is told of one task, and too dear for lists.
Forecast forecast_of(const StoredTask& task) {
  Forecast forecast{describe(task.spec.schedule), {}};
  auto schedule = Schedule::compile(task.spec.schedule, spread_seed(task.key));
  if (!schedule || !task.state.next_due) return forecast;
  auto outlook = look_ahead(*schedule, {*task.state.next_due, std::nullopt, kShownUpcoming, 0});
  for (const OutlookLine& line : outlook.lines) {
    if (!line.occurrence.excluded) forecast.upcoming.push_back(line.occurrence.due);
  }
  return forecast;
}

class GetAnswer : public Answer {
 public:
  // The request is gone when the reply comes; of its tags only the field's text is needed.
  explicit GetAnswer(std::string if_none_match) : if_none_match_(std::move(if_none_match)) {}

  void on_part(Calls& calls, Call& call, Reply reply) override {
    auto& answer = std::get<Result<QueryAnswer>>(reply.body);
    if (!answer) return calls.refuse(call, std::move(answer.error()));
    const auto& task = std::get<StoredTask>(*answer);
    HttpResponse response;
    response.fields.emplace_back("etag", etag_of(task.state.version));
    if (client_has(if_none_match_, task.state.version)) {
      response.status = 304;
      response.content_type.clear();
      return calls.respond(call, std::move(response));
    }
    JsonWriter json(response.body);
    write_task(json, {task.key, task.spec, task.state, std::nullopt, forecast_of(task),
                      calls.pause_of(task.spec)});
    calls.respond(call, std::move(response));
  }

 private:
  std::string if_none_match_;
};

void ask_for_task(Calls& calls, Call& call, std::unique_ptr<Answer> answer) {
  TaskKey key = task_key(call.id);
  call.answer = std::move(answer);
  calls.ask_owner(call, key, GetTask{key});
}

}  // namespace

void create_task(Calls& calls, Call& call, const HttpRequest& request) {
  auto body = read_task_body(calls, call, request);
  if (!body) return;
  Command command;
  command.kind = CommandKind::kCreate;
  command.id = body->spec->id;
  if (command.id.empty()) give_id(calls, call, command);
  body->spec->id = command.id;
  command.key = task_key(command.id);
  command.spec = std::move(body->spec);
  command.pause = std::move(body->pause);
  command.past = body->past;
  post_command(calls, call, std::move(command), false);
}

void get_task(Calls& calls, Call& call, const HttpRequest& request) {
  ask_for_task(calls, call,
               std::make_unique<GetAnswer>(std::string(field_of(request, "if-none-match"))));
}

void replace_task(Calls& calls, Call& call, const HttpRequest& request) {
  auto body = read_task_body(calls, call, request);
  if (!body) return;
  if (body->spec->id.empty()) {
    if (auto good = check_task_id(call.id, Shape::kV1); !good) {
      return calls.refuse(call, std::move(good.error()));
    }
    body->spec->id = call.id;
  } else if (body->spec->id != call.id) {
    return calls.refuse(call, Error{ErrorCode::kValidationFailed, "/id",
                                    "the id in the body is not the one in the path"});
  }
  auto conditions = read_preconditions(request);
  if (!conditions) return calls.refuse(call, std::move(conditions.error()));
  Command command = command_for(CommandKind::kReplace, call.id);
  demand(*conditions, command);
  replace_with(std::move(*body), command);
  post_command(calls, call, std::move(command), conditions->if_match_any);
}

void replace_task_by_body(Calls& calls, Call& call, const HttpRequest& request) {
  auto body = read_task_body(calls, call, request);
  if (!body) return;
  if (body->spec->id.empty()) {
    FieldErrors errors;
    errors.add({ErrorCode::kValidationFailed, "/id", "required", "the id is missing"});
    return calls.refuse(call, problem_of(std::move(errors)));
  }
  const auto conditions = read_if_match(calls, call, request);
  if (!conditions) return;
  Command command = command_for(CommandKind::kReplace, body->spec->id);
  demand(*conditions, command);
  command.existence = Existence::kMustExist;
  replace_with(std::move(*body), command);
  post_command(calls, call, std::move(command), conditions->if_match_any);
}

void delete_task(Calls& calls, Call& call, const HttpRequest& request) {
  // On the seed's requests it is passed over.
  auto parameters = parse_query(call.shape() == Shape::kSeed ? "" : request.query);
  if (!parameters) return calls.refuse(call, std::move(parameters.error()));
  Command command = command_for(CommandKind::kDelete, call.id);
  for (const auto& [name, value] : *parameters) {
    const bool waits = name == "wait";
    if ((!waits && name != "cancel_running") || (value != "true" && value != "false")) {
      return calls.refuse(call, ErrorCode::kBadRequest,
                          "the query takes cancel_running and wait, each true or false");
    }
    bool& wanted = waits ? call.waits : command.cut_running;
    wanted = value == "true";
  }
  post_plain(calls, call, request, std::move(command));
}

void pause_task(Calls& calls, Call& call, const HttpRequest& request) {
  Command command = command_for(CommandKind::kPause, call.id);
  std::optional<JsonValue> body;
  if (!read_action_body(calls, call, request, body)) return;
  command.pause = Pause{"", calls.now(), std::nullopt};
  if (body) {
    FieldErrors errors;
    command.pause = read_pause(*body, calls.now(), errors);
    if (call.key) command.refusal = refusal_of_past_end(command.pause, calls.now(), "");
    if (!call.key) refuse_past_end(*body, command.pause, calls.now(), errors);
    if (!errors.empty()) return calls.refuse(call, problem_of(std::move(errors)));
  }
  post_plain(calls, call, request, std::move(command));
}

void resume_task(Calls& calls, Call& call, const HttpRequest& request) {
  std::optional<JsonValue> body;
  if (!read_action_body(calls, call, request, body) || refuse_members(calls, call, body)) return;
  post_plain(calls, call, request, command_for(CommandKind::kResume, call.id));
}

void run_task(Calls& calls, Call& call, const HttpRequest& request) {
  Command command = command_for(CommandKind::kRun, call.id);
  if (!read_run_body(calls, call, request, command)) return;
  command.nonce = calls.new_nonce();
  post_plain(calls, call, request, std::move(command));
}

}  // namespace hourwheel
