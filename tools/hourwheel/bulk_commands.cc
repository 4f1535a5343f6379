#include "tools/hourwheel/bulk_commands.h"

#include <cstdio>
#include <string>

#include "api/json_writer.h"
#include "tools/hourwheel/answer_text.h"
#include "tools/hourwheel/confirm.h"
#include "tools/hourwheel/json_text.h"
#include "tools/hourwheel/task_requests.h"

namespace hourwheel {
namespace {

struct Tally {
  int64_t matched = 0;
  int64_t changed = 0;
  int64_t failed = 0;
  int64_t in_flight = 0;
};

const char* action_of(TaskVerb verb) {
  if (verb == TaskVerb::kPause) return "pause";
  if (verb == TaskVerb::kResume) return "resume";
  return verb == TaskVerb::kRun ? "run" : "delete";
}

int64_t number_of(const JsonValue& object, const char* name) {
  auto value = object.find(name);
  return value ? value->whole().value_or(0) : 0;
}

std::string bulk_body(const TaskOptions& options, bool dry_run, const std::string& token) {
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  json.name("filter");
  json.raw(task_filter_json(options.choice));
  json.name("action");
  json.string(action_of(options.verb));
  if (!options.reason.empty()) {
    json.name("reason");
    json.string(options.reason);
  }
  if (!options.until.empty()) {
    json.name("until");
    json.string(options.until);
  }
  if (dry_run) {
    json.name("dry_run");
    json.boolean(true);
  }
  if (!token.empty()) {
    json.name("page_token");
    json.string(token);
  }
  json.end_object();
  return body;
}

void tell_problems(const JsonValue& answer) {
  for (const JsonValue& result : members_of(answer, "problems")) {
    auto problem = result.find("problem");
    if (!problem) continue;
    std::fprintf(stderr, "hourwheel: %s: %s: %s\n", text_at(result, "id").c_str(),
                 text_at(*problem, "code").c_str(), text_at(*problem, "detail").c_str());
  }
}

// A request does what it can in its time; the same one with the token goes on from there.
Told<Tally> ask_until_done(const TaskOptions& options, ApiClient& client, bool dry_run) {
  Tally tally;
  std::string token;
  do {
    auto answer = ask(client, {"POST", "/v1/tasks:bulk", bulk_body(options, dry_run, token)});
    if (!answer) return tl::unexpected(answer.error());
    auto text = JsonText::read(std::move(answer->body));
    if (!text) return tl::unexpected(complain("the server's answer is not JSON", kFailure));
    tally.matched += number_of(text->top(), "matched");
    tally.changed += number_of(text->top(), "changed");
    tally.failed += number_of(text->top(), "failed");
    tally.in_flight += number_of(text->top(), "in_flight");
    tell_problems(text->top());
    token = next_page_token(text->top());
  } while (!token.empty());
  return tally;
}

bool for_people(OutputFormat format) {
  return format == OutputFormat::kTable || format == OutputFormat::kWide;
}

// As the API says it of one request.
int print_tally(const Tally& tally) {
  std::printf("{\"matched\":%lld,\"changed\":%lld,\"in_flight\":%lld,\"failed\":%lld}\n",
              static_cast<long long>(tally.matched), static_cast<long long>(tally.changed),
              static_cast<long long>(tally.in_flight), static_cast<long long>(tally.failed));
  return tally.failed == 0 ? kOk : kFailure;
}

std::string of_tasks(int64_t count) {
  return std::to_string(count) + (count == 1 ? " task" : " tasks");
}

// How a verb is told of.
struct RunWords {
  const char* action;
  const char* which;  // runs it is about
  const char* done;   // what became of them
};

RunWords words_of(RunVerb verb) {
  if (verb == RunVerb::kCancel) return {"cancel", "open", "asked to end"};
  if (verb == RunVerb::kDelete) return {"delete", "dead", "deleted"};
  return {"redrive", "dead", "open again"};
}

std::string of_runs(int64_t count, const RunWords& words) {
  return std::to_string(count) + " " + words.which + (count == 1 ? " run" : " runs");
}

std::string runs_body(const RunOptions& options, bool dry_run, const std::string& token) {
  std::string body = "{\"filter\":" + run_filter_json(options) + ",\"action\":\"" +
                     words_of(options.verb).action + "\"";
  if (options.verb == RunVerb::kRedrive) body += ",\"rate\":" + std::to_string(options.rate);
  if (dry_run) body += ",\"dry_run\":true";
  if (!token.empty()) body += ",\"page_token\":\"" + token + "\"";
  return body + "}";
}

// A dry run that acts, and a filter that does not narrow, would be the opposite of what was said.
std::string bulk_problem(const BulkChoice& bulk, const std::string& id, bool filtered) {
  if (!id.empty() && bulk.dry_run) return "--dry-run counts what a filter finds; an id is one";
  if (bulk.all && filtered) return "--all and a filter say different things: leave one out";
  return "";
}

struct RunTally {
  int64_t matched = 0;
  int64_t changed = 0;
  int64_t left = 0;
};

// Like ask_until_done.
Told<RunTally> ask_for_runs(const RunOptions& options, ApiClient& client, bool dry_run) {
  RunTally tally;
  std::string token;
  do {
    auto answer = ask(client, {"POST", "/v1/runs:bulk", runs_body(options, dry_run, token)});
    if (!answer) return tl::unexpected(answer.error());
    auto text = JsonText::read(std::move(answer->body));
    if (!text) return tl::unexpected(complain("the server's answer is not JSON", kFailure));
    tally.matched += number_of(text->top(), "matched");
    tally.changed += number_of(text->top(), "changed");
    tally.left += number_of(text->top(), "left");
    token = next_page_token(text->top());
  } while (!token.empty());
  return tally;
}

int print_tally(const RunTally& tally) {
  std::printf("{\"matched\":%lld,\"changed\":%lld,\"left\":%lld}\n",
              static_cast<long long>(tally.matched), static_cast<long long>(tally.changed),
              static_cast<long long>(tally.left));
  return kOk;
}

}  // namespace

std::string choice_problem(const TaskOptions& options) {
  const bool filtered = options.choice != TaskChoice();
  if (options.id.empty() != (filtered || options.bulk.all)) {
    return "give an id, or say which tasks with --label, --state and the like, or --all";
  }
  if (options.id.empty() && !options.if_match.empty()) return "--if-match goes with an id only";
  if (options.id.empty() && options.wait) return "--wait goes with an id only";
  if (options.id.empty() && !options.payload.empty()) return "--payload goes with an id only";
  if (options.id.empty() && options.cancel_running) return "--cancel-running goes with an id only";
  return bulk_problem(options.bulk, options.id, filtered);
}

std::string choice_problem(const RunOptions& options) {
  const bool filtered = !options.task_id.empty() || !options.labels.empty() ||
                        !options.due_after.empty() || !options.due_before.empty() ||
                        !options.result.empty() || !options.error.empty();
  if (options.id.empty() != (filtered || options.bulk.all)) {
    return "give a run's id, or say which runs with --task, --label and the like, or --all";
  }
  if (options.id.empty() && options.wait) return "--wait goes with an id only";
  return bulk_problem(options.bulk, options.id, filtered);
}

Told<int64_t> delete_tasks(const TaskChoice& choice, ApiClient& client) {
  TaskOptions options;
  options.verb = TaskVerb::kDelete;
  options.choice = choice;
  auto done = ask_until_done(options, client, false);
  if (!done) return tl::unexpected(done.error());
  if (done->failed > 0) return tl::unexpected(static_cast<int>(kFailure));
  return done->changed;
}

int change_tasks(const TaskOptions& options, ApiClient& client, Terminal& terminal) {
  auto counted = ask_until_done(options, client, true);
  if (!counted) return counted.error();
  const std::string action = action_of(options.verb);
  if (options.bulk.dry_run || counted->matched == 0) {
    if (!for_people(options.output)) return print_tally(*counted);
    std::printf("%s to %s\n", of_tasks(counted->matched).c_str(), action.c_str());
    return kOk;
  }
  const std::string question =
      of_tasks(counted->matched) + " would be changed (" + action + "). Go on?";
  const int agreed = options.bulk.yes ? kOk : confirm(terminal, question);
  if (agreed != kOk) return agreed;
  auto done = ask_until_done(options, client, false);
  if (!done) return done.error();
  if (!for_people(options.output)) return print_tally(*done);
  std::printf("%s: %s matched, %lld changed, %lld failed (in flight: %lld)\n", action.c_str(),
              of_tasks(done->matched).c_str(), static_cast<long long>(done->changed),
              static_cast<long long>(done->failed), static_cast<long long>(done->in_flight));
  return done->failed == 0 ? kOk : kFailure;
}

int change_runs(const RunOptions& options, ApiClient& client, Terminal& terminal) {
  const RunWords words = words_of(options.verb);
  auto counted = ask_for_runs(options, client, true);
  if (!counted) return counted.error();
  const std::string found = of_runs(counted->matched, words);
  if (options.bulk.dry_run || counted->matched == 0) {
    if (!for_people(options.output)) return print_tally(*counted);
    std::printf("%s to %s\n", found.c_str(), words.action);
    return kOk;
  }
  const std::string question = found + " would be changed (" + words.action + "). Go on?";
  const int agreed = options.bulk.yes ? kOk : confirm(terminal, question);
  if (agreed != kOk) return agreed;
  auto done = ask_for_runs(options, client, false);
  if (!done) return done.error();
  if (!for_people(options.output)) return print_tally(*done);
  std::printf("%s: %s %s, %lld left\n", words.action, of_runs(done->changed, words).c_str(),
              words.done, static_cast<long long>(done->left));
  return kOk;
}

}  // namespace hourwheel
