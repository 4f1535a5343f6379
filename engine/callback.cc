#include "engine/callback.h"

namespace hourwheel {
namespace {

const Callback* given(const std::optional<Callback>& callback) {
  return callback ? &*callback : nullptr;
}

}  // namespace

const Callback* callback_for(const Callbacks& callbacks, RunState end, SkipReason reason) {
  switch (end) {
    case RunState::kSucceeded:
      return given(callbacks.on_success);
    case RunState::kDead:
      return callbacks.on_dead ? given(callbacks.on_dead) : given(callbacks.on_failure);
    case RunState::kUnknown:
      return given(callbacks.on_failure);
    case RunState::kSkipped:
      return reason == SkipReason::kExpired ? given(callbacks.on_failure) : nullptr;
    case RunState::kCanceled:  // somebody wanted it so
    case RunState::kPending:
    case RunState::kRunning:
    case RunState::kRetrying:
      return nullptr;
  }
  return nullptr;
}

TaskSpec callback_task(const TaskSpec& of, const Callback& callback, Instant due) {
  TaskSpec spec;
  spec.schedule.at = due;
  spec.labels = {{std::string(kCallbackLabel), of.id}};
  spec.target.kind = TargetKind::kHttp;
  spec.target.method = callback.method;
  spec.target.url = callback.url;
  spec.target.headers = callback.headers;
  spec.payload_kind = PayloadKind::kJson;
  spec.content_type = "application/json";
  spec.on_complete = OnComplete::kDelete;
  spec.trace = of.trace;
  return spec;
}

}  // namespace hourwheel
