#include "tools/hourwheel/task_requests.h"

#include <initializer_list>

#include "api/json_writer.h"
#include "api/url_text.h"
#include "tools/hourwheel/label_text.h"
#include "tools/hourwheel/query_text.h"
#include "tools/hourwheel/time_phrase.h"

namespace hourwheel {
namespace {

void write_text(JsonWriter& json, const char* name, const std::string& text) {
  if (text.empty()) return;
  json.name(name);
  json.string(text);
}

void write_label_filters(JsonWriter& json, const std::vector<std::string>& labels) {
  if (labels.empty()) return;
  json.name("label");
  json.begin_array();
  for (const std::string& text : labels) json.string(label_filter(text));
  json.end_array();
}

void write_labels(JsonWriter& json, const std::vector<std::string>& labels) {
  if (labels.empty()) return;
  json.name("labels");
  json.begin_object();
  for (const std::string& text : labels) {
    const LabelText label = label_of(text);
    json.user_name(label.key);
    json.string(label.value);
  }
  json.end_object();
}

Status settle(std::initializer_list<std::string*> texts, Instant now) {
  for (std::string* text : texts) {
    auto settled = settled_instant(*text, now);
    if (!settled) return failure(std::move(settled.error()));
    *text = std::move(*settled);
  }
  return {};
}

void write_schedule(JsonWriter& json, const TaskDraft& draft) {
  json.name("schedule");
  if (draft.schedule.starts_with('{')) return json.raw(draft.schedule);
  if (draft.timezone.empty()) return json.string(draft.schedule);
  json.begin_object();
  write_text(json, "cron", draft.schedule);
  write_text(json, "timezone", draft.timezone);
  json.end_object();
}

}  // namespace

std::string task_path(const std::string& id) {
  return "/v1/tasks/" + percent_encode(id);
}

std::string run_path(const std::string& id) {
  return "/v1/runs/" + percent_encode(id);
}

std::string task_query(const TaskChoice& choice) {
  QueryText query("");
  query.add("state", choice.state)
      .add("type", choice.type)
      .add("schedule_kind", choice.kind)
      .add("q", choice.text)
      .add("target_host", choice.target_host)
      .add("next_due_after", choice.due_after)
      .add("next_due_before", choice.due_before)
      .add("last_result", choice.last_result);
  for (const std::string& text : choice.labels) query.add("label", label_filter(text));
  return std::move(query).text();
}

std::string task_filter_json(const TaskChoice& choice) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  write_text(json, "state", choice.state);
  write_text(json, "type", choice.type);
  write_text(json, "schedule_kind", choice.kind);
  write_text(json, "q", choice.text);
  write_text(json, "target_host", choice.target_host);
  write_text(json, "next_due_after", choice.due_after);
  write_text(json, "next_due_before", choice.due_before);
  write_text(json, "last_result", choice.last_result);
  write_label_filters(json, choice.labels);
  json.end_object();
  return text;
}

std::string runs_path(const RunOptions& options) {
  QueryText query("/v1/runs");
  query.add("state", options.state == kEveryState ? "" : options.state)
      .add("task_id", options.task_id)
      .add("trigger", options.trigger)
      .add("result", options.result)
      .add("error", options.error)
      .add("due_after", options.due_after)
      .add("due_before", options.due_before);
  for (const std::string& text : options.labels) query.add("label", label_filter(text));
  return std::move(query).text();
}

std::string run_filter_json(const RunOptions& options) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  if (options.verb != RunVerb::kCancel) write_text(json, "state", "dead");
  write_text(json, "task_id", options.task_id);
  write_text(json, "result", options.result);
  write_text(json, "error", options.error);
  write_text(json, "due_after", options.due_after);
  write_text(json, "due_before", options.due_before);
  write_label_filters(json, options.labels);
  json.end_object();
  return text;
}

Status settle_times(TaskOptions& options, Instant now) {
  return settle({&options.choice.due_after, &options.choice.due_before, &options.until, &options.at,
                 &options.draft.schedule},
                now);
}

Status settle_times(RunOptions& options, Instant now) {
  return settle({&options.due_after, &options.due_before}, now);
}

Result<std::string> drafted_task(const TaskOptions& options) {
  const TaskDraft& draft = options.draft;
  if (draft.schedule.empty()) {
    return failure(ErrorCode::kValidationFailed, "", "create needs a schedule or --file");
  }
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  write_text(json, "id", options.id);
  write_schedule(json, draft);
  write_text(json, "description", draft.description);
  write_labels(json, draft.labels);
  if (!draft.target.empty()) {
    json.name("target");
    json.begin_object();
    write_text(json, "kind", "http");
    write_text(json, "url", draft.target);
    json.end_object();
  }
  if (!draft.payload.empty()) {
    json.name("payload");
    json.raw(draft.payload);
  }
  if (draft.max_attempts > 0) {
    json.name("retry");
    json.begin_object();
    json.name("max_attempts");
    json.number(draft.max_attempts);
    json.end_object();
  }
  if (draft.keep_runs > 0) {
    json.name("retention");
    json.begin_object();
    json.name("count");
    json.number(draft.keep_runs);
    json.end_object();
  }
  json.end_object();
  return body;
}

std::string pause_body(const TaskOptions& options) {
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  write_text(json, "reason", options.reason);
  write_text(json, "until", options.until);
  json.end_object();
  return body;
}

}  // namespace hourwheel
