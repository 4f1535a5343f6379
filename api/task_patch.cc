// PATCH /v1/tasks/{id}: the stored task is read, the patch merged into it, and the result put in
// its place if the task is still at the version that was read; otherwise all of it begins anew.
// What is kept under the request's key is asked for before that: the task may be another one now.
#include <memory>
#include <string>
#include <utility>

#include "api/command_answer.h"
#include "api/definition_patch.h"
#include "api/handlers.h"
#include "api/preconditions.h"
#include "api/task_json.h"

namespace hourwheel {
namespace {

// Others may change the task between the look and the change, but hardly that often.
constexpr uint32_t kTries = 8;

class PatchAnswer : public Answer {
 public:
  PatchAnswer(std::string_view patch, Unknown unknown, Preconditions conditions)
      : patch_(patch, unknown), conditions_(conditions) {}

  void begin(Calls& calls, Call& call) const {
    if (!call.key) return ask(calls, call);
    const Command command = command_for(call);
    calls.ask_owner(call, command.key, Recall{command.idempotency->scope});
  }

  void on_part(Calls& calls, Call& call, Reply reply) override {
    if (auto* found = std::get_if<Result<QueryAnswer>>(&reply.body)) {
      if (!*found) return refuse(calls, call, std::move(found->error()));
      if (auto* recalled = std::get_if<Recalled>(&**found)) {
        return go_on(calls, call, reply.token, std::move(*recalled));
      }
      return change(calls, call, std::get<StoredTask>(**found));
    }
    const auto& outcomes = std::get<std::vector<CommandOutcome>>(reply.body);
    if (was_overtaken(outcomes.front())) {
      if (--tries_ > 0) return ask(calls, call);
      return calls.refuse(call, ErrorCode::kStateConflict,
                          "others change the task all the time; try again");
    }
    rendering_->on_part(calls, call, std::move(reply));
  }

 private:
  void ask(Calls& calls, Call& call) const {
    const TaskKey key = task_key(call.id);
    calls.ask_owner(call, key, GetTask{key});
  }

  // The shard looks again when it decides.
  void go_on(Calls& calls, Call& call, RequestToken token, Recalled recalled) {
    if (recalled.failed) return calls.refuse(call, std::move(*recalled.failed));
    const Command command = command_for(call);
    auto again = answers_again(recalled.answer.get(), *command.idempotency, calls.now());
    if (!again) return calls.refuse(call, std::move(again.error()));
    if (!*again) return ask(calls, call);
    recalled.answer->done.replayed = true;
    Reply reply{token, std::vector<CommandOutcome>()};
    std::get<std::vector<CommandOutcome>>(reply.body).push_back(std::move(recalled.answer->done));
    command_answer(command, conditions_.if_match_any)->on_part(calls, call, std::move(reply));
  }

  static Command command_for(const Call& call) {
    Command command;
    command.kind = CommandKind::kReplace;
    command.existence = Existence::kMustExist;
    command.id = call.id;
    command.key = task_key(call.id);
    give_key(call, command);
    return command;
  }

  // By somebody else's change; of a version that the client has named it has to hear.
  [[nodiscard]] bool was_overtaken(const CommandOutcome& outcome) const {
    return !outcome && outcome.error().code == ErrorCode::kVersionMismatch && !conditions_.if_match;
  }

  void refuse(Calls& calls, Call& call, Error error) const {
    calls.refuse(call, refusal_under(conditions_, std::move(error)));
  }

  void change(Calls& calls, Call& call, const StoredTask& task) {
    if (conditions_.if_none_match_any) {
      return calls.refuse(call, ErrorCode::kVersionMismatch, "the task exists");
    }
    Status good = check_if_match(conditions_, task.state.version);
    if (!good) return calls.refuse(call, std::move(good.error()));
    Command command = command_for(call);
    auto problem = patch_.put_on(task,
                                 {.now = calls.now(),
                                  .administers = call.administers(),
                                  .trace = call.its_trace(),
                                  .reachable = calls.links().available()},
                                 command);
    if (problem) return calls.refuse(call, *problem);
    rendering_ = command_answer(command, conditions_.if_match_any);
    calls.ask_owner(call, std::move(command));
  }

  DefinitionPatch patch_;
  Preconditions conditions_;
  uint32_t tries_ = kTries;
  std::unique_ptr<Answer> rendering_;  // once the command is posted
};

// What a patch cannot say; the rest is refused, if at all, with the task that it comes to.
void check_patch(const Call& call, const JsonValue& patch, Instant now, FieldErrors& errors) {
  refuse_unpatchable(patch, errors);
  if (const auto named = patch.find("id"); named && named->text() != call.id) {
    errors.add(*named, "invalid", "a task keeps its id");
  }
  const auto paused = patch.find("paused");
  if (!paused || paused->is(JsonKind::kNull)) return;
  const auto pause = read_pause(*paused, now, errors);
  // One that may have been asked for before is judged once that is known.
  if (!call.key) refuse_past_end(*paused, pause, now, errors);
}

}  // namespace

void patch_task(Calls& calls, Call& call, const HttpRequest& request) {
  const auto patch = calls.read_body(call, request);
  if (!patch) return;
  FieldErrors errors;
  check_patch(call, *patch, calls.now(), errors);
  if (!errors.empty()) return calls.refuse(call, problem_of(std::move(errors)));
  const auto conditions = read_preconditions(request);
  if (!conditions) return calls.refuse(call, conditions.error());
  auto answer = std::make_unique<PatchAnswer>(request.body, call.unknown, *conditions);
  const PatchAnswer& started = *answer;
  call.answer = std::move(answer);
  started.begin(calls, call);
}

}  // namespace hourwheel
