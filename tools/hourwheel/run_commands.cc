#include "tools/hourwheel/run_commands.h"

#include <cstdio>
#include <span>
#include <vector>

#include "tools/hourwheel/answer_text.h"
#include "tools/hourwheel/ask.h"
#include "tools/hourwheel/attempt_block.h"
#include "tools/hourwheel/bulk_commands.h"
#include "tools/hourwheel/run_wait.h"
#include "tools/hourwheel/server_watch.h"
#include "tools/hourwheel/task_requests.h"

namespace hourwheel {
namespace {

constexpr Column kOneRunColumns[] = {
    {"RUN", "id"},
    {"TASK", "task_id"},
    {"STATE", "state", Show::kState},
    {"REASON", "skip_reason"},
    {"TRIGGER", "trigger"},
    {"DUE", "due_at", Show::kTime},
    {"STARTED", "started_at", Show::kTime},
    {"ENDED", "ended_at", Show::kTime},
    {"LATE MS", "lateness_ms"},
    {"TOOK MS", "duration_ms"},
    {"ATTEMPT", "attempt"},
    {"NEXT ATTEMPT", "next_attempt_at", Show::kTime},
    {"REPORT BY", "completion.report_by", Show::kTime},
    {"REDRIVEN", "redrive_count"},
    {"MAY REPEAT", "possible_duplicate"},
    {"ERROR", "error", Show::kProse},
};
constexpr Column kDeadColumns[] = {
    {"RUN", "id"},
    {"TASK", "task_id"},
    {"DUE", "due_at", Show::kTime},
    {"ENDED", "ended_at", Show::kTime},
    {"ATTEMPT", "attempt"},
    {"REDRIVEN", "redrive_count", Show::kText, true},
    {"ERROR", "error", Show::kProse},
};
constexpr Column kRecordColumns[] = {
    {"RUN", "id"},
    {"TASK", "task_id"},
    {"STATE", "state", Show::kState},
    {"REASON", "skip_reason", Show::kText, true},
    {"TRIGGER", "trigger"},
    {"DUE", "due_at", Show::kTime},
    {"ENDED", "ended_at", Show::kTime},
    {"TOOK MS", "duration_ms"},
    {"ATTEMPT", "attempt"},
    {"ERROR", "error", Show::kProse},
};
constexpr Column kAttemptColumns[] = {
    {"NUMBER", "number"},
    {"STARTED", "started_at", Show::kTime},
    {"TOOK MS", "duration_ms"},
    {"REMOTE", "remote_addr", Show::kText, true},
    {"REUSED", "connection_reused", Show::kText, true},
    {"CONNECT MS", "connect_ms", Show::kText, true},
    {"TLS MS", "tls_ms", Show::kText, true},
    {"FIRST BYTE MS", "ttfb_ms", Show::kText, true},
    {"OUTCOME", "outcome"},
    {"STATUS", "status_code"},
    {"ERROR", "error", Show::kProse},
    {"REPORT", "report", Show::kProse, true},
    {"HEADERS", "response_headers", Show::kProse, true},
    {"RESPONSE", "response_body", Show::kProse},
};

int list_runs(const RunOptions& options, ApiClient& client, const View& view) {
  const std::span<const Column> columns =
      options.state == "dead" ? std::span<const Column>(kDeadColumns) : kRecordColumns;
  ListPrinter printer(view, "runs", columns);
  auto walked = walk_pages(client, {runs_path(options), "runs"}, options.page,
                           [&](const ListPage& page) { printer.take(page); });
  return walked ? kOk : walked.error();
}

int print_blocks(const std::vector<JsonValue>& attempts, const View& view) {
  const Look look = look_of(view.format, view.terminal);
  const char* gap = "";
  for (const JsonValue& attempt : attempts) {
    std::printf("%s%s", gap, attempt_block(attempt, look).c_str());
    gap = "\n";
  }
  if (attempts.empty()) std::fprintf(stderr, "no attempt has ended yet\n");
  return kOk;
}

int list_attempts(const RunOptions& options, ApiClient& client, const View& view) {
  auto answer = ask(client, {"GET", run_path(options.id) + "/attempts", ""});
  if (!answer) return answer.error();
  JsonReader reader;
  auto body = reader.parse(answer->body);
  if (!body) return complain("the server's answer is not JSON", kFailure);
  const std::vector<JsonValue> attempts = members_of(*body, "attempts");
  if (options.verb == RunVerb::kLogs && view.for_people()) return print_blocks(attempts, view);
  ListPrinter printer(view, "attempts", kAttemptColumns);
  printer.take({*answer, attempts, "", true, true});
  return kOk;
}

int redrive(const RunOptions& options, ApiClient& client, Terminal& terminal) {
  auto answer = ask(client, {"POST", run_path(options.id) + "/redrive", ""});
  if (!answer) return answer.error();
  if (options.wait) return wait_for_run(client, terminal, {options.output, *answer});
  return print_run({options.output, terminal}, *answer);
}

bool changes_runs(RunVerb verb) {
  return verb == RunVerb::kRedrive || verb == RunVerb::kCancel || verb == RunVerb::kDelete;
}

int run_verb(const RunOptions& options, ApiClient& client, Terminal& terminal, SeenRows* seen) {
  const View view{options.output, terminal, seen};
  if (changes_runs(options.verb) && options.id.empty()) {
    return change_runs(options, client, terminal);
  }
  switch (options.verb) {
    case RunVerb::kList:
      return list_runs(options, client, view);
    case RunVerb::kAttempts:
    case RunVerb::kLogs:
      return list_attempts(options, client, view);
    case RunVerb::kRedrive:
      return redrive(options, client, terminal);
    case RunVerb::kGet:
    case RunVerb::kCancel:
    case RunVerb::kDelete:
      break;
  }
  const bool cancels = options.verb == RunVerb::kCancel;
  auto answer = ask(
      client, {cancels ? "POST" : "GET", run_path(options.id) + (cancels ? "/cancel" : ""), ""});
  return answer ? print_run(view, *answer) : answer.error();
}

int run_settled(RunOptions options, ApiClient& client, Terminal& terminal, SeenRows* seen) {
  if (Status settled = settle_times(options, terminal.now()); !settled) {
    return complain(settled.error().detail, kUsage);
  }
  return run_verb(options, client, terminal, seen);
}

}  // namespace

int print_run(const View& view, const ApiAnswer& answer) {
  return print_object(view, answer, kOneRunColumns);
}

int run_run_command(const RunOptions& options, Terminal& terminal) {
  if (const std::string problem = changes_runs(options.verb) ? choice_problem(options) : "";
      !problem.empty()) {
    return complain(problem, kUsage);
  }
  auto client = connect(options.server);
  if (!client) return client.error();
  const auto draw = [&](SeenRows* seen) { return run_settled(options, *client, terminal, seen); };
  const WatchedEvents events{"run.retrying,run.ended", options.task_id};
  return draw_or_watch({options.server, options.watch, events}, terminal, draw);
}

}  // namespace hourwheel
