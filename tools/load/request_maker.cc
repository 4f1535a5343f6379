#include "tools/load/request_maker.h"

#include <array>
#include <utility>

#include "engine/schedule/time_text.h"

namespace hourwheel {
namespace {

constexpr std::array<std::string_view, kRequestKinds> kKindNames{
    "create", "batch", "get", "list", "page", "replace", "delete", "webhook"};
// The get scenario first makes this many tasks to read when it is not given any.
constexpr size_t kTasksToRead = 1000;
// Where a given schedule has the drawn instant.
constexpr std::string_view kDue = "DUE";
// Where a target has its host's address.
constexpr std::string_view kHost = "HOST";

// {"fill":"xxx"} is eleven bytes around its text.
std::string payload_of(const LoadOptions& options) {
  size_t fill = options.payload_bytes > 11 ? options.payload_bytes - 11 : 0;
  return R"({"fill":")" + std::string(fill, 'x') + "\"}";
}

// Target and payload are the same for all tasks, so they are written once.
std::string tail_of_tasks(const LoadOptions& options) {
  std::string tail;
  if (!options.target_url.empty()) {
    tail += R"(,"target":{"kind":"http","url":")" + options.target_url + "\"}";
  }
  if (options.payload_bytes > 0) {
    tail += R"(,"payload":)" + payload_of(options);
  }
  return tail + "}";
}

// 127.1.0.1, 127.1.0.2 and so on: each is a destination of its own.
std::string host_number(uint64_t number) {
  return "127.1." + std::to_string(number / 250) + '.' + std::to_string(1 + number % 250);
}

}  // namespace

std::string_view to_text(RequestKind kind) {
  return kKindNames[static_cast<size_t>(kind)];
}

RequestMaker::RequestMaker(const LoadOptions& options)
    : options_(options), random_(options.seed), tail_(tail_of_tasks(options)) {}

RequestKind RequestMaker::next_kind() {
  switch (options_.scenario) {
    case Scenario::kCreate:
      return RequestKind::kCreate;
    case Scenario::kBatch:
      return RequestKind::kBatch;
    case Scenario::kList:
      return RequestKind::kList;
    case Scenario::kGet:
      return options_.ids_file.empty() && known_.size() < kTasksToRead ? RequestKind::kCreate
                                                                       : RequestKind::kGet;
    case Scenario::kPages:
      return RequestKind::kPage;
    case Scenario::kWebhook:
      return RequestKind::kWebhook;
    case Scenario::kDelete:
      return known_.empty() ? RequestKind::kCreate : RequestKind::kDelete;
    case Scenario::kMixed:
      break;
  }
  uint64_t draw = random_.below(100);
  if (draw < 50 || known_.empty()) {
    return RequestKind::kCreate;
  }
  if (draw < 75) {
    return RequestKind::kGet;
  }
  if (draw < 85) {
    return RequestKind::kReplace;
  }
  return draw < 97 ? RequestKind::kDelete : RequestKind::kList;
}

Request RequestMaker::next(Instant now) {
  Request request;
  request.kind = next_kind();
  switch (request.kind) {
    case RequestKind::kCreate:
      request.bytes = http("POST", "/v1/tasks", task_body(now));
      break;
    case RequestKind::kBatch:
      request.bytes = http("POST", "/v1/tasks:batch", batch_body(now));
      break;
    case RequestKind::kList:
      request.bytes = http("GET", "/v1/tasks", {});
      break;
    case RequestKind::kPage:
      request.bytes = http("GET", page_path(), {});
      break;
    case RequestKind::kGet:
      request.task_id = take_known(request.kind);
      request.bytes = http("GET", "/v1/tasks/" + request.task_id, {});
      break;
    case RequestKind::kReplace:
      request.task_id = take_known(request.kind);
      request.bytes = http("PUT", "/v1/tasks/" + request.task_id,
                           "{" + schedule_members(next_due(now)) + tail_);
      break;
    case RequestKind::kDelete:
      request.task_id = take_known(request.kind);
      request.bytes = http("DELETE", "/v1/tasks/" + request.task_id, {});
      break;
    case RequestKind::kWebhook:
      request.bytes = attempt(now);
      break;
  }
  return request;
}

void RequestMaker::remember(std::string task_id) {
  if (known_.size() < kMaxKnownTasks) {
    known_.push_back(std::move(task_id));
    return;
  }
  known_[oldest_] = std::move(task_id);
  oldest_ = (oldest_ + 1) % kMaxKnownTasks;
}

// A task about to be changed is not known until the answer is there: two changes of one task in
// flight would leave open which came last. A read leaves it.
std::string RequestMaker::take_known(RequestKind kind) {
  size_t at = static_cast<size_t>(random_.below(known_.size()));
  if (kind == RequestKind::kGet) {
    return known_[at];
  }
  std::swap(known_[at], known_.back());
  std::string taken = std::move(known_.back());
  known_.pop_back();
  oldest_ = oldest_ < known_.size() ? oldest_ : 0;
  return taken;
}

// The page after one that was answered, or the first.
std::string RequestMaker::page_path() {
  std::string path = "/v1/tasks?page_size=" + std::to_string(options_.page_size);
  if (!options_.filter.empty()) path += "&" + options_.filter;
  if (!page_tokens_.empty()) {
    path += "&page_token=" + page_tokens_.back();
    page_tokens_.pop_back();
  }
  return path;
}

Instant RequestMaker::next_due(Instant now) {
  Instant first = options_.due_at.value_or(now + options_.due_in);
  auto offset = static_cast<int64_t>(random_.below(static_cast<uint64_t>(options_.spread.ms)));
  return first + milliseconds(offset);
}

std::string RequestMaker::task_body(Instant now) {
  std::string body = "{";
  if (!options_.id_prefix.empty()) {
    body += R"("id":")" + options_.id_prefix + '-' + std::to_string(next_name_++) + "\",";
  }
  return body + schedule_members(next_due(now)) + next_tail();
}

std::string RequestMaker::next_tail() {
  std::string tail = tail_;
  if (size_t at = tail.find(kHost); options_.target_hosts > 1 && at != std::string::npos) {
    tail.replace(at, kHost.size(), host_number(next_host_++ % options_.target_hosts));
  }
  return tail;
}

std::string RequestMaker::schedule_members(Instant due) const {
  if (options_.schedule.empty()) return R"("type":"one-time","schedule":")" + to_text(due) + '"';
  std::string schedule = options_.schedule;
  if (size_t at = schedule.find(kDue); at != std::string::npos) {
    schedule.replace(at, kDue.size(), to_text(due));
  }
  return R"("type":"recurring","schedule":)" + schedule;
}

// The fields of an attempt as the server writes them, and the payload; each is a run of its own.
std::string RequestMaker::attempt(Instant now) {
  const std::string body = options_.payload_bytes > 0 ? payload_of(options_) : "{}";
  std::string number = std::to_string(next_name_++);
  std::string run_id = "run-00000000000000000000000000-1-" + number;
  return "POST / HTTP/1.1\r\nHost: " + options_.server +
         "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\nwebhook-id: " + run_id + "\r\nwebhook-timestamp: " + std::to_string(now.ms / 1000) +
         "\r\nIdempotency-Key: " + run_id + "\r\nHourwheel-Task-Id: " + number +
         "\r\nHourwheel-Attempt: 1\r\nHourwheel-Due: " + to_text(now) + "\r\n\r\n" + body;
}

std::string RequestMaker::batch_body(Instant now) {
  std::string body = R"({"operations":[)";
  for (uint32_t i = 0; i < options_.batch; ++i) {
    body += i == 0 ? R"({"op":"create","task":)" : R"(,{"op":"create","task":)";
    body += task_body(now);
    body += '}';
  }
  return body + "]}";
}

std::string RequestMaker::http(std::string_view method, std::string_view path,
                               std::string_view body) const {
  std::string request(method);
  request += ' ';
  request += path;
  request += " HTTP/1.1\r\nHost: " + options_.server + "\r\n";
  if (!body.empty()) {
    request +=
        "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
  }
  request += "\r\n";
  request += body;
  return request;
}

}  // namespace hourwheel
