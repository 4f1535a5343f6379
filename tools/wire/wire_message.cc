#include "tools/wire/wire_message.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace hourwheel {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kHeadEnd = "\r\n\r\n";

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) {
    text.remove_prefix(1);
  }
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) {
    text.remove_suffix(1);
  }
  return text;
}

std::optional<size_t> parse_number(std::string_view text, int base) {
  size_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return number;
}

// Takes the text up to the separator away from `rest`; nullopt when there is no separator.
std::optional<std::string_view> take_until(std::string_view& rest, std::string_view separator) {
  size_t at = rest.find(separator);
  if (at == std::string_view::npos) {
    return std::nullopt;
  }
  std::string_view taken = rest.substr(0, at);
  rest.remove_prefix(at + separator.size());
  return taken;
}

bool read_request_line(std::string_view line, WireMessage& message) {
  auto method = take_until(line, " ");
  auto path = take_until(line, " ");
  if (!method || !path || line != "HTTP/1.1" || method->empty() || !path->starts_with('/')) {
    return false;
  }
  message.method = *method;
  message.path = *path;
  return true;
}

bool read_status_line(std::string_view line, WireMessage& message) {
  if (!line.starts_with("HTTP/1.1 ") || line.size() < 12) {
    return false;
  }
  auto status = parse_number(line.substr(9, 3), 10);
  if (!status || *status < 100 || *status > 599) {
    return false;
  }
  message.status = static_cast<int>(*status);
  return true;
}

bool read_fields(std::string_view head, WireMessage& message) {
  while (!head.empty()) {
    auto line = take_until(head, kLineEnd);
    if (!line) {
      line = head;
      head = {};
    }
    size_t colon = line->find(':');
    if (colon == std::string_view::npos || colon == 0 ||
        message.field_count == WireMessage::kMaxFields) {
      return false;
    }
    message.fields[message.field_count++] = {line->substr(0, colon),
                                             trimmed(line->substr(colon + 1))};
  }
  message.keep_alive = !same_name(message.field("connection"), "close");
  return true;
}

// Walks the chunks that follow the head; the body stays as it came.
WireReading read_chunks(std::string_view bytes, size_t head_size, WireMessage& message) {
  std::string_view rest = bytes.substr(head_size);
  while (true) {
    auto line = take_until(rest, kLineEnd);
    if (!line) {
      return rest.size() > 1024 ? WireReading::kBroken : WireReading::kIncomplete;
    }
    auto size = parse_number(line->substr(0, line->find(';')), 16);
    if (!size || *size > kMaxWireBody) {
      return WireReading::kBroken;
    }
    if (rest.size() < *size + kLineEnd.size()) {
      return WireReading::kIncomplete;
    }
    if (rest.substr(*size, kLineEnd.size()) != kLineEnd) {
      return WireReading::kBroken;  // also refuses trailers, which nobody here sends
    }
    rest.remove_prefix(*size + kLineEnd.size());
    if (*size == 0) {
      message.size = bytes.size() - rest.size();
      message.body = bytes.substr(head_size, message.size - head_size);
      return WireReading::kComplete;
    }
  }
}

WireReading read_sized_body(std::string_view bytes, size_t head_size, WireMessage& message) {
  std::string_view text = message.field("content-length");
  std::optional<size_t> length = text.empty() ? std::optional<size_t>(0) : parse_number(text, 10);
  if (!length || *length > kMaxWireBody) {
    return WireReading::kBroken;
  }
  if (bytes.size() - head_size < *length) {
    return WireReading::kIncomplete;
  }
  message.body = bytes.substr(head_size, *length);
  message.size = head_size + *length;
  return WireReading::kComplete;
}

template <class StartLine>
WireReading read_head(std::string_view bytes, WireMessage& message, StartLine read_start_line) {
  message.field_count = 0;
  size_t end = bytes.find(kHeadEnd);
  if (end > kMaxWireHead) {  // Too long, or npos: no end yet.
    return bytes.size() > kMaxWireHead ? WireReading::kBroken : WireReading::kIncomplete;
  }
  std::string_view head = bytes.substr(0, end);
  auto start = take_until(head, kLineEnd);
  if (!start) {
    start = head;
    head = {};
  }
  if (!read_start_line(*start, message) || !read_fields(head, message)) {
    return WireReading::kBroken;
  }
  message.size = end + kHeadEnd.size();
  return WireReading::kComplete;
}

}  // namespace

std::string_view WireMessage::field(std::string_view name) const {
  for (size_t i = 0; i < field_count; ++i) {
    if (same_name(fields[i].name, name)) {
      return fields[i].value;
    }
  }
  return {};
}

WireReading read_wire_request(std::string_view bytes, WireMessage& message) {
  WireReading head = read_head(bytes, message, read_request_line);
  if (head != WireReading::kComplete) {
    return head;
  }
  if (!message.field("transfer-encoding").empty()) {
    return WireReading::kBroken;  // nobody we serve sends chunks
  }
  return read_sized_body(bytes, message.size, message);
}

WireReading read_wire_response(std::string_view bytes, WireMessage& message) {
  WireReading head = read_head(bytes, message, read_status_line);
  if (head != WireReading::kComplete) {
    return head;
  }
  size_t head_size = message.size;
  if (message.status == 204 || message.status == 304) {
    message.body = {};
    return WireReading::kComplete;
  }
  if (same_name(message.field("transfer-encoding"), "chunked")) {
    return read_chunks(bytes, head_size, message);
  }
  if (message.field("content-length").empty()) {
    return WireReading::kBroken;  // a body that ends with the connection: our server sends none
  }
  return read_sized_body(bytes, head_size, message);
}

std::string_view query_value(std::string_view path, std::string_view name) {
  size_t mark = path.find('?');
  std::string_view query = mark == std::string_view::npos ? "" : path.substr(mark + 1);
  while (!query.empty()) {
    std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    size_t equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == name) {
      return pair.substr(equals + 1);
    }
  }
  return {};
}

}  // namespace hourwheel
