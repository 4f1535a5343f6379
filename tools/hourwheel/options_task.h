// The verbs of `task` and of `run`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tools/hourwheel/connection.h"
#include "tools/hourwheel/output_format.h"

namespace hourwheel {

class Verb;

// By what tasks are chosen: the query parameters of GET /v1/tasks. Empty: by nothing.
struct TaskChoice {
  std::string state;
  std::string type;
  std::string kind;  // of schedule
  std::string text;
  std::string target_host;
  std::string due_after;
  std::string due_before;
  std::string last_result;
  std::vector<std::string> labels;

  friend bool operator==(const TaskChoice&, const TaskChoice&) = default;
};

// How much of a list is shown.
struct PageChoice {
  uint32_t limit = 50;
  bool all = false;
};

// Whether it is drawn again when it changes.
struct WatchChoice {
  bool on = false;
  uint32_t interval_s = 2;
};

// What changes many at once is asked about before.
struct BulkChoice {
  bool all = false;  // kPause and the like: every task, every dead run
  bool yes = false;
  bool dry_run = false;
};

enum class TaskVerb : uint8_t {
  kCreate,
  kApply,
  kEdit,
  kList,
  kGet,
  kPause,
  kResume,
  kRun,
  kDelete,
  kRuns,
  kUpcoming,
  kWhy,
  kExport,
  kImport,
};

// The members of a task that have an option of their own.
struct TaskDraft {
  std::string schedule;
  std::string description;
  std::string target;
  std::string payload;
  std::string timezone;
  std::vector<std::string> labels;
  uint32_t max_attempts = 0;  // 0: not said
  uint32_t keep_runs = 0;     // 0: not said
};

struct TaskOptions {
  TaskVerb verb = TaskVerb::kList;
  ServerChoice server;
  OutputFormat output = OutputFormat::kTable;
  std::string id;  // empty where one may choose by filter: not said
  TaskChoice choice;
  PageChoice page;
  WatchChoice watch;  // kList, kGet, kRuns
  BulkChoice bulk;
  TaskDraft draft;              // kCreate
  std::string file;             // whole tasks as JSON; "-": standard streams
  std::string mode = "create";  // kImport
  bool quiet = false;           // kExport, kImport
  std::string reason;           // kPause
  std::string until;            // kPause
  std::string if_match;         // kDelete: a version
  bool cancel_running = false;  // kDelete: of one task
  std::string at;               // kWhy
  uint32_t count = 5;           // kUpcoming
  bool wait = false;            // kRun: until the run has ended
  std::string payload;          // kRun: of this run; "@FILE", "-" or the JSON itself
};

enum class RunVerb : uint8_t { kList, kGet, kAttempts, kLogs, kRedrive, kCancel, kDelete };

inline constexpr const char* kEveryState = "all";

struct RunOptions {
  RunVerb verb = RunVerb::kList;
  ServerChoice server;
  OutputFormat output = OutputFormat::kTable;
  std::string id;
  std::string task_id;  // of this task only
  std::vector<std::string> labels;
  std::string due_after;
  std::string due_before;
  std::string state = "dead";  // kList; kEveryState: of all
  std::string trigger;         // kList
  std::string result;          // of an attempt; not kCancel, nor is error
  std::string error;
  PageChoice page;
  WatchChoice watch;   // kList
  BulkChoice bulk;     // kRedrive, kCancel, kDelete
  uint32_t rate = 10;  // kRedrive by filter: a second
  bool wait = false;   // kRedrive of one: until the run has ended
};

// -w of what is shown.
void add_watch(Verb app, WatchChoice& watch);
// --limit and --all of a list.
void add_pages(Verb app, PageChoice& page);
// Add `task` and `run` with their verbs; which one was said is found in options.verb after the
// parse.
Verb add_task(Verb app, TaskOptions& options);
Verb add_run(Verb app, RunOptions& options);

}  // namespace hourwheel
