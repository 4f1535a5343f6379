#include "tools/hourwheel/options_task.h"

#include "tools/hourwheel/options_words.h"

namespace hourwheel {
namespace {

// One verb of a group: its name, what it does and two examples of it.
template <class Which>
Verb add_verb(Verb group, const Words& words, Which& said, Which which) {
  const Verb verb = group.add_verb(words.name, words.what);
  verb.footer(words.examples);
  verb.callback([&said, which] { said = which; });
  return verb;
}

Verb add_group(Verb app, const Words& words, ServerChoice& server, OutputFormat& output) {
  const Verb group = app.add_verb(words.name, words.what);
  group.require_verb();
  add_server(group, server);
  add_output(group, output);
  group.fallthrough();
  return group;
}

void add_choice_of_tasks(Verb app, TaskChoice& choice) {
  add_filter(app, "--state", choice.state, "active, paused, completed, quarantined; several: a,b");
  add_filter(app, "--type", choice.type, "one-time or recurring");
  add_filter(app, "--kind", choice.kind, "Of schedule: at, every, fixed_delay, cron, rrule");
  add_labels(app, choice.labels, "key:value or key=value; may be said again, all must match");
  add_filter(app, "-q,--text", choice.text,
             "Part of the id, description, a label, the target's URL or the payload");
  add_filter(app, "--target-host", choice.target_host, "The host in the target's URL");
  add_filter(app, "--due-after", choice.due_after, "Next due at this instant or later");
  add_filter(app, "--due-before", choice.due_before, "Next due before this instant");
  add_filter(app, "--last-result", choice.last_result,
             "Of the last run: none, succeeded, dead, skipped, canceled, unknown");
}

// For verbs that take an id or a filter.
void add_confirmation(Verb app, BulkChoice& bulk) {
  app.add_flag("--yes", bulk.yes, "Many at once: do not ask before");
  app.add_flag("--dry-run", bulk.dry_run, "Many at once: only count them");
}

void add_bulk(Verb app, BulkChoice& bulk, const char* every) {
  app.add_flag("--all", bulk.all, every);
  add_confirmation(app, bulk);
}

void add_makers(Verb task, TaskOptions& options) {
  const Verb create = add_verb(task,
                               {"create", "Register a task",
                                "Examples:\n"
                                "  hourwheel task create '0 9 * * 1-5' --timezone Europe/Berlin "
                                "--target http://127.0.0.1:9000/hook\n"
                                "  hourwheel task create -f task.json"},
                               options.verb, TaskVerb::kCreate);
  TaskDraft& draft = options.draft;
  create.add_option("schedule", draft.schedule,
                    "An instant (2030-01-01T00:00:00Z), cron fields (\"0 9 * * 1-5\") or an "
                    "interval (PT15M, 15m)");
  add_id(create, options.id, "--id", "The task's id (default: generated)");
  create.add_option("--description", draft.description, "What it is for");
  create.add_option("--target", draft.target, "URL to call (default: only record the run)");
  create.add_option("--payload", draft.payload, "JSON to send");
  create.add_option("--timezone", draft.timezone, "IANA zone of a cron schedule");
  add_labels(create, draft.labels, "key:value or key=value; may be said again");
  create
      .add_option("--max-attempts", draft.max_attempts, "Of a run, before it is dead (default: 5)")
      .within(1, 1000);
  create
      .add_option("--keep-runs", draft.keep_runs,
                  "Of its runs that have ended, the newest so many stay in the run log")
      .within(1, 100'000);
  create.add_option("-f,--file", options.file, "The whole task as JSON; - reads standard input");
  const Verb apply = add_verb(
      task,
      {"apply", "Make tasks as a file says: those absent are created, those that differ replaced",
       "The file is a task, an array of tasks, a task a line, or what `task list -o json` prints.\n"
       "Examples:\n"
       "  hourwheel task apply -f tasks.json\n"
       "  hourwheel task export -l team:billing | hourwheel task apply -f - --server "
       "http://other:8080"},
      options.verb, TaskVerb::kApply);
  apply.add_option("-f,--file", options.file, "The file; - reads standard input").required();
  const Verb edit = add_verb(task,
                             {"edit", "Change a task in your editor ($VISUAL, $EDITOR, else vi)",
                              "What somebody else changed meanwhile is not written over.\n"
                              "Examples:\n"
                              "  hourwheel task edit report\n"
                              "  EDITOR=nano hourwheel task edit report"},
                             options.verb, TaskVerb::kEdit);
  add_id(edit, options.id, "id", "The task's id").required();
}

void add_steering(Verb task, TaskOptions& options) {
  const Verb pause =
      add_verb(task,
               {"pause", "Pause a task, or all tasks that match",
                "Examples:\n"
                "  hourwheel task pause report --reason 'the report is being moved'\n"
                "  hourwheel task pause -l team:billing --reason deploy --until "
                "2030-01-01T00:00:00Z"},
               options.verb, TaskVerb::kPause);
  pause.add_option("--reason", options.reason, "Shown to whoever wonders").required();
  pause.add_option("--until", options.until, "When it ends by itself");
  const Verb resume = add_verb(task,
                               {"resume", "End the pause of a task, or of all tasks that match",
                                "Examples:\n"
                                "  hourwheel task resume report\n"
                                "  hourwheel task resume -l team:billing --yes"},
                               options.verb, TaskVerb::kResume);
  const Verb run = add_verb(task,
                            {"run", "Run a task now, beside its schedule, or all tasks that match",
                             "Examples:\n"
                             "  hourwheel task run report\n"
                             "  hourwheel task run report --payload '{\"customers\": [17]}'\n"
                             "  hourwheel task run report --wait   (exit code 7 if the run fails)"},
                            options.verb, TaskVerb::kRun);
  add_filter(run, "--payload", options.payload,
             "JSON to send with this run of the one task, in place of the task's; @FILE reads it "
             "from there, - from standard input");
  run.add_flag("--wait", options.wait, "Until the run of the one task has ended");
  const Verb remove = add_verb(task,
                               {"delete", "Delete a task, or all tasks that match",
                                "Examples:\n"
                                "  hourwheel task delete report\n"
                                "  hourwheel task delete --state completed --dry-run"},
                               options.verb, TaskVerb::kDelete);
  add_filter(remove, "--if-match", options.if_match, "Only if this is its version");
  remove.add_flag("--cancel-running", options.cancel_running,
                  "Cut off the attempts of the one task that are in flight");
  for (const Verb one : {pause, resume, run, remove}) {
    add_id(one, options.id, "id", "The task's id");
    add_choice_of_tasks(one, options.choice);
    add_bulk(one, options.bulk, "Every task");
  }
}

void add_views(Verb task, TaskOptions& options) {
  const Verb list = add_verb(task,
                             {"list", "List tasks in the order in which they were created",
                              "Examples:\n"
                              "  hourwheel task list --state active,paused -l team:billing\n"
                              "  hourwheel task list --last-result dead --all -o json"},
                             options.verb, TaskVerb::kList);
  add_choice_of_tasks(list, options.choice);
  add_pages(list, options.page);
  const Verb get = add_verb(task,
                            {"get", "Show one task",
                             "Examples:\n"
                             "  hourwheel task get report\n"
                             "  hourwheel task get report -o json"},
                            options.verb, TaskVerb::kGet);
  const Verb runs = add_verb(task,
                             {"runs", "The task's run log, newest first",
                              "Examples:\n"
                              "  hourwheel task runs report --limit 5\n"
                              "  hourwheel task runs report --all -o json"},
                             options.verb, TaskVerb::kRuns);
  add_pages(runs, options.page);
  const Verb upcoming = add_verb(task,
                                 {"upcoming", "The task's next due instants",
                                  "Examples:\n"
                                  "  hourwheel task upcoming report\n"
                                  "  hourwheel task upcoming report -n 20 -o json"},
                                 options.verb, TaskVerb::kUpcoming);
  for (const Verb one : {list, get, runs}) add_watch(one, options.watch);
  upcoming.add_option("-n,--count", options.count, "At most this many")
      .within(1, 1000)
      .show_default();
  const Verb why = add_verb(task,
                            {"why", "Why it ran, or did not run, at an instant",
                             "Examples:\n"
                             "  hourwheel task why report --at 2026-11-24T09:00:00Z\n"
                             "  hourwheel task why report --at 2026-11-24T09:00:00Z -o json"},
                            options.verb, TaskVerb::kWhy);
  why.add_option("--at", options.at, "The instant").required();
  for (const Verb one : {get, runs, upcoming, why}) {
    add_id(one, options.id, "id", "The task's id").required();
  }
}

void add_transfers(Verb task, TaskOptions& options) {
  const Verb out = add_verb(task,
                            {"export", "Write tasks as lines of JSON",
                             "Examples:\n"
                             "  hourwheel task export -f tasks.ndjson\n"
                             "  hourwheel task export --state active,paused > tasks.ndjson"},
                            options.verb, TaskVerb::kExport);
  out.add_option("-f,--file", options.file,
                 "The file, made when it is whole (default: -, the output)");
  add_choice_of_tasks(out, options.choice);
  const Verb in = add_verb(task,
                           {"import", "Create tasks from lines of JSON",
                            "Examples:\n"
                            "  hourwheel task import tasks.ndjson --dry-run\n"
                            "  hourwheel task import tasks.ndjson --mode upsert"},
                           options.verb, TaskVerb::kImport);
  in.add_option("file", options.file, "The file; - reads standard input").required();
  in.add_option("--mode", options.mode, "create, or upsert to replace those that exist")
      .one_of({"create", "upsert"})
      .show_default();
  in.add_flag("--dry-run", options.bulk.dry_run, "Judge the lines, store nothing");
  for (const Verb one : {out, in}) add_quiet(one, options.quiet);
}

void add_choice_of_runs(Verb app, RunOptions& options) {
  add_filter(app, "--task", options.task_id, "Of this task only");
  add_labels(app, options.labels,
             "key:value or key=value of the task; may be said again, all must match");
  add_filter(app, "--due-after", options.due_after, "Due at this instant or later");
  add_filter(app, "--due-before", options.due_before, "Due before this instant");
}

void add_choice_of_ends(Verb app, RunOptions& options) {
  add_filter(app, "--result", options.result,
             "Some of the outcomes of an attempt (responded, timed_out, ...)");
  add_filter(app, "--error", options.error, "Part of what the attempt's error says");
}

void add_views(Verb run, RunOptions& options) {
  const Verb list = add_verb(run,
                             {"list", "List dead runs, open ones, or what else the run log keeps",
                              "Examples:\n"
                              "  hourwheel run list --task report\n"
                              "  hourwheel run list --state running,pending\n"
                              "  hourwheel run list --error 'certificate' --all\n"
                              "  hourwheel run list --state all --result timed_out\n"
                              "  hourwheel run list -l team:billing --all -o json"},
                             options.verb, RunVerb::kList);
  add_choice_of_runs(list, options);
  add_filter(list, "--state", options.state,
             "all, or some of succeeded, dead, retrying, canceled, skipped, unknown, with commas "
             "between; or of pending, running")
      .show_default();
  add_filter(list, "--trigger", options.trigger, "Some of schedule, manual, backfill");
  add_choice_of_ends(list, options);
  add_pages(list, options.page);
  add_watch(list, options.watch);
  const Verb get = add_verb(run,
                            {"get", "Show one run",
                             "Examples:\n"
                             "  hourwheel run get RUN\n"
                             "  hourwheel run get RUN -o json"},
                            options.verb, RunVerb::kGet);
  const Verb attempts = add_verb(run,
                                 {"attempts", "The ended attempts of a run, first to last",
                                  "Examples:\n"
                                  "  hourwheel run attempts RUN\n"
                                  "  hourwheel run attempts RUN -o json"},
                                 options.verb, RunVerb::kAttempts);
  const Verb logs = add_verb(run,
                             {"logs", "What each ended attempt of a run did and was answered",
                              "Examples:\n"
                              "  hourwheel run logs RUN\n"
                              "  hourwheel run logs RUN -o json   (as `run attempts` has it)"},
                             options.verb, RunVerb::kLogs);
  for (const Verb one : {get, attempts, logs}) {
    add_id(one, options.id, "id", "The run's id").required();
  }
}

void add_steering(Verb run, RunOptions& options) {
  const Verb redrive =
      add_verb(run,
               {"redrive", "Give a dead run fresh attempts, or all dead runs that match",
                "Of those that match at most 1000 a time, those that died first; say it again for "
                "the rest.\n"
                "Examples:\n"
                "  hourwheel run redrive RUN --wait\n"
                "  hourwheel run redrive --result connect_failed --rate 5"},
               options.verb, RunVerb::kRedrive);
  const Verb cancel = add_verb(run,
                               {"cancel", "End an open run, or all open runs of tasks that match",
                                "Examples:\n"
                                "  hourwheel run cancel RUN\n"
                                "  hourwheel run cancel -l team:billing --yes"},
                               options.verb, RunVerb::kCancel);
  const Verb remove =
      add_verb(run,
               {"delete", "Forget the dead runs that match",
                "At most 1000 a time, those that died first; say it again for the rest.\n"
                "Examples:\n"
                "  hourwheel run delete --task report\n"
                "  hourwheel run delete --due-before 2030-01-01T00:00:00Z --dry-run"},
               options.verb, RunVerb::kDelete);
  add_id(cancel, options.id, "id", "The run's id");
  for (const Verb one : {cancel, remove}) add_choice_of_runs(one, options);
  add_confirmation(cancel, options.bulk);
  add_bulk(remove, options.bulk, "Every dead run");
  add_id(redrive, options.id, "id", "The run's id");
  add_choice_of_runs(redrive, options);
  for (const Verb one : {redrive, remove}) add_choice_of_ends(one, options);
  redrive.add_option("--rate", options.rate, "Many at once: so many a second")
      .within(1, 1000)
      .show_default();
  redrive.add_flag("--wait", options.wait, "Until the one run has ended");
  add_bulk(redrive, options.bulk, "Every dead run");
}

}  // namespace

void add_watch(Verb app, WatchChoice& watch) {
  app.add_flag("-w,--watch", watch.on, "Show it again when it changes, until ^C");
  app.add_option("--interval", watch.interval_s,
                 "Of --watch: seconds between two looks where no event tells of a change")
      .within(1, 3600)
      .show_default();
}

void add_pages(Verb app, PageChoice& page) {
  const Option limit = app.add_option("--limit", page.limit, "At most this many")
                           .within(1U, 1'000'000U)
                           .show_default();
  app.add_flag("--all", page.all, "All of them").excludes(limit);
}

Verb add_task(Verb app, TaskOptions& options) {
  const Verb task = add_group(app, {"task", "Create, look at and steer tasks of a server", ""},
                              options.server, options.output);
  add_makers(task, options);
  add_views(task, options);
  add_steering(task, options);
  add_transfers(task, options);
  return task;
}

Verb add_run(Verb app, RunOptions& options) {
  const Verb run = add_group(app, {"run", "Look at runs, redrive dead ones, end open ones", ""},
                             options.server, options.output);
  add_views(run, options);
  add_steering(run, options);
  return run;
}

}  // namespace hourwheel
