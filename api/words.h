// The words of the API for the engine's enums; one table each.
#pragma once

#include <optional>
#include <string_view>

#include "engine/log.h"
#include "engine/run.h"
#include "engine/schedule/occurrence.h"
#include "engine/storage.h"
#include "engine/task.h"

namespace hourwheel {

std::string_view word_of(TaskType type);
std::string_view word_of(TaskStatus status);
std::string_view word_of(ScheduleKind kind);
std::string_view word_of(RunState state);
std::string_view word_of(SkipReason reason);
std::string_view word_of(Trigger trigger);
std::string_view word_of(AttemptResult result);
std::string_view word_of(StorageState state);
// Empty: there is nothing to say.
std::string_view word_of(ClockNote note);
std::string_view word_of(LeftOutReason reason);

std::optional<TaskType> task_type_of(std::string_view word);
std::optional<TaskStatus> task_status_of(std::string_view word);
std::optional<ScheduleKind> schedule_kind_of(std::string_view word);
std::string_view word_of(LogLevel level);
std::optional<LogLevel> log_level_of(std::string_view word);

}  // namespace hourwheel
