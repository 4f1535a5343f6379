#include "api/run_wait.h"

#include <utility>

#include "api/runs.h"

namespace hourwheel {
namespace {

class RunWait : public Answer {
 public:
  RunWait(AwaitedRun run, HttpResponse at_once, Monotonic until)
      : run_(std::move(run)), at_once_(std::move(at_once)), until_(until) {}

  void on_tick(Calls& calls, Call& call) override {
    if (calls.mono() >= until_ || calls.facts().draining() || calls.is_shut_out(call)) {
      return wait_no_longer(calls, call);
    }
    if (!asking_) ask(calls, call, GetTask{run_.task});
  }

  // A shard that has no time now may have some later. A task that is gone leaves the run's rows.
  void on_part(Calls& calls, Call& call, Reply reply) override {
    asking_ = false;
    auto& answer = std::get<Result<QueryAnswer>>(reply.body);
    const auto* task = answer ? std::get_if<StoredTask>(&*answer) : nullptr;
    const bool gone = !answer && answer.error().code == ErrorCode::kNotFound;
    if (gone && call.caller.narrowed()) return wait_no_longer(calls, call);  // SL3
    if ((task != nullptr && task->state.find_open(run_.run) == nullptr) || gone) {
      return ask(calls, call, GetRun{run_.task, run_.run});
    }
    if (answer && task == nullptr) show(calls, call, std::get<RunPage>(*answer).records);
  }

 private:
  void wait_no_longer(Calls& calls, Call& call) {
    HttpResponse response = std::move(at_once_);
    calls.respond(call, std::move(response));
  }

  void ask(Calls& calls, Call& call, Query query) {
    asking_ = calls.post(call, 0, calls.shards().shard_of(run_.task), std::move(query));
  }

  void show(Calls& calls, Call& call, const std::vector<RunRecord>& records) {
    if (records.empty() || !is_end(records.back().state)) return;
    HttpResponse response;
    response.fields = std::move(at_once_.fields);
    response.fields.emplace_back("preference-applied",
                                 "wait=" + std::to_string(*call.prefers.wait_s));
    JsonWriter json(response.body);
    write_run(json, {run_.task_id, run_.task}, records);
    calls.respond(call, std::move(response));
  }

  AwaitedRun run_;
  HttpResponse at_once_;
  Monotonic until_;
  bool asking_ = false;
};

}  // namespace

bool wait_for_run(Calls& calls, Call& call, AwaitedRun run, HttpResponse at_once) {
  const Monotonic until = calls.end_of_wait(call, seconds(call.prefers.wait_s.value_or(0)));
  if (until <= calls.mono() || !call.caller.rights.has(Right::kRunsRead) ||
      !calls.follow(call, kMaxFollowers / 2)) {
    return false;
  }
  calls.count_out(call);
  call.answer = std::make_unique<RunWait>(std::move(run), std::move(at_once), until);
  return true;
}

}  // namespace hourwheel
