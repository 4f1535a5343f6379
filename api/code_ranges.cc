#include "api/code_ranges.h"

#include <charconv>
#include <optional>
#include <string_view>

#include "engine/limits.h"

namespace hourwheel {
namespace {

constexpr CodeRange kUsualSuccess{200, 299};
constexpr uint16_t kFirstCode = 200;  // 1xx are not the last word of any response
constexpr uint16_t kLastCode = 599;

std::optional<uint16_t> parse_code(std::string_view text) {
  uint16_t code = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), code);
  if (text.size() != 3 || error != std::errc{} || end != text.data() + text.size() ||
      code < kFirstCode || code > kLastCode) {
    return std::nullopt;
  }
  return code;
}

std::optional<CodeRange> parse_range(std::string_view text) {
  const size_t dash = text.find('-');
  auto first = parse_code(text.substr(0, dash));
  auto last = dash == std::string_view::npos ? first : parse_code(text.substr(dash + 1));
  if (!first || !last || *first > *last) return std::nullopt;
  return CodeRange{*first, *last};
}

std::string too_many() {
  return "at most " + std::to_string(kMaxCodeRanges) + " codes and ranges";
}

// One element of retry_on.
std::optional<CodeRange> read_range(const JsonValue& value) {
  if (value.is(JsonKind::kString)) return parse_range(value.text());
  if (!value.is(JsonKind::kNumber)) return std::nullopt;
  return parse_range(value.text());
}

}  // namespace

void read_success_codes(const JsonValue& value, std::vector<CodeRange>& out, FieldErrors& errors) {
  if (!value.is(JsonKind::kString)) {
    return errors.add(value, "wrong-type", "a string is expected, such as \"200-299,304\"");
  }
  std::vector<CodeRange> ranges;
  std::string_view left = value.text();
  while (true) {
    const size_t comma = left.find(',');
    auto range = parse_range(left.substr(0, comma));
    if (!range) {
      return errors.add(
          value, "invalid",
          "must be codes from 200 to 599 and ranges of them, such as \"200-299,304\"");
    }
    ranges.push_back(*range);
    if (ranges.size() > kMaxCodeRanges) return errors.add(value, "too-many", too_many());
    if (comma == std::string_view::npos) break;
    left.remove_prefix(comma + 1);
  }
  // The default has one form, so that a task sent back is the same task.
  if (ranges.size() == 1 && ranges.front() == kUsualSuccess) ranges.clear();
  out = std::move(ranges);
}

void read_retry_on(const JsonValue& value, std::vector<CodeRange>& out, FieldErrors& errors) {
  if (!value.is(JsonKind::kArray)) {
    return errors.add(value, "wrong-type", "an array is expected, such as [404, \"300-399\"]");
  }
  if (value.size() > kMaxCodeRanges) return errors.add(value, "too-many", too_many());
  std::vector<CodeRange> ranges;
  for (auto element = value.first(); element; element = element->next()) {
    auto range = read_range(*element);
    if (!range) {
      return errors.add(*element, "invalid",
                        "must be a code from 200 to 599 or a range of them, such as \"300-399\"");
    }
    ranges.push_back(*range);
  }
  out = std::move(ranges);
}

std::string to_text(const CodeRange& range) {
  std::string text = std::to_string(range.first);
  if (range.last != range.first) text += "-" + std::to_string(range.last);
  return text;
}

std::string success_text(const std::vector<CodeRange>& ranges) {
  if (ranges.empty()) return to_text(kUsualSuccess);
  std::string text;
  for (const CodeRange& range : ranges) {
    if (!text.empty()) text += ',';
    text += to_text(range);
  }
  return text;
}

}  // namespace hourwheel
