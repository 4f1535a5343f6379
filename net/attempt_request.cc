#include "net/attempt_request.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/schedule/time_text.h"
#include "engine/variables.h"

namespace hourwheel {
namespace {

bool equal_names(std::string_view a, std::string_view b) {
  auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

// One request head being written. Every piece that is not ours passes check().
class Head {
 public:
  explicit Head(size_t capacity) { text_.reserve(capacity); }

  void request_line(std::string_view method, std::string_view path) {
    text_.append(check(method)).append(" ").append(check(path)).append(" HTTP/1.1\r\n");
  }
  void field(std::string_view name, std::string_view value) {
    text_.append(check(name)).append(": ").append(check(value)).append("\r\n");
  }
  void field(std::string_view name, uint64_t value) { field(name, std::to_string(value)); }
  std::string finish(std::string_view body) {
    text_.append("\r\n").append(body);
    return std::move(text_);
  }

 private:
  static std::string_view check(std::string_view text) {
    const bool whole = std::none_of(text.begin(), text.end(),
                                    [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
    HW_CHECK(whole, "Q1 no line of a request can be broken");
    return text;
  }
  std::string text_;
};

bool task_names(const Target& target, std::string_view name) {
  return std::any_of(target.headers.begin(), target.headers.end(),
                     [name](const NamedText& field) { return equal_names(field.first, name); });
}

bool is_json(std::string_view content_type) {
  std::string_view type = content_type.substr(0, content_type.find(';'));
  while (type.ends_with(' ') || type.ends_with('\t')) type.remove_suffix(1);
  return equal_names(type, "application/json") ||
         (type.size() > 5 && equal_names(type.substr(type.size() - 5), "+json"));
}

// As it is sent.
std::string_view content_type_of(const TaskSpec& spec) {
  for (const auto& [name, value] : spec.target.headers) {
    if (equal_names(name, "content-type")) return value;
  }
  return spec.content_type;
}

bool is_cloud_event(const TaskSpec& spec) {
  return spec.target.format == RequestFormat::kCloudEvents;
}

// What of a request an attempt fills in, once for all of its places.
class Filling {
 public:
  Filling(const AttemptStart& attempt, const std::string& run_id)
      : on_(attempt.spec.target.variables) {
    if (!on_) return;
    values_ = {run_id, attempt.spec.id, attempt.due, attempt.attempt, attempt.missed_count};
  }

  // The text, or what is kept in `filled` for as long as the view is used.
  [[nodiscard]] std::string_view of(std::string_view text, ValuePlace place,
                                    std::string& filled) const {
    if (!on_ || !has_variables(text)) return text;
    filled = fill_in(text, values_, place);
    return filled;
  }

 private:
  bool on_;
  RunVariables values_;
};

void add_body_fields(Head& head, const TaskSpec& spec, size_t body_size) {
  const bool has_body = spec.payload_kind != PayloadKind::kNone;
  if (has_body && !spec.content_type.empty() && !task_names(spec.target, "content-type")) {
    head.field("Content-Type", spec.content_type);
  }
  const std::string& method = spec.target.method;
  // A method that usually has a body says that there is none; others leave the field out.
  if (has_body || method == "POST" || method == "PUT" || method == "PATCH") {
    head.field("Content-Length", has_body ? body_size : 0);
  }
}

void add_identity(Head& head, const AttemptStart& attempt, const std::string& id,
                  std::string_view body, Signer& signer) {
  const std::string timestamp = std::to_string(attempt.now.ms / 1000);
  head.field("webhook-id", id);
  head.field("webhook-timestamp", timestamp);
  if (attempt.spec.target.sign) {
    const std::string signature = signer.sign({id, timestamp, body});  // Q2
    if (!signature.empty()) head.field("webhook-signature", signature);
  }
  head.field("Idempotency-Key", id);
  head.field("Hourwheel-Task-Id", visible_text(attempt.spec.id));
  head.field("Hourwheel-Attempt", attempt.attempt);
  head.field("Hourwheel-Due", to_text(attempt.due));
  head.field("Hourwheel-Task-Version", attempt.task_version.value);
  head.field("Hourwheel-Missed-Count", attempt.missed_count);
  if (attempt.possible_duplicate) head.field("Hourwheel-Possible-Duplicate", "true");
}

// CloudEvents 1.0.2 in its HTTP binding's binary mode; the content type is the body's own. A double
// quote is escaped there, too.
void add_cloud_event(Head& head, const AttemptStart& attempt, const std::string& id) {
  const std::string subject = visible_text(attempt.spec.id, "\"");
  head.field("ce-specversion", "1.0");
  head.field("ce-id", id);
  head.field("ce-source", "/hourwheel/tasks/" + visible_text(attempt.spec.id, "\"/?#"));
  head.field("ce-type", "io.hourwheel.task.due");
  head.field("ce-time", to_text(attempt.due));
  head.field("ce-subject", subject);
}

void add_trace(Head& head, const AttemptStart& attempt, const std::string& id) {
  const TaskSpec& spec = attempt.spec;
  if (spec.trace.parent.empty() || task_names(spec.target, "traceparent")) return;
  const TraceFields fields = trace_of_attempt(spec.trace, id, attempt.attempt, attempt.now);
  head.field("traceparent", fields.parent);
  if (!fields.state.empty() && !task_names(spec.target, "tracestate")) {
    head.field("tracestate", fields.state);
  }
}

}  // namespace

std::string attempt_request(const AttemptStart& attempt, const Url& url, Signer& signer,
                            const NamedText& proof, std::string_view completion_url) {
  const TaskSpec& spec = attempt.spec;
  const std::string id = run_id(attempt.task, attempt.run);
  const Filling filling(attempt, id);
  const bool has_body = spec.payload_kind != PayloadKind::kNone;
  const auto place = is_json(content_type_of(spec)) ? ValuePlace::kJson : ValuePlace::kPlain;
  std::string filled_body;
  const std::string_view body =
      has_body ? filling.of(spec.payload, place, filled_body) : std::string_view{};
  constexpr size_t kUsualHead = 832;
  Head head(kUsualHead + completion_url.size() + body.size());
  std::string filled;
  head.request_line(spec.target.method, filling.of(url.path, ValuePlace::kUrl, filled));
  head.field("Host", url.authority);
  if (!task_names(spec.target, "user-agent")) head.field("User-Agent", "Hourwheel/" HW_VERSION);
  add_body_fields(head, spec, body.size());
  add_identity(head, attempt, id, body, signer);
  if (!completion_url.empty()) head.field("Hourwheel-Completion-Url", completion_url);
  add_trace(head, attempt, id);
  if (is_cloud_event(spec)) add_cloud_event(head, attempt, id);
  if (!proof.first.empty()) head.field(proof.first, proof.second);
  for (const auto& [name, value] : spec.target.headers) {
    head.field(name, filling.of(value, ValuePlace::kHeader, filled));
  }
  return head.finish(body);
}

}  // namespace hourwheel
