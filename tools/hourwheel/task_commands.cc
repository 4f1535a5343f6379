#include "tools/hourwheel/task_commands.h"

#include <cstdio>
#include <utility>

#include "api/url_text.h"
#include "tools/hourwheel/answer_print.h"
#include "tools/hourwheel/answer_text.h"
#include "tools/hourwheel/ask.h"
#include "tools/hourwheel/bulk_commands.h"
#include "tools/hourwheel/page_walk.h"
#include "tools/hourwheel/query_text.h"
#include "tools/hourwheel/read_whole.h"
#include "tools/hourwheel/run_commands.h"
#include "tools/hourwheel/run_wait.h"
#include "tools/hourwheel/server_watch.h"
#include "tools/hourwheel/task_apply.h"
#include "tools/hourwheel/task_edit.h"
#include "tools/hourwheel/task_requests.h"
#include "tools/hourwheel/task_writer.h"
#include "tools/hourwheel/transfer_commands.h"

namespace hourwheel {
namespace {

constexpr Column kListColumns[] = {
    {"ID", "id"},
    {"STATE", "state", Show::kState},
    {"NEXT DUE", "next_due_at", Show::kTime},
    {"LAST", "last_run.state", Show::kState},
    {"SCHEDULE", "schedule", Show::kSchedule},
    {"DESCRIPTION", "description", Show::kProse},
    {"TYPE", "type", Show::kText, true},
    {"TARGET", "target.url", Show::kProse, true},
    {"LABELS", "labels", Show::kLabels, true},
    {"VERSION", "version", Show::kText, true},
};
constexpr Column kTaskColumns[] = {
    {"ID", "id"},
    {"STATE", "state", Show::kState},
    {"PAUSED", "paused.reason"},
    {"PAUSED UNTIL", "paused.until", Show::kTime},
    {"PAUSED BY", "paused_by.reason"},
    {"TYPE", "type"},
    {"SCHEDULE", "schedule"},
    {"MEANS", "schedule_text"},
    {"NEXT DUE", "next_due_at", Show::kTime},
    {"DESCRIPTION", "description"},
    {"LABELS", "labels", Show::kLabels},
    {"TARGET", "target.url"},
    {"PAYLOAD", "payload"},
    {"LAST RUN", "last_run.state", Show::kState},
    {"LAST ENDED", "last_run.ended_at", Show::kTime},
    {"RUNS", "counts.runs"},
    {"SUCCEEDED", "counts.succeeded"},
    {"DEAD", "counts.dead"},
    {"SKIPPED", "counts.skipped"},
    {"VERSION", "version"},
    {"CREATED", "created_at", Show::kTime},
    {"CREATED BY", "created_by"},
    {"UPDATED", "updated_at", Show::kTime},
};
constexpr Column kRunColumns[] = {
    {"RUN", "id"},
    {"STATE", "state", Show::kState},
    {"DUE", "due_at", Show::kTime},
    {"LATE MS", "lateness_ms"},
    {"ATTEMPT", "attempt"},
    {"ENDED", "ended_at", Show::kTime},
    {"TRIGGER", "trigger", Show::kText, true},
    {"TOOK MS", "duration_ms", Show::kText, true},
    {"ERROR", "error", Show::kProse},
};
constexpr Column kWhyColumns[] = {
    {"AT", "at"},
    {"ANSWER", "answer", Show::kState},
    {"REASON", "reason"},
    {"DETAIL", "detail"},
    {"RUN", "run.id"},
    {"BEFORE", "nearest.before"},
    {"AFTER", "nearest.after"},
};
constexpr Column kUpcomingColumns[] = {
    {"DUE", "utc"},
    {"IN", "utc", Show::kTime},
    {"LOCAL", "local"},
    {"OFFSET", "offset"},
    {"STARTS", "fire_at", Show::kText, true},
    {"NOTE", "note"},
};

int create(const TaskOptions& options, ApiClient& client, const View& view) {
  auto body = options.file.empty() ? drafted_task(options) : read_whole(options.file);
  if (!body) return complain(body.error().detail, kUsage);
  auto answer = ask(client, {"POST", "/v1/tasks", std::move(*body)});
  return answer ? print_object(view, *answer, kTaskColumns) : answer.error();
}

struct List {
  ListPlace place;
  std::span<const Column> columns;
};

int show_list(const PageChoice& pages, ApiClient& client, const View& view, const List& list) {
  ListPrinter printer(view, list.place.rows, list.columns);
  auto walked =
      walk_pages(client, list.place, pages, [&](const ListPage& page) { printer.take(page); });
  return walked ? kOk : walked.error();
}

// Tables and names have no place for payloads, which may be most of a list.
std::string list_path(const TaskOptions& options, const View& view) {
  const bool as_it_is = view.format == OutputFormat::kJson || view.format == OutputFormat::kNdjson;
  QueryText query("/v1/tasks" + task_query(options.choice));
  query.add("view", as_it_is ? "" : "basic");
  return std::move(query).text();
}

int get(const TaskOptions& options, ApiClient& client, const View& view) {
  auto answer = ask(client, {"GET", task_path(options.id), ""});
  return answer ? print_object(view, *answer, kTaskColumns) : answer.error();
}

int upcoming(const TaskOptions& options, ApiClient& client, const View& view) {
  const std::string count = std::to_string(options.count);
  auto answer = ask(client, {"GET", task_path(options.id) + "/upcoming?count=" + count, ""});
  if (!answer) return answer.error();
  JsonReader reader;
  auto body = reader.parse(answer->body);
  if (!body) return complain("the server's answer is not JSON", kFailure);
  if (view.for_people()) std::printf("%s\n\n", text_at(*body, "text").c_str());
  ListPrinter printer(view, "times", kUpcomingColumns);
  printer.take({*answer, members_of(*body, "times"), "", true, true});
  std::fflush(stdout);
  for (const JsonValue& warning : members_of(*body, "warnings")) {
    std::fprintf(stderr, "%s: %s\n", text_at(warning, "code").c_str(),
                 text_at(warning, "detail").c_str());
  }
  return kOk;
}

int why(const TaskOptions& options, ApiClient& client, const View& view) {
  auto answer =
      ask(client, {"GET", task_path(options.id) + "/why?at=" + percent_encode(options.at), ""});
  return answer ? print_object(view, *answer, kWhyColumns) : answer.error();
}

int print_steered(const TaskOptions& options, const ApiAnswer& answer, const View& view,
                  const char* what) {
  if (!view.for_people()) return print_object(view, answer, kTaskColumns);
  JsonReader reader;
  auto body = reader.parse(answer.body);
  if (!body) return complain("the server's answer is not JSON", kFailure);
  const std::string in_flight = text_at(*body, "in_flight");
  std::printf("%s %s%s\n", what, options.id.c_str(),
              in_flight == "-" ? "" : (" (in flight: " + in_flight + ")").c_str());
  return kOk;
}

// What a run is asked for with: nothing, or {"payload":…}.
Result<std::string> run_body(const TaskOptions& options) {
  std::string payload = options.payload;
  if (payload.empty()) return payload;
  if (payload == "-" || payload.starts_with('@')) {
    auto text = read_whole(payload == "-" ? payload : payload.substr(1));
    if (!text) return text;
    payload = std::move(*text);
  }
  return "{\"payload\":" + payload + "}";
}

int start_run(const TaskOptions& options, ApiClient& client, Terminal& terminal) {
  auto body = run_body(options);
  if (!body) return complain(body.error().detail, kUsage);
  auto answer = ask(client, {"POST", task_path(options.id) + "/run", std::move(*body)});
  if (!answer) return answer.error();
  if (options.wait) return wait_for_run(client, terminal, {options.output, *answer});
  return print_run({options.output, terminal}, *answer);
}

// Of one task.
int steer(const TaskOptions& options, ApiClient& client, Terminal& terminal) {
  if (options.verb == TaskVerb::kRun) return start_run(options, client, terminal);
  const View view{options.output, terminal};
  if (options.verb == TaskVerb::kDelete) {
    auto answer = delete_task(client, {options.id, options.if_match, options.cancel_running});
    return answer ? print_steered(options, *answer, view, "deleted") : answer.error();
  }
  const bool pauses = options.verb == TaskVerb::kPause;
  auto answer = ask(client, {"POST", task_path(options.id) + (pauses ? "/pause" : "/resume"),
                             pauses ? pause_body(options) : ""});
  return answer ? print_steered(options, *answer, view, pauses ? "paused" : "resumed")
                : answer.error();
}

int run_verb(const TaskOptions& options, ApiClient& client, Terminal& terminal, SeenRows* seen) {
  const View view{options.output, terminal, seen};
  switch (options.verb) {
    case TaskVerb::kCreate:
      return create(options, client, view);
    case TaskVerb::kApply:
      return run_apply(options, client, view);
    case TaskVerb::kEdit:
      return run_edit(options, client, view);
    case TaskVerb::kList:
      return show_list(options.page, client, view,
                       {{list_path(options, view), "tasks"}, kListColumns});
    case TaskVerb::kGet:
      return get(options, client, view);
    case TaskVerb::kRuns:
      return show_list(options.page, client, view,
                       {{task_path(options.id) + "/runs", "runs"}, kRunColumns});
    case TaskVerb::kUpcoming:
      return upcoming(options, client, view);
    case TaskVerb::kWhy:
      return why(options, client, view);
    case TaskVerb::kPause:
    case TaskVerb::kResume:
    case TaskVerb::kRun:
    case TaskVerb::kDelete:
      return options.id.empty() ? change_tasks(options, client, terminal)
                                : steer(options, client, terminal);
    case TaskVerb::kExport:
    case TaskVerb::kImport:
      break;  // transfer_commands
  }
  return kUsage;
}

int run_settled(TaskOptions options, ApiClient& client, Terminal& terminal, SeenRows* seen) {
  if (Status settled = settle_times(options, terminal.now()); !settled) {
    return complain(settled.error().detail, kUsage);
  }
  return run_verb(options, client, terminal, seen);
}

}  // namespace

int run_task_command(const TaskOptions& options, Terminal& terminal) {
  if (options.verb == TaskVerb::kExport) return run_export(options, terminal);
  if (options.verb == TaskVerb::kImport) return run_import(options, terminal);
  const bool steers = options.verb == TaskVerb::kPause || options.verb == TaskVerb::kResume ||
                      options.verb == TaskVerb::kRun || options.verb == TaskVerb::kDelete;
  if (const std::string problem = steers ? choice_problem(options) : ""; !problem.empty()) {
    return complain(problem, kUsage);
  }
  auto client = connect(options.server);
  if (!client) return client.error();
  const auto draw = [&](SeenRows* seen) { return run_settled(options, *client, terminal, seen); };
  return draw_or_watch({options.server, options.watch, {"", options.id}}, terminal, draw);
}

}  // namespace hourwheel
