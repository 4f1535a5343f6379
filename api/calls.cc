#include "api/calls.h"

#include <optional>
#include <utility>

#include "api/browser_guard.h"
#include "api/key_text.h"
#include "api/url_text.h"
#include "engine/base/check.h"
#include "engine/limits.h"
#include "engine/schedule/time_text.h"

namespace hourwheel {
namespace {

void add_limit_fields(const Call& call, HttpResponse& response) {
  if (call.taken) add_rate_limit_fields(*call.caller.rate_limit, *call.taken, response);
}

// RFC 7240: in one field with what else was followed.
void add_handling(const Call& call, HttpResponse& response) {
  if (call.unknown == Unknown::kRefuse || response.status >= 300) return;
  constexpr std::string_view kField = "preference-applied";
  const auto found = std::find_if(response.fields.begin(), response.fields.end(),
                                  [=](const auto& field) { return field.first == kField; });
  if (found != response.fields.end()) {
    found->second += ", handling=lenient";
  } else {
    response.fields.emplace_back(kField, "handling=lenient");
  }
}

constexpr uint32_t kOnlyPart = 0;
constexpr const char* kNoRoomAtOwner = "the task's shard has no room for more requests";

// RFC 6750 section 3.
std::optional<std::string> challenge_of(ErrorCode code, Right needed) {
  if (code == ErrorCode::kUnauthorized) return "Bearer realm=\"hourwheel\"";
  const std::string_view word = word_of(needed);
  if (code != ErrorCode::kForbidden || word.empty()) return std::nullopt;
  return "Bearer realm=\"hourwheel\", error=\"insufficient_scope\", scope=\"" + std::string(word) +
         "\"";
}

// Whoever has a link may report by it.
std::string_view loggable(std::string_view path) {
  return path.find(kCompletionsPath) != std::string_view::npos ? kCompletionsPath : path;
}

}  // namespace

Shape Call::shape() const {
  if (route != nullptr) return route->shape;
  return path == "/tasks" || path.starts_with("/tasks/") ? Shape::kSeed : Shape::kV1;
}

Calls::Calls(const Doors& doors, uint32_t reactor, uint64_t seed)
    : doors_(doors), reactor_(reactor), random_(seed), access_(doors.facts, doors.system, reactor) {
  for (uint32_t shard = 0; shard < doors_.shards.shard_count(); ++shard) {
    has_local_shard_ = has_local_shard_ || doors_.shards.is_local(shard);
  }
}

Call& Calls::begin(HttpToken token) {
  HW_CHECK(token.slot < kMaxRequestsInFlight, "A2: the server bounds its requests");
  while (calls_.size() <= token.slot) calls_.emplace_back();
  Call& call = calls_[token.slot];
  HW_CHECK(!call.live, "A1: a slot is free before it is used again");
  call = Call{};
  call.token = token;
  call.since = now_.mono;
  call.live = true;
  return call;
}

Call* Calls::find(HttpToken token) {
  if (token.slot >= calls_.size()) return nullptr;
  Call& call = calls_[token.slot];
  return call.live && call.token == token ? &call : nullptr;
}

void Calls::on_reply(Reply reply) {
  HttpToken token{reply.token.slot, reply.token.generation};
  Call* call = find(token);
  if (call == nullptr || !call->answer) return;
  auto* told = std::get_if<Result<QueryAnswer>>(&reply.body);
  if (told != nullptr && call->caller.narrowed()) {
    narrow(*told, call->sought, call->caller.selection);
  }
  // Answering ends the call; the answer must outlive its own call of on_part.
  std::unique_ptr<Answer> answer = std::move(call->answer);
  answer->on_part(*this, *call, std::move(reply));
  call = find(token);
  if (call != nullptr && !call->answer) call->answer = std::move(answer);
}

void Calls::on_writable(HttpToken token) {
  Call* call = find(token);
  if (call == nullptr || !call->answer) return;
  std::unique_ptr<Answer> answer = std::move(call->answer);
  answer->on_writable(*this, *call);
  call = find(token);
  if (call != nullptr && !call->answer) call->answer = std::move(answer);
}

void Calls::on_closed(HttpToken token) {
  Call* call = find(token);
  if (call == nullptr) return;
  counters_.count_closed();
  count_out(*call);
  call->live = false;
  call->answer.reset();
}

void Calls::end(Call& call, int status) {
  HW_CHECK(call.live, "A1: a call is answered once");
  if (!call.streaming) counters_.count(call.route, status, now_.mono - call.since);
  log_end(call, status);
  count_out(call);
  call.live = false;
  call.answer.reset();
}

// Of a query not even the names are told: what is asked for may be a secret of the asker.
void Calls::log_end(const Call& call, int status) {
  // What is refused for now is counted, and may be very much.
  const LogLevel level = status == 500 ? LogLevel::kWarning : LogLevel::kDebug;
  if (!doors_.log.takes(level)) return;
  LogRecord line{level, "api", "request"};
  if (call.route != nullptr) line.fields.push_back({"method", std::string(call.route->method)});
  line.fields.push_back({"path", std::string(loggable(call.path))});
  line.fields.push_back({"status", std::to_string(status)});
  if (!call.request_id.empty()) line.fields.push_back({"request_id", call.request_id});
  if (!call.caller.key.empty()) line.fields.push_back({"key", call.caller.key});
  doors_.log.write(std::move(line));
}

const std::string& Calls::id_for(Call& call) {
  call.request_id = new_request_id();
  return call.request_id;
}

void Calls::count_in(Call& call, const CallLoad& load) {
  gate_.enter(load);
  call.load.commands += load.commands;
  call.load.bytes += load.bytes;
  call.load.lists += load.lists;
}

void Calls::count_decided(Call& call, size_t commands) {
  const CallLoad decided{.commands = static_cast<uint32_t>(commands)};
  gate_.leave(decided);
  call.load.commands -= decided.commands;
}

void Calls::count_out(Call& call) {
  gate_.leave(std::exchange(call.load, {}));
}

void Calls::set_load(const LoadSigns& signs) {
  gate_.observe(signs);
  counters_.record_lag(signs.turn_lag);
  counters_.show_pressure(gate_.pressure());
}

void Calls::shed(Call& call, Demand demand, Strain strain) {
  counters_.count_shed(demand, strain);
  hold_refusal(call, strain);
}

void Calls::hold_refusal(Call& call, Strain strain) {
  count_out(call);
  refusals_.push_back({call.token, strain});
  release_refusals();
}

void Calls::release_refusals() {
  while (!refusals_.empty() && pace_.take(now_.mono)) {
    const Refusal refusal = refusals_.front();
    refusals_.pop_front();
    Call* call = find(refusal.token);
    if (call == nullptr) continue;
    refuse(*call, ErrorCode::kOverloaded, std::string(tell(refusal.strain)));
  }
}

std::optional<Monotonic> Calls::next_refusal() const {
  return refusals_.empty() ? std::nullopt : std::optional(pace_.next(now_.mono));
}

void Calls::respond(Call& call, HttpResponse response) {
  HttpToken token = call.token;
  add_limit_fields(call, response);
  add_handling(call, response);
  end(call, response.status);
  doors_.responder.respond(token, std::move(response));
}

bool Calls::is_shut_out(const Call& call) const {
  if (call.caller.key.empty()) return access_.asks_for_keys();
  const ApiKey* key = find_key(keys(), call.caller.key);
  return key == nullptr || key->expired(now());
}

bool Calls::take_operations(Call& call, uint64_t operations) {
  const auto& limit = call.caller.rate_limit;
  if (!limit || operations == 0) return true;
  // The request itself was taken before, and is again with the others: a quota is there for all of
  // them in one, and not always for two parts of it (RateLimits::give_back).
  const uint64_t before = call.taken ? 1 : 0;
  if (before > 0) doors_.limits.give_back(call.caller.place, *limit, before);
  const uint64_t wanted = operations + before;
  const std::string allowed =
      std::to_string(limit->count) + " operations in " + to_text(limit->per);
  if (wanted > limit->count) {
    refuse(call, ErrorCode::kPayloadTooLarge, "the key may ask for no more than " + allowed);
    return false;
  }
  call.taken = doors_.limits.take(call.caller.place, *limit, now_.mono, wanted);
  if (call.taken->allowed) return true;
  const auto wait_s =
      static_cast<uint32_t>(std::max<int64_t>(1, (call.taken->wait.ms + 999) / 1000));
  const Problem problem{ErrorCode::kRateLimited, "the key may ask for " + allowed, {}};
  respond(call, problem_response(problem, {call.shape(), call.path, id_for(call), wait_s}));
  return false;
}

void Calls::refuse(Call& call, const Problem& problem) {
  respond(call,
          problem_response(problem, {call.shape(), call.path, id_for(call), new_retry_after()}));
}

void Calls::refuse(Call& call, const Problem& problem, std::string name, std::string value) {
  HttpResponse response =
      problem_response(problem, {call.shape(), call.path, id_for(call), new_retry_after()});
  response.fields.emplace_back(std::move(name), std::move(value));
  respond(call, std::move(response));
}

void Calls::refuse_unauthorized(Call& call, Error error, Right needed) {
  const auto challenge = challenge_of(error.code, needed);
  if (!challenge) return refuse(call, std::move(error));
  refuse(call, problem_of(std::move(error)), "www-authenticate", *challenge);
}

void Calls::stream(Call& call, HttpResponse head) {
  counters_.count(call.route, head.status, now_.mono - call.since);
  call.streaming = true;
  count_out(call);  // the client's pace is no load
  add_limit_fields(call, head);
  doors_.responder.stream(call.token, std::move(head));
}

void Calls::stream_chunk(Call& call, std::string chunk) {
  doors_.responder.stream_chunk(call.token, std::move(chunk));
}

void Calls::finish_stream(Call& call, std::string chunk) {
  HttpToken token = call.token;
  end(call, 200);
  doors_.responder.stream_last(token, std::move(chunk));
}

void Calls::cut_stream(Call& call) {
  HttpToken token = call.token;
  end(call, 200);
  doors_.responder.cut_stream(token);
}

bool Calls::follow(const Call& call, size_t most) {
  std::erase_if(followers_, [this](HttpToken token) { return find(token) == nullptr; });
  if (followers_.size() >= most) return false;
  if (followers_.empty()) next_tick_ = now_.mono + kFollowInterval;
  followers_.push_back(call.token);
  counters_.show_followers(followers_.size());
  return true;
}

void Calls::tick() {
  if (followers_.empty() || now_.mono < next_tick_) return;
  next_tick_ = now_.mono + kFollowInterval;
  for (HttpToken token : std::vector<HttpToken>(followers_)) {
    Call* call = find(token);
    if (call == nullptr || !call->answer) continue;
    std::unique_ptr<Answer> answer = std::move(call->answer);
    answer->on_tick(*this, *call);
    call = find(token);
    if (call != nullptr && !call->answer) call->answer = std::move(answer);
  }
  std::erase_if(followers_, [this](HttpToken token) { return find(token) == nullptr; });
  counters_.show_followers(followers_.size());
}

std::optional<Monotonic> Calls::next_tick() const {
  return followers_.empty() ? std::nullopt : std::optional(next_tick_);
}

RequestToken Calls::token_of(const Call& call, uint32_t part) const {
  return {reactor_, call.token.slot, call.token.generation, part};
}

bool Calls::post(Call& call, uint32_t part, uint32_t shard, std::vector<Command> commands) {
  const auto count = static_cast<uint32_t>(commands.size());
  for (Command& command : commands) {
    command.actor = call.actor;
    command.max_tasks = call.caller.max_tasks;
    if (call.caller.narrowed()) {
      command.selection = std::make_unique<Selection>(call.caller.selection);
    }
  }
  const bool posted =
      doors_.shards.post(shard, Commands{token_of(call, part), std::move(commands)});
  if (posted) count_in(call, {.commands = count});
  return posted;
}

bool Calls::post(Call& call, uint32_t part, uint32_t shard, Query query) {
  if (call.caller.narrowed()) call.sought = narrow(query, call.caller.selection);
  return doors_.shards.post(shard, QueryRequest{token_of(call, part), std::move(query)});
}

bool Calls::post(const Call& call, PauseRequest request) {
  request.token = token_of(call, kOnlyPart);
  request.actor = call.actor;
  return doors_.system.post(std::move(request));
}

bool Calls::post(const Call& call, KeyAction action, ApiKey key) {
  return doors_.system.post(
      KeyRequest{token_of(call, kOnlyPart), action, std::move(key), call.actor});
}

bool Calls::post(const Call& call, SecretRequest request) {
  request.token = token_of(call, kOnlyPart);
  request.actor = call.actor;
  return doors_.system.post(std::move(request));
}

bool Calls::post_drain(const Call& call) {
  return doors_.system.post(DrainRequest{token_of(call, kOnlyPart), call.actor});
}

bool Calls::post_backup(const Call& call, std::string path) {
  return doors_.system.post(BackupRequest{token_of(call, kOnlyPart), std::move(path), call.actor});
}

bool Calls::post(const Call& call, uint32_t part, std::variant<ListAudit, VerifyAudit> query) {
  return doors_.system.post(AuditRequest{token_of(call, part), std::move(query)});
}

void Calls::ask_owner(Call& call, Command command) {
  const uint32_t shard = shards().shard_of(command.key);
  std::vector<Command> commands;
  commands.push_back(std::move(command));
  if (!post(call, kOnlyPart, shard, std::move(commands))) {
    refuse(call, ErrorCode::kOverloaded, kNoRoomAtOwner);
  }
}

void Calls::ask_owner(Call& call, TaskKey key, Query query) {
  if (!post(call, kOnlyPart, shards().shard_of(key), std::move(query))) {
    refuse(call, ErrorCode::kOverloaded, kNoRoomAtOwner);
  }
}

CommandOutcome* Calls::outcome_in(Call& call, Reply& reply) {
  auto* outcomes = std::get_if<std::vector<CommandOutcome>>(&reply.body);
  if (outcomes == nullptr) {
    refuse(call, std::move(std::get<Result<QueryAnswer>>(reply.body).error()));
    return nullptr;
  }
  HW_CHECK(outcomes->size() == 1, "one outcome for one command");
  return &outcomes->front();
}

std::optional<JsonValue> Calls::read_body(Call& call, const HttpRequest& request) {
  auto body = read_json(call, request.body);
  if (body) return *body;
  refuse(call, std::move(body.error()));
  return std::nullopt;
}

std::string Calls::new_task_id() {
  // Each try finds a local shard with probability local/all; 64 tries fail for one in four shards
  // once in 10^8, and then the request hops, which is only slower.
  const uint32_t tries = has_local_shard_ ? 64 : 1;
  return generated_id(generate_task_key(now(), random_, tries, [this](TaskKey key) {
    return doors_.shards.is_local(doors_.shards.shard_of(key));
  }));
}

std::string Calls::new_request_id() {
  return "req_" + base32(TaskKey{random_.next(), random_.next()});
}

std::string_view field_of(const HttpRequest& request, std::string_view name) {
  for (const HttpField& field : request.fields) {
    if (field.name == name) return field.value;
  }
  return {};
}

std::string task_location(std::string_view id) {
  constexpr std::string_view kTasks = "/v1/tasks/";
  std::string location;
  location.reserve(kTasks.size() + id.size());
  append_percent_encoded(location.append(kTasks), id);
  return location;
}

std::string etag_of(Version version) {
  return "\"" + std::to_string(version.value) + "\"";
}

}  // namespace hourwheel
