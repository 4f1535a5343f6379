// What a target reports on an attempt that it goes on with by itself (engine/completion.h).
//
// The route is open: the link is the right, and says which attempt is meant. What is no link of
// ours is refused before anything is read or posted, so that guessing costs the server as little as
// any wrong path. No Idempotency-Key is needed: a report that is sent again finds the attempt over.
#include <utility>

#include "api/handlers.h"
#include "api/members.h"
#include "api/words.h"
#include "engine/completion.h"
#include "engine/limits.h"

namespace hourwheel {
namespace {

class ReportAnswer : public Answer {
 public:
  explicit ReportAnswer(const CompletionLinks::Named& attempt) : attempt_(attempt) {}

  void on_part(Calls& calls, Call& call, Reply reply) override {
    CommandOutcome* outcome = calls.outcome_in(call, reply);
    if (outcome == nullptr) return;
    if (!*outcome) return calls.refuse(call, std::move(outcome->error()));
    HttpResponse response;
    JsonWriter json(response.body);
    write(json, **outcome);
    calls.respond(call, std::move(response));
  }

 private:
  void write(JsonWriter& json, const CommandDone& done) const {
    json.begin_object();
    json.name("run_id");
    json.string(run_id(attempt_.task, attempt_.run));
    json.name("attempt");
    json.count(attempt_.attempt);
    json.name("state");
    json.string(word_of(done.ended ? done.ended->state : RunState::kRunning));
    const OpenRun* open = done.ended ? nullptr : done.state.find_open(attempt_.run);
    if (open != nullptr && open->is_with_target()) {
      json.name("report_by");
      json.instant(open->next_attempt);
    }
    json.end_object();
  }

  CompletionLinks::Named attempt_;
};

struct ReportReading {
  Report& report;
  FieldErrors& errors;
  bool retry = true;
  std::optional<JsonValue> result{};
  std::optional<JsonValue> retry_said{};
};

void read_result(ReportReading& reading, const JsonValue& value) {
  constexpr Word<ReportKind> kResults[] = {{"succeeded", ReportKind::kSucceeded},
                                           {"failed", ReportKind::kFailed},
                                           {"heartbeat", ReportKind::kHeartbeat}};
  reading.result = value;
  read_word(value, kResults, reading.report.kind, reading.errors);
}

constexpr Member<ReportReading> kReportMembers[] = {
    {"result", read_result},
    {"detail",
     [](ReportReading& reading, const JsonValue& value) {
       read_text(value, kMaxReportText, reading.report.text, reading.errors);
     }},
    {"retry",
     [](ReportReading& reading, const JsonValue& value) {
       reading.retry_said = value;
       read_truth(value, reading.retry, reading.errors);
     }},
};

// Fills report; errors says what is wrong, if anything.
void read_report(const JsonValue& object, Report& report, FieldErrors& errors) {
  ReportReading reading{report, errors};
  std::span<const Member<ReportReading>> members = kReportMembers;
  if (!read_members(object, members, Unknown::kRefuse, reading)) return;
  if (!reading.result) return refuse_missing("/result", errors);
  if (reading.retry_said && report.kind != ReportKind::kFailed) {
    errors.add(*reading.retry_said, "invalid", "only what has failed can be tried again");
  }
  if (report.kind == ReportKind::kFailed && !reading.retry) report.kind = ReportKind::kFailedFinal;
}

}  // namespace

void report_completion(Calls& calls, Call& call, const HttpRequest& request) {
  const auto attempt = calls.links().read(call.id);
  if (!attempt) {
    return calls.refuse(call, ErrorCode::kNotFound,
                        "this is no link of this server's, or not any more");
  }
  const auto body = calls.read_body(call, request);
  if (!body) return;
  Command command;
  command.kind = CommandKind::kComplete;
  FieldErrors errors;
  read_report(*body, command.report, errors);
  if (!errors.empty()) return calls.refuse(call, problem_of(std::move(errors)));
  command.key = attempt->task;
  command.run = attempt->run;
  command.attempt = attempt->attempt;
  call.answer = std::make_unique<ReportAnswer>(*attempt);
  calls.ask_owner(call, std::move(command));
}

}  // namespace hourwheel
