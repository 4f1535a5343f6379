#include "net/http_refusal.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

namespace hourwheel {
namespace {

constexpr std::array<std::pair<int, const char*>, 33> kPhrases{{
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {207, "Multi-Status"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {422, "Unprocessable Content"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
}};

void append_escaped(std::string& out, std::string_view text) {
  for (char c : text) {
    if (c == '"' || c == '\\') {
      out.append(1, '\\').append(1, c);
    } else if (static_cast<unsigned char>(c) < 0x20) {
      std::array<char, 8> escaped{};
      std::snprintf(escaped.data(), escaped.size(), "\\u%04x", static_cast<unsigned>(c));
      out.append(escaped.data());
    } else {
      out.append(1, c);
    }
  }
}

}  // namespace

const char* status_phrase(int status) {
  const auto* found = std::find_if(kPhrases.begin(), kPhrases.end(),
                                   [status](const auto& row) { return row.first == status; });
  return found == kPhrases.end() ? "Unknown" : found->second;
}

std::string problem_text(int status, std::string_view code, std::string_view detail) {
  std::string text = R"({"type":"about:blank","title":")";
  append_escaped(text, status_phrase(status));
  text.append(R"(","status":)").append(std::to_string(status)).append(R"(,"code":")");
  append_escaped(text, code);
  text.append(R"(","detail":")");
  append_escaped(text, detail);
  text.append(R"("})");
  return text;
}

HttpResponse refusal(int status, std::string_view code, std::string_view detail) {
  HttpResponse response{.status = status,
                        .content_type = std::string(kProblemType),
                        .fields = {},
                        .body = problem_text(status, code, detail)};
  // A second is enough for a queue to move on; jitter is the client's.
  if (status == 503 || status == 429) response.fields.emplace_back("Retry-After", "1");
  return response;
}

}  // namespace hourwheel
