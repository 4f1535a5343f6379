// A task's JSON and back. What is read here is what the engine gets: everything is validated, the
// schedule is compiled once, and the first twenty offences are named with their pointers.
//
// Invariants
//   T1  What write_task writes for a task, in full, read_task accepts on /v1, from one who may ask
//   for all of
//       it, and reads as an equal spec (members that are output only are skipped); a delay, and an
//       anchor or a beginning that was not given, is measured anew.
//   T2  The payload and the schedule come back byte for byte as the client sent them.
// Thread: pure functions, any thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/json_reader.h"
#include "api/json_writer.h"
#include "api/problem.h"
#include "api/shape.h"
#include "engine/message.h"
#include "engine/pauses.h"
#include "engine/task.h"

namespace hourwheel {

struct TaskBody {
  std::unique_ptr<TaskSpec> spec;  // its id is empty when the body has none
  std::optional<Pause> pause;
  PastInstant past = PastInstant::kAccept;
};

// What stands around the body that is read.
struct TaskReading {
  Shape shape = Shape::kV1;
  Instant now;
  // The task that is changed: the id, and without a schedule in the body its schedule, stay.
  const TaskSpec* keeps = nullptr;
  std::optional<Shape> ids{};           // whose ids are taken; none: those of the shape
  bool administers = false;             // the caller may leave the target of a task unverified
  const TraceContext* trace = nullptr;  // of the request; null: it has none
  bool reachable = true;                // targets can report later: there are links for them
};

// nullopt: errors says why.
std::optional<TaskBody> read_task(const JsonValue& object, const TaskReading& reading,
                                  FieldErrors& errors);

// Of a change to single members: those that are only shown cannot be among them.
void refuse_output_only(const JsonValue& object, FieldErrors& errors);

// The members "reason" and "until" of a pause; others are refused unless allowed (a batch entry
// has its own).
std::optional<Pause> read_pause(const JsonValue& object, Instant now, FieldErrors& errors);

// Of a pause that is asked for now, not of a task that comes back with one that has ended.
void refuse_past_end(const JsonValue& object, const std::optional<Pause>& pause, Instant now,
                     FieldErrors& errors);
// The same of one that may have been asked for before under its key: for the shard to tell. null:
// nothing is wrong.
std::unique_ptr<Error> refusal_of_past_end(const std::optional<Pause>& pause, Instant now,
                                           const std::string& pointer);

// An id as a client may choose it.
Status check_task_id(std::string_view id, Shape shape);

// What lies ahead of one task.
struct Forecast {
  std::string text;               // the schedule as a sentence
  std::vector<Instant> upcoming;  // the next due instants
};

// How much of a task is told: in lists the payload may be most of it.
enum class TaskDetail : uint8_t { kFull, kWithoutPayload };

struct TaskView {
  TaskKey key;
  const TaskSpec& spec;
  const TaskState& state;
  std::optional<uint32_t> in_flight;  // told with the answer to a change (C-10)
  std::optional<Forecast> forecast{};
  const GlobalPause* held_by = nullptr;  // the global pause that holds it, if one does
  TaskDetail detail = TaskDetail::kFull;
};
void write_task(JsonWriter& json, const TaskView& task);
// Without its definition.
void write_task_summary(JsonWriter& json, const TaskView& task);
// Of an object that is open, the members that a client may set, but for the id, paused and, each of
// them written by itself, the type and the schedule.
void write_definition(JsonWriter& json, const TaskSpec& spec,
                      TaskDetail detail = TaskDetail::kFull);
void write_type_and_schedule(JsonWriter& json, const TaskSpec& spec);

}  // namespace hourwheel
