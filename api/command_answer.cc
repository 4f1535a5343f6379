#include "api/command_answer.h"

#include <utility>

#include "api/runs.h"
#include "api/task_json.h"
#include "engine/base/check.h"

namespace hourwheel {
namespace {

constexpr size_t kUsualTaskBytes = 1'500;  // of a task's JSON, with a small payload

// What of the request is still needed when the reply has come.
struct Asked {
  CommandKind kind = CommandKind::kCreate;
  std::string id;
  TaskKey key;
  bool if_match_any = false;
  Existence existence = Existence::kEither;
};

int status_of_effect(CommandEffect effect) {
  switch (effect) {
    case CommandEffect::kCreated:
      return 201;
    case CommandEffect::kStarted:
      return 202;
    case CommandEffect::kReplaced:
    case CommandEffect::kUnchanged:
    case CommandEffect::kDeleted:
    case CommandEffect::kDone:
      return 200;
  }
  HW_CHECK(false, "every effect has a status");
}

class CommandAnswer : public Answer {
 public:
  explicit CommandAnswer(Asked asked) : asked_(std::move(asked)) {}

  void on_part(Calls& calls, Call& call, Reply reply) override {
    CommandOutcome* outcome = calls.outcome_in(call, reply);
    if (outcome == nullptr) return;
    if (!*outcome) return refuse(calls, call, std::move(outcome->error()));
    respond(calls, call, **outcome);
  }

 private:
  // A precondition that does not hold is 412, however the shard words it.
  void refuse(Calls& calls, Call& call, Error error) const {
    bool must_not = asked_.existence == Existence::kMustNotExist;
    if ((must_not && error.code == ErrorCode::kAlreadyExists) ||
        (asked_.if_match_any && error.code == ErrorCode::kNotFound)) {
      error.code = ErrorCode::kVersionMismatch;
    }
    if (error.code != ErrorCode::kAlreadyExists) return calls.refuse(call, std::move(error));
    HttpResponse response = problem_response(problem_of(std::move(error)),
                                             {call.shape(), call.path, calls.new_request_id()});
    response.fields.emplace_back("location", task_location(asked_.id));
    calls.respond(call, std::move(response));
  }

  void respond(Calls& calls, Call& call, const CommandDone& done) const {
    HttpResponse response;
    response.body.reserve(kUsualTaskBytes);
    response.status = status_of_effect(done.effect);
    JsonWriter json(response.body);
    if (done.effect == CommandEffect::kDeleted) {
      json.begin_object();
      json.name("id");
      json.string(asked_.id);
      json.name("in_flight");
      json.count(done.in_flight);
      json.end_object();
      return calls.respond(call, std::move(response));
    }
    if (done.effect == CommandEffect::kStarted) {
      HW_CHECK(done.run.has_value(), "a run that was started has an identity");
      std::string id = run_id(asked_.key, *done.run);
      write_started_run(json, asked_.id, asked_.key, done);
      response.fields.emplace_back("location", "/v1/runs/" + id);
      return calls.respond(call, std::move(response));
    }
    HW_CHECK(done.spec != nullptr, "a task that stands has a definition");
    bool tells_in_flight =
        asked_.kind != CommandKind::kCreate && done.effect != CommandEffect::kCreated;
    write_task(json, {asked_.key, *done.spec, done.state,
                      tells_in_flight ? std::optional(done.in_flight) : std::nullopt, std::nullopt,
                      calls.pause_of(*done.spec)});
    response.fields.emplace_back("etag", etag_of(done.state.version));
    if (response.status == 201) response.fields.emplace_back("location", task_location(asked_.id));
    calls.respond(call, std::move(response));
  }

  Asked asked_;
};

}  // namespace

std::unique_ptr<Answer> command_answer(const Command& command, bool if_match_any) {
  return std::make_unique<CommandAnswer>(
      Asked{command.kind, command.id, command.key, if_match_any, command.existence});
}

void post_command(Calls& calls, Call& call, Command command, bool if_match_any) {
  call.answer = command_answer(command, if_match_any);
  calls.ask_owner(call, std::move(command));
}

}  // namespace hourwheel
