// The requests about global pauses (C-15): each change goes to the one desk that makes them, and is
// answered when every shard has confirmed it.
#include <utility>

#include "api/handlers.h"
#include "api/members.h"
#include "api/pause_json.h"
#include "engine/base/check.h"

namespace hourwheel {
namespace {

HttpResponse list_of(const std::vector<GlobalPause>& pauses) {
  HttpResponse response;
  JsonWriter json(response.body);
  json.begin_object();
  json.name("pauses");
  json.begin_array();
  for (const GlobalPause& pause : pauses) write_global_pause(json, pause);
  json.end_array();
  json.end_object();
  return response;
}

constexpr std::string_view kPastEnd = "has passed already";

bool would_be_over(const GlobalPause& pause, Instant now) {
  return pause.until && *pause.until <= now;
}

// What the answer shows of the pauses that were begun or ended.
enum class Shows : uint8_t { kBegun, kEnded, kAllEnded };

class PauseAnswer : public Answer {
 public:
  explicit PauseAnswer(Shows shows) : shows_(shows) {}

  void on_part(Calls& calls, Call& call, Reply reply) override {
    auto& answer = std::get<Result<QueryAnswer>>(reply.body);
    if (!answer) return calls.refuse(call, std::move(answer.error()));
    const auto& [pauses, replayed] = std::get<PausesChanged>(*answer);
    if (shows_ == Shows::kAllEnded) return calls.respond(call, list_of(pauses));
    HW_CHECK(pauses.size() == 1, "one pause was begun or ended");
    HttpResponse response;
    JsonWriter json(response.body);
    write_global_pause(json, pauses.front());
    if (shows_ == Shows::kBegun) {
      response.status = 201;
      response.fields.emplace_back("location", "/v1/admin/pauses/" + pause_id(pauses.front().id));
    }
    if (replayed) response.fields.emplace_back("idempotent-replayed", "true");
    calls.respond(call, std::move(response));
  }

 private:
  Shows shows_;
};

void post_pauses(Calls& calls, Call& call, PauseRequest request, Shows shows) {
  call.answer = std::make_unique<PauseAnswer>(shows);
  if (!calls.post(call, std::move(request))) {
    calls.refuse(call, ErrorCode::kOverloaded, "too many changes of pauses are under way");
  }
}

void end_pause(Calls& calls, Call& call, std::string_view id) {
  PauseRequest request;
  auto number = parse_pause_id(id);
  if (!number) return calls.refuse(call, ErrorCode::kNotFound, "no pause has this id");
  request.action = PauseAction::kEnd;
  request.pause.id = *number;
  post_pauses(calls, call, std::move(request), Shows::kEnded);
}

}  // namespace

// With a key, what time has made wrong since the first try is left to the desk.
void begin_global_pause(Calls& calls, Call& call, const HttpRequest& request) {
  auto body = calls.read_body(call, request);
  if (!body) return;
  FieldErrors errors;
  PauseRequest change;
  change.pause = read_global_pause(*body, errors);
  if (would_be_over(change.pause, calls.now())) {
    change.refusal = Error{ErrorCode::kValidationFailed, "/until", std::string(kPastEnd)};
    if (!call.key) {
      errors.add({ErrorCode::kValidationFailed, "/until", "out-of-range", std::string(kPastEnd)});
    }
  }
  if (!errors.empty()) return calls.refuse(call, problem_of(std::move(errors)));
  if (call.key) change.pause.idempotency = key_about(call, "");
  post_pauses(calls, call, std::move(change), Shows::kBegun);
}

void list_global_pauses(Calls& calls, Call& call, const HttpRequest& /*request*/) {
  std::vector<GlobalPause> in_force;
  for (const GlobalPause* pause : calls.pauses().all_in_force(calls.now())) {
    in_force.push_back(*pause);
  }
  calls.respond(call, list_of(in_force));
}

void end_global_pause(Calls& calls, Call& call, const HttpRequest& /*request*/) {
  end_pause(calls, call, call.id);
}

// {"id": …} ends one, an empty body all.
void end_global_pauses(Calls& calls, Call& call, const HttpRequest& request) {
  struct ResumeReading {
    FieldErrors& errors;
    std::optional<std::string> id{};
  };
  static constexpr Member<ResumeReading> kMembers[] = {
      {"id", [](ResumeReading& reading, const JsonValue& value) {
         constexpr size_t kMaxId = 64;
         read_text(value, kMaxId, reading.id.emplace(), reading.errors);
         if (reading.id->empty()) reading.errors.add(value, "too-short", "must name a pause");
       }}};
  FieldErrors errors;
  ResumeReading reading{errors};
  if (!request.body.empty()) {
    auto body = calls.read_body(call, request);
    if (!body) return;
    std::span<const Member<ResumeReading>> members = kMembers;
    read_members(*body, members, Unknown::kRefuse, reading);
    if (!errors.empty()) return calls.refuse(call, problem_of(std::move(errors)));
  }
  if (reading.id) return end_pause(calls, call, *reading.id);
  PauseRequest all;
  all.action = PauseAction::kEndAll;
  post_pauses(calls, call, std::move(all), Shows::kAllEnded);
}

}  // namespace hourwheel
