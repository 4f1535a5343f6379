// POST /v1/tasks:import: tasks as lines, each a create or an upsert, with results as of a batch.
#include <algorithm>
#include <string>
#include <utility>

#include "api/batch_answer.h"
#include "api/handlers.h"
#include "api/members.h"
#include "api/task_json.h"
#include "api/url_text.h"
#include "engine/limits.h"
#include "engine/schedule/schedule.h"

namespace hourwheel {
namespace {

enum class Rehearsal : uint8_t { kNo, kDryRun };

struct ImportOrder {
  CommandKind kind = CommandKind::kCreate;
  Rehearsal rehearsal = Rehearsal::kNo;
};

Result<ImportOrder> read_order(std::string_view query) {
  auto parameters = parse_query(query);
  if (!parameters) return failure(std::move(parameters.error()));
  ImportOrder order;
  for (const auto& [name, value] : *parameters) {
    if (name == "mode" && (value == "create" || value == "upsert")) {
      order.kind = value == "create" ? CommandKind::kCreate : CommandKind::kReplace;
    } else if (name == "dry_run" && (value == "true" || value == "false")) {
      order.rehearsal = value == "true" ? Rehearsal::kDryRun : Rehearsal::kNo;
    } else if (name == "mode") {
      return failure(ErrorCode::kBadRequest, "", "mode: create or upsert");
    } else if (name == "dry_run") {
      return failure(ErrorCode::kBadRequest, "", "dry_run: true or false");
    } else {
      return failure(ErrorCode::kBadRequest, "", "the query takes no parameter \"" + name + "\"");
    }
  }
  return order;
}

struct Line {
  size_t number = 0;  // from 1, as an editor counts
  std::string_view text;
};

// Those with something in them.
std::vector<Line> lines_of(std::string_view body) {
  std::vector<Line> lines;
  for (size_t number = 1; !body.empty(); ++number) {
    const std::string_view text = body.substr(0, body.find('\n'));
    body.remove_prefix(std::min(body.size(), text.size() + 1));
    const bool blank = text.find_first_not_of(" \t\r") == std::string_view::npos;
    if (!blank) lines.push_back({number, text});
  }
  return lines;
}

// The task of a line as a command; errors say what is wrong with it, if anything.
Result<Command> read_line(Calls& calls, const Call& call, const ImportOrder& order,
                          const Line& line, FieldErrors& errors) {
  auto object = calls.read_json(call, line.text);
  if (!object) return failure(std::move(object.error()));
  // What /tasks has taken comes back with the id that it has.
  auto body = read_task(*object,
                        {.now = calls.now(),
                         .ids = Shape::kSeed,
                         .administers = call.administers(),
                         .trace = call.its_trace(),
                         .reachable = calls.links().available()},
                        errors);
  if (!body) return Command{};
  Command command;
  command.kind = order.kind;
  command.spec = std::move(body->spec);
  command.pause = std::move(body->pause);
  command.past = body->past;
  command.id = command.spec->id;
  if (command.id.empty() && order.kind == CommandKind::kReplace) refuse_missing("/id", errors);
  return command;
}

// What a dry run can tell: no shard is asked.
void rehearse(const Command& command, const Selection& selection, Instant now, BatchEntry& entry) {
  Status good = check_within(command.spec->labels, selection);
  if (good && command.past == PastInstant::kRefuse) {
    good = check_not_past(command.spec->schedule, now);
  }
  entry.result = good ? good_result(entry) : refused_result(entry, problem_of(good.error()));
}

void add_line(Calls& calls, const Call& call, const ImportOrder& order, const Line& line,
              BatchOrders& orders) {
  FieldErrors errors;
  auto command = read_line(calls, call, order, line, errors);
  BatchEntry entry{"", {}, line.number};
  if (!command || !errors.empty()) {
    if (command) entry.id = command->id;
    entry.result = refused_result(
        entry, command ? problem_of(std::move(errors)) : problem_of(std::move(command.error())));
    return orders.add(std::move(entry));
  }
  if (order.rehearsal == Rehearsal::kDryRun) {
    entry.id = command->id;
    rehearse(*command, call.caller.selection, calls.now(), entry);
    return orders.add(std::move(entry));
  }
  if (command->id.empty()) give_id(calls, call, *command, line.number);
  give_key(call, *command, line.number);
  command->spec->id = command->id;
  command->key = task_key(command->id);
  entry.id = command->id;
  entry.key = command->key;
  orders.add(std::move(entry), std::move(*command));
}

}  // namespace

std::string import_limits() {
  return "An import takes at most " + std::to_string(kMaxBatchOperations) + " lines and " +
         std::to_string(kMaxRequestBody >> 20) + " MiB (" + std::to_string(kMaxRequestBody) +
         " bytes) a request; `hourwheel task import FILE` sends a file of any size in such pieces.";
}

void import_tasks(Calls& calls, Call& call, const HttpRequest& request) {
  auto order = read_order(request.query);
  if (!order) return calls.refuse(call, std::move(order.error()));
  const std::vector<Line> lines = lines_of(request.body);
  if (lines.size() > kMaxBatchOperations) {
    return calls.refuse(call, ErrorCode::kPayloadTooLarge,
                        "There are " + std::to_string(lines.size()) + " lines. " + import_limits());
  }
  if (!lines.empty() && !calls.take_operations(call, lines.size() - 1)) return;
  BatchOrders orders(calls.shards());
  for (const Line& line : lines) add_line(calls, call, *order, line, orders);
  orders.carry_out(calls, call);
}

}  // namespace hourwheel
