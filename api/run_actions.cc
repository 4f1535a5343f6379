// The requests that steer one run: redrive and cancel. The run's id names its task's key, so that
// the command goes to the task's shard without a look-up.
#include "api/action_body.h"
#include "api/command_answer.h"
#include "api/handlers.h"
#include "api/runs.h"
#include "engine/base/check.h"

namespace hourwheel {
namespace {

class RunCommandAnswer : public Answer {
 public:
  RunCommandAnswer(CommandKind kind, TaskKey key) : kind_(kind), key_(key) {}

  void on_part(Calls& calls, Call& call, Reply reply) override {
    CommandOutcome* outcome = calls.outcome_in(call, reply);
    if (outcome == nullptr) return;
    if (!*outcome) return calls.refuse(call, std::move(outcome->error()));
    const CommandDone& done = **outcome;
    HW_CHECK(done.run.has_value(), "a run that was steered has an identity");
    HttpResponse response;
    note_replay(response, done);
    if (kind_ == CommandKind::kRedrive) {
      response.status = 202;
      response.fields.emplace_back("location", "/v1/runs/" + run_id(key_, *done.run));
    }
    std::string_view task_id = done.spec ? std::string_view(done.spec->id) : std::string_view();
    JsonWriter json(response.body);
    if (done.ended) {
      write_run(json, {task_id, key_}, {done.ended.get(), 1});
    } else {
      write_started_run(json, task_id, key_, done);
    }
    calls.respond(call, std::move(response));
  }

 private:
  CommandKind kind_;
  TaskKey key_;
};

void post_run_command(Calls& calls, Call& call, const HttpRequest& request, CommandKind kind) {
  std::optional<JsonValue> body;
  if (!read_action_body(calls, call, request, body) || refuse_members(calls, call, body)) return;
  auto run = parse_run_id(call.id);
  if (!run) return calls.refuse(call, ErrorCode::kNotFound, "this is not a run's id");
  Command command;
  command.kind = kind;
  command.key = run->task;
  command.run = run->run;
  give_key(call, command);
  call.answer = std::make_unique<RunCommandAnswer>(kind, run->task);
  calls.ask_owner(call, std::move(command));
}

}  // namespace

void redrive_run(Calls& calls, Call& call, const HttpRequest& request) {
  post_run_command(calls, call, request, CommandKind::kRedrive);
}

void cancel_run(Calls& calls, Call& call, const HttpRequest& request) {
  post_run_command(calls, call, request, CommandKind::kCancel);
}

}  // namespace hourwheel
