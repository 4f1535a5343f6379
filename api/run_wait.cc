#include "api/run_wait.h"

#include <memory>
#include <utility>

#include "api/held_answer.h"
#include "api/runs.h"

namespace hourwheel {
namespace {

class RunWait : public HeldAnswer {
 public:
  RunWait(AwaitedRun run, HttpResponse at_once, Monotonic until)
      : HeldAnswer(std::move(at_once), until), run_(std::move(run)) {}

 private:
  void look(Calls& calls, Call& call) override { ask(calls, call, run_.task, GetTask{run_.task}); }

  // A task that is gone leaves the run's rows.
  void on_look(Calls& calls, Call& call, Result<QueryAnswer>& answer) override {
    const auto* task = answer ? std::get_if<StoredTask>(&*answer) : nullptr;
    const bool gone = !answer && answer.error().code == ErrorCode::kNotFound;
    if (gone && call.caller.narrowed()) return answer_at_once(calls, call);  // SL3
    if ((task != nullptr && task->state.find_open(run_.run) == nullptr) || gone) {
      return ask(calls, call, run_.task, GetRun{run_.task, run_.run});
    }
    if (answer && task == nullptr) show(calls, call, std::get<RunPage>(*answer).records);
  }

  void show(Calls& calls, Call& call, const std::vector<RunRecord>& records) {
    if (records.empty() || !is_end(records.back().state)) return;
    HttpResponse response;
    response.fields = std::move(at_once().fields);
    response.fields.emplace_back("preference-applied",
                                 "wait=" + std::to_string(*call.prefers.wait_s));
    JsonWriter json(response.body);
    write_run(json, {run_.task_id, run_.task}, records);
    calls.respond(call, std::move(response));
  }

  AwaitedRun run_;
};

}  // namespace

bool wait_for_run(Calls& calls, Call& call, AwaitedRun run, HttpResponse at_once) {
  if (!call.caller.rights.has(Right::kRunsRead)) return false;
  const Monotonic until = calls.end_of_wait(call, seconds(call.prefers.wait_s.value_or(0)));
  return HeldAnswer::hold(calls, call,
                          std::make_unique<RunWait>(std::move(run), std::move(at_once), until));
}

}  // namespace hourwheel
