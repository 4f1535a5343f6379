#include "api/batch_patches.h"

#include <algorithm>
#include <utility>

#include "api/batch_answer.h"
#include "api/definition_patch.h"
#include "engine/base/check.h"

namespace hourwheel {
namespace {

constexpr size_t kPatchesPerLot = 16;
// Others may change a task between the look and the change, but hardly that often.
constexpr uint32_t kTries = 8;
// From the arrival of the request on. Then no further lot is begun: the last one is to be decided
// within kAnswerDeadline.
constexpr Duration kLongestPatching = seconds(10);

Error no_room() {
  return {ErrorCode::kOverloaded, "", "the task's shard has no room for more requests"};
}

// By somebody else's change: the version is the one that was read.
bool was_overtaken(const CommandOutcome& outcome) {
  return !outcome && outcome.error().code == ErrorCode::kVersionMismatch;
}

}  // namespace

bool BatchPatches::done() const {
  return std::all_of(lanes_.begin(), lanes_.end(),
                     [](const Lane& lane) { return lane.waiting.empty() && lane.lot.empty(); });
}

void BatchPatches::begin(Calls& calls, Call& call, std::vector<BatchEntry>& entries) {
  until_ = call.since + kLongestPatching;
  for (uint32_t shard = 0; shard < lanes_.size(); ++shard) next_lot({calls, call, entries}, shard);
}

void BatchPatches::on_part(Calls& calls, Call& call, Reply reply,
                           std::vector<BatchEntry>& entries) {
  const Turn turn{calls, call, entries};
  const size_t part = reply.token.shard;
  auto* outcomes = std::get_if<std::vector<CommandOutcome>>(&reply.body);
  if (part >= lanes_.size()) {
    const size_t entry = part - lanes_.size();
    const uint32_t shard = calls.shards().shard_of(entries[entry].key);
    return on_look(turn, shard, entry, std::move(std::get<Result<QueryAnswer>>(reply.body)));
  }
  const auto shard = static_cast<uint32_t>(part);
  if (outcomes != nullptr) return on_outcomes(turn, shard, *outcomes);
  refuse_lot(turn, lanes_[shard], std::get<Result<QueryAnswer>>(reply.body).error());
  next_lot(turn, shard);
}

std::optional<Error> BatchPatches::must_stop(Calls& calls) const {
  if (calls.facts().draining()) return Error{ErrorCode::kDraining, "", "the server is stopping"};
  if (calls.mono() < until_) return std::nullopt;
  return Error{ErrorCode::kOverloaded, "", "the patches before it took all of the time"};
}

// --- looking ---

void BatchPatches::next_lot(const Turn& turn, uint32_t shard) {
  Lane& lane = lanes_[shard];
  while (lane.lot.empty() && !lane.waiting.empty()) {
    if (auto why = must_stop(turn.calls)) {
      take_lot(lane);
      refuse_lot(turn, lane, *why);
      continue;
    }
    take_lot(lane);
    for (size_t i = 0; i < lane.lot.size();) {
      if (ask(turn, shard, lane.lot[i])) {
        ++i;
      } else {
        refuse(turn, lane, lane.lot[i].patch.entry, problem_of(no_room()));
      }
    }
  }
}

// BP1: a task is in a lot once.
void BatchPatches::take_lot(Lane& lane) {
  while (!lane.waiting.empty() && lane.lot.size() < kPatchesPerLot) {
    const TaskKey key = lane.waiting.front().patch.key;
    const bool twice = std::any_of(lane.lot.begin(), lane.lot.end(),
                                   [key](const Order& order) { return order.patch.key == key; });
    if (twice) return;
    lane.lot.push_back(std::move(lane.waiting.front()));
    lane.waiting.pop_front();
  }
}

// For what is kept under its key, if it has one, and then for the task.
bool BatchPatches::ask(const Turn& turn, uint32_t shard, const Order& order) {
  const auto part = static_cast<uint32_t>(lanes_.size() + order.patch.entry);
  const auto& key = order.patch.idempotency;
  const bool recalls = key && !order.recalled;
  const bool asked = recalls ? turn.calls.post(turn.call, part, shard, Recall{key->scope})
                             : turn.calls.post(turn.call, part, shard, GetTask{order.patch.key});
  if (asked) ++lanes_[shard].looks;
  return asked;
}

void BatchPatches::on_look(const Turn& turn, uint32_t shard, size_t entry,
                           Result<QueryAnswer> found) {
  Lane& lane = lanes_[shard];
  auto order = std::find_if(lane.lot.begin(), lane.lot.end(),
                            [entry](const Order& one) { return one.patch.entry == entry; });
  HW_CHECK(order != lane.lot.end(), "BP2 what is looked for is in the lot");
  --lane.looks;
  if (!found) {
    refuse(turn, lane, entry, problem_of(std::move(found.error())));
  } else if (auto* recalled = std::get_if<Recalled>(&*found)) {
    go_on(turn, shard, *order, std::move(*recalled));
  } else if (auto problem = put_on(turn, std::get<StoredTask>(*found), *order)) {
    refuse(turn, lane, entry, *problem);
  }
  if (lane.looks == 0) change(turn, shard);
}

// The shard looks again when it decides.
void BatchPatches::go_on(const Turn& turn, uint32_t shard, Order& order, Recalled recalled) {
  Lane& lane = lanes_[shard];
  const size_t entry = order.patch.entry;
  if (recalled.failed) return refuse(turn, lane, entry, problem_of(std::move(*recalled.failed)));
  const auto again =
      answers_again(recalled.answer.get(), *order.patch.idempotency, turn.calls.now());
  if (!again) return refuse(turn, lane, entry, problem_of(again.error()));
  if (*again) {
    recalled.answer->done.replayed = true;
    return end(turn, lane, entry,
               result_of(turn.entries[entry], CommandOutcome(std::move(recalled.answer->done))));
  }
  order.recalled = true;
  if (!ask(turn, shard, order)) refuse(turn, lane, entry, problem_of(no_room()));
}

std::optional<Problem> BatchPatches::put_on(const Turn& turn, const StoredTask& task,
                                            Order& order) {
  const BatchPatch& patch = order.patch;
  Command command;
  command.kind = CommandKind::kReplace;
  command.existence = Existence::kMustExist;
  command.id = patch.id;
  command.key = patch.key;
  if (patch.idempotency) {
    command.idempotency = std::make_unique<IdempotencyKey>(*patch.idempotency);
  }
  DefinitionPatch definition(patch.text, turn.call.unknown);
  auto problem = definition.put_on(task,
                                   {.now = turn.calls.now(),
                                    .administers = turn.call.administers(),
                                    .trace = turn.call.its_trace(),
                                    .reachable = turn.calls.links().available()},
                                   command);
  if (!problem) {
    order.change = std::move(command);
    return std::nullopt;
  }
  for (FieldError& error : problem->errors) error.pointer.insert(0, patch.pointer);
  return problem;
}

// --- changing ---

void BatchPatches::change(const Turn& turn, uint32_t shard) {
  Lane& lane = lanes_[shard];
  std::vector<Command> commands;
  for (Order& order : lane.lot) {
    HW_CHECK(order.change.has_value(), "BP2 all of the lot was looked at");
    commands.push_back(std::move(*order.change));
    order.change.reset();
  }
  if (commands.empty()) return next_lot(turn, shard);
  if (turn.calls.post(turn.call, shard, shard, std::move(commands))) return;
  refuse_lot(turn, lane, no_room());
  next_lot(turn, shard);
}

void BatchPatches::on_outcomes(const Turn& turn, uint32_t shard,
                               const std::vector<CommandOutcome>& outcomes) {
  turn.calls.count_decided(turn.call, outcomes.size());
  Lane& lane = lanes_[shard];
  std::vector<Order> lot = std::exchange(lane.lot, {});
  HW_CHECK(lot.size() == outcomes.size(), "one outcome for each command");
  for (size_t i = lot.size(); i-- > 0;) {
    BatchEntry& entry = turn.entries[lot[i].patch.entry];
    if (!was_overtaken(outcomes[i])) {
      entry.result = result_of(entry, outcomes[i]);
    } else if (++lot[i].tries < kTries) {
      lane.waiting.push_front(std::move(lot[i]));
    } else {
      entry.result =
          refused_result(entry, problem_of({ErrorCode::kStateConflict, "",
                                            "others change the task all the time; try again"}));
    }
  }
  next_lot(turn, shard);
}

// --- results ---

void BatchPatches::end(const Turn& turn, Lane& lane, size_t entry, std::string result) {
  turn.entries[entry].result = std::move(result);
  std::erase_if(lane.lot, [entry](const Order& order) { return order.patch.entry == entry; });
}

void BatchPatches::refuse(const Turn& turn, Lane& lane, size_t entry, const Problem& problem) {
  end(turn, lane, entry, refused_result(turn.entries[entry], problem));
}

void BatchPatches::refuse_lot(const Turn& turn, Lane& lane, const Error& why) {
  while (!lane.lot.empty()) refuse(turn, lane, lane.lot.front().patch.entry, problem_of(why));
}

}  // namespace hourwheel
