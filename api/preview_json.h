// What lies ahead of a schedule, as JSON: the answer to a preview and to /upcoming, and what the
// command line prints.
// Thread: pure functions, any thread.
#pragma once

#include <optional>

#include "api/json_reader.h"
#include "api/json_writer.h"
#include "api/problem.h"
#include "engine/schedule/outlook.h"

namespace hourwheel {

// What a preview asks for.
struct PreviewBody {
  ScheduleSpec spec;
  SpreadSeed seed;  // of the task named, if one is
  OutlookRange range;
};

// nullopt: errors says why. The schedule is judged as that of a task created now.
std::optional<PreviewBody> read_preview(const JsonValue& object, Instant now, FieldErrors& errors);

struct PreviewView {
  const ScheduleSpec& spec;
  const Schedule& schedule;
  const Outlook& outlook;
  Instant from;  // what lies before it is not warned of
};
void write_preview(JsonWriter& json, const PreviewView& view);

}  // namespace hourwheel
