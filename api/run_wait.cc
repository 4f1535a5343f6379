#include "api/run_wait.h"

#include <algorithm>
#include <utility>

#include "api/runs.h"

namespace hourwheel {
namespace {

class RunWait : public Answer {
 public:
  RunWait(AwaitedRun run, HttpResponse at_once, Monotonic until)
      : run_(std::move(run)), at_once_(std::move(at_once)), until_(until) {}

  void on_tick(Calls& calls, Call& call) override {
    if (calls.mono() >= until_) {
      HttpResponse response = std::move(at_once_);
      return calls.respond(call, std::move(response));
    }
    if (asking_) return;
    const uint32_t shard = calls.shards().shard_of(run_.task);
    asking_ = calls.post(call, 0, shard, GetRun{run_.task, run_.run});
  }

  // A run without a row has not ended, and a shard that has no time now may have some later.
  void on_part(Calls& calls, Call& call, Reply reply) override {
    asking_ = false;
    auto& answer = std::get<Result<QueryAnswer>>(reply.body);
    if (!answer) return;
    const auto& records = std::get<RunPage>(*answer).records;
    if (records.empty() || !is_end(records.back().state)) return;
    HttpResponse response;
    response.fields.emplace_back("preference-applied",
                                 "wait=" + std::to_string(*call.prefers.wait_s));
    JsonWriter json(response.body);
    write_run(json, {run_.task_id, run_.task}, records);
    calls.respond(call, std::move(response));
  }

 private:
  AwaitedRun run_;
  HttpResponse at_once_;
  Monotonic until_;
  bool asking_ = false;
};

}  // namespace

Duration wait_of(const Preferences& prefers) {
  return std::min(seconds(prefers.wait_s.value_or(0)), kMaxRunWait);
}

bool wait_for_run(Calls& calls, Call& call, AwaitedRun run, HttpResponse at_once) {
  const Duration wait = wait_of(call.prefers);
  if (wait == Duration{} || !calls.follow(call)) return false;
  call.answer = std::make_unique<RunWait>(std::move(run), std::move(at_once), calls.mono() + wait);
  return true;
}

}  // namespace hourwheel
