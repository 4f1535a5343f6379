#include "api/delete_wait.h"

#include <memory>
#include <utility>

namespace hourwheel {
namespace {

class DeleteWait : public Answer {
 public:
  DeleteWait(AwaitedDelete of, HttpResponse at_once, Monotonic until)
      : of_(std::move(of)), at_once_(std::move(at_once)), until_(until) {}

  void on_tick(Calls& calls, Call& call) override {
    if (calls.mono() >= until_ || calls.facts().draining() || calls.is_shut_out(call)) {
      HttpResponse response = std::move(at_once_);
      return calls.respond(call, std::move(response));
    }
    if (asking_) return;
    asking_ = calls.post(call, 0, calls.shards().shard_of(of_.key), CountLastRuns{of_.task});
  }

  // A shard that has no time now may have some later.
  void on_part(Calls& calls, Call& call, Reply reply) override {
    asking_ = false;
    const auto& answer = std::get<Result<QueryAnswer>>(reply.body);
    if (!answer || std::get<LastRuns>(*answer).open > 0) return;
    HttpResponse response = std::move(of_.settled);
    calls.respond(call, std::move(response));
  }

 private:
  AwaitedDelete of_;
  HttpResponse at_once_;
  Monotonic until_;
  bool asking_ = false;
};

}  // namespace

bool wait_for_last_runs(Calls& calls, Call& call, AwaitedDelete of, HttpResponse at_once) {
  if (!call.waits) return false;
  const Duration wait = call.prefers.wait_s ? seconds(*call.prefers.wait_s) : kMaxRunWait;
  const Monotonic until = calls.end_of_wait(call, wait);
  if (until <= calls.mono() || !calls.follow(call, kMaxFollowers / 2)) return false;
  calls.count_out(call);
  call.answer = std::make_unique<DeleteWait>(std::move(of), std::move(at_once), until);
  return true;
}

}  // namespace hourwheel
