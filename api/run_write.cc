#include <algorithm>

#include "api/base64.h"
#include "api/json_reader.h"
#include "api/network.h"
#include "api/runs.h"
#include "api/words.h"
#include "engine/base/check.h"
#include "engine/response_fields.h"

namespace hourwheel {
namespace {

// What all runs have, recorded or not.
void write_identity(JsonWriter& json, const RunOwner& owner, const RunKey& run) {
  json.name("id");
  json.string(run_id(owner.key, run));
  json.name("task_id");
  if (owner.task_id.empty()) {
    json.null();
  } else {
    json.string(owner.task_id);
  }
  json.name("generation");
  json.count(run.generation.value);
  json.name("trigger");
  json.string(word_of(run.trigger));
}

// Later than the due instant where there is jitter; what was skipped was to start at none.
void write_fire_at(JsonWriter& json, Instant due, Duration jitter) {
  json.name("fire_at");
  json.instant(due + jitter);
}

// What all runs end with.
struct Standing {
  bool possible_duplicate = false;
  uint32_t redrive_count = 0;
  Version version;
  uint64_t count = 1;  // of due instants it stands for
};
void write_standing(JsonWriter& json, const Standing& standing) {
  json.name("possible_duplicate");
  json.boolean(standing.possible_duplicate);
  json.name("redrive_count");
  json.count(standing.redrive_count);
  json.name("task_version");
  json.count(standing.version.value);
  json.name("count");
  json.count(standing.count);
}

// Times of the first and the last attempt among the records.
void write_times(JsonWriter& json, std::span<const RunRecord> records) {
  const RunRecord& last = records.back();
  auto first = std::find_if(records.begin(), records.end(),
                            [](const RunRecord& record) { return record.attempt == 1; });
  if (first != records.end()) {
    json.name("started_at");
    json.instant(first->outcome.started);
    json.name("lateness_ms");
    json.number((first->outcome.started - first->due - first->jitter).ms);
  }
  if (is_end(last.state)) {
    json.name("ended_at");
    json.instant(tells_outcome(last) ? last.outcome.ended : last.recorded);
  }
  if (tells_outcome(last)) {
    json.name("duration_ms");
    json.number((last.outcome.ended - last.outcome.started).ms);
  }
}

// Of an attempt that its target goes on with by itself.
void write_awaited(JsonWriter& json, const OpenRun& run) {
  json.name("completion");
  json.begin_object();
  json.name("until");
  json.instant(run.awaited->until);
  json.name("report_by");
  json.instant(run.next_attempt);
  json.end_object();
}

void write_phase(JsonWriter& json, std::string_view name, PhaseTime phase) {
  const auto took = phase.took();
  if (!took) return;
  json.name(name);
  json.number(took->ms);
}

std::string remote_text(const AttemptWire& wire) {
  const bool v4 = wire.remote == RemoteKind::kV4;
  const Address address{v4 ? AddressFamily::kV4 : AddressFamily::kV6, wire.port, wire.address};
  const std::string ip = ip_text(address);
  const bool bracketed = ip.find(':') != std::string::npos;
  return (bracketed ? "[" + ip + "]" : ip) + ":" + std::to_string(wire.port);
}

void write_wire(JsonWriter& json, const AttemptWire& wire) {
  if (wire.remote == RemoteKind::kNone) return;
  json.name("remote_addr");
  json.string(remote_text(wire));
  json.name("connection_reused");
  json.boolean(wire.reused);
  write_phase(json, "connect_ms", wire.connect);
  write_phase(json, "tls_ms", wire.tls);
  write_phase(json, "ttfb_ms", wire.first_byte);
}

void write_kept_fields(JsonWriter& json, std::string_view kept) {
  if (kept.empty()) return;
  json.name("response_headers");
  json.begin_object();
  for (std::string_view name : kKeptResponseFields) {
    const std::string value = kept_value(kept, name);
    if (value.empty()) continue;
    json.name(name);
    json.string(value);
  }
  json.end_object();
  if (!kept_fields_are_cut(kept)) return;
  json.name("response_headers_truncated");
  json.boolean(true);
}

// How many attempts were made: the row of an end by other means tells of none.
uint32_t attempts_of(std::span<const RunRecord> records) {
  uint32_t most = 0;
  for (const RunRecord& record : records) most = std::max(most, record.attempt);
  return most;
}

}  // namespace

bool tells_outcome(const RunRecord& record) {
  return record.attempt > 0 && record.outcome.result != AttemptResult::kNone;
}

void write_report(JsonWriter& json, const AttemptOutcome& outcome) {
  const bool reported = outcome.result == AttemptResult::kReportedSuccess ||
                        outcome.result == AttemptResult::kReportedFailure;
  if (!reported || outcome.detail.empty()) return;
  json.name("report");
  json.string(outcome.detail);
}

void write_error(JsonWriter& json, const AttemptOutcome& outcome) {
  json.begin_object();
  json.name("code");
  json.string(outcome.result == AttemptResult::kResponded ? "status" : word_of(outcome.result));
  json.name("message");
  json.string(error_text(outcome.result, outcome.status, outcome.detail));
  json.end_object();
}

void write_body(JsonWriter& json, const std::string& body, BodyNames names) {
  if (body.empty()) return;
  const bool text = is_valid_utf8(body);
  json.name(text ? names.text : names.base64);
  json.string(text ? body : base64_encode(body, Base64::kStandard));
  json.name("truncated");
  json.boolean(body.size() >= kMaxStoredBody);
}

void write_run(JsonWriter& json, const RunOwner& owner, std::span<const RunRecord> records) {
  HW_CHECK(!records.empty(), "a run that is shown has records");
  const RunRecord& last = records.back();
  json.begin_object();
  write_identity(json, owner, last.key);
  json.name("state");
  json.string(word_of(last.state));
  if (last.skip_reason != SkipReason::kNone) {
    json.name("skip_reason");
    json.string(word_of(last.skip_reason));
  }
  json.name("due_at");
  json.instant(last.due);
  if (last.count > 1) {
    json.name("last_due_at");
    json.instant(last.last_due);
  }
  if (last.state != RunState::kSkipped) write_fire_at(json, last.due, last.jitter);
  write_times(json, records);
  json.name("missed_count");
  json.count(last.missed_count);
  json.name("attempt");
  json.count(attempts_of(records));
  if (last.next_attempt) {
    json.name("next_attempt_at");
    json.instant(*last.next_attempt);
  }
  write_standing(json,
                 {last.possible_duplicate, last.redrive_count, last.task_version, last.count});
  if (tells_outcome(last) && last.state != RunState::kSucceeded) {
    json.name("error");
    write_error(json, last.outcome);
  }
  json.end_object();
}

void write_open_run(JsonWriter& json, const RunOwner& owner, const OpenRun& run, Version version) {
  const RunState state = run.state();
  json.begin_object();
  write_identity(json, owner, run.key);
  json.name("state");
  json.string(word_of(state));
  json.name("due_at");
  json.instant(run.due);
  write_fire_at(json, run.due, run.jitter);
  json.name("missed_count");
  json.count(run.missed_count);
  json.name("attempt");
  json.count(run.attempts);
  if (state != RunState::kRunning) {
    json.name("next_attempt_at");
    json.instant(run.next_attempt);
  }
  if (run.awaited && run.is_with_target()) write_awaited(json, run);
  if (run.canceled) {
    json.name("cancel_requested");
    json.boolean(true);
  }
  write_standing(json, {run.possible_duplicate, run.redrive_count, version});
  json.end_object();
}

void write_dead_run(JsonWriter& json, std::string_view task_id, const DeadRun& dead) {
  json.begin_object();
  write_identity(json, {task_id, dead.key}, dead.run);
  json.name("state");
  json.string(word_of(RunState::kDead));
  json.name("due_at");
  json.instant(dead.due);
  json.name("ended_at");
  json.instant(dead.ended);
  json.name("missed_count");
  json.count(dead.missed_count);
  json.name("attempt");
  json.count(dead.attempts);
  write_standing(json, {dead.possible_duplicate, dead.redrive_count, dead.task_version});
  json.name("error");
  AttemptOutcome last;
  last.result = dead.result;
  last.status = dead.status;
  last.detail = dead.detail;
  write_error(json, last);
  json.end_object();
}

void write_started_run(JsonWriter& json, std::string_view task_id, TaskKey key,
                       const CommandDone& done) {
  OpenRun run;
  run.key = *done.run;
  run.due = done.state.updated;
  run.next_attempt = run.due;
  if (const OpenRun* open = done.state.find_open(*done.run)) run = *open;
  write_open_run(json, {task_id, key}, run, done.state.version);
}

void write_attempt(JsonWriter& json, const RunRecord& record) {
  const AttemptOutcome& outcome = record.outcome;
  json.begin_object();
  json.name("number");
  json.count(record.attempt);
  json.name("started_at");
  json.instant(outcome.started);
  json.name("ended_at");
  json.instant(outcome.ended);
  json.name("duration_ms");
  json.number((outcome.ended - outcome.started).ms);
  write_wire(json, outcome.wire);
  json.name("outcome");
  json.string(word_of(outcome.result));
  if (outcome.status != 0) {
    json.name("status_code");
    json.count(outcome.status);
  }
  if (record.state != RunState::kSucceeded) {
    json.name("error");
    write_error(json, outcome);
  }
  write_report(json, outcome);
  write_kept_fields(json, outcome.kept_fields);
  write_body(json, outcome.body, {"response_body", "response_body_base64"});
  json.end_object();
}

}  // namespace hourwheel
