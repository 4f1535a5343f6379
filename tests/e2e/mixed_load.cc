#include "tests/e2e/mixed_load.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "engine/base/check.h"
#include "engine/schedule/time_text.h"
#include "net/system_clock.h"
#include "tests/e2e/json_text.h"
#include "tests/e2e/node.h"

namespace hourwheel {
namespace {

constexpr uint32_t kMostRecurring = 2;
constexpr size_t kYoungTasks = 24;  // changes meet tasks that are about to fire
constexpr uint64_t kNearestMs = 20;
constexpr uint64_t kNearSpreadMs = 700;

}  // namespace

MixedLoad::MixedLoad(std::string prefix, uint64_t seed, RecordingTarget& target)
    : prefix_(std::move(prefix)), random_(seed), target_(target) {}

std::string MixedLoad::path_of(const Task& task, const Definition& definition) const {
  return "/" + task.id + "/" + std::to_string(definition.number);
}

MixedLoad::Definition MixedLoad::draw_definition(Task& task, bool recurring) {
  Definition drawn;
  drawn.number = ++task.definitions;
  drawn.kind = recurring ? Kind::kRecurring : random_.chance(70) ? Kind::kNear : Kind::kFar;
  Duration ahead = hours(1);
  if (drawn.kind == Kind::kNear) {
    ahead = milliseconds(static_cast<int64_t>(kNearestMs + random_.below(kNearSpreadMs)));
  }
  drawn.due = SystemClock().now().utc + ahead;
  return drawn;
}

std::string MixedLoad::body_of(const Task& task, const Definition& definition) const {
  std::string schedule = definition.kind == Kind::kRecurring ? R"({"every":"200ms"})"
                                                             : in_quotes(to_text(definition.due));
  return R"({"id":")" + task.id + R"(","description":")" + std::to_string(definition.number) +
         R"(","schedule":)" + schedule + R"(,"target":{"kind":"http","url":")" + target_.url() +
         path_of(task, definition) + R"("}})";
}

bool MixedLoad::change_something(HttpClient& client) {
  Task* task = random_.chance(50) ? pick_changeable() : nullptr;
  if (task == nullptr) return create(client);
  bool can_run = !task->paused && task->now.kind == Kind::kFar;
  if (can_run && random_.chance(40)) return run_now(client, *task);
  return change(client, *task);
}

MixedLoad::Task* MixedLoad::pick_changeable() {
  if (tasks_.empty()) return nullptr;
  size_t young = std::min(tasks_.size(), kYoungTasks);
  Task& task = tasks_[tasks_.size() - 1 - static_cast<size_t>(random_.below(young))];
  bool alive = task.now.number > 0 && !task.deleted && !task.uncertain;
  return alive && task.may_change ? &task : nullptr;
}

bool MixedLoad::create(HttpClient& client) {
  Task fresh;
  fresh.id = prefix_ + "-" + std::to_string(tasks_.size());
  bool recurring = recurring_ < kMostRecurring && random_.chance(10);
  if (recurring) ++recurring_;
  fresh.may_change = !recurring && random_.chance(60);
  fresh.perhaps = draw_definition(fresh, recurring);
  tasks_.push_back(std::move(fresh));
  HttpAnswer answer;
  return send(client, tasks_.back(), Verb::kCreate, answer);
}

bool MixedLoad::change(HttpClient& client, Task& task) {
  uint64_t drawn = random_.below(100);
  Verb verb = drawn < 50 ? Verb::kReplace : drawn < 80 ? Verb::kDelete : Verb::kPause;
  if (verb == Verb::kReplace) task.perhaps = draw_definition(task, false);
  HttpAnswer answer;
  return send(client, task, verb, answer);
}

// A run made by hand must arrive; so that nothing may keep it from that, its task is left alone.
bool MixedLoad::run_now(HttpClient& client, Task& task) {
  task.may_change = false;
  HttpAnswer answer;
  if (!send(client, task, Verb::kRun, answer)) return false;
  manual_runs_.push_back({path_of(task, task.now), {}, member(answer.body, "id")});
  return true;
}

// False when there was no answer. Every other refusal than "not now" is a test failure.
bool MixedLoad::send(HttpClient& client, Task& task, Verb verb, HttpAnswer& answer) {
  struct Request {
    const char* method;
    std::string path;
    std::string body;
    int status;
  };
  const std::string own = "/v1/tasks/" + task.id;
  Request request{"POST", "/v1/tasks", "", 201};
  switch (verb) {
    case Verb::kCreate:
      request.body = body_of(task, task.perhaps);
      break;
    case Verb::kReplace:
      request = {"PUT", own, body_of(task, task.perhaps), 200};
      break;
    case Verb::kDelete:
      request = {"DELETE", own, "", 200};
      break;
    case Verb::kPause:
      request = {"POST", own + "/pause", R"({"reason":"test"})", 200};
      break;
    case Verb::kRun:
      request = {"POST", own + "/run", "", 202};
      break;
  }
  ++requests_;
  task.compare = true;
  task.uncertain = verb;
  auto received = client.request(request.method, request.path, request.body,
                                 request.body.empty() ? "" : kJsonFields);
  if (!received || !received->complete) return false;
  if (received->status == 503) {
    ++refusals_[member(received->body, "code")];
    return false;
  }
  uint64_t order = target_.stamp();
  answer = std::move(*received);
  EXPECT_EQ(request.status, answer.status)
      << request.method << " " << request.path << " " << request.body << ": " << answer.body;
  ++acknowledged_;
  acknowledged(task, verb, order, static_cast<uint64_t>(number_member(answer.body, "in_flight")));
  return answer.status == request.status;
}

void MixedLoad::acknowledged(Task& task, Verb verb, uint64_t order, uint64_t in_flight) {
  task.uncertain.reset();
  switch (verb) {
    case Verb::kCreate:
      task.now = task.perhaps;
      break;
    case Verb::kReplace:
      stops_.push_back({task.id, task.now.number, order, in_flight});
      task.now = task.perhaps;
      break;
    case Verb::kDelete:
      stops_.push_back({task.id, task.definitions, order, in_flight});
      task.deleted = true;
      break;
    case Verb::kPause:
      stops_.push_back({task.id, task.definitions, order, in_flight});
      task.paused = true;
      task.may_change = false;
      break;
    case Verb::kRun:
      break;
  }
}

bool MixedLoad::compare(HttpClient& client, Scope scope) {
  for (Task& task : tasks_) {
    if (!task.compare && scope == Scope::kSinceLast) continue;
    auto answer = client.request("GET", "/v1/tasks/" + task.id);
    EXPECT_TRUE(answer) << "no answer about " << task.id;
    if (!answer) return false;
    EXPECT_TRUE(answer->status == 200 || answer->status == 404) << answer->body;
    const bool exists = answer->status == 200;
    if (task.uncertain) settle(task, exists, answer->body);
    task.compare = false;
    EXPECT_EQ(task.now.number > 0 && !task.deleted, exists) << "lost: " << task.id;
    if (!exists) continue;
    EXPECT_EQ(std::to_string(task.now.number), member(answer->body, "description"))
        << "lost: a definition of " << task.id;
    EXPECT_EQ(task.paused, member(answer->body, "paused") != "null")
        << "lost: pause of " << task.id;
  }
  return true;
}

// The server was killed before it answered: either all of the change is there, or nothing of it.
// If it is there, nothing of the former life is in flight any more.
void MixedLoad::settle(Task& task, bool exists, const std::string& shown) {
  bool done = false;
  switch (*task.uncertain) {
    case Verb::kCreate:
      done = exists;
      if (!exists) never_were_.insert(task.id);
      break;
    case Verb::kReplace:
      done = exists && member(shown, "description") == std::to_string(task.perhaps.number);
      break;
    case Verb::kDelete:
      done = !exists;
      break;
    case Verb::kPause:
      done = exists && member(shown, "paused") != "null";
      break;
    case Verb::kRun:
      break;
  }
  if (done) {
    acknowledged(task, *task.uncertain, target_.stamp(), 0);
  }
  task.uncertain.reset();
}

std::vector<Required> MixedLoad::required() const {
  std::vector<Required> all = manual_runs_;
  for (const Task& task : tasks_) {
    bool fires = task.now.number > 0 && !task.deleted && !task.paused;
    if (fires && task.now.kind == Kind::kNear) {
      all.push_back({path_of(task, task.now), task.now.due, ""});
    }
  }
  return all;
}

std::vector<std::string> MixedLoad::recurring_paths() const {
  std::vector<std::string> paths;
  for (const Task& task : tasks_) {
    if (task.now.kind == Kind::kRecurring && task.now.number > 0 && !task.deleted && !task.paused) {
      paths.push_back(path_of(task, task.now));
    }
  }
  return paths;
}

}  // namespace hourwheel
