#include "api/label_json.h"

#include <algorithm>
#include <string>
#include <utility>

#include "api/members.h"
#include "engine/limits.h"

namespace hourwheel {
namespace {

bool is_label_key(std::string_view key) {
  return !key.empty() && key.size() <= kMaxLabelKey &&
         std::all_of(key.begin(), key.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
                  c == '-';
         });
}

}  // namespace

void read_labels(const JsonValue& value, std::vector<NamedText>& labels, FieldErrors& errors) {
  if (!value.is(JsonKind::kObject)) {
    return errors.add(value, "wrong-type", "an object of strings is expected");
  }
  if (value.size() > kMaxLabels) {
    return errors.add(value, "too-many", "at most " + std::to_string(kMaxLabels) + " labels");
  }
  for (auto label = value.first(); label; label = label->next()) {
    if (!is_label_key(label->name())) {
      errors.add(*label, "invalid", "a label's key is 1 to 63 of a-z, 0-9, '_', '.', '-'");
      continue;
    }
    std::string text;
    if (!read_text(*label, kMaxLabelValue, text, errors)) continue;
    labels.emplace_back(label->name(), std::move(text));
  }
  std::sort(labels.begin(), labels.end());
}

void write_texts(JsonWriter& json, const std::vector<NamedText>& texts) {
  json.begin_object();
  for (const auto& [name, text] : texts) {
    json.user_name(name);
    json.string(text);
  }
  json.end_object();
}

}  // namespace hourwheel
