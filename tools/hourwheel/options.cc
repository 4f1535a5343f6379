#include "tools/hourwheel/options.h"

#include <algorithm>
#include <functional>
#include <iostream>
#include <optional>
#include <string_view>
#include <utility>

#include "tools/hourwheel/did_you_mean.h"
#include "tools/hourwheel/options_words.h"

namespace hourwheel {
namespace {

Verb add_cron(Verb app, CronOptions& options) {
  const Verb cron = app.add_verb("cron", "Look at schedules; needs no server");
  cron.require_verb();
  const Verb next = cron.add_verb("next", "When a schedule is due, and what it says");
  next.add_option("schedule", options.schedule,
                  "Cron fields (\"30 2 * * *\"), a macro (@daily), an interval (15m, PT15M), an "
                  "instant, or a schedule object as JSON")
      .required();
  next.add_option("--tz,--timezone", options.timezone, "IANA zone (default: UTC)");
  next.add_option("-n,--count", options.count, "At most this many").within(1, 1000).show_default();
  next.add_option("--from", options.from,
                  "From this instant, local date-time or date on (default: now)");
  next.add_option("--to", options.to, "Up to this one, itself not counted");
  next.add_option("--task-id", options.task_id, "The task whose H is shown; it need not exist");
  add_output(next, options.output);
  next.footer(
      "Examples:\n"
      "  hourwheel cron next '30 2 * * *' --tz Europe/Berlin --from 2027-03-27\n"
      "  hourwheel cron next '{\"cron\":\"0 9 13 * 5\",\"dom_dow\":\"and\"}' -n 3 -o json");
  return next;
}

std::vector<Verb> add_pauses(Verb app, PauseOptions& options) {
  const Verb pause = app.add_verb("pause", "Pause all tasks with some labels, or every task");
  add_labels(pause, options.labels, "key:value or key=value; may be said again, all must match");
  pause.add_option("--reason", options.reason, "Shown to whoever wonders").required();
  pause.add_option("--until", options.until, "When it ends by itself (2030-01-01T00:00:00Z)");
  pause.footer(
      "Examples:\n"
      "  hourwheel pause --reason 'the database is being moved'\n"
      "  hourwheel pause -l team:billing --reason deploy -o name   (its id, for the resume)");
  const Verb resume = app.add_verb("resume", "End one pause, or all of them");
  add_id(resume, options.id, "id", "The pause's id (default: all)");
  resume.footer(
      "Examples:\n"
      "  hourwheel resume pause-1\n"
      "  hourwheel resume");
  for (const Verb one : {pause, resume}) {
    add_output(one, options.output);
    add_server(one, options.server);
  }
  pause.callback([&options] { options.verb = PauseVerb::kPause; });
  resume.callback([&options] { options.verb = PauseVerb::kResume; });
  return {pause, resume};
}

std::vector<Verb> add_server_views(Verb app, ServerOptions& options) {
  const Verb show = app.add_verb("server", "What the server is and how it stands");
  show.footer(
      "Examples:\n"
      "  hourwheel server\n"
      "  hourwheel server -o json");
  add_output(show, options.output);
  const Verb stats = app.add_verb("stats", "How it is doing, now and since it started");
  stats.footer(
      "Examples:\n"
      "  hourwheel stats --watch\n"
      "  hourwheel stats -o json   (with the steps of the last hour)");
  add_output(stats, options.output);
  add_watch(stats, options.watch);
  const Verb health = app.add_verb("health", "Whether the server is ready to serve");
  health.footer(
      "Exit codes: 0 it is ready, 1 it answers and is not, 6 it does not answer.\n"
      "Examples:\n"
      "  hourwheel health\n"
      "  hourwheel health -o json\n"
      "  HEALTHCHECK CMD [\"hourwheel\", \"health\"]   (in a Dockerfile)");
  add_output(health, options.output);
  const Verb log = app.add_verb("log-level", "Show the least that is logged, or change it");
  log.add_option("level", options.level, "debug, info, warning or error, until the next start");
  log.footer(
      "Examples:\n"
      "  hourwheel log-level\n"
      "  hourwheel log-level debug");
  add_output(log, options.output);
  const Verb drain = app.add_verb("drain", "Stop the server when what is in flight is done");
  drain.footer(
      "As SIGTERM does: it starts no more runs, waits up to 30 s, and ends.\n"
      "Examples:\n"
      "  hourwheel drain\n"
      "  hourwheel drain --server http://other:8080");
  add_output(drain, options.output);
  for (const Verb one : {show, stats, health, log, drain}) add_server(one, options.server);
  drain.callback([&options] { options.verb = ServerVerb::kDrain; });
  log.callback([&options] { options.verb = ServerVerb::kLogLevel; });
  stats.callback([&options] { options.verb = ServerVerb::kStats; });
  show.callback([&options] { options.verb = ServerVerb::kShow; });
  health.callback([&options] { options.verb = ServerVerb::kHealth; });
  return {show, stats, health, log, drain};
}

Verb add_import(Verb app, ImportOptions& options) {
  const Verb group = app.add_verb("import", "Bring tasks from other schedulers");
  group.require_verb();
  const Verb crontab =
      group.add_verb("crontab", "Say what a crontab means here, and create its tasks");
  crontab.add_option("file", options.file, "The crontab; - reads standard input").required();
  crontab.add_flag("--user-column", options.user_column,
                   "A user stands before each command, as in /etc/crontab");
  crontab.add_option("--url-template", options.url_template,
                     "Where commands are sent, with {id} and {user} in it (default: runs are only "
                     "recorded)");
  crontab.add_option("--timezone", options.timezone, "IANA zone (default: that of this machine)");
  crontab.add_option("--prefix", options.prefix, "Of the tasks' ids").show_default();
  const Option dry = crontab.add_flag("--dry-run", options.dry_run, "Only say what would be");
  crontab.add_flag("--apply", options.apply, "Create the tasks without asking").excludes(dry);
  add_output(crontab, options.output);
  add_server(crontab, options.server);
  crontab.footer(
      "With -o ndjson the tasks themselves are printed, for `task apply -f -`.\n"
      "Exit codes: 0 every line was taken, or it was a dry run; else not.\n"
      "Examples:\n"
      "  crontab -l | hourwheel import crontab - --dry-run\n"
      "  hourwheel import crontab /etc/crontab --url-template http://127.0.0.1:9000/{user} "
      "--apply");
  return group;
}

Verb add_version(Verb app, VersionOptions& options) {
  const Verb version = app.add_verb("version", "Print the version");
  add_output(version, options.output);
  version.footer(
      "Examples:\n"
      "  hourwheel version\n"
      "  hourwheel version -o json");
  return version;
}

bool any_said(const std::vector<Verb>& verbs) {
  return std::any_of(verbs.begin(), verbs.end(), [](Verb verb) { return verb.said(); });
}

// The verb that was being read when reading ended.
Verb last_said(Verb app) {
  const auto said = app.verbs_said();
  return said.empty() ? app : last_said(said.back());
}

std::vector<std::string> verbs_of(Verb app) {
  std::vector<std::string> names;
  for (const Verb verb : app.verbs()) {
    if (!verb.hidden()) names.push_back(verb.name());
  }
  return names;
}

// Those of the verb and, as they may stand behind it, of its group.
std::vector<std::string> options_of(Verb app) {
  std::vector<std::string> names;
  for (std::optional<Verb> at = app; at; at = at->above()) {
    for (const Option option : at->options()) {
      for (const std::string& name : option.names()) {
        if (name.starts_with("--")) names.push_back(name);
      }
    }
  }
  return names;
}

// A word that nobody knows.
int refuse_word(Verb app, const std::string& word) {
  const Verb verb = last_said(app);
  const std::string meant = nearest(word.substr(0, word.find('=')),
                                    word.starts_with('-') ? options_of(verb) : verbs_of(verb));
  std::cerr << "Unknown: " << word << '\n';
  if (!meant.empty()) std::cerr << "Did you mean " << meant << "?\n";
  std::cerr << "Run with --help for more information.\n";
  return kUsageError;
}

// The options of every verb, each written by its own.
struct All {
  ServeOptions serve;
  TaskOptions task;
  RunOptions run;
  CronOptions cron;
  PauseOptions pause;
  ServerOptions server;
  ImportOptions incoming;
  AuditOptions audit;
  ContextOptions context;
  DbOptions db;
  DoctorOptions doctor;
  BenchOptions bench;
  KeyOptions key;
  SecretOptions secret;
  ConfigOptions config;
  FollowOptions follow;
  ShellOptions shell;
  VersionOptions version;
};

// A verb, or some that share their options, and what to give back when it was said.
struct Group {
  std::vector<Verb> verbs;
  std::function<Options()> take;
};

template <class T>
Group group(std::vector<Verb> verbs, const T& options) {
  return {std::move(verbs), [&options] { return Options(options); }};
}

// Requires: all stays where it is while the app is used.
std::vector<Group> add_all(Verb app, All& all, Settings settings) {
  app.require_verb();
  std::vector<Group> groups;
  groups.push_back(group({add_serve(app, all.serve, settings)}, all.serve));
  groups.push_back(group({add_task(app, all.task)}, all.task));
  groups.push_back(group({add_run(app, all.run)}, all.run));
  groups.push_back(group({add_cron(app, all.cron)}, all.cron));
  groups.push_back(group(add_pauses(app, all.pause), all.pause));
  groups.push_back(group(add_server_views(app, all.server), all.server));
  groups.push_back(group({add_follow(app, all.follow)}, all.follow));
  groups.push_back(group({add_import(app, all.incoming)}, all.incoming));
  groups.push_back(group({add_audit(app, all.audit)}, all.audit));
  groups.push_back(group({add_context(app, all.context)}, all.context));
  groups.push_back(group({add_db(app, all.db)}, all.db));
  groups.push_back(group({add_doctor(app, all.doctor)}, all.doctor));
  groups.push_back(group({add_bench(app, all.bench)}, all.bench));
  groups.push_back(group({add_key(app, all.key)}, all.key));
  groups.push_back(group({add_secret(app, all.secret)}, all.secret));
  groups.push_back(group({add_config(app, all.config)}, all.config));
  groups.push_back(group(add_shell(app, all.shell), all.shell));
  groups.push_back(group({add_version(app, all.version)}, all.version));
  return groups;
}

}  // namespace

VerbWords verb_table() {
  CommandLine line("Hourwheel, a task scheduler", "hourwheel");
  All all;
  add_all(line.top(), all, Settings::kIgnored);
  return table_of(line.top());
}

Options parse_options(int argc, char** argv) {
  CommandLine line("Hourwheel, a task scheduler", "hourwheel");
  All all;
  const std::string_view verb = argc > 1 ? argv[1] : "";
  const bool serves = verb == "serve" || verb.starts_with("--config");
  const auto groups = add_all(line.top(), all, serves ? Settings::kRead : Settings::kIgnored);
  if (const auto refusal = line.read(argc, argv)) {
    return Finished{refusal->unknown ? refuse_word(line.top(), *refusal->unknown)
                                     : explain(*refusal)};
  }
  for (const Group& said : groups) {
    if (any_said(said.verbs)) return said.take();
  }
  return all.version;
}

}  // namespace hourwheel
