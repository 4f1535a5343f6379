// What follows an attempt, worked out a second time and as plainly as possible, to hold the
// engine's run log against (C-13, C-6).
#pragma once

#include <optional>

#include "engine/run.h"
#include "engine/task.h"

namespace hourwheel {

struct JudgedAttempt {
  const TaskSpec& spec;
  const RunRecord& record;
  Instant since;                    // from when the age counts
  std::optional<Instant> next_due;  // after the run's own; none: not known
};

// nullptr: the record is as it must be.
const char* complaint_about(const JudgedAttempt& judged);

}  // namespace hourwheel
