// An answer that is held back until something has ended. It asks a shard every kFollowInterval and
// has one of the places of those who follow changes, of which others are left for them. When its
// time is over, the server stops or the key is revoked, the call is answered as it would have been
// at once. Thread: the reactor's own.
#pragma once

#include <memory>
#include <utility>

#include "api/calls.h"

namespace hourwheel {

class HeldAnswer : public Answer {
 public:
  void on_tick(Calls& calls, Call& call) final {
    if (calls.mono() >= until_ || calls.facts().draining() || calls.is_shut_out(call)) {
      return answer_at_once(calls, call);
    }
    if (!asking_) look(calls, call);
  }
  // A shard that has no time now may have some later.
  void on_part(Calls& calls, Call& call, Reply reply) final {
    asking_ = false;
    on_look(calls, call, std::get<Result<QueryAnswer>>(reply.body));
  }

  // Whether there is time and room to hold it; then it is the call's answer.
  static bool hold(Calls& calls, Call& call, std::unique_ptr<HeldAnswer> answer) {
    if (answer->until_ <= calls.mono() || !calls.follow(call, kMaxFollowers / 2)) return false;
    calls.count_out(call);
    call.answer = std::move(answer);
    return true;
  }

 protected:
  HeldAnswer(HttpResponse at_once, Monotonic until) : at_once_(std::move(at_once)), until_(until) {}

  virtual void look(Calls& calls, Call& call) = 0;  // asks
  virtual void on_look(Calls& calls, Call& call, Result<QueryAnswer>& answer) = 0;
  void ask(Calls& calls, Call& call, TaskKey task, Query query) {
    asking_ = calls.post(call, 0, calls.shards().shard_of(task), std::move(query));
  }
  void answer_at_once(Calls& calls, Call& call) {
    HttpResponse response = std::move(at_once_);
    calls.respond(call, std::move(response));
  }
  [[nodiscard]] HttpResponse& at_once() { return at_once_; }

 private:
  HttpResponse at_once_;
  Monotonic until_;
  bool asking_ = false;
};

}  // namespace hourwheel
