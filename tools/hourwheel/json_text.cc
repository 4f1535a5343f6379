#include "tools/hourwheel/json_text.h"

#include <utility>

#include "api/json_reader.h"
#include "api/json_writer.h"

namespace hourwheel {
namespace {

void append_indented(std::string& out, const JsonValue& value, size_t depth) {
  const bool object = value.is(JsonKind::kObject);
  if ((!object && !value.is(JsonKind::kArray)) || value.size() == 0) {
    out += value.raw();
    return;
  }
  out += object ? '{' : '[';
  const char* separator = "\n";
  for (auto member = value.first(); member; member = member->next()) {
    out.append(separator).append(2 * (depth + 1), ' ');
    separator = ",\n";
    if (object) {
      append_json_string(out, member->name());
      out += ": ";
    }
    append_indented(out, *member, depth + 1);
  }
  out.append(1, '\n').append(2 * depth, ' ');
  out += object ? '}' : ']';
}

}  // namespace

Result<JsonText> JsonText::read(std::string text) {
  auto parts = std::make_unique<Parts>();
  const size_t size = text.size();
  parts->text = std::move(text);
  parts->text.append(kJsonPadding, '\0');
  auto top = parts->reader.parse(std::string_view(parts->text).substr(0, size));
  if (!top) return failure(std::move(top.error()));
  parts->top = *top;
  return JsonText(std::move(parts));
}

std::string indented(const JsonValue& value) {
  std::string out;
  append_indented(out, value, 0);
  return out;
}

}  // namespace hourwheel
