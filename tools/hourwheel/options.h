// The command line: what `hourwheel VERB …` was asked to do. The parser (CLI11) reports through
// exceptions; they end in options.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "tools/hourwheel/options_db.h"
#include "tools/hourwheel/options_key.h"
#include "tools/hourwheel/options_serve.h"

namespace hourwheel {

enum class OutputFormat : uint8_t { kTable, kJson };

// Of `task`, and of `run`.
enum class TaskVerb : uint8_t {
  kCreate,
  kList,
  kGet,
  kDelete,
  kRun,
  kRuns,
  kWhy,
  kExport,
  kImport,
  kListDeadRuns,
  kGetRun,
  kRedriveRun,
  kCancelRun,
};

struct TaskOptions {
  TaskVerb verb = TaskVerb::kList;
  std::string server = "http://127.0.0.1:8080";
  OutputFormat output = OutputFormat::kTable;
  std::string id;  // of the task or, for the verbs of `run`, of the run
  // kCreate
  std::string schedule;
  std::string description;
  std::string target;
  std::string payload;
  std::string timezone;
  std::string file;  // a whole task as JSON, or lines of kExport and kImport; "-": standard streams
  // kImport
  std::string mode = "create";
  bool dry_run = false;
  // kList, kRuns, kListDeadRuns; state and labels also kExport
  uint32_t limit = 50;
  std::string state;
  std::vector<std::string> labels;
  std::string task_id;  // kListDeadRuns; empty: of all tasks
  std::string at;       // kWhy
};

// `cron next`: looks at a schedule without a server.
struct CronOptions {
  std::string schedule;  // as in a task: a string, or an object as JSON
  std::string timezone;
  std::string from;  // an instant, a local date-time or a date; empty: now
  std::string to;    // the same; empty: count alone decides
  std::string task_id;
  uint32_t count = 5;
  OutputFormat output = OutputFormat::kTable;
};

enum class PauseVerb : uint8_t { kPause, kResume };

struct PauseOptions {
  PauseVerb verb = PauseVerb::kPause;
  std::string server = "http://127.0.0.1:8080";
  std::vector<std::string> labels;  // kPause: key:value
  std::string reason;
  std::string until;
  std::string id;  // kResume; empty: all
};

struct VersionOptions {};

// The command line was about itself (--help) or wrong; the text was printed.
struct Finished {
  int exit_code = 0;
};

using Options = std::variant<Finished, ServeOptions, TaskOptions, CronOptions, PauseOptions,
                             DbOptions, KeyOptions, ConfigOptions, VersionOptions>;

Options parse_options(int argc, char** argv);

}  // namespace hourwheel
