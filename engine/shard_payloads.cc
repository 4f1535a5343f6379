// The part of the shard that keeps payloads of single runs (C-15, run now), which are sent in place
// of their task's.
//
//   RP1  All attempts of a run are sent with the payload it was asked for with, also after a crash
//        or a redrive: it is stored with the open run, and with its dead letter.
//   RP2  Where the target's variables are filled in, each of them passes check_variables() (VA1).
//        What would break that is refused: a run, a redrive, or a new definition of the task.
//   RP3  They are bounded: each, those of one task, and those in memory, which payload_bytes_
//        counts. At that bound no run with one is opened, lines are as short as in a crowded
//        memory, and what wakes after kHorizonNear is left to the due index. What wakes before is
//        read all the same, for others wait in the same pages (C-24): a herd due within those two
//        minutes is in memory with whatever payloads it has.
#include <utility>

#include "engine/limits.h"
#include "engine/shard.h"
#include "engine/variables.h"

namespace hourwheel {
namespace {

// Under which such a payload comes in a request.
std::string member_of(PayloadKind kind) {
  switch (kind) {
    case PayloadKind::kBytes:
      return "/payload_base64";
    case PayloadKind::kText:
      return "/payload_text";
    case PayloadKind::kNone:
    case PayloadKind::kJson:
      break;
  }
  return "/payload";
}

Status check_variables_of(const Target& target, const RunPayload& payload) {
  if (!target.variables) return {};
  auto good = check_variables(payload.body);
  if (!good) good.error().field = member_of(payload.kind);
  return good;
}

}  // namespace

// Whether a run with it may be opened now.
Status Shard::check_payload(const HotTask& task, const RunPayload& payload) const {
  if (Status good = check_variables_of(task.armed->spec.target, payload); !good) return good;
  const size_t others = task.state.payload_bytes();
  if (others > 0 && others + payload.bytes() > kMaxRunPayloads) {
    return failure(ErrorCode::kStateConflict, "",
                   "payloads of this task's open runs would be over " +
                       std::to_string(kMaxRunPayloads) + " bytes, which is the most");
  }
  if (payload_bytes_ + payload.bytes() > memory_.run_payload_bytes) {
    return failure(ErrorCode::kOverloaded, "", "too many runs with payloads of their own are open");
  }
  return {};
}

// RP2, of a definition that is to take the place of this task's.
Status Shard::check_open_payloads(const TaskState& state, const TaskSpec& next) {
  for (const OpenRun& run : state.open) {
    if (!run.payload) continue;
    Status good = check_variables_of(next.target, *run.payload);
    if (good) continue;
    return failure(ErrorCode::kValidationFailed, "/target/variables",
                   "an open run has a payload of its own: " + good.error().detail);
  }
  return {};
}

// RP3. To call after every change that may bring one or take one.
void Shard::count_payloads(HotTask& task) {
  const size_t bytes = task.state.payload_bytes();
  payload_bytes_ += bytes - task.payloads_counted;
  task.payloads_counted = bytes;
}

// RP1, of a run that has one: the definition that its attempt is sent by.
TaskSpec Shard::spec_with(const TaskSpec& spec, const RunPayload& payload) {
  TaskSpec sent = spec;
  sent.payload_kind = payload.kind;
  sent.payload = payload.body;
  sent.content_type = payload.content_type;
  return sent;
}

}  // namespace hourwheel
