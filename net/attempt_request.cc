#include "net/attempt_request.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/schedule/time_text.h"

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

void add_body_fields(Head& head, const TaskSpec& spec) {
  const bool has_body = spec.payload_kind != PayloadKind::kNone;
  if (has_body && !spec.content_type.empty() && !task_names(spec.target, "content-type")) {
    head.field("Content-Type", spec.content_type);
  }
  const std::string& method = spec.target.method;
  // A method that usually has a body says that there is none; others leave the field out.
  if (has_body || method == "POST" || method == "PUT" || method == "PATCH") {
    head.field("Content-Length", has_body ? spec.payload.size() : 0);
  }
}

std::string_view body_of(const TaskSpec& spec) {
  return spec.payload_kind == PayloadKind::kNone ? std::string_view{} : spec.payload;
}

void add_identity(Head& head, const AttemptStart& attempt, Signer& signer) {
  const std::string id = run_id(attempt.task, attempt.run);
  const std::string timestamp = std::to_string(attempt.now.ms / 1000);
  head.field("webhook-id", id);
  head.field("webhook-timestamp", timestamp);
  if (attempt.spec.target.sign) {
    const std::string signature = signer.sign({id, timestamp, body_of(attempt.spec)});  // Q2
    if (!signature.empty()) head.field("webhook-signature", signature);
  }
  head.field("Idempotency-Key", id);
  head.field("Hourwheel-Task-Id", header_text(attempt.spec.id));
  head.field("Hourwheel-Attempt", attempt.attempt);
  head.field("Hourwheel-Due", to_text(attempt.due));
  head.field("Hourwheel-Task-Version", attempt.task_version.value);
  head.field("Hourwheel-Missed-Count", attempt.missed_count);
  if (attempt.possible_duplicate) head.field("Hourwheel-Possible-Duplicate", "true");
}

}  // namespace

std::string header_text(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (char c : text) {
    if (c > ' ' && c < 0x7f && c != '%') {
      out.push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out.push_back('%');
    out.push_back(kHex[byte >> 4]);
    out.push_back(kHex[byte & 15]);
  }
  return out;
}

std::string attempt_request(const AttemptStart& attempt, const Url& url, Signer& signer,
                            const NamedText& proof) {
  const TaskSpec& spec = attempt.spec;
  constexpr size_t kUsualHead = 832;
  Head head(kUsualHead + spec.payload.size());
  head.request_line(spec.target.method, url.path);
  head.field("Host", url.authority);
  if (!task_names(spec.target, "user-agent")) head.field("User-Agent", "Hourwheel/" HW_VERSION);
  add_body_fields(head, spec);
  add_identity(head, attempt, signer);
  if (!proof.first.empty()) head.field(proof.first, proof.second);
  for (const auto& [name, value] : spec.target.headers) head.field(name, value);
  return head.finish(body_of(spec));
}

}  // namespace hourwheel
