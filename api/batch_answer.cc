#include "api/batch_answer.h"

#include <utility>

#include "engine/base/check.h"

namespace hourwheel {
namespace {

int status_of(CommandEffect effect) {
  if (effect == CommandEffect::kCreated) return 201;
  return effect == CommandEffect::kStarted ? 202 : 200;
}

// Of an import, whose commands make or replace tasks.
std::string_view word_of(CommandEffect effect) {
  if (effect == CommandEffect::kCreated) return "created";
  return effect == CommandEffect::kUnchanged ? "unchanged" : "replaced";
}

void begin_result(JsonWriter& json, int status, const BatchEntry& entry) {
  json.begin_object();
  if (entry.line > 0) {
    json.name("line");
    json.count(entry.line);
  }
  json.name("status");
  json.number(status);
  if (!entry.id.empty()) {
    json.name("id");
    json.string(entry.id);
  }
}

class BatchAnswer : public Answer {
 public:
  BatchAnswer(std::vector<BatchEntry> entries, std::vector<std::vector<size_t>> of_shard,
              BatchPatches patches)
      : entries_(std::move(entries)),
        of_shard_(std::move(of_shard)),
        patches_(std::move(patches)) {}

  void on_part(Calls& calls, Call& call, Reply reply) override {
    if (outstanding_ == 0) {
      patches_.on_part(calls, call, std::move(reply), entries_);
      if (patches_.done()) finish(calls, call);
      return;
    }
    uint32_t shard = reply.token.shard;
    if (auto* outcomes = std::get_if<std::vector<CommandOutcome>>(&reply.body)) {
      HW_CHECK(outcomes->size() == of_shard_[shard].size(), "one outcome for each command");
      for (size_t i = 0; i < outcomes->size(); ++i) {
        BatchEntry& entry = entries_[of_shard_[shard][i]];
        entry.result = result_of(entry, (*outcomes)[i]);
      }
    } else {
      refuse_shard(shard, std::get<Result<QueryAnswer>>(reply.body).error());
    }
    if (--outstanding_ == 0) go_on(calls, call);
  }

  // All that is decided at once is.
  void go_on(Calls& calls, Call& call) {
    patches_.begin(calls, call, entries_);
    if (patches_.done()) finish(calls, call);
  }

  void add_outstanding() { ++outstanding_; }
  [[nodiscard]] size_t outstanding() const { return outstanding_; }

  void refuse_shard(uint32_t shard, const Error& error) {
    for (size_t i : of_shard_[shard]) {
      entries_[i].result = refused_result(entries_[i], problem_of(error));
    }
  }

  void finish(Calls& calls, Call& call) {
    HttpResponse response;
    JsonWriter json(response.body);
    json.begin_object();
    json.name("results");
    json.begin_array();
    for (const BatchEntry& entry : entries_) json.raw(entry.result);
    json.end_array();
    json.end_object();
    calls.respond(call, std::move(response));
  }

 private:
  std::vector<BatchEntry> entries_;
  std::vector<std::vector<size_t>> of_shard_;
  BatchPatches patches_;
  size_t outstanding_ = 0;
};

}  // namespace

std::string result_of(const BatchEntry& entry, const CommandOutcome& outcome) {
  if (!outcome) return refused_result(entry, problem_of(outcome.error()));
  std::string result;
  JsonWriter json(result);
  begin_result(json, status_of(outcome->effect), entry);
  if (entry.line > 0) {
    json.name("effect");
    json.string(word_of(outcome->effect));
  }
  if (outcome->effect != CommandEffect::kDeleted) {
    json.name("version");
    json.count(outcome->state.version.value);
  }
  if (outcome->run) {
    json.name("run_id");
    json.string(run_id(entry.key, *outcome->run));
  }
  if (outcome->effect != CommandEffect::kCreated && outcome->effect != CommandEffect::kStarted) {
    json.name("in_flight");
    json.count(outcome->in_flight);
  }
  if (outcome->replayed) {
    json.name("replayed");
    json.boolean(true);
  }
  json.end_object();
  return result;
}

std::string refused_result(const BatchEntry& entry, const Problem& problem) {
  std::string result;
  JsonWriter json(result);
  begin_result(json, problem_facts(problem.code).status, entry);
  json.name("problem");
  write_problem(json, problem, {Shape::kV1, "", ""});
  json.end_object();
  return result;
}

std::string good_result(const BatchEntry& entry) {
  std::string result;
  JsonWriter json(result);
  begin_result(json, 200, entry);
  json.end_object();
  return result;
}

BatchOrders::BatchOrders(const ShardDoor& shards)
    : shards_(shards),
      of_shard_(shards.shard_count()),
      commands_(shards.shard_count()),
      patches_(shards.shard_count()) {}

void BatchOrders::add(BatchEntry entry, Command command) {
  const uint32_t shard = shards_.shard_of(command.key);
  of_shard_[shard].push_back(entries_.size());
  entries_.push_back(std::move(entry));
  commands_[shard].push_back(std::move(command));
}

void BatchOrders::add(BatchEntry entry, BatchPatch patch) {
  patch.entry = entries_.size();
  const uint32_t shard = shards_.shard_of(patch.key);
  patches_.add(shard, std::move(patch));
  entries_.push_back(std::move(entry));
}

void BatchOrders::carry_out(Calls& calls, Call& call) {
  auto answer =
      std::make_unique<BatchAnswer>(std::move(entries_), std::move(of_shard_), std::move(patches_));
  BatchAnswer& started = *answer;
  call.answer = std::move(answer);
  for (uint32_t shard = 0; shard < commands_.size(); ++shard) {
    if (commands_[shard].empty()) continue;
    if (calls.post(call, shard, shard, std::move(commands_[shard]))) {
      started.add_outstanding();
    } else {
      started.refuse_shard(shard, Error{ErrorCode::kOverloaded, "",
                                        "the task's shard has no room for more requests"});
    }
  }
  if (started.outstanding() == 0) started.go_on(calls, call);
}

}  // namespace hourwheel
