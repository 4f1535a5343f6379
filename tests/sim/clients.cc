#include "tests/sim/clients.h"

#include <algorithm>
#include <array>
#include <utility>

#include "engine/base/check.h"

namespace hourwheel {
namespace {

bool steers_runs(CommandKind kind) {
  constexpr std::array kKinds = {CommandKind::kRun,          CommandKind::kRedrive,
                                 CommandKind::kCancel,       CommandKind::kBackfill,
                                 CommandKind::kStopBackfill, CommandKind::kComplete,
                                 CommandKind::kDiscard};
  return std::find(kKinds.begin(), kKinds.end(), kind) != kKinds.end();
}

}  // namespace

Clients::Clients(const Features& features, Trace& trace, uint64_t seed)
    : features_(features), trace_(trace), random_(seed), keys_(trace) {
  for (uint32_t i = 0; i < features_.chosen_ids; ++i) {
    std::string text = "task-" + std::to_string(i);
    id_of(task_key(text)).id = text;
  }
}

Clients::Id& Clients::id_of(TaskKey key) {
  auto [place, is_new] = ids_.try_emplace(key);
  if (is_new) {
    place->second.key = key;
    place->second.shard = partition_of(key) % features_.shards;
    order_.push_back(key);
  }
  return place->second;
}

// --- what is asked ---

Command Clients::command_for(Id& id, Instant now) {
  Command command;
  command.kind = kind_for(id);
  command.id = id.id;
  command.key = id.key;
  if (command.kind == CommandKind::kCreate || command.kind == CommandKind::kReplace) {
    command.spec = new_spec(id, now);
    if (features_.past && random_.chance(50)) command.past = PastInstant::kRefuse;
  }
  if (command.kind == CommandKind::kReplace) {
    command.existence = random_.chance(50)   ? Existence::kEither
                        : random_.chance(80) ? Existence::kMustExist
                                             : Existence::kMustNotExist;
  }
  if (command.kind == CommandKind::kPause) {
    command.pause = Pause{"asked to", now, std::nullopt};
    if (random_.chance(40)) command.pause->until = now + interval();
  }
  if (command.kind == CommandKind::kDelete) command.cut_running = random_.chance(30);
  if (command.kind == CommandKind::kRun) draw_run(command);
  if (steers_runs(command.kind) && command.kind != CommandKind::kRun &&
      command.kind != CommandKind::kStopBackfill && command.kind != CommandKind::kComplete) {
    draw_run_command(command, id, now);
  }
  if (command.kind == CommandKind::kComplete) draw_report(command, id);
  if (command.kind != CommandKind::kCreate && random_.chance(25)) {
    command.if_match = random_.chance(80) ? id.base.version : Version{random_.below(100) + 1};
    if (!*command.if_match) command.if_match.reset();
  }
  ask(id, command, now);
  return command;
}

void Clients::ask(Id& id, const Command& command, Instant now) {
  std::optional<Instant> not_in_past;
  if (command.spec && command.past == PastInstant::kRefuse &&
      command.spec->type == TaskType::kOneTime) {
    not_in_past = command.spec->schedule.at;
  }
  id.asked.push_back({++serial_,
                      command.kind,
                      command.existence,
                      command.if_match,
                      not_in_past,
                      now,
                      now,
                      {},
                      command.run});
  id.asked.back().says_done =
      command.kind == CommandKind::kComplete && command.report.kind == ReportKind::kSucceeded;
  ++id.changes;
  if (command.kind != CommandKind::kRun) return;
  const auto nonce = static_cast<int64_t>(command.nonce & static_cast<uint64_t>(INT64_MAX));
  id.payloads[nonce] = command.payload ? command.payload->body : "";
}

// To the command that was asked for last.
void Clients::give_key(Command& command, Instant now) {
  if (command.kind == CommandKind::kComplete) return;  // a target has its link
  if (!features_.keys || !random_.chance(40)) return;
  ids_.at(command.key).asked.back().key = keys_.begin(command, random_, now);
}

// A request that was sent before, under its key.
std::optional<Clients::Request> Clients::again(Instant now) {
  KeyCheck::Use use;
  use.asked = now;
  auto command = keys_.again(use, random_);
  if (!command) return std::nullopt;
  Id& id = ids_.at(command->key);
  ask(id, *command, now);
  id.asked.back().key = use;
  std::vector<Command> list;
  list.push_back(std::move(*command));
  return commands(id.shard, std::move(list));
}

Clients::Id& Clients::any_id(Instant now) {
  if (features_.generated_ids && random_.chance(25)) {
    std::string text = generate_task_id(now, random_);
    Id& id = id_of(task_key(text));
    id.id = text;
    return id;
  }
  return ids_.at(order_[random_.below(order_.size())]);
}

RequestToken Clients::new_token(uint32_t shard) {
  return {0, next_slot_++, 1, shard};
}

Clients::Request Clients::read(Id& id) {
  RequestToken token = new_token(id.shard);
  // A read says what is so for certain only if nothing is under way.
  Open open{id.shard, {}, id.key, id.asked.empty() ? id.changes : UINT64_MAX};
  requests_.try_emplace(token.slot, std::move(open));
  return {id.shard, QueryRequest{token, GetTask{id.key}}};
}

Clients::Request Clients::commands(uint32_t shard, std::vector<Command> list) {
  RequestToken token = new_token(shard);
  Open open{shard, {}, {}, 0};
  for (Command& command : list) {
    const Id& id = ids_.at(command.key);
    open.parts.push_back({id.key, id.asked.back().serial});
    if (audit_ != nullptr) audit_->asked(command, id.asked.back().serial);
    if (quotas_ != nullptr) quotas_->asked(command, id.asked.back().serial);
  }
  requests_.try_emplace(token.slot, std::move(open));
  return {shard, Commands{token, std::move(list)}};
}

Clients::Request Clients::next(Instant now) {
  if (features_.keys && random_.chance(20)) {
    if (auto request = again(now)) return std::move(*request);
  }
  Id& id = any_id(now);
  if (random_.chance(20)) return read(id);
  const bool fresh = id.changes == 0 && id.id.starts_with("tsk_");
  std::vector<Command> list;
  list.push_back(command_for(id, now));
  if (fresh) {
    list.back().kind = CommandKind::kCreate;
    list.back().id_origin = IdOrigin::kGenerated;
    list.back().if_match.reset();
    id.asked.back().if_match.reset();
    if (!list.back().spec) list.back().spec = new_spec(id, now);
    id.asked.back().kind = CommandKind::kCreate;
    // Nobody repeats a create whose id was made for it.
    list.back().past = PastInstant::kAccept;
    id.asked.back().not_in_past.reset();
  } else {
    give_key(list.back(), now);
  }
  if (features_.many_in_one && random_.chance(40)) {
    for (auto& [key, other] : ids_) {
      if (other.shard != id.shard || other.key == id.key || !random_.chance(30)) continue;
      list.push_back(command_for(other, now));
      give_key(list.back(), now);
    }
  }
  return commands(id.shard, std::move(list));
}

Clients::Request Clients::create_once(Instant now, Instant due) {
  std::string text = generate_task_id(now, random_);
  Id& id = id_of(task_key(text));
  id.id = text;
  Command command;
  command.id_origin = IdOrigin::kGenerated;
  command.id = id.id;
  command.key = id.key;
  command.spec = new_spec(id, now);
  command.spec->type = TaskType::kOneTime;
  command.spec->schedule = {};
  command.spec->schedule.at = due;
  command.spec->schedule.source = std::to_string(due.ms);
  id.asked.push_back({++serial_, command.kind, command.existence, {}, {}, now, {}});
  ++id.changes;
  std::vector<Command> list;
  list.push_back(std::move(command));
  return commands(id.shard, std::move(list));
}

std::vector<Clients::Request> Clients::audit() {
  std::vector<Request> requests;
  for (auto& [key, id] : ids_) requests.push_back(read(id));
  return requests;
}

std::vector<Clients::Request> Clients::rest(const std::vector<TaskKey>& recurring, Instant now) {
  std::vector<Request> requests;
  for (TaskKey key : recurring) {
    Id& id = ids_.at(key);
    Command command;
    command.kind = CommandKind::kPause;
    command.id = id.id;
    command.key = id.key;
    command.pause = Pause{"the end", now, std::nullopt};
    id.asked.push_back({++serial_, command.kind, command.existence, {}, {}, now, {}});
    ++id.changes;
    std::vector<Command> list;
    list.push_back(std::move(command));
    requests.push_back(commands(id.shard, std::move(list)));
  }
  return requests;
}

// --- what comes back ---

void Clients::replied(const Reply& reply, Instant now) {
  auto place = requests_.find(reply.token.slot);
  if (place == requests_.end()) return trace_.fail("a request is answered twice");
  Open open = std::move(place->second);
  requests_.erase(place);
  if (const auto* answer = std::get_if<Result<QueryAnswer>>(&reply.body)) {
    return read_answered(open, *answer, now);
  }
  const auto& outcomes = std::get<std::vector<CommandOutcome>>(reply.body);
  HW_CHECK(outcomes.size() == open.parts.size(), "one outcome for each command");
  for (size_t i = 0; i < outcomes.size(); ++i) {
    if (audit_ != nullptr) audit_->answered(open.parts[i].serial, outcomes[i]);
    Id& id = ids_.at(open.parts[i].key);
    for (Asked& asked : id.asked) {
      if (asked.serial != open.parts[i].serial) continue;
      if (outcomes[i]) {
        CommandDone done;
        done.effect = outcomes[i]->effect;
        done.state = outcomes[i]->state;
        done.run = outcomes[i]->run;
        done.replayed = outcomes[i]->replayed;
        asked.outcome.emplace(std::move(done));
      } else {
        asked.outcome.emplace(tl::unexpected<Error>(outcomes[i].error()));
      }
    }
    settle(id, now);
  }
}

bool Clients::paused(const Base& base, Instant now) {
  return base.pause && (!base.pause->until || now < *base.pause->until);
}

// Takes the answers of an id in the order of the questions.
void Clients::settle(Id& id, Instant now) {
  while (!id.asked.empty() && id.asked.front().outcome) {
    const Asked& asked = id.asked.front();
    if (is_of_its_own(asked)) {
      if (id.base.known) check_outcome(id, asked, now);
      adopt(id, asked);
    }
    id.asked.pop_front();
  }
}

// False: its key was answered, and nothing was decided.
bool Clients::is_of_its_own(const Asked& asked) {
  return !asked.key || keys_.answered(*asked.key, *asked.outcome);
}

void Clients::adopt(Id& id, const Asked& asked) {
  if (!*asked.outcome) {
    if (asked.outcome->error().code == ErrorCode::kStorageFull) {
      id.base.known = false;
      id.base.may_change = true;
    }
    return;
  }
  const CommandDone& done = **asked.outcome;
  ++acknowledged_;
  if (asked.kind == CommandKind::kCancel) id.canceled.insert(asked.run);
  if (asked.says_done) id.done.insert(asked.run);
  const bool gives_version =
      done.effect == CommandEffect::kCreated || done.effect == CommandEffect::kReplaced;
  if (gives_version && !versions_.emplace(id.shard, done.state.version.value).second) {
    trace_.fail("C-3 version %llu of %s was given before", shown(done.state.version),
                id.id.c_str());
  }
  id.base.known = true;
  id.base.may_change = false;
  id.base.exists = done.effect != CommandEffect::kDeleted;
  id.base.version = done.state.version;
  id.base.pause = done.state.pause;
}

void Clients::check_outcome(const Id& id, const Asked& asked, Instant now) {
  if (!*asked.outcome) return check_refusal(id, asked, now);
  const CommandDone& done = **asked.outcome;
  const bool creates = done.effect == CommandEffect::kCreated;
  if (creates == id.base.exists && !(creates && may_have_gone(id))) {
    trace_.fail("C-1 %s %s, yet a command had effect %d", id.id.c_str(),
                id.base.exists ? "exists" : "does not exist", static_cast<int>(done.effect));
  }
  if (asked.if_match && *asked.if_match != id.base.version) {
    trace_.fail("C-3 a command on %s ignored If-Match", id.id.c_str());
  }
  if (creates && asked.not_in_past && *asked.not_in_past < asked.earliest - kPastGrace) {
    trace_.fail("C-17 %s was created for an instant long past", id.id.c_str());
  }
  if (done.effect != CommandEffect::kCreated && done.effect != CommandEffect::kReplaced &&
      done.state.version != id.base.version) {
    trace_.fail("C-1 %s is at version %llu, acknowledged was %llu", id.id.c_str(),
                shown(done.state.version), shown(id.base.version));
  }
}

bool Clients::is_right(const Base& base, const Asked& asked, Instant now) {
  switch (asked.outcome->error().code) {
    case ErrorCode::kVersionMismatch:
      return (asked.if_match && (!base.exists || base.version != *asked.if_match)) ||
             (asked.existence == Existence::kMustNotExist && base.exists);
    case ErrorCode::kNotFound:
      return !base.exists && asked.kind != CommandKind::kCreate;
    case ErrorCode::kAlreadyExists:
      return base.exists && asked.kind == CommandKind::kCreate;
    case ErrorCode::kQuotaExceeded:  // what is there takes no place
      return !base.exists &&
             (asked.kind == CommandKind::kCreate || asked.kind == CommandKind::kReplace);
    case ErrorCode::kStateConflict:  // a pause may have ended or not, or too many runs are open
      return base.exists && steers_runs(asked.kind);
    case ErrorCode::kValidationFailed:  // nothing, or too much, was due in the range
      return base.exists && asked.kind == CommandKind::kBackfill;
    case ErrorCode::kPastInstant:  // C-17: a create that meets a task is decided on that
      return asked.not_in_past && *asked.not_in_past < now - kPastGrace &&
             !(base.exists && asked.kind == CommandKind::kCreate);
    case ErrorCode::kOverloaded:
    case ErrorCode::kStorageLow:
    case ErrorCode::kStorageFull:
      return true;
    default:
      return false;
  }
}

// What went because it was complete may have gone before the command was decided, or after.
void Clients::check_refusal(const Id& id, const Asked& asked, Instant now) {
  if (asked.outcome->error().code == ErrorCode::kIo) return;  // it could not be looked at
  now = std::max(now, asked.latest);  // perhaps it was decided before the clock was set back
  Base gone = id.base;
  gone.exists = gone.exists && !may_have_gone(id);
  if (is_right(id.base, asked, now) || is_right(gone, asked, now)) return;
  trace_.fail("C-1 command %d on %s (%s, version %llu) was refused: %s",
              static_cast<int>(asked.kind), id.id.c_str(),
              id.base.exists ? "exists" : "is not there", shown(id.base.version),
              asked.outcome->error().detail.c_str());
}

std::set<RunKey> Clients::done(uint32_t shard) const {
  std::set<RunKey> all;
  for (const auto& [key, id] : ids_) {
    if (id.shard == shard) all.insert(id.done.begin(), id.done.end());
  }
  return all;
}

void Clients::clock_set(Instant before, Instant after) {
  saw(before);
  for (auto& [key, id] : ids_) {
    for (Asked& asked : id.asked) {
      asked.earliest = std::min(asked.earliest, after);
      asked.latest = std::max(asked.latest, before);
    }
  }
}

void Clients::read_answered(const Open& open, const Result<QueryAnswer>& answer, Instant now) {
  saw(now);
  Id& id = ids_.at(*open.read);
  if (!answer && answer.error().code != ErrorCode::kNotFound) {
    const ErrorCode code = answer.error().code;
    if (code == ErrorCode::kOverloaded || code == ErrorCode::kIo) return;
    return trace_.fail("C-1 a read of %s fails: %s", id.id.c_str(), answer.error().detail.c_str());
  }
  if (open.changes_before != id.changes || !id.asked.empty()) return;
  const auto* task = answer ? &std::get<StoredTask>(*answer) : nullptr;
  if (id.base.may_change) return;
  if (!id.base.known) {
    id.base = {};
    if (task != nullptr) id.base = {true, false, true, task->state.version, task->state.pause};
    return;
  }
  if (task == nullptr && may_have_gone(id)) id.base.exists = false;
  if ((task != nullptr) != id.base.exists) {
    return trace_.fail("C-1 %s was acknowledged to %s", id.id.c_str(),
                       id.base.exists ? "exist and is gone" : "be gone and exists");
  }
  if (task == nullptr) return;
  if (task->state.version != id.base.version) {
    trace_.fail("C-1 %s is stored at version %llu, acknowledged was %llu", id.id.c_str(),
                shown(task->state.version), shown(id.base.version));
  }
  // A pause with an end may have ended.
  bool may_be_over = id.base.pause && id.base.pause->until && *id.base.pause->until <= latest_;
  const bool by_itself =
      task->state.pause && task->state.pause->reason.ends_with("(pause_after_dead)");
  if (task->state.pause != id.base.pause && !(may_be_over && !task->state.pause) && !by_itself) {
    trace_.fail("C-1 %s is stored %s, acknowledged was otherwise", id.id.c_str(),
                task->state.pause ? "paused" : "unpaused");
  }
}

// What was asked and not answered may or may not have happened, and nobody will ever say.
void Clients::crashed() {
  for (auto& [key, id] : ids_) {
    for (const Asked& asked : id.asked) {
      if (!asked.outcome) {
        id.base.known = false;
        if (asked.key) keys_.lost(*asked.key);
      } else if (is_of_its_own(asked)) {
        adopt(id, asked);
      }
    }
    id.asked.clear();
    // What was to happen yet has, or never will.
    id.base.may_change = false;
  }
  requests_.clear();
}

void Clients::check_payload(const Id& id, const AttemptStart& attempt) {
  std::string expected;
  if (attempt.run.trigger == Trigger::kManual) {
    const auto asked = id.payloads.find(attempt.run.instant_or_nonce);
    if (asked == id.payloads.end()) return trace_.fail("a run that nobody asked for is sent");
    expected = asked->second;
  }
  if (attempt.spec.payload == expected) return;
  trace_.fail("RP1 run %lld of %s is sent with the payload %s, not with %s",
              static_cast<long long>(attempt.run.instant_or_nonce), id.id.c_str(),
              attempt.spec.payload.c_str(), expected.c_str());
}

void Clients::attempt_starts(const AttemptStart& attempt) {
  saw(attempt.now);
  const auto& labels = attempt.spec.labels;
  if (!labels.empty() && labels.front().first == "callback-of") return;  // nobody asked for it
  auto place = ids_.find(attempt.task);
  if (place == ids_.end()) return trace_.fail("a run of a task nobody made is sent");
  Id& id = place->second;
  constexpr size_t kRunsRemembered = 8;
  id.runs.push_back({attempt.run, attempt.attempt});
  if (id.runs.size() > kRunsRemembered) id.runs.pop_front();
  check_payload(id, attempt);
  if (id.canceled.contains(attempt.run)) {
    trace_.fail("CA1 run %lld of %s was canceled, yet it is sent",
                static_cast<long long>(attempt.run.instant_or_nonce), id.id.c_str());
  }
  if (id.done.contains(attempt.run)) {
    trace_.fail("CO1 run %lld of %s was reported as done, yet it is sent",
                static_cast<long long>(attempt.run.instant_or_nonce), id.id.c_str());
  }
  if (!id.base.known) return;
  auto asked = [&id](std::initializer_list<CommandKind> kinds) {
    return std::any_of(id.asked.begin(), id.asked.end(), [&](const Asked& a) {
      return std::find(kinds.begin(), kinds.end(), a.kind) != kinds.end();
    });
  };
  const bool may_exist = asked({CommandKind::kCreate, CommandKind::kReplace});
  if (!id.base.exists && !may_exist) {
    trace_.fail("S7 %s was deleted, yet a run of it is sent", id.id.c_str());
  }
  if (id.base.exists && paused(id.base, latest_) && !may_exist &&
      !asked({CommandKind::kResume, CommandKind::kPause})) {
    trace_.fail("S7 %s is paused, yet a run of it is sent", id.id.c_str());
  }
  if (id.base.exists && attempt.task_version < id.base.version) {
    trace_.fail("C-10 %s: a run is sent by version %llu after %llu was acknowledged", id.id.c_str(),
                shown(attempt.task_version), shown(id.base.version));
  }
}

}  // namespace hourwheel
