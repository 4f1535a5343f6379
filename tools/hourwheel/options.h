// The command line: what `hourwheel VERB …` was asked to do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "tools/hourwheel/options_audit.h"
#include "tools/hourwheel/options_bench.h"
#include "tools/hourwheel/options_context.h"
#include "tools/hourwheel/options_db.h"
#include "tools/hourwheel/options_doctor.h"
#include "tools/hourwheel/options_follow.h"
#include "tools/hourwheel/options_key.h"
#include "tools/hourwheel/options_secret.h"
#include "tools/hourwheel/options_serve.h"
#include "tools/hourwheel/options_shell.h"
#include "tools/hourwheel/options_task.h"

namespace hourwheel {

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
  ServerChoice server;
  OutputFormat output = OutputFormat::kTable;
  std::vector<std::string> labels;  // kPause
  std::string reason;
  std::string until;
  std::string id;  // kResume; empty: all
};

enum class ServerVerb : uint8_t { kShow, kStats, kHealth, kLogLevel, kDrain };

struct ServerOptions {
  ServerVerb verb = ServerVerb::kShow;
  ServerChoice server;
  OutputFormat output = OutputFormat::kTable;
  std::string level;  // kLogLevel; empty: it is only shown
  WatchChoice watch;  // kStats
};

// `import crontab`.
struct ImportOptions {
  ServerChoice server;
  OutputFormat output = OutputFormat::kTable;
  std::string file;  // "-": standard input
  bool user_column = false;
  std::string url_template;
  std::string timezone;
  std::string prefix = "crontab-";
  bool dry_run = false;
  bool apply = false;
};

struct VersionOptions {
  OutputFormat output = OutputFormat::kTable;
};

// The command line was about itself (--help) or wrong; the text was printed.
struct Finished {
  int exit_code = 0;
};

using Options =
    std::variant<Finished, ServeOptions, TaskOptions, RunOptions, CronOptions, PauseOptions,
                 FollowOptions, ServerOptions, ImportOptions, AuditOptions, ContextOptions,
                 DbOptions, DoctorOptions, KeyOptions, SecretOptions, ConfigOptions, ShellOptions,
                 VersionOptions, BenchOptions>;

Options parse_options(int argc, char** argv);

// All verbs and their options.
VerbWords verb_table();

}  // namespace hourwheel
