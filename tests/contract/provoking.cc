#include "tests/contract/provoking.h"

#include <array>

namespace hourwheel {
namespace {

constexpr const char* kOtherTask = R"({"id":"daily-report","schedule":"2030-01-01T00:00:00Z"})";
constexpr const char* kNewTask = R"({"id":"new","schedule":"2030-01-01T00:00:00Z"})";
constexpr const char* kNewerTask = R"({"id":"newer","schedule":"2030-01-01T00:00:00Z"})";

struct Case {
  Scene& scene;
  Ask good;  // what succeeds on this route
  std::string id;
};
using Provoking = const Sent* (*)(const Case&);

const Sent* ask_well(const Case& it) {
  return it.scene.send(it.good);
}

const Sent* from_elsewhere(const Case& it) {
  Ask ask = it.good;
  ask.authority = "elsewhere.example";
  return it.scene.send(ask);
}

const Sent* without_a_key(const Case& it) {
  it.scene.server.facts.policy = KeyPolicy::kAlways;
  if (it.id == "signIn") return it.scene.send(with_body(it.good, R"({"key":"hw_"})"));
  return it.scene.send(it.good);
}

// More than an address has tries.
const Sent* with_refused_keys(const Case& it) {
  it.scene.server.facts.policy = KeyPolicy::kAlways;
  const Ask ask = it.id == "signIn" ? with_body(it.good, R"({"key":"hw_"})")
                                    : with_field(it.good, "authorization", "Bearer hw_");
  const Sent* last = nullptr;
  for (int i = 0; i < 21; ++i) last = it.scene.send(ask);
  return last;
}

// What succeeds, with a new key that this body asks for; from then on one is needed. nullopt: there
// is none.
std::optional<Ask> with_new_key(const Case& it, const std::string& asked) {
  const Ask make{"POST", "/v1/keys", "", {}};
  const Sent* made = it.scene.send(with_body(make, asked));
  if (made == nullptr) return std::nullopt;
  constexpr std::string_view kMember = "\"key\":\"";
  const std::string& body = made->response.body;
  const size_t at = body.find(kMember) + kMember.size();
  const std::string key = body.substr(at, body.find('"', at) - at);
  it.scene.server.facts.policy = KeyPolicy::kAlways;
  return with_field(it.good, "authorization", "Bearer " + key);
}

// By a key that reaches other tasks only.
const Sent* of_a_task_outside(const Case& it) {
  const auto ask =
      with_new_key(it, R"({"name":"narrow","role":"editor","selection":{"team":"nobodys"}})");
  if (!ask) return nullptr;
  return it.scene.send(
      with_body(*ask, R"({"schedule":"2030-01-01T00:00:00Z","labels":{"team":"nobodys"}})"));
}

// With a key that may have one task, and has it.
const Sent* beyond_the_quota(const Case& it) {
  const auto made = with_new_key(it, R"({"name":"few","role":"editor","quotas":{"max_tasks":1}})");
  if (!made) return nullptr;
  const Ask& ask = *made;
  it.scene.send(with_body(ask, kNewTask));
  return it.scene.send(with_body(ask, kNewerTask));
}

const Sent* one_key_too_many(const Case& it) {
  const Sent* last = nullptr;
  for (size_t i = 0; i < kMaxApiKeys; ++i) last = it.scene.send(it.good);
  return last;
}

const Sent* under_a_new_name(const Case& it) {
  Ask ask = it.good;
  ask.target = "/v1/secrets/new";
  return it.scene.send(ask);
}

const Sent* one_secret_too_many(const Case& it) {
  Ask ask = it.good;
  const Sent* last = nullptr;
  for (size_t i = 0; i < kMaxSecrets; ++i) {
    ask.target = "/v1/secrets/s" + std::to_string(i);
    last = it.scene.send(ask);
  }
  return last;
}

const Sent* while_not_ready(const Case& it) {
  it.scene.server.facts.is_ready = false;
  return it.scene.send(it.good);
}

// With that in the place of the id in its path, if there is one.
Ask with_id(const Case& it, const std::string& id) {
  Ask ask = it.good;
  for (const std::string& known :
       {std::string("/") + kTask, "/" + it.scene.dead_run, "/" + it.scene.open_run,
        "/" + it.scene.pause, "/" + it.scene.key, std::string("/") + kSecret,
        "/" + it.scene.server.links.token}) {
    const size_t at = ask.target.find(known);
    if (at == std::string::npos) continue;
    ask.target.replace(at + 1, known.size() - 1, id);
    break;
  }
  return ask;
}

// What is malformed first: the body, the id or the query.
const Sent* malformed(const Case& it) {
  Ask ask = it.good;
  if (!ask.body.empty()) return it.scene.send(with_body(ask, "{", ask.fields.front().second));
  ask = with_id(it, "%ff");
  if (ask.target == it.good.target) ask.target += "?page_size=x";
  return it.scene.send(ask);
}

const Sent* in_no_such_mode(const Case& it) {
  Ask ask = it.good;
  ask.target += "?mode=sideways";
  return it.scene.send(ask);
}

const Sent* of_nobody(const Case& it) {
  return it.scene.send(with_id(it, "nobody"));
}

const Sent* of_another_version(const Case& it) {
  return it.scene.send(with_field(it.good, "if-match", "\"999\""));
}

const Sent* without_a_version(const Case& it) {
  it.scene.server.facts.requires_if_match = true;
  return it.scene.send(it.good);
}

const Sent* as_text(const Case& it) {
  return it.scene.send(with_body(it.good, "{}", "text/plain"));
}

const Sent* with_an_unknown_member(const Case& it) {
  return it.scene.send(with_body(it.good, R"({"unknown":1})"));
}

const Sent* with_a_used_key(const Case& it) {
  it.scene.send(with_field(it.good, "idempotency-key", "\"k\""));
  return it.scene.send(
      with_field(with_body(it.good, R"({"reason":"other"})"), "idempotency-key", "\"k\""));
}

const Sent* told_again(const Case& it) {
  const Ask keyed = with_field(it.good, "idempotency-key", "\"k\"");
  it.scene.send(keyed);
  const Sent* sent = it.scene.send(keyed);
  return sent != nullptr && sent->field("idempotent-replayed") == "true" ? sent : nullptr;
}

const Sent* while_the_same_is_answered(const Case& it) {
  it.scene.server.stall();
  const Ask keyed = with_field(it.good, "idempotency-key", "\"k\"");
  it.scene.send(keyed);
  return it.scene.send(keyed);
}

const Sent* while_stopping(const Case& it) {
  it.scene.server.facts.is_draining = true;
  return it.scene.send(it.good);
}

const Sent* while_overloaded(const Case& it) {
  it.scene.server.lag(minutes(10));
  return it.scene.send(it.good);
}

const Sent* waiting_for_the_run(const Case& it) {
  it.scene.send(with_field(it.good, "prefer", "wait=5"));
  it.scene.server.answer_attempts(200);
  for (int looks = 0; looks < 4; ++looks) it.scene.server.pass(milliseconds(300));
  return it.scene.server.last();
}

const Sent* while_the_disk_is_full(const Case& it) {
  it.scene.server.show(StorageState::kFull);
  return it.scene.send(it.good);
}

const Sent* with_a_malformed_key(const Case& it) {
  return it.scene.send(with_field(it.good, "idempotency-key", "\"k"));
}

const Sent* with_no_json(const Case& it) {
  return it.scene.send(with_body(it.good, "{"));
}

const Sent* briefly(const Case& it) {
  return it.scene.send(with_field(it.good, "prefer", "return=minimal"));
}

const Sent* what_the_client_has(const Case& it) {
  return it.scene.send(with_field(it.good, "if-none-match", "*"));
}

const Sent* of_the_same_id(const Case& it) {
  return it.scene.send(with_body(it.good, kOtherTask));
}

const Sent* a_new_task(const Case& it) {
  return it.scene.send(with_body(it.good, kNewTask));
}

const Sent* a_new_task_twice(const Case& it) {
  a_new_task(it);
  return a_new_task(it);
}

const Sent* under_a_new_id(const Case& it) {
  Ask ask = it.good;
  ask.target = "/v1/tasks/new";
  return it.scene.send(with_body(ask, R"({"schedule":"2030-01-01T00:00:00Z"})"));
}

const Sent* a_dry_run(const Case& it) {
  Ask ask = it.good;
  ask.body.insert(1, R"("dry_run":true,)");
  return it.scene.send(ask);
}

const Sent* after_an_order(const Case& it) {
  Ask order{"POST", it.good.target, "", {}};
  it.scene.send(with_body(order, R"({"from":"2025-12-01T00:00:00Z","to":"2026-01-01T00:00:00Z"})"));
  return it.scene.send(it.good);
}

const Sent* one_too_many(const Case& it) {
  const Sent* last = nullptr;
  for (int i = 0; i < 101; ++i) last = it.scene.send(it.good);
  return last;
}

const Sent* of_a_run_that_ended(const Case& it) {
  Ask ask = it.good;
  const std::string& run = it.id == "redriveRun" ? it.scene.open_run : it.scene.dead_run;
  ask.target = "/v1/runs/" + run + (it.id == "redriveRun" ? "/redrive" : "/cancel");
  return it.scene.send(ask);
}

const Sent* of_what_its_target_goes_on_with(const Case& it) {
  it.scene.server.defer_attempt();
  return it.scene.send(it.good);
}

const Sent* of_an_attempt_that_is_over(const Case& it) {
  it.scene.server.answer_attempts(200);
  return it.scene.send(it.good);
}

const Sent* of_an_unknown_pause(const Case& it) {
  return it.scene.send(with_body(it.good, R"({"id":"pause-77"})"));
}

struct Way {
  std::string_view id;  // of the operation; "" for all others
  std::string_view status;
  Provoking provoke;
};
// The first that fits.
constexpr std::array kWays{
    Way{"createTask", "201", a_new_task},
    Way{"createTask", "204", briefly},
    Way{"createTask", "200", a_new_task_twice},
    Way{"createTask", "403", beyond_the_quota},
    Way{"createTask", "409", of_the_same_id},
    Way{"seedCreateTask", "201", a_new_task},
    Way{"seedCreateTask", "200", a_new_task_twice},
    Way{"seedCreateTask", "403", beyond_the_quota},
    Way{"seedCreateTask", "409", of_the_same_id},
    Way{"seedReplaceTask", "404", a_new_task},
    Way{"replaceTask", "201", under_a_new_id},
    Way{"replaceTask", "409", of_a_task_outside},
    Way{"backfillTask", "200", a_dry_run},
    Way{"runTask", "200", waiting_for_the_run},
    Way{"backfillTask", "409", after_an_order},
    Way{"stopBackfill", "200", after_an_order},
    Way{"stopBackfill", "409", ask_well},
    Way{"beginPause", "201", told_again},
    Way{"beginPause", "409", one_too_many},
    Way{"beginPause", "422", with_a_used_key},
    Way{"endPauses", "404", of_an_unknown_pause},
    Way{"importTasks", "400", in_no_such_mode},
    Way{"createKey", "409", one_key_too_many},
    Way{"putSecret", "201", under_a_new_name},
    Way{"putSecret", "409", one_secret_too_many},
    Way{"redriveRun", "409", of_a_run_that_ended},
    Way{"cancelRun", "409", of_a_run_that_ended},
    Way{"reportCompletion", "200", of_what_its_target_goes_on_with},
    Way{"reportCompletion", "409", of_an_attempt_that_is_over},
    Way{"resumeTask", "422", with_a_used_key},
    Way{"redriveRun", "422", with_a_used_key},
    Way{"cancelRun", "422", with_a_used_key},
    Way{"", "200", ask_well},
    Way{"", "201", ask_well},
    Way{"", "202", ask_well},
    Way{"", "204", briefly},
    Way{"", "304", what_the_client_has},
    Way{"", "400", malformed},
    Way{"", "401", without_a_key},
    Way{"", "403", from_elsewhere},
    Way{"", "404", of_nobody},
    Way{"", "409", while_the_same_is_answered},
    Way{"", "412", of_another_version},
    Way{"", "415", as_text},
    Way{"", "422", with_an_unknown_member},
    Way{"", "428", without_a_version},
    Way{"", "429", with_refused_keys},
    Way{"", "503", while_not_ready},
};

}  // namespace

std::optional<HttpResponse> provoke(Scene& scene, const DocumentedRoute& route,
                                    const std::string& status) {
  // The HTTP server in front refuses these itself, in the API's words.
  if (status == "413") return scene.server.refusal(ErrorCode::kPayloadTooLarge, route.path);
  const std::string id(route.about->text_of("operationId"));
  for (const Way& way : kWays) {
    if (way.status != status || (!way.id.empty() && way.id != id)) continue;
    const Sent* sent = way.provoke({scene, scene.good_ask(route), id});
    return sent == nullptr ? std::nullopt : std::optional(sent->response);
  }
  return std::nullopt;
}

std::vector<HttpResponse> try_everything(const Contract& contract, const DocumentedRoute& route) {
  const std::string id(route.about->text_of("operationId"));
  std::vector<HttpResponse> answers;
  auto add = [&](Provoking provoke) {
    Scene scene(contract);
    const Sent* sent = provoke({scene, scene.good_ask(route), id});
    if (sent != nullptr) answers.push_back(sent->response);
  };
  for (const Way& way : kWays) {
    if (way.id.empty()) add(way.provoke);
  }
  for (Provoking provoke : {while_stopping, while_overloaded, while_the_disk_is_full,
                            with_a_malformed_key, with_a_used_key, with_no_json}) {
    add(provoke);
  }
  return answers;
}

}  // namespace hourwheel
