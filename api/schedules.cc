// The requests that look ahead: what a schedule would do, and what a stored task will do.
#include <utility>

#include "api/handlers.h"
#include "api/preview_json.h"
#include "api/url_text.h"
#include "engine/due.h"
#include "engine/limits.h"
#include "engine/message.h"
#include "engine/overlap.h"

namespace hourwheel {
namespace {

constexpr uint32_t kDefaultUpcoming = 5;

class UpcomingAnswer : public Answer {
 public:
  explicit UpcomingAnswer(uint32_t count) : count_(count) {}

  void on_part(Calls& calls, Call& call, Reply reply) override {
    auto& answer = std::get<Result<QueryAnswer>>(reply.body);
    if (!answer) return calls.refuse(call, std::move(answer.error()));
    const auto& task = std::get<StoredTask>(*answer);
    const ScheduleSpec& spec = task.spec.schedule;
    auto schedule = Schedule::compile(spec, spread_seed(task.key));
    if (!schedule) return calls.refuse(call, std::move(schedule.error()));
    Instant from = task.state.next_due.value_or(calls.now());
    Outlook outlook = upcoming(task, *schedule);
    HttpResponse response;
    JsonWriter json(response.body);
    write_preview(json, {spec, *schedule, outlook, from});
    calls.respond(call, std::move(response));
  }

 private:
  [[nodiscard]] Outlook upcoming(const StoredTask& task, const Schedule& schedule) const {
    const TaskState& state = task.state;
    if (!state.next_due) return {};
    const ScheduleSpec& spec = task.spec.schedule;
    uint64_t begun = state.ended_runs;
    for (const OpenRun& run : state.open) {
      if (of_schedule(run) && run.key.generation == state.generation) ++begun;
    }
    if (spec.max_runs > 0 && begun >= spec.max_runs) return {};
    const uint64_t runs_left = spec.max_runs > 0 ? spec.max_runs - begun : 0;
    Outlook outlook = look_ahead(schedule, {*state.next_due, std::nullopt, count_, runs_left});
    if (spec.jitter == Duration{}) return outlook;
    for (OutlookLine& line : outlook.lines) {
      const Instant due = line.occurrence.due;
      if (line.occurrence.excluded) continue;
      const RunKey run{state.generation, Trigger::kSchedule, due.ms};
      line.fire_at = due + run_jitter(spec, schedule, task.key, run);
    }
    return outlook;
  }

  uint32_t count_;
};

}  // namespace

void preview_schedule(Calls& calls, Call& call, const HttpRequest& request) {
  auto object = calls.read_body(call, request);
  if (!object) return;
  FieldErrors errors;
  auto body = read_preview(*object, calls.now(), errors);
  if (!body) return calls.refuse(call, problem_of(std::move(errors)));
  auto schedule = Schedule::compile(body->spec, body->seed);
  if (!schedule) return calls.refuse(call, std::move(schedule.error()));
  HttpResponse response;
  JsonWriter json(response.body);
  Outlook outlook = look_ahead(*schedule, body->range);
  write_preview(json, {body->spec, *schedule, outlook, body->range.from});
  calls.respond(call, std::move(response));
}

void list_upcoming(Calls& calls, Call& call, const HttpRequest& request) {
  auto parameters = parse_query(request.query);
  if (!parameters) return calls.refuse(call, std::move(parameters.error()));
  uint32_t count = kDefaultUpcoming;
  for (const auto& [name, value] : *parameters) {
    auto number = name == "count" ? read_number(value) : std::nullopt;
    if (!number || *number < 1 || *number > kMaxPreviewTimes) {
      return calls.refuse(call, ErrorCode::kBadRequest,
                          "the query takes only count, a whole number from 1 to " +
                              std::to_string(kMaxPreviewTimes));
    }
    count = static_cast<uint32_t>(*number);
  }
  TaskKey key = task_key(call.id);
  call.answer = std::make_unique<UpcomingAnswer>(count);
  calls.ask_owner(call, key, GetTask{key});
}

}  // namespace hourwheel
