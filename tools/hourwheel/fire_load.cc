#include "tools/hourwheel/fire_load.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "api/json_writer.h"
#include "engine/schedule/time_text.h"
#include "tools/hourwheel/answer_text.h"
#include "tools/hourwheel/json_text.h"
#include "tools/hourwheel/task_requests.h"

namespace hourwheel {
namespace {

constexpr uint32_t kTasksOfBatch = 100;
constexpr int kFirstLooks = 20;
constexpr Duration kBetweenLooks = milliseconds(500);
// What is later than that is missing.
constexpr Duration kLatestArrival = seconds(15);
// A second arrival of a run may follow the first.
constexpr Duration kSettling = seconds(1);

// As --egress-allow takes it.
std::string address_in(const std::string& url) {
  const std::string host = url.substr(std::string_view("http://").size());
  if (host.starts_with('[')) return host.substr(1, host.find(']') - 1);
  const std::string address = host.substr(0, host.find_first_of(":/"));
  const bool numeric = address.find_first_not_of("0123456789.") == std::string::npos;
  return numeric ? address : "ADDRESS";
}

// Empty: its run has not ended without success.
std::string failure_of(ApiClient& client, const std::string& task) {
  const auto answer = client.call({"GET", task_path(task) + "/runs?page_size=1", ""});
  if (!answer || !answer->is_good()) return "";
  const auto page = JsonText::read(answer->body);
  if (!page) return "";
  const auto runs = members_of(page->top(), "runs");
  const bool dead = !runs.empty() && text_at(runs.front(), "state") == "dead";
  return dead ? text_at(runs.front(), "error") : "";
}

std::string advice_for(const std::string& why, const std::string& target) {
  const std::string advice =
      why.starts_with("address_denied")
          ? "it fires there when it is started with --dev, or with --egress-allow " +
                address_in(target)
          : "--sink-listen ADDRESS:PORT and --sink-url say where it may find the sink";
  return "\n  hint: " + advice + "; --fire 0 measures without";
}

}  // namespace

std::string firing_task(const FirePlan& plan, const std::string& schedule) {
  std::string task = R"({"type":"one-time","schedule":)" + schedule +
                     R"(,"retry":{"max_attempts":1},"target":{"kind":"http","url":)";
  append_json_string(task, plan.target);
  return task + "},\"labels\":" + plan.labels + "}";
}

int FireLoad::try_sink(ApiClient& client) {
  const auto made = ask(client, {"POST", "/v1/tasks", firing_task(plan_, R"({"delay":"PT0.1S"})")});
  if (!made) return made.error();
  const auto task = JsonText::read(made->body);
  if (!task) return complain("the server's answer is not JSON", kFailure);
  const std::string id = text_at(task->top(), "id");
  for (int looks = 0; looks < kFirstLooks; ++looks) {
    sink_.serve(1, kBetweenLooks, site_.interrupt);
    if (site_.interrupt.came() || sink_.ledger().distinct() > 0) return kOk;
    const std::string why = failure_of(client, id);
    if (why.empty()) continue;
    return complain(
        "the server does not reach " + plan_.target + ": " + why + advice_for(why, plan_.target),
        kFailure);
  }
  return complain("nothing of the server has arrived at " + plan_.target + " in 10 s", kFailure);
}

std::string FireLoad::batch(uint64_t number, Instant first) const {
  const uint64_t begin = number * kTasksOfBatch;
  const uint64_t end = std::min<uint64_t>(begin + kTasksOfBatch, plan_.tasks);
  std::string body = R"({"operations":[)";
  for (uint64_t i = begin; i < end; ++i) {
    const int64_t after = plan_.spread.ms * static_cast<int64_t>(i) / plan_.tasks;
    body += i == begin ? R"({"op":"create","task":)" : R"(,{"op":"create","task":)";
    body += firing_task(plan_, '"' + to_text(first + milliseconds(after)) + '"') + "}";
  }
  return body + "]}";
}

int FireLoad::run(FirePart& part) {
  sink_.ledger().clear(plan_.tasks);
  const Instant first = site_.clock.now() + plan_.lead;
  LoadPlan creates;
  creates.kind = LoadKind::kBatch;
  creates.body = [this, first](uint64_t number) { return batch(number, first); };
  creates.requests = (uint64_t{plan_.tasks} + kTasksOfBatch - 1) / kTasksOfBatch;
  creates.length = plan_.lead;
  creates.connections = plan_.connections;
  part.made = create_under_load(creates, site_);
  if (site_.interrupt.came()) return kOk;
  if (site_.clock.now() >= first) {  // FL1
    return complain("not all tasks were there when the first was due: --lead " +
                        to_text(plan_.lead * 4) + " gives more time",
                    kFailure);
  }
  const Instant last = first + plan_.spread;
  sink_.serve(part.made.tasks, last - site_.clock.now() + kLatestArrival, site_.interrupt);
  sink_.serve(UINT64_MAX, kSettling, site_.interrupt);
  const SinkLedger& seen = sink_.ledger();
  part.tasks = part.made.tasks;
  part.arrived = seen.distinct();
  part.duplicates = seen.repeats();
  part.early = seen.early();
  part.lateness = seen.lateness();
  return kOk;
}

}  // namespace hourwheel
