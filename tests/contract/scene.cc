#include "tests/contract/scene.h"

#include <map>
#include <utility>

#include "tools/openapi/json_text.h"

namespace hourwheel {
namespace {

std::string replaced(std::string text, const std::string& part, const std::string& by) {
  const size_t at = text.find(part);
  return at == std::string::npos ? text : text.replace(at, part.size(), by);
}

void must_succeed(LiveServer& server, const Ask& ask) {
  const Sent* sent = server.send(ask);
  ASSERT_TRUE(sent != nullptr && sent->response.status < 300)
      << ask.target << ": " << (sent == nullptr ? "no answer" : sent->response.body);
}

Ask post(std::string target, std::string body) {
  return with_body({"POST", std::move(target), "", {}}, std::move(body));
}

}  // namespace

Ask with_field(Ask ask, std::string name, std::string value) {
  ask.fields.emplace_back(std::move(name), std::move(value));
  return ask;
}

Ask with_body(Ask ask, std::string body, std::string type) {
  ask.body = std::move(body);
  std::erase_if(ask.fields, [](const auto& field) { return field.first == "content-type"; });
  if (!ask.body.empty()) ask.fields.emplace_back("content-type", std::move(type));
  return ask;
}

Scene::Scene(const Contract& contract) : contract_(contract) {
  const Tree* examples = contract.document().find("components")->find("requestBodies");
  for (std::string_view name : {"Task", "content", "application/json", "examples", "weekdays"}) {
    examples = examples->find(name);
  }
  must_succeed(server, post("/v1/tasks", json_text(*examples->find("value"))));
  must_succeed(server, post("/v1/tasks", R"({"id":"other","schedule":"2030-01-01T00:00:00Z",)"
                                         R"("target":{"kind":"http","url":"http://a.example/",)"
                                         R"("completion":{"timeout":"30m"}}})"));
  dead_run = start_run(kTask);
  server.answer_attempt(410);
  server.pass(hours(10));
  while (server.attempts() > 0) server.answer_attempt(200);
  open_run = start_run("other");
  if (const auto open = parse_run_id(open_run)) server.links.attempt = {open->task, open->run, 1};
  server.add_key(kKeyText);
  must_succeed(server, with_body({"PUT", "/v1/secrets/" + std::string(kSecret), "", {}},
                                 R"({"value":"an example"})"));
  must_succeed(server, post("/v1/admin/pause", R"({"reason":"test","labels":{"team":"nobody"}})"));
}

// The attempts under way are answered from the oldest: first that of the other task.
void Scene::bury_another() {
  start_run(kTask);
  server.answer_attempt(200);
  server.answer_attempt(410);
}

std::string Scene::start_run(const std::string& task) {
  const Sent* sent = server.send({"POST", "/v1/tasks/" + task + "/run", "", {}});
  EXPECT_TRUE(sent != nullptr && sent->response.status == 202);
  const std::string location = sent == nullptr ? "" : sent->field("location");
  return location.substr(location.rfind('/') + 1);
}

Ask Scene::ask_of(const DocumentedRoute& route, const Example& example) const {
  // The example names a folder that need not be there.
  const std::string text = is_json(example.type) ? json_text(*example.value) : example.value->text;
  std::string body = replaced(text, "/var/backups", server.folder());
  return with_body(bare_ask(route), std::move(body), example.type);
}

Ask Scene::good_ask(const DocumentedRoute& route) const {
  const auto examples = contract_.request_examples(route);
  return examples.empty() ? bare_ask(route) : ask_of(route, examples.front());
}

Ask Scene::bare_ask(const DocumentedRoute& route) const {
  static const std::map<std::string, std::string> kQueries{
      {"explainInstant", "?at=2026-01-01T08:00:00Z"}};
  const std::string id(route.about->text_of("operationId"));
  std::string holder = kTask;
  if (route.path.starts_with("/v1/runs/")) holder = id == "cancelRun" ? open_run : dead_run;
  if (route.path.starts_with("/v1/completions/")) holder = server.links.token;
  if (route.path.starts_with("/v1/admin/")) holder = pause;
  if (route.path.starts_with("/v1/keys/")) holder = key;
  if (route.path.starts_with("/v1/secrets/")) holder = kSecret;
  Ask ask{route.method, replaced(route.path, "{id}", holder), "", {}};
  if (auto query = kQueries.find(id); query != kQueries.end()) ask.target += query->second;
  return ask;
}

}  // namespace hourwheel
