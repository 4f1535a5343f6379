#include "api/callback_payload.h"

#include "api/json_writer.h"
#include "api/label_json.h"
#include "api/runs.h"
#include "api/words.h"

namespace hourwheel {
namespace {

void write_times(JsonWriter& json, const RunEnd& end) {
  const RunRecord& record = end.record;
  json.name("due_at");
  json.instant(record.due);
  json.name("started_at");
  if (end.first_started) {
    json.instant(*end.first_started);
  } else {
    json.null();
  }
  json.name("ended_at");
  json.instant(tells_outcome(record) ? record.outcome.ended : record.recorded);
  if (end.first_started) {
    json.name("lateness_ms");
    json.number((*end.first_started - record.due - record.jitter).ms);
  }
}

void write_response(JsonWriter& json, const AttemptOutcome& outcome) {
  json.begin_object();
  json.name("status_code");
  json.count(outcome.status);
  write_body(json, outcome.body, {"body", "body_base64"});
  json.end_object();
}

}  // namespace

std::string CallbackPayload::tell(const RunEnd& end) const {
  const RunRecord& record = end.record;
  const AttemptOutcome& outcome = record.outcome;
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  json.name("type");
  json.string("run." + std::string(word_of(record.state)));
  json.name("task_id");
  json.string(end.spec.id);
  json.name("run_id");
  json.string(run_id(end.task, record.key));
  json.name("state");
  json.string(word_of(record.state));
  if (record.skip_reason != SkipReason::kNone) {
    json.name("skip_reason");
    json.string(word_of(record.skip_reason));
  }
  write_times(json, end);
  json.name("attempts");
  json.count(end.attempts);
  json.name("missed_count");
  json.count(record.missed_count);
  json.name("labels");
  write_texts(json, end.spec.labels);
  // A target that reported has answered, but its report is what counts.
  if (tells_outcome(record) && outcome.responded() && outcome.status != 0) {
    json.name("response");
    write_response(json, outcome);
  }
  write_report(json, outcome);
  if (tells_outcome(record) && record.state != RunState::kSucceeded) {
    json.name("error");
    write_error(json, outcome);
  }
  json.end_object();
  return text;
}

}  // namespace hourwheel
