#include "api/command_answer.h"

#include <utility>

#include "api/delete_wait.h"
#include "api/run_wait.h"
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
    HttpResponse response = response_to(calls, call, done);
    if (done.effect == CommandEffect::kStarted) {
      AwaitedRun run{asked_.key, *done.run, asked_.id};
      if (wait_for_run(calls, call, std::move(run), response)) return;
    }
    if (call.waits && done.in_flight > 0 && done.number) {
      CommandDone ended;
      ended.effect = CommandEffect::kDeleted;
      const HttpResponse settled = response_to(calls, call, ended);
      if (wait_for_last_runs(calls, call, {asked_.key, done.number, settled}, response)) return;
    }
    calls.respond(call, std::move(response));
  }

  HttpResponse response_to(const Calls& calls, const Call& call, const CommandDone& done) const {
    HttpResponse response;
    response.status = status_of_effect(done.effect);
    note_replay(response, done);
    if (done.effect == CommandEffect::kStarted) {
      HW_CHECK(done.run.has_value(), "a run that was started has an identity");
      response.fields.emplace_back("location", "/v1/runs/" + run_id(asked_.key, *done.run));
    } else if (done.effect != CommandEffect::kDeleted) {
      response.fields.emplace_back("etag", etag_of(done.state.version));
    }
    if (response.status == 201) response.fields.emplace_back("location", task_location(asked_.id));
    if (call.prefers.minimal) {
      leave_out_body(response, told_in_flight(done));
    } else {
      response.body.reserve(kUsualTaskBytes);
      JsonWriter json(response.body);
      write_body(json, calls, done);
    }
    return response;
  }

  // C-10. None: nothing was there before that could be under way.
  [[nodiscard]] std::optional<uint32_t> told_in_flight(const CommandDone& done) const {
    const bool of_before = asked_.kind != CommandKind::kCreate &&
                           done.effect != CommandEffect::kCreated &&
                           done.effect != CommandEffect::kStarted;
    return of_before ? std::optional(done.in_flight) : std::nullopt;
  }

  // RFC 7240 section 4.2
  static void leave_out_body(HttpResponse& response, std::optional<uint32_t> in_flight) {
    response.content_type.clear();
    if (response.status == 200) response.status = 204;
    response.fields.emplace_back("preference-applied", "return=minimal");
    if (in_flight) {
      response.fields.emplace_back("hourwheel-in-flight", std::to_string(*in_flight));
    }
  }

  void write_body(JsonWriter& json, const Calls& calls, const CommandDone& done) const {
    if (done.effect == CommandEffect::kStarted) {
      return write_started_run(json, asked_.id, asked_.key, done);
    }
    if (done.effect == CommandEffect::kDeleted) {
      json.begin_object();
      json.name("id");
      json.string(asked_.id);
      json.name("in_flight");
      json.count(done.in_flight);
      return json.end_object();
    }
    HW_CHECK(done.spec != nullptr, "a task that stands has a definition");
    write_task(json, {asked_.key, *done.spec, done.state, told_in_flight(done), std::nullopt,
                      calls.pause_of(*done.spec)});
  }

  Asked asked_;
};

}  // namespace

std::unique_ptr<Answer> command_answer(const Command& command, bool if_match_any) {
  return std::make_unique<CommandAnswer>(
      Asked{command.kind, command.id, command.key, if_match_any, command.existence});
}

void note_replay(HttpResponse& response, const CommandDone& done) {
  if (done.replayed) response.fields.emplace_back("idempotent-replayed", "true");
}

std::optional<Preconditions> read_if_match(Calls& calls, Call& call, const HttpRequest& request) {
  auto conditions = read_preconditions(request);
  if (conditions && conditions->if_none_match_any) {
    conditions =
        failure(ErrorCode::kBadRequest, "", "If-None-Match: * goes with a PUT that creates");
  }
  if (conditions) return *conditions;
  calls.refuse(call, std::move(conditions.error()));
  return std::nullopt;
}

void post_command(Calls& calls, Call& call, Command command, bool if_match_any) {
  give_key(call, command);
  call.answer = command_answer(command, if_match_any);
  calls.ask_owner(call, std::move(command));
}

}  // namespace hourwheel
