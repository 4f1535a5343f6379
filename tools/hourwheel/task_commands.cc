#include "tools/hourwheel/task_commands.h"

#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <vector>

#include "api/json_reader.h"
#include "api/json_writer.h"
#include "api/url_text.h"
#include "tools/hourwheel/answer_text.h"
#include "tools/hourwheel/api_client.h"
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
// Of a run that was asked for by its own id.
constexpr Column kOneRunColumns[] = {
    {"RUN", "id"},         {"TASK", "task_id"},        {"STATE", "state"},
    {"DUE", "due_at"},     {"LATE MS", "lateness_ms"}, {"ATTEMPT", "attempt"},
    {"ENDED", "ended_at"}, {"ERROR", "error"},
};
constexpr Column kDeadColumns[] = {
    {"RUN", "id"},         {"TASK", "task_id"},    {"DUE", "due_at"},
    {"ENDED", "ended_at"}, {"ATTEMPT", "attempt"}, {"REDRIVEN", "redrive_count"},
    {"ERROR", "error"},
};
constexpr Column kWhyColumns[] = {{"AT", "at"}, {"ANSWER", "answer"}, {"REASON", "reason"}};

int print_answer(const TaskOptions& options, const ApiAnswer& answer) {
  if (options.output == OutputFormat::kJson) {
    std::printf("%s\n", answer.body.c_str());
    return kOk;
  }
  JsonReader reader;
  auto body = reader.parse(answer.body);
  if (!body) {
    std::fprintf(stderr, "hourwheel: the server's answer is not JSON\n");
    return kFailure;
  }
  switch (options.verb) {
    case TaskVerb::kList:
      print_table(members_of(*body, "tasks"), kTaskColumns);
      break;
    case TaskVerb::kRuns:
      print_table(members_of(*body, "runs"), kRunColumns);
      break;
    case TaskVerb::kListDeadRuns:
      print_table(members_of(*body, "runs"), kDeadColumns);
      break;
    case TaskVerb::kRun:
      print_table({*body}, kRunColumns);
      break;
    case TaskVerb::kGetRun:
    case TaskVerb::kRedriveRun:
    case TaskVerb::kCancelRun:
      print_table({*body}, kOneRunColumns);
      break;
    case TaskVerb::kWhy:
      print_table({*body}, kWhyColumns);
      if (auto detail = body->find("detail")) {
        std::printf("\n%s\n", std::string(detail->text()).c_str());
      }
      break;
    case TaskVerb::kDelete:
      std::printf("deleted %s (in flight: %s)\n", options.id.c_str(),
                  cell_text(*body, {"", "in_flight"}).c_str());
      break;
    case TaskVerb::kExport:
    case TaskVerb::kImport:
      break;  // transfer_commands prints
    case TaskVerb::kCreate:
    case TaskVerb::kGet:
      print_table({*body}, kTaskColumns);
      break;
  }
  return kOk;
}

// The task to create, from the options or a file.
Result<std::string> task_body(const TaskOptions& options) {
  if (!options.file.empty()) {
    std::ifstream file;
    if (options.file != "-") {
      file.open(options.file);
      if (!file) return failure(ErrorCode::kIo, "", "cannot read " + options.file);
    }
    std::istream& in = options.file == "-" ? std::cin : file;
    return std::string(std::istreambuf_iterator<char>(in), {});
  }
  if (options.schedule.empty()) {
    return failure(ErrorCode::kValidationFailed, "", "create needs a schedule or --file");
  }
  std::string body = "{";
  auto member = [&body](const char* name, const std::string& value) {
    if (value.empty()) return;
    if (body.size() > 1) body += ',';
    append_json_string(body, name);
    body += ':';
    append_json_string(body, value);
  };
  member("id", options.id);
  if (options.timezone.empty()) {
    member("schedule", options.schedule);
  } else {
    body += body.size() > 1 ? ",\"schedule\":{\"cron\":" : "\"schedule\":{\"cron\":";
    append_json_string(body, options.schedule);
    body += ",\"timezone\":";
    append_json_string(body, options.timezone);
    body += '}';
  }
  member("description", options.description);
  if (!options.target.empty()) {
    body += ",\"target\":{\"kind\":\"http\",\"url\":";
    append_json_string(body, options.target);
    body += '}';
  }
  if (!options.payload.empty()) body += ",\"payload\":" + options.payload;
  return body + "}";
}

struct ApiCall {
  std::string method;
  std::string path;
  std::string body;
};

Result<ApiCall> call_for(const TaskOptions& options) {
  const std::string task = "/v1/tasks/" + percent_encode(options.id);
  const std::string run = "/v1/runs/" + percent_encode(options.id);
  switch (options.verb) {
    case TaskVerb::kCreate: {
      auto body = task_body(options);
      if (!body) return failure(std::move(body.error()));
      return ApiCall{"POST", "/v1/tasks", std::move(*body)};
    }
    case TaskVerb::kList: {
      std::string path = "/v1/tasks?page_size=" + std::to_string(options.limit);
      if (!options.state.empty()) path += "&state=" + percent_encode(options.state);
      for (const std::string& label : options.labels) path += "&label=" + percent_encode(label);
      return ApiCall{"GET", path, ""};
    }
    case TaskVerb::kGet:
      return ApiCall{"GET", task, ""};
    case TaskVerb::kDelete:
      return ApiCall{"DELETE", task, ""};
    case TaskVerb::kRun:
      return ApiCall{"POST", task + "/run", ""};
    case TaskVerb::kRuns:
      return ApiCall{"GET", task + "/runs?page_size=" + std::to_string(options.limit), ""};
    case TaskVerb::kWhy:
      return ApiCall{"GET", task + "/why?at=" + percent_encode(options.at), ""};
    case TaskVerb::kExport:
    case TaskVerb::kImport:
      break;  // of many requests: transfer_commands
    case TaskVerb::kListDeadRuns: {
      std::string path = "/v1/runs?state=dead&page_size=" + std::to_string(options.limit);
      if (!options.task_id.empty()) path += "&task_id=" + percent_encode(options.task_id);
      for (const std::string& label : options.labels) path += "&label=" + percent_encode(label);
      return ApiCall{"GET", path, ""};
    }
    case TaskVerb::kGetRun:
      return ApiCall{"GET", run, ""};
    case TaskVerb::kRedriveRun:
      return ApiCall{"POST", run + "/redrive", ""};
    case TaskVerb::kCancelRun:
      return ApiCall{"POST", run + "/cancel", ""};
  }
  return failure(ErrorCode::kInternal, "", "an unknown verb");
}

}  // namespace

int run_task_command(const TaskOptions& options) {
  if (options.verb == TaskVerb::kExport) return run_export(options);
  if (options.verb == TaskVerb::kImport) return run_import(options);
  auto call = call_for(options);
  if (!call) {
    std::fprintf(stderr, "hourwheel: %s\n", call.error().detail.c_str());
    return kUsage;
  }
  auto answer = call_api(call->method, options.server + call->path, call->body);
  if (!answer) {
    std::fprintf(stderr, "hourwheel: %s\n", answer.error().detail.c_str());
    return kUnreachable;
  }
  if (answer->status >= 400) return print_problem(*answer);
  return print_answer(options, *answer);
}

}  // namespace hourwheel
