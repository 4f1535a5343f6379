// Runs and attempts as JSON. Thread: pure functions, any thread.
#pragma once

#include <span>
#include <string_view>

#include "api/json_writer.h"
#include "engine/message.h"
#include "engine/run.h"
#include "engine/task.h"

namespace hourwheel {

struct RunOwner {
  std::string_view task_id;  // empty: not known any more
  TaskKey key;
};
// Requires: at least one record; all of one run, oldest first.
void write_run(JsonWriter& json, const RunOwner& owner, std::span<const RunRecord> records);
// A run of which there is no record yet.
void write_open_run(JsonWriter& json, const RunOwner& owner, const OpenRun& run, Version version);
void write_dead_run(JsonWriter& json, std::string_view task_id, const DeadRun& dead);
// The run that a command has just started.
void write_started_run(JsonWriter& json, std::string_view task_id, TaskKey key,
                       const CommandDone& done);
// Requires: record.attempt > 0.
void write_attempt(JsonWriter& json, const RunRecord& record);

// The row tells how its attempt went; that of a run whose claim was lost only that there was one.
bool tells_outcome(const RunRecord& record);
// What its target said of an attempt, as the member "report"; nothing where it said nothing.
void write_report(JsonWriter& json, const AttemptOutcome& outcome);
// Why an attempt was no success, as an object.
void write_error(JsonWriter& json, const AttemptOutcome& outcome);
// A target may answer with anything; what is no text is told as base64, nothing not at all.
struct BodyNames {
  std::string_view text;
  std::string_view base64;
};
void write_body(JsonWriter& json, const std::string& body, BodyNames names);

}  // namespace hourwheel
