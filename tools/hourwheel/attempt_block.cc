#include "tools/hourwheel/attempt_block.h"

#include <algorithm>
#include <string_view>

#include "engine/response_fields.h"
#include "tools/hourwheel/answer_text.h"

namespace hourwheel {
namespace {

constexpr Column kColumns[] = {
    {"ATTEMPT", "number"},      {"STARTED", "started_at", Show::kTime},
    {"TOOK MS", "duration_ms"}, {"REMOTE", "remote_addr"},
    {"OUTCOME", "outcome"},     {"STATUS", "status_code"},
    {"ERROR", "error"},         {"REPORT", "report"},
};

// An empty line at the end is none.
std::string indented_lines(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string line(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.pop_back();
    blank_controls(line);
    out += "    " + line + '\n';
  }
  return out;
}

std::string header_lines(const JsonValue& attempt) {
  auto headers = attempt.find("response_headers");
  if (!headers || !headers->is(JsonKind::kObject)) return "";
  std::string lines;
  for (std::string_view name : kKeptResponseFields) {
    if (!headers->find(name)) continue;
    lines += "    " + std::string(name) + ": " + text_at(*headers, name) + '\n';
  }
  const bool cut = text_at(attempt, "response_headers_truncated") == "true";
  return (cut ? "HEADERS, some of them:\n" : "HEADERS:\n") + lines;
}

std::string body_lines(const JsonValue& attempt) {
  const bool cut = text_at(attempt, "truncated") == "true";
  const std::string begin = cut ? "RESPONSE, its beginning" : "RESPONSE";
  if (auto body = attempt.find("response_body"); body && body->is(JsonKind::kString)) {
    return begin + ":\n" + indented_lines(body->text());
  }
  auto bytes = attempt.find("response_body_base64");
  if (!bytes || !bytes->is(JsonKind::kString)) return "";
  return begin + ", in base64:\n" + indented_lines(bytes->text());
}

}  // namespace

std::string attempt_block(const JsonValue& attempt, const Look& look) {
  return card(attempt, kColumns, look) + header_lines(attempt) + body_lines(attempt);
}

}  // namespace hourwheel
