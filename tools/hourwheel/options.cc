#include "tools/hourwheel/options.h"

#include <CLI/CLI.hpp>
#include <iostream>
#include <map>
#include <string_view>

#include "tools/hourwheel/options_words.h"

namespace hourwheel {
namespace {

const std::map<std::string, OutputFormat> kFormats = {{"table", OutputFormat::kTable},
                                                      {"json", OutputFormat::kJson}};

// An empty id would name something else than one thing.
CLI::Option* add_id(CLI::App& app, std::string& id, const std::string& what) {
  auto refuse = [](const std::string& text) {
    return std::string(text.empty() ? "an id is not empty" : "");
  };
  return app.add_option("id", id, what)->check(refuse);
}

struct TaskCommand {
  CLI::App* app;
  TaskVerb verb;
};

// A group of verbs that ask a server.
CLI::App* add_group(CLI::App& app, const char* name, const char* what, TaskOptions& options) {
  CLI::App* group = app.add_subcommand(name, what);
  group->require_subcommand(1);
  group->add_option("--server", options.server, "The server's URL")
      ->envname("HOURWHEEL_URL")
      ->capture_default_str();
  add_choice(*group, "-o,--output", options.output, kFormats)->description("Default: table");
  group->fallthrough();
  return group;
}

std::vector<TaskCommand> add_run(CLI::App& app, TaskOptions& options) {
  CLI::App* run = add_group(app, "run", "Look at runs, redrive dead ones, end open ones", options);
  CLI::App* list = run->add_subcommand("list", "List dead runs, those that died last first");
  list->add_option("--limit", options.limit, "At most this many")->check(CLI::Range(1, 1000));
  list->add_option("--task", options.task_id, "Of this task only");
  list->add_option("-l,--label", options.labels, "key:value of the task; all must match");
  CLI::App* get = run->add_subcommand("get", "Show one run");
  CLI::App* redrive = run->add_subcommand("redrive", "Give a dead run fresh attempts");
  CLI::App* cancel = run->add_subcommand("cancel", "End an open run");
  for (CLI::App* one : {get, redrive, cancel}) {
    add_id(*one, options.id, "The run's id")->required();
  }
  return {{list, TaskVerb::kListDeadRuns},
          {get, TaskVerb::kGetRun},
          {redrive, TaskVerb::kRedriveRun},
          {cancel, TaskVerb::kCancelRun}};
}

void add_filter(CLI::App& app, TaskOptions& options) {
  app.add_option("--state", options.state, "active, paused or completed");
  app.add_option("-l,--label", options.labels, "key:value; all must match");
}

std::vector<TaskCommand> add_transfers(CLI::App& task, TaskOptions& options) {
  CLI::App* out = task.add_subcommand("export", "Write tasks as lines of JSON");
  out->add_option("-f,--file", options.file,
                  "The file, made when it is whole (default: -, the output)");
  add_filter(*out, options);
  CLI::App* in = task.add_subcommand("import", "Create tasks from lines of JSON");
  in->add_option("file", options.file, "The file; - reads standard input")->required();
  in->add_option("--mode", options.mode, "create, or upsert to replace those that exist")
      ->check(CLI::IsMember({"create", "upsert"}))
      ->capture_default_str();
  in->add_flag("--dry-run", options.dry_run, "Judge the lines, store nothing");
  return {{out, TaskVerb::kExport}, {in, TaskVerb::kImport}};
}

std::vector<TaskCommand> add_task(CLI::App& app, TaskOptions& options) {
  CLI::App* task = add_group(app, "task", "Create, look at and steer tasks of a server", options);

  CLI::App* create = task->add_subcommand("create", "Register a task");
  create->add_option("schedule", options.schedule,
                     "An instant (2030-01-01T00:00:00Z), cron fields (\"0 9 * * 1-5\") or an "
                     "interval (PT15M, 15m)");
  create->add_option("--id", options.id, "The task's id (default: generated)");
  create->add_option("--description", options.description, "What it is for");
  create->add_option("--target", options.target, "URL to call (default: only record the run)");
  create->add_option("--payload", options.payload, "JSON to send");
  create->add_option("--timezone", options.timezone, "IANA zone of a cron schedule");
  create->add_option("-f,--file", options.file, "The whole task as JSON; - reads standard input");

  CLI::App* list = task->add_subcommand("list", "List tasks");
  list->add_option("--limit", options.limit, "At most this many")->check(CLI::Range(1, 1000));
  add_filter(*list, options);

  CLI::App* get = task->add_subcommand("get", "Show one task");
  CLI::App* remove = task->add_subcommand("delete", "Delete a task");
  CLI::App* run = task->add_subcommand("run", "Run a task now, beside its schedule");
  CLI::App* runs = task->add_subcommand("runs", "The task's run log, newest first");
  CLI::App* why = task->add_subcommand("why", "Why it ran, or did not run, at an instant");
  why->add_option("--at", options.at, "The instant: 2030-01-01T00:00:00Z")->required();
  for (CLI::App* one : {get, remove, run, runs, why}) {
    add_id(*one, options.id, "The task's id")->required();
  }
  runs->add_option("--limit", options.limit, "At most this many")->check(CLI::Range(1, 1000));
  std::vector<TaskCommand> commands = add_transfers(*task, options);
  commands.insert(commands.end(), {{create, TaskVerb::kCreate},
                                   {list, TaskVerb::kList},
                                   {get, TaskVerb::kGet},
                                   {remove, TaskVerb::kDelete},
                                   {run, TaskVerb::kRun},
                                   {runs, TaskVerb::kRuns},
                                   {why, TaskVerb::kWhy}});
  return commands;
}

CLI::App* add_cron(CLI::App& app, CronOptions& options) {
  CLI::App* cron = app.add_subcommand("cron", "Look at schedules; needs no server");
  cron->require_subcommand(1);
  CLI::App* next = cron->add_subcommand("next", "When a schedule is due, and what it says");
  next->add_option("schedule", options.schedule,
                   "Cron fields (\"30 2 * * *\"), a macro (@daily), an interval (15m, PT15M), an "
                   "instant, or a schedule object as JSON")
      ->required();
  next->add_option("--tz,--timezone", options.timezone, "IANA zone (default: UTC)");
  next->add_option("-n,--count", options.count, "At most this many")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  next->add_option("--from", options.from,
                   "From this instant, local date-time or date on (default: now)");
  next->add_option("--to", options.to, "Up to this one, itself not counted");
  next->add_option("--task-id", options.task_id, "The task whose H is shown; it need not exist");
  add_choice(*next, "-o,--output", options.output, kFormats)->description("Default: table");
  next->footer(
      "Examples:\n"
      "  hourwheel cron next '30 2 * * *' --tz Europe/Berlin --from 2027-03-27\n"
      "  hourwheel cron next '{\"cron\":\"0 9 13 * 5\",\"dom_dow\":\"and\"}' -n 3 -o json");
  return next;
}

struct PauseCommands {
  CLI::App* pause;
  CLI::App* resume;
};

PauseCommands add_pauses(CLI::App& app, PauseOptions& options) {
  CLI::App* pause = app.add_subcommand("pause", "Pause all tasks with some labels, or every task");
  pause->add_option("-l,--label", options.labels, "key:value; all must match");
  pause->add_option("--reason", options.reason, "Shown to whoever wonders")->required();
  pause->add_option("--until", options.until, "When it ends by itself (2030-01-01T00:00:00Z)");
  CLI::App* resume = app.add_subcommand("resume", "End one pause, or all of them");
  add_id(*resume, options.id, "The pause's id (default: all)");
  for (CLI::App* one : {pause, resume}) {
    one->add_option("--server", options.server, "The server's URL")
        ->envname("HOURWHEEL_URL")
        ->capture_default_str();
  }
  return {pause, resume};
}

constexpr int kUsageError = 2;

// Prints what is wrong, or the help that was asked for; the exit code. A word that nobody knows is
// named even where CLI11 finds first that something else is missing.
int explain(const CLI::App& app, const CLI::ParseError& error) {
  const std::vector<std::string> unknown = app.remaining(true);
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::RequiredError) &&
      !unknown.empty()) {
    std::cerr << "Unknown: " << unknown.front() << "\nRun with --help for more information.\n";
    return kUsageError;
  }
  return app.exit(error) == 0 ? 0 : kUsageError;
}

}  // namespace

Options parse_options(int argc, char** argv) {
  CLI::App app("Hourwheel, a task scheduler", "hourwheel");
  app.require_subcommand(1);
  ServeOptions serve;
  TaskOptions task;
  PauseOptions pause;
  const std::string_view verb = argc > 1 ? argv[1] : "";
  const bool serves = verb == "serve" || verb.starts_with("--config");
  CLI::App* serve_app = add_serve(app, serve, serves ? Settings::kRead : Settings::kIgnored);
  auto task_apps = add_task(app, task);
  for (const TaskCommand& command : add_run(app, task)) task_apps.push_back(command);
  CronOptions cron;
  CLI::App* cron_app = add_cron(app, cron);
  auto pause_apps = add_pauses(app, pause);
  DbOptions db;
  CLI::App* db_app = add_db(app, db);
  KeyOptions key;
  CLI::App* key_app = add_key(app, key);
  ConfigOptions config;
  CLI::App* config_app = add_config(app, config);
  app.add_subcommand("version", "Print the version");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return Finished{explain(app, error)};
  }
  if (serve_app->parsed()) return serve;
  if (cron_app->parsed()) return cron;
  if (db_app->parsed()) return db;
  if (key_app->parsed()) return key;
  if (config_app->parsed()) return config;
  for (const TaskCommand& command : task_apps) {
    if (command.app->parsed()) {
      task.verb = command.verb;
      return task;
    }
  }
  if (pause_apps.resume->parsed()) pause.verb = PauseVerb::kResume;
  if (pause_apps.pause->parsed() || pause_apps.resume->parsed()) return pause;
  return VersionOptions{};
}

}  // namespace hourwheel
