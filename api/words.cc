#include "api/words.h"

#include "engine/base/check.h"

namespace hourwheel {

std::string_view word_of(TaskType type) {
  return type == TaskType::kOneTime ? "one-time" : "recurring";
}

std::string_view word_of(TaskStatus status) {
  switch (status) {
    case TaskStatus::kActive:
      return "active";
    case TaskStatus::kPaused:
      return "paused";
    case TaskStatus::kCompleted:
      return "completed";
    case TaskStatus::kQuarantined:
      return "quarantined";
  }
  HW_CHECK(false, "every status has a word");
}

std::string_view word_of(ScheduleKind kind) {
  switch (kind) {
    case ScheduleKind::kAt:
      return "at";
    case ScheduleKind::kEvery:
      return "every";
    case ScheduleKind::kCron:
      return "cron";
    case ScheduleKind::kRrule:
      return "rrule";
    case ScheduleKind::kFixedDelay:
      return "fixed_delay";
  }
  HW_CHECK(false, "every kind of schedule has a word");
}

std::string_view word_of(RunState state) {
  switch (state) {
    case RunState::kPending:
      return "pending";
    case RunState::kRunning:
      return "running";
    case RunState::kRetrying:
      return "retrying";
    case RunState::kSucceeded:
      return "succeeded";
    case RunState::kDead:
      return "dead";
    case RunState::kSkipped:
      return "skipped";
    case RunState::kCanceled:
      return "canceled";
    case RunState::kUnknown:
      return "unknown";
  }
  HW_CHECK(false, "every run state has a word");
}

std::string_view word_of(SkipReason reason) {
  switch (reason) {
    case SkipReason::kNone:
      return "none";
    case SkipReason::kMisfire:
      return "misfire";
    case SkipReason::kOverlap:
      return "overlap";
    case SkipReason::kExcluded:
      return "excluded";
    case SkipReason::kPaused:
      return "paused";
    case SkipReason::kExpired:
      return "expired";
    case SkipReason::kSuperseded:
      return "superseded";
  }
  HW_CHECK(false, "every skip reason has a word");
}

std::string_view word_of(Trigger trigger) {
  switch (trigger) {
    case Trigger::kSchedule:
      return "schedule";
    case Trigger::kManual:
      return "manual";
    case Trigger::kBackfill:
      return "backfill";
  }
  HW_CHECK(false, "every trigger has a word");
}

std::string_view word_of(StorageState state) {
  switch (state) {
    case StorageState::kOk:
      return "ok";
    case StorageState::kLow:
      return "low";
    case StorageState::kFull:
      return "full";
  }
  return "";
}

std::string_view word_of(AttemptResult result) {
  switch (result) {
    case AttemptResult::kNone:
      return "none";
    case AttemptResult::kRecorded:
      return "recorded";
    case AttemptResult::kResponded:
      return "responded";
    case AttemptResult::kResolveFailed:
      return "resolve_failed";
    case AttemptResult::kAddressDenied:
      return "address_denied";
    case AttemptResult::kConnectFailed:
      return "connect_failed";
    case AttemptResult::kConnectTimedOut:
      return "connect_timed_out";
    case AttemptResult::kTimedOut:
      return "timed_out";
    case AttemptResult::kConnectionLost:
      return "connection_lost";
    case AttemptResult::kBadResponse:
      return "bad_response";
    case AttemptResult::kStopped:
      return "stopped";
    case AttemptResult::kTlsFailed:
      return "tls_failed";
    case AttemptResult::kTlsTimedOut:
      return "tls_timed_out";
    case AttemptResult::kSecretMissing:
      return "secret_missing";
    case AttemptResult::kSecretRefused:
      return "secret_refused";
    case AttemptResult::kSecretUnusable:
      return "secret_unusable";
    case AttemptResult::kBodyMismatch:
      return "body_mismatch";
    case AttemptResult::kReportedSuccess:
      return "reported_success";
    case AttemptResult::kReportedFailure:
      return "reported_failure";
    case AttemptResult::kReportMissing:
      return "report_missing";
  }
  HW_CHECK(false, "every attempt result has a word");
}

std::string_view word_of(ClockNote note) {
  switch (note) {
    case ClockNote::kNone:
      return "";
    case ClockNote::kGapShifted:
      return "dst_gap_shifted";
    case ClockNote::kOverlapFirst:
      return "dst_overlap_first";
    case ClockNote::kOverlapSecond:
      return "dst_overlap_second";
  }
  HW_CHECK(false, "every note of the clocks has a word");
}

std::string_view word_of(LeftOutReason reason) {
  return reason == LeftOutReason::kGap ? "dst_gap_skipped" : "missing_day";
}

std::optional<TaskType> task_type_of(std::string_view word) {
  for (TaskType type : {TaskType::kOneTime, TaskType::kRecurring}) {
    if (word_of(type) == word) return type;
  }
  return std::nullopt;
}

std::optional<TaskStatus> task_status_of(std::string_view word) {
  for (TaskStatus status : {TaskStatus::kActive, TaskStatus::kPaused, TaskStatus::kCompleted,
                            TaskStatus::kQuarantined}) {
    if (word_of(status) == word) return status;
  }
  return std::nullopt;
}

std::optional<ScheduleKind> schedule_kind_of(std::string_view word) {
  for (ScheduleKind kind : {ScheduleKind::kAt, ScheduleKind::kEvery, ScheduleKind::kFixedDelay,
                            ScheduleKind::kCron, ScheduleKind::kRrule}) {
    if (word_of(kind) == word) return kind;
  }
  return std::nullopt;
}

std::string_view word_of(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      return "error";
  }
  HW_CHECK(false, "every level of the log has a word");
}

std::optional<LogLevel> log_level_of(std::string_view word) {
  for (LogLevel level : {LogLevel::kDebug, LogLevel::kInfo, LogLevel::kWarning, LogLevel::kError}) {
    if (word_of(level) == word) return level;
  }
  return std::nullopt;
}

}  // namespace hourwheel
