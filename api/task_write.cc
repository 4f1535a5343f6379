#include "api/auth_json.h"
#include "api/base64.h"
#include "api/callback_json.h"
#include "api/code_ranges.h"
#include "api/completion_json.h"
#include "api/label_json.h"
#include "api/pause_json.h"
#include "api/policy_json.h"
#include "api/retry_json.h"
#include "api/task_json.h"
#include "api/tls_json.h"
#include "api/words.h"
#include "engine/schedule/time_text.h"

namespace hourwheel {
namespace {

constexpr size_t kLocalTimeLength = std::string_view("2026-12-24T08:00:00").size();

// Local times without an offset: "2026-12-24T08:00:00".
void write_local_times(JsonWriter& json, const std::vector<CivilSecond>& times) {
  json.begin_array();
  for (CivilSecond time : times) {
    json.string(to_text(Instant{time.s * 1000}).substr(0, kLocalTimeLength));
  }
  json.end_array();
}

void write_rrule(JsonWriter& json, const ScheduleSpec& schedule) {
  json.begin_object();
  json.name("rrule");
  json.string(schedule.rrule);
  json.name("exdate");
  write_local_times(json, schedule.exdate);
  json.name("rdate");
  write_local_times(json, schedule.rdate);
  json.name("timezone");
  json.string(schedule.timezone.empty() ? "UTC" : schedule.timezone);
  json.end_object();
}

// The client's own bytes; a schedule that did not come through the API is spelled out.
void write_schedule(JsonWriter& json, const ScheduleSpec& schedule) {
  if (!schedule.source.empty()) return json.raw(schedule.source);
  switch (schedule.kind) {
    case ScheduleKind::kAt:
      return json.instant(schedule.at);
    case ScheduleKind::kEvery:
    case ScheduleKind::kFixedDelay:
      json.begin_object();
      json.name("every");
      json.duration(schedule.every);
      json.name("anchor");
      json.instant(schedule.anchor);
      if (schedule.kind == ScheduleKind::kFixedDelay) {
        json.name("mode");
        json.string("fixed_delay");
      }
      return json.end_object();
    case ScheduleKind::kCron:
      json.begin_object();
      json.name("cron");
      json.string(schedule.cron);
      json.name("timezone");
      json.string(schedule.timezone.empty() ? "UTC" : schedule.timezone);
      return json.end_object();
    case ScheduleKind::kRrule:
      return write_rrule(json, schedule);
  }
}

void write_target(JsonWriter& json, const Target& target) {
  json.begin_object();
  json.name("kind");
  if (target.kind == TargetKind::kLog) {
    json.string("log");
    return json.end_object();
  }
  json.string("http");
  json.name("url");
  json.string(target.url);
  json.name("method");
  json.string(target.method);
  json.name("headers");
  write_texts(json, target.headers);
  json.name("connect_timeout");
  json.duration(target.connect_timeout);
  json.name("tls_timeout");
  json.duration(target.tls_timeout);
  json.name("timeout");
  json.duration(target.timeout);
  json.name("success_codes");
  json.string(success_text(target.success_codes));
  json.name("success_body");
  json.string(target.success_body);
  json.name("store_response");
  json.boolean(target.store_response);
  json.name("sign");
  json.boolean(target.sign);
  json.name("format");
  json.string(target.format == RequestFormat::kCloudEvents ? "cloudevents" : "raw");
  json.name("variables");
  json.boolean(target.variables);
  if (target.tls != TargetTls{}) {
    json.name("tls");
    write_tls(json, target.tls);
  }
  if (target.completion) {
    json.name("completion");
    write_completion(json, *target.completion);
  }
  write_proofs(json, target);
  json.end_object();
}

void write_payload(JsonWriter& json, const TaskSpec& spec) {
  if (spec.payload_kind == PayloadKind::kJson) {
    json.name("payload");
    json.raw(spec.payload);
    return;
  }
  if (spec.payload_kind == PayloadKind::kText) {
    json.name("payload_text");
    json.string(spec.payload);
  } else if (spec.payload_kind == PayloadKind::kBytes) {
    json.name("payload_base64");
    json.string(base64_encode(spec.payload, Base64::kStandard));
  } else {
    return;
  }
  json.name("content_type");
  json.string(spec.content_type);
}

void write_length(JsonWriter& json, const std::optional<Duration>& length) {
  return length ? json.duration(*length) : json.null();
}

void write_delivery(JsonWriter& json, const TaskSpec& spec) {
  json.name("delivery");
  json.string(spec.delivery == Delivery::kAtMostOnce ? "at_most_once" : "at_least_once");
  json.name("retry");
  write_retry(json, spec.retry);
  json.name("expires_after");
  write_length(json, spec.expires_after);
  json.name("pause_after_dead");
  json.count(spec.pause_after_dead);
  json.name("max_lateness");
  write_length(json, spec.max_lateness);
}

void write_pause(JsonWriter& json, const std::optional<Pause>& pause) {
  if (!pause) return json.null();
  json.begin_object();
  json.name("reason");
  json.string(pause->reason);
  json.name("since");
  json.instant(pause->since);
  if (pause->until) {
    json.name("until");
    json.instant(*pause->until);
  }
  json.end_object();
}

void write_last_run(JsonWriter& json, TaskKey key, const LastRun& run) {
  if (run.state == RunState::kPending) return json.null();
  json.begin_object();
  json.name("id");
  json.string(run_id(key, run.key));
  json.name("state");
  json.string(word_of(run.state));
  json.name("due_at");
  json.instant(run.due);
  json.name("ended_at");
  json.instant(run.ended);
  json.name("lateness_ms");
  json.number(run.lateness.ms);
  json.end_object();
}

// A global pause holds only what has something left to do.
TaskStatus shown_status(const TaskView& task) {
  const TaskStatus own = status_of(task.state);
  return task.held_by != nullptr && own == TaskStatus::kActive ? TaskStatus::kPaused : own;
}

void write_backfill(JsonWriter& json, const Backfill& order) {
  json.begin_object();
  json.name("next");
  json.instant(order.next);
  json.name("last");
  json.instant(order.last);
  json.name("left");
  json.count(order.left);
  json.end_object();
}

void write_state(JsonWriter& json, const TaskView& task) {
  const TaskState& state = task.state;
  json.name("state");
  json.string(word_of(shown_status(task)));
  json.name("generation");
  json.count(state.generation.value);
  json.name("version");
  json.count(state.version.value);
  json.name("next_due_at");
  if (state.next_due) {
    json.instant(*state.next_due);
  } else {
    json.null();
  }
  if (state.backfill) {
    json.name("backfill");
    write_backfill(json, *state.backfill);
  }
  json.name("last_run");
  write_last_run(json, task.key, state.last_run);
  const RunCounts& counts = state.counts;
  json.name("counts");
  json.begin_object();
  json.name("runs");
  json.count(counts.succeeded + counts.dead + counts.skipped + counts.other);
  json.name("succeeded");
  json.count(counts.succeeded);
  json.name("dead");
  json.count(counts.dead);
  json.name("skipped");
  json.count(counts.skipped);
  json.end_object();
  json.name("schedule_kind");
  json.string(word_of(task.spec.schedule.kind));
  json.name("created_at");
  json.instant(state.created);
  if (!state.created_by.empty()) {
    json.name("created_by");
    json.string(state.created_by);
  }
  json.name("updated_at");
  json.instant(state.updated);
}

void write_forecast(JsonWriter& json, const Forecast& forecast) {
  json.name("schedule_text");
  json.string(forecast.text);
  json.name("upcoming");
  json.begin_array();
  for (Instant due : forecast.upcoming) json.instant(due);
  json.end_array();
}

}  // namespace

void write_type_and_schedule(JsonWriter& json, const TaskSpec& spec) {
  json.name("type");
  json.string(word_of(spec.type));
  json.name("schedule");
  write_schedule(json, spec.schedule);
}

void write_definition(JsonWriter& json, const TaskSpec& spec, TaskDetail detail) {
  json.name("description");
  json.string(spec.description);
  json.name("labels");
  write_texts(json, spec.labels);
  json.name("target");
  write_target(json, spec.target);
  if (detail == TaskDetail::kFull) write_payload(json, spec);
  write_delivery(json, spec);
  json.name("misfire_after");
  json.duration(spec.misfire_after);
  json.name("misfire");
  write_misfire(json, spec.misfire);
  json.name("overlap");
  write_overlap(json, spec.overlap);
  json.name("callbacks");
  write_callbacks(json, spec.callbacks);
  json.name("on_complete");
  write_on_complete(json, spec.on_complete);
  json.name("retention");
  write_retention(json, spec.keep_runs);
}

void write_task_summary(JsonWriter& json, const TaskView& task) {
  json.begin_object();
  json.name("id");
  json.string(task.spec.id);
  json.name("paused");
  write_pause(json, task.state.pause);
  write_state(json, task);
  json.end_object();
}

void write_task(JsonWriter& json, const TaskView& task) {
  json.begin_object();
  json.name("id");
  json.string(task.spec.id);
  write_type_and_schedule(json, task.spec);
  write_definition(json, task.spec, task.detail);
  json.name("paused");
  write_pause(json, task.state.pause);
  if (task.held_by != nullptr) {
    json.name("paused_by");
    write_global_pause(json, *task.held_by);
  }
  write_state(json, task);
  if (task.forecast) write_forecast(json, *task.forecast);
  if (task.in_flight) {
    json.name("in_flight");
    json.count(*task.in_flight);
  }
  json.end_object();
}

}  // namespace hourwheel
