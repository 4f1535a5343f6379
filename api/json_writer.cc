#include "api/json_writer.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "engine/schedule/time_text.h"

namespace hourwheel {
namespace {

constexpr uint64_t repeat(uint8_t byte) {
  return 0x0101010101010101ULL * byte;
}

// Nonzero if one of the eight bytes is below 0x20, a quote or a backslash ("has zero byte" of
// Mycroft 1987; bytes from 0x80 on never count: ~word masks them out).
constexpr uint64_t needs_escape(uint64_t word) {
  uint64_t quote = word ^ repeat('"');
  uint64_t backslash = word ^ repeat('\\');
  return (((word - repeat(0x20)) & ~word) | ((quote - repeat(1)) & ~quote) |
          ((backslash - repeat(1)) & ~backslash)) &
         repeat(0x80);
}

constexpr bool needs_escape(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
}

// How many bytes from the front need no escape.
size_t plain_length(std::string_view text) {
  size_t at = 0;
  while (at + 8 <= text.size()) {
    uint64_t word = 0;
    std::memcpy(&word, text.data() + at, 8);
    if (needs_escape(word) != 0) break;
    at += 8;
  }
  while (at < text.size() && !needs_escape(text[at])) ++at;
  return at;
}

void append_escape(std::string& out, char c) {
  constexpr char kHex[] = "0123456789abcdef";
  out += '\\';
  switch (c) {
    case '"':
    case '\\':
      out += c;
      return;
    case '\n':
      out += 'n';
      return;
    case '\r':
      out += 'r';
      return;
    case '\t':
      out += 't';
      return;
    default:
      out += "u00";
      out += kHex[static_cast<unsigned char>(c) >> 4];
      out += kHex[static_cast<unsigned char>(c) & 15];
  }
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  while (true) {
    size_t plain = plain_length(text);
    out.append(text.substr(0, plain));
    if (plain == text.size()) break;
    append_escape(out, text[plain]);
    text.remove_prefix(plain + 1);
  }
  out += '"';
}

void JsonWriter::separate() {
  if (comma_) out_ += ',';
  comma_ = true;
}

void JsonWriter::open(char c) {
  separate();
  out_ += c;
  comma_ = false;
}

void JsonWriter::close(char c) {
  out_ += c;
  comma_ = true;
}

void JsonWriter::name(std::string_view name) {
  // The text around a name has the same length for all: one growth of the string, and no searching.
  const size_t from = out_.size();
  out_.resize(from + name.size() + (comma_ ? 4 : 3));
  char* at = out_.data() + from;
  if (comma_) *at++ = ',';
  *at++ = '"';
  at = std::copy(name.begin(), name.end(), at);
  *at++ = '"';
  *at = ':';
  comma_ = false;
}

void JsonWriter::user_name(std::string_view name) {
  if (comma_) out_ += ',';
  append_json_string(out_, name);
  out_ += ':';
  comma_ = false;
}

void JsonWriter::string(std::string_view text) {
  separate();
  append_json_string(out_, text);
}

void JsonWriter::number(int64_t value) {
  separate();
  char digits[24];
  auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  out_.append(digits, end);
}

void JsonWriter::count(uint64_t value) {
  separate();
  char digits[24];
  auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  out_.append(digits, end);
}

void JsonWriter::real(double value) {
  separate();
  char digits[32];
  auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  out_.append(digits, end);
}

void JsonWriter::boolean(bool value) {
  raw(value ? "true" : "false");
}

void JsonWriter::instant(Instant t) {
  separate();
  out_ += '"';
  append_text(out_, t);
  out_ += '"';
}

void JsonWriter::duration(Duration d) {
  separate();
  out_ += '"';
  out_ += to_text(d);
  out_ += '"';
}

void JsonWriter::raw(std::string_view json) {
  separate();
  out_ += json;
}

}  // namespace hourwheel
