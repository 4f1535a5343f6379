#include "tools/hourwheel/demo.h"

#include <cstdio>

#include "tools/hourwheel/api_client.h"

namespace hourwheel {
namespace {

struct DemoTask {
  const char* id;
  const char* path;     // of the target
  const char* members;  // of the definition, without id, labels and target
};

constexpr DemoTask kDemoTasks[] = {
    {"demo-heartbeat", "/ok", R"("schedule":"PT5S","description":"Every five seconds")"},
    {"demo-minute", "/ok", R"("schedule":"* * * * *","description":"At every full minute")"},
    {"demo-partner-sync", "/flaky",
     R"("schedule":"PT20S","description":"The partner's server is often busy",)"
     R"("retry":{"backoff":["PT1S","PT2S"]})"},
    {"demo-retired-export", "/gone",
     R"("schedule":"PT2M","description":"What it calls is gone: its runs die")"},
    {"demo-weekdays", "/ok",
     R"("schedule":{"cron":"0 9 * * 1-5","timezone":"Europe/Berlin"},)"
     R"("description":"09:00 in Berlin, Monday to Friday","payload":{"report":"daily"})"},
    {"demo-month-end", "/ok",
     R"("schedule":{"rrule":"FREQ=MONTHLY;BYMONTHDAY=-1","timezone":"America/New_York"},)"
     R"("description":"On the last day of each month")"},
    {"demo-paused", "/ok",
     R"("schedule":"0 * * * *","description":"Every hour, but for now",)"
     R"("paused":{"reason":"until the migration is over"})"},
    {"demo-once", "/ok",
     R"("schedule":{"delay":"PT1M"},"description":"Once, a minute after the first start")"},
};

std::string target_of(const DemoTask& task, const std::string& target) {
  if (target.empty()) return R"({"kind":"log"})";
  return R"({"kind":"http","url":")" + target + task.path + R"("})";
}

std::string creates(const std::string& target) {
  std::string body;
  for (const DemoTask& task : kDemoTasks) {
    body += std::string(body.empty() ? "" : ",") + R"({"op":"create","task":{"id":")" + task.id +
            R"(","labels":{"demo":"true"},)" + task.members + R"(,"target":)" +
            target_of(task, target) + "}}";
  }
  return R"({"operations":[)" + body + "]}";
}

// What an earlier start has made calls the target of that one.
std::string patches(const std::string& target) {
  std::string body;
  for (const DemoTask& task : kDemoTasks) {
    body += std::string(body.empty() ? "" : ",") + R"({"op":"patch","id":")" + task.id +
            R"(","task":{"target":)" + target_of(task, target) + "}}";
  }
  return R"({"operations":[)" + body + "]}";
}

}  // namespace

Status create_demo_tasks(const std::string& server, const std::string& target) {
  auto connection = find_access({server});
  if (!connection) return failure(std::move(connection.error()));
  ApiClient client(std::move(*connection));
  for (const std::string& body : {creates(target), patches(target)}) {
    auto answer = client.call({"POST", "/v1/tasks:batch", body});
    if (!answer) return failure(std::move(answer.error()));
    if (answer->status != 200) {
      return failure(ErrorCode::kInternal, "",
                     "the server answered " + std::to_string(answer->status));
    }
  }
  return {};
}

void print_first_steps(const std::string& url) {
  std::printf(R"(
Hourwheel serves %s: open it in a browser, or try, in another terminal:

  curl -s %s/tasks -H 'Content-Type: application/json' \
    -d '{"id":"hello","type":"recurring","schedule":"*/10 * * * * *","description":"every ten seconds"}'
  curl -s %s/v1/tasks/hello/runs
  build/release/hourwheel task list --server %s

)",
              url.c_str(), url.c_str(), url.c_str(), url.c_str());
}

}  // namespace hourwheel
