#include "tools/hourwheel/task_commands.h"

#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <utility>

#include "api/url_text.h"
#include "tools/hourwheel/answer_print.h"
#include "tools/hourwheel/ask.h"
#include "tools/hourwheel/bulk_commands.h"
#include "tools/hourwheel/page_walk.h"
#include "tools/hourwheel/read_whole.h"
#include "tools/hourwheel/run_wait.h"
#include "tools/hourwheel/task_apply.h"
#include "tools/hourwheel/task_edit.h"
#include "tools/hourwheel/task_requests.h"
#include "tools/hourwheel/task_writer.h"
#include "tools/hourwheel/transfer_commands.h"

namespace hourwheel {
namespace {

constexpr Column kTaskColumns[] = {
    {"ID", "id"},
    {"STATE", "state"},
    {"TYPE", "type"},
    {"NEXT DUE", "next_due_at"},
    {"SCHEDULE", "schedule", Cut::kLong},
    {"DESCRIPTION", "description", Cut::kLong},
};
constexpr Column kRunColumns[] = {
    {"RUN", "id"},          {"STATE", "state"},    {"DUE", "due_at"}, {"LATE MS", "lateness_ms"},
    {"ATTEMPT", "attempt"}, {"ENDED", "ended_at"},
};
constexpr Column kWhyColumns[] = {{"AT", "at"}, {"ANSWER", "answer"}, {"REASON", "reason"}};
constexpr Column kUpcomingColumns[] = {
    {"DUE", "utc"}, {"LOCAL", "local"}, {"OFFSET", "offset"}, {"NOTE", "note"}};

int create(const TaskOptions& options, ApiClient& client) {
  auto body = options.file.empty() ? drafted_task(options) : read_whole(options.file);
  if (!body) return complain(body.error().detail, kUsage);
  auto answer = ask(client, {"POST", "/v1/tasks", std::move(*body)});
  return answer ? print_object(options.output, *answer, kTaskColumns) : answer.error();
}

int show_list(const TaskOptions& options, ApiClient& client, const ListPlace& place,
              std::span<const Column> columns) {
  ListPrinter printer(options.output, place.rows, columns);
  auto walked =
      walk_pages(client, place, options.page, [&](const ListPage& page) { printer.take(page); });
  return walked ? kOk : walked.error();
}

int get(const TaskOptions& options, ApiClient& client) {
  auto answer = ask(client, {"GET", task_path(options.id), ""});
  return answer ? print_object(options.output, *answer, kTaskColumns) : answer.error();
}

int upcoming(const TaskOptions& options, ApiClient& client) {
  const std::string count = std::to_string(options.count);
  auto answer = ask(client, {"GET", task_path(options.id) + "/upcoming?count=" + count, ""});
  if (!answer) return answer.error();
  if (options.output == OutputFormat::kJson) return print_object(options.output, *answer, {});
  JsonReader reader;
  auto body = reader.parse(answer->body);
  if (!body) return complain("the server's answer is not JSON", kFailure);
  std::printf("%s\n\n", cell_text(*body, {"", "text"}).c_str());
  std::vector<std::vector<std::string>> lines;
  for (const JsonValue& time : members_of(*body, "times")) {
    lines.push_back(cells_of(time, kUpcomingColumns));
  }
  print_table(lines, kUpcomingColumns);
  std::fflush(stdout);
  for (const JsonValue& warning : members_of(*body, "warnings")) {
    std::fprintf(stderr, "%s: %s\n", cell_text(warning, {"", "code"}).c_str(),
                 cell_text(warning, {"", "detail"}).c_str());
  }
  return kOk;
}

int why(const TaskOptions& options, ApiClient& client) {
  auto answer =
      ask(client, {"GET", task_path(options.id) + "/why?at=" + percent_encode(options.at), ""});
  if (!answer) return answer.error();
  const int code = print_object(options.output, *answer, kWhyColumns);
  if (options.output == OutputFormat::kJson || code != kOk) return code;
  JsonReader reader;
  auto body = reader.parse(answer->body);
  std::printf("\n%s\n", cell_text(*body, {"", "detail"}).c_str());
  return kOk;
}

int print_steered(const TaskOptions& options, const ApiAnswer& answer, const char* what) {
  if (options.output == OutputFormat::kJson) return print_object(options.output, answer, {});
  JsonReader reader;
  auto body = reader.parse(answer.body);
  if (!body) return complain("the server's answer is not JSON", kFailure);
  const std::string in_flight = cell_text(*body, {"", "in_flight"});
  std::printf("%s %s%s\n", what, options.id.c_str(),
              in_flight == "-" ? "" : (" (in flight: " + in_flight + ")").c_str());
  return kOk;
}

int start_run(const TaskOptions& options, ApiClient& client, Terminal& terminal) {
  auto answer = ask(client, {"POST", task_path(options.id) + "/run", ""});
  if (!answer) return answer.error();
  if (options.wait) return wait_for_run(client, terminal, {options.output, *answer});
  return print_object(options.output, *answer, kRunColumns);
}

// Of one task.
int steer(const TaskOptions& options, ApiClient& client, Terminal& terminal) {
  if (options.verb == TaskVerb::kRun) return start_run(options, client, terminal);
  if (options.verb == TaskVerb::kDelete) {
    auto answer = delete_task(client, options.id, options.if_match);
    return answer ? print_steered(options, *answer, "deleted") : answer.error();
  }
  const bool pauses = options.verb == TaskVerb::kPause;
  auto answer = ask(client, {"POST", task_path(options.id) + (pauses ? "/pause" : "/resume"),
                             pauses ? pause_body(options) : ""});
  return answer ? print_steered(options, *answer, pauses ? "paused" : "resumed") : answer.error();
}

int run_verb(const TaskOptions& options, ApiClient& client, Terminal& terminal) {
  switch (options.verb) {
    case TaskVerb::kCreate:
      return create(options, client);
    case TaskVerb::kApply:
      return run_apply(options, client);
    case TaskVerb::kEdit:
      return run_edit(options, client);
    case TaskVerb::kList:
      return show_list(options, client, {"/v1/tasks" + task_query(options.choice), "tasks"},
                       kTaskColumns);
    case TaskVerb::kGet:
      return get(options, client);
    case TaskVerb::kRuns:
      return show_list(options, client, {task_path(options.id) + "/runs", "runs"}, kRunColumns);
    case TaskVerb::kUpcoming:
      return upcoming(options, client);
    case TaskVerb::kWhy:
      return why(options, client);
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

}  // namespace

int run_task_command(const TaskOptions& options, Terminal& terminal) {
  if (options.verb == TaskVerb::kExport) return run_export(options);
  if (options.verb == TaskVerb::kImport) return run_import(options);
  const bool steers = options.verb == TaskVerb::kPause || options.verb == TaskVerb::kResume ||
                      options.verb == TaskVerb::kRun || options.verb == TaskVerb::kDelete;
  if (steers && !names_its_tasks(options)) {
    return complain("give an id, or say which tasks with --label, --state and the like, or --all",
                    kUsage);
  }
  auto client = connect(options.server);
  return client ? run_verb(options, *client, terminal) : client.error();
}

}  // namespace hourwheel
