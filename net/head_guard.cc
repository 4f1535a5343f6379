#include "net/head_guard.h"

#include <algorithm>
#include <cstddef>

#include "engine/limits.h"

namespace hourwheel {
namespace {

struct Fields {
  uint32_t total = 0;
  uint32_t hosts = 0;
  uint32_t lengths = 0;    // Content-Length
  uint32_t encodings = 0;  // Transfer-Encoding
  bool upgrade = false;
  bool chunked = false;  // the Transfer-Encoding is exactly "chunked"
  std::string_view length;
  std::string_view host;
};

constexpr GuardRefusal bad(std::string_view detail) {
  return {ErrorCode::kBadRequest, detail};
}
constexpr GuardRefusal kHeadTooLarge{ErrorCode::kHeadTooLarge,
                                     "The request line and the fields are above 32 KiB."};
constexpr GuardRefusal kTooManyFields{ErrorCode::kHeadTooLarge,
                                      "The request has more than 100 fields."};

// RFC 9110 section 5.6.2.
bool is_token_char(unsigned char c) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         kMarks.find(static_cast<char>(c)) != std::string_view::npos;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return is_token_char(static_cast<unsigned char>(c));
  });
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && byte != '\t') || byte == 0x7f;
  });
}

// `lower` is in lower case.
bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(), [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + ('a' - 'A')) : a) == b;
  });
}

bool is_length(std::string_view text) {
  // 18 digits always fit; above that it is no length we would take.
  return !text.empty() && text.size() <= 18 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string_view trimmed(std::string_view text) {
  size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// Takes the next line off `rest`, without its CRLF; nullopt where no LF follows.
struct Line {
  std::string_view text;
  bool crlf = false;
};
std::optional<Line> take_line(std::string_view& rest) {
  size_t end = rest.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  std::string_view text = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  if (!text.ends_with('\r')) return Line{text, false};
  text.remove_suffix(1);
  return Line{text, true};
}

// "METHOD target HTTP/1.x", single spaces. Sets `minor`.
std::optional<GuardRefusal> check_request_line(std::string_view line, int& minor) {
  if (has_control(line)) return bad("The request line has a control byte.");
  size_t first = line.find(' ');
  size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) {
    return bad("The request line is not a method, a target and a version.");
  }
  std::string_view target = line.substr(first + 1, last - first - 1);
  std::string_view version = line.substr(last + 1);
  if (!is_token(line.substr(0, first))) return bad("The method is not a token.");
  if (target.find(' ') != std::string_view::npos) return bad("The target has a space.");
  // Other forms name a host a second time, or ask for a tunnel; we serve neither.
  if (!target.starts_with('/') && target != "*") return bad("The target does not start with '/'.");
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    return bad("The version is neither HTTP/1.1 nor HTTP/1.0.");
  }
  minor = version.back() - '0';
  return std::nullopt;
}

std::optional<GuardRefusal> check_field(std::string_view line, Fields& fields) {
  if (line.starts_with(' ') || line.starts_with('\t')) return bad("A field is folded.");
  if (has_control(line)) return bad("A field has a control byte.");
  size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
    return bad("A field's name is not a token followed by a colon.");
  }
  if (++fields.total > kMaxRequestFields) return kTooManyFields;
  std::string_view name = line.substr(0, colon);
  std::string_view value = trimmed(line.substr(colon + 1));
  if (equals_ignoring_case(name, "host")) {
    ++fields.hosts;
    fields.host = value;
  } else if (equals_ignoring_case(name, "content-length")) {
    ++fields.lengths;
    fields.length = value;
  } else if (equals_ignoring_case(name, "transfer-encoding")) {
    ++fields.encodings;
    fields.chunked = equals_ignoring_case(value, "chunked");
  } else if (equals_ignoring_case(name, "upgrade")) {
    fields.upgrade = true;
  }
  return std::nullopt;
}

std::optional<GuardRefusal> check_together(const Fields& fields, int minor) {
  if (fields.lengths > 1) return bad("Content-Length is given more than once.");
  if (fields.lengths == 1 && !is_length(fields.length)) {
    return bad("Content-Length is not a plain number.");
  }
  if (fields.encodings > 1) return bad("Transfer-Encoding is given more than once.");
  if (fields.encodings == 1) {
    if (fields.lengths == 1) return bad("Both Content-Length and Transfer-Encoding are given.");
    if (minor == 0) return bad("Transfer-Encoding is given in HTTP/1.0.");
    if (!fields.chunked) return bad("The only Transfer-Encoding taken is chunked.");
  }
  if (fields.hosts > 1) return bad("Host is given more than once.");
  if (fields.hosts == 0 && minor == 1) return bad("Host is missing.");
  if (fields.upgrade) return bad("Upgrade is not offered.");
  return std::nullopt;
}

std::optional<GuardRefusal> inspect(std::string_view head, Fields& fields) {
  std::string_view rest = head;
  // h2o passes over one empty line in front: some clients end a body with a CRLF too many.
  if (rest.starts_with("\r\n")) rest.remove_prefix(2);
  int minor = 1;
  for (bool first = true;; first = false) {
    std::optional<Line> line = take_line(rest);
    if (!line) return kHeadTooLarge;  // h2o found an end, so it lies behind the limit
    if (!line->crlf) return bad("A line of the head ends without CR.");
    if (line->text.empty() && !first) return check_together(fields, minor);
    std::optional<GuardRefusal> refusal =
        first ? check_request_line(line->text, minor) : check_field(line->text, fields);
    if (refusal) return refusal;
  }
}

}  // namespace

HeadVerdict inspect_head(std::string_view received) {
  Fields fields;
  HeadVerdict verdict;
  verdict.refusal = inspect(received.substr(0, kMaxRequestHead), fields);
  verdict.host = fields.host;
  if (verdict.refusal || fields.encodings > 0) verdict.after = AfterAnswer::kClose;
  return verdict;
}

}  // namespace hourwheel
