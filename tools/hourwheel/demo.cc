#include "tools/hourwheel/demo.h"

#include <cstdio>

#include "tools/hourwheel/api_client.h"

namespace hourwheel {
namespace {

// They only record their runs, so that they need no target and disturb nobody.
constexpr const char* kDemoTasks = R"({"operations":[
 {"op":"create","task":{"id":"demo-heartbeat","type":"recurring","schedule":"PT5S",
  "description":"Every five seconds","labels":{"demo":"true"}}},
 {"op":"create","task":{"id":"demo-minute","type":"recurring","schedule":"* * * * *",
  "description":"At every full minute","labels":{"demo":"true"}}},
 {"op":"create","task":{"id":"demo-weekdays","type":"recurring",
  "schedule":{"cron":"0 9 * * 1-5","timezone":"Europe/Berlin"},
  "description":"09:00 in Berlin, Monday to Friday","labels":{"demo":"true"}}},
 {"op":"create","task":{"id":"demo-once","type":"one-time","schedule":{"delay":"PT1M"},
  "description":"Once, a minute after the first start","labels":{"demo":"true"}}}]})";

}  // namespace

Status create_demo_tasks(const std::string& url) {
  auto connection = find_access({url});
  if (!connection) return failure(std::move(connection.error()));
  auto answer = ApiClient(std::move(*connection)).call({"POST", "/v1/tasks:batch", kDemoTasks});
  if (!answer) return failure(std::move(answer.error()));
  if (answer->status != 200) {
    return failure(ErrorCode::kInternal, "",
                   "the server answered " + std::to_string(answer->status));
  }
  return {};
}

void print_first_steps(const std::string& url) {
  std::printf(R"(
Hourwheel serves %s. Try, in another terminal:

  curl -s %s/tasks -H 'Content-Type: application/json' \
    -d '{"id":"hello","type":"recurring","schedule":"*/10 * * * * *","description":"every ten seconds"}'
  curl -s %s/v1/tasks/hello/runs
  build/release/hourwheel task list --server %s

)",
              url.c_str(), url.c_str(), url.c_str(), url.c_str());
}

}  // namespace hourwheel
