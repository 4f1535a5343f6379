#include "engine/task.h"

#include <algorithm>
#include <utility>

#include "engine/overlap.h"

namespace hourwheel {
namespace {

size_t bytes_of(const std::vector<NamedText>& texts) {
  size_t total = 0;
  for (const auto& [name, text] : texts) total += sizeof(NamedText) + name.size() + text.size();
  return total;
}
size_t bytes_of(const std::optional<Callback>& callback) {
  return callback ? callback->url.size() + bytes_of(callback->headers) : 0;
}

}  // namespace

size_t TaskSpec::bytes() const {
  size_t total = sizeof(TaskSpec) + id.size() + description.size() + payload.size() +
                 content_type.size() + target.url.size() + target.tls.ca.size() +
                 target.tls.pin.size() + target.tls.client_certificate.size() +
                 target.auth.secret.size() + target.auth.name.size() +
                 target.signing_secret.size() + target.success_body.size() + trace.parent.size() +
                 trace.state.size() + schedule.held_bytes();
  total += (retry.retry_on.size() + target.success_codes.size()) * sizeof(CodeRange) +
           retry.backoff_list.size() * sizeof(Duration);
  total +=
      bytes_of(callbacks.on_success) + bytes_of(callbacks.on_failure) + bytes_of(callbacks.on_dead);
  return total + bytes_of(labels) + bytes_of(target.headers);
}

RunRecord record_of(TaskNumber task, Version version, const OpenRun& run, Instant recorded) {
  RunRecord record;
  record.task = task;
  record.task_version = version;
  record.key = run.key;
  record.due = record.last_due = run.due;
  record.jitter = run.jitter;
  record.missed_count = run.missed_count;
  record.attempt = run.attempts;
  record.possible_duplicate = run.possible_duplicate;
  record.redrive_count = run.redrive_count;
  record.recorded = recorded;
  return record;
}

const OpenRun* TaskState::find_open(const RunKey& key) const {
  auto run =
      std::find_if(open.begin(), open.end(), [&key](const OpenRun& r) { return r.key == key; });
  return run == open.end() ? nullptr : &*run;
}

OpenRun* TaskState::find_open(const RunKey& key) {
  return const_cast<OpenRun*>(std::as_const(*this).find_open(key));
}

size_t TaskState::payload_bytes() const {
  size_t total = 0;
  for (const OpenRun& run : open) total += run.payload ? run.payload->bytes() : 0;
  return total;
}

void TaskState::drop_payloads() {
  for (OpenRun& run : open) run.payload.reset();
}

// Exactly what the task will act upon. An earlier wake would lose it: it would be read with the
// range of that wake, have nothing to do there and be let go, and nobody would find it in the range
// of its next action.
std::optional<Instant> TaskState::wake() const {
  // At once, whatever the clock of the next life shows (C-20).
  if (deleted) return open.empty() ? std::nullopt : std::optional(kFirstInstant);
  return next_action_after_stop(*this);
}

std::string auto_pause_reason(uint32_t dead_in_row) {
  return std::to_string(dead_in_row) + " runs in a row ended dead (pause_after_dead)";
}

TaskStatus status_of(const TaskState& state) {
  if (state.pause) return TaskStatus::kPaused;
  const bool more =
      state.next_due || !state.open.empty() || !state.catch_up.empty() || state.backfill;
  return more ? TaskStatus::kActive : TaskStatus::kCompleted;
}

}  // namespace hourwheel
