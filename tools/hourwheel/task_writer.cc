#include "tools/hourwheel/task_writer.h"

#include <utility>

#include "tools/hourwheel/answer_text.h"
#include "tools/hourwheel/task_requests.h"

namespace hourwheel {
namespace {

constexpr long kMissing = 404;
constexpr long kVersionWanted = 428;

std::string if_match(const std::string& version) {
  return "If-Match: " + (version.starts_with('"') ? version : "\"" + version + "\"");
}

// Empty: it has none.
std::string version_in(const std::string& text) {
  auto task = JsonText::read(text);
  if (!task || !task->top().is(JsonKind::kObject)) return "";
  const std::string version = text_at(task->top(), "version");
  return version == "-" ? "" : version;
}

}  // namespace

Told<FoundTask> find_task(ApiClient& client, const std::string& id) {
  auto answer = client.call({"GET", task_path(id), ""});
  if (!answer) return tl::unexpected(complain(answer.error().detail, kUnreachable));
  if (answer->status == kMissing) return FoundTask{};
  if (!answer->is_good()) return tl::unexpected(print_problem(*answer));
  std::string version = version_in(answer->body);
  // Without one nothing could be held to, and no version means that there is no task.
  if (version.empty()) {
    return tl::unexpected(complain("the server's answer is no task with a version", kFailure));
  }
  return FoundTask{std::move(version), answer->body};
}

Result<ApiAnswer> put_task(ApiClient& client, const std::string& id, const std::string& body,
                           const std::string& version) {
  ApiRequest request{"PUT", task_path(id), body};
  request.fields.push_back(version.empty() ? "If-None-Match: *" : if_match(version));
  return client.call(request);
}

Told<AppliedTask> apply_task(ApiClient& client, const std::string& id, const std::string& body) {
  auto stored = find_task(client, id);
  if (!stored) return tl::unexpected(stored.error());
  auto answer = put_task(client, id, body, stored->version);
  if (!answer) return tl::unexpected(complain(answer.error().detail, kUnreachable));
  if (!answer->is_good()) return tl::unexpected(print_problem(*answer));
  if (stored->version.empty()) return AppliedTask{WriteEffect::kCreated, std::move(answer->body)};
  const bool same = version_in(answer->body) == stored->version;
  return AppliedTask{same ? WriteEffect::kUnchanged : WriteEffect::kReplaced,
                     std::move(answer->body)};
}

Told<ApiAnswer> delete_task(ApiClient& client, const Removal& removal) {
  const std::string query = removal.cancel_running ? "?cancel_running=true" : "";
  ApiRequest request{"DELETE", task_path(removal.id) + query, ""};
  if (!removal.version.empty()) request.fields.push_back(if_match(removal.version));
  auto answer = client.call(request);
  if (!answer) return tl::unexpected(complain(answer.error().detail, kUnreachable));
  if (answer->status == kVersionWanted && removal.version.empty()) {
    auto stored = find_task(client, removal.id);
    if (!stored) return tl::unexpected(stored.error());
    // It was there a moment ago; if it is gone, the server says so once more.
    Removal known = removal;
    known.version = stored->version.empty() ? "0" : stored->version;
    return delete_task(client, known);
  }
  if (!answer->is_good()) return tl::unexpected(print_problem(*answer));
  return std::move(*answer);
}

}  // namespace hourwheel
