// A label as the command line takes it: key:value, as the API writes it, or key=value, as people
// do. Neither sign may stand in a key, so the first one is meant. Thread: pure functions, any
// thread.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "engine/base/check.h"

namespace hourwheel {

struct LabelText {
  std::string key;
  std::string value;
};

// nullopt: it is neither of both. So team!=a is refused, by which nothing can be chosen.
inline std::optional<LabelText> read_label(const std::string& text) {
  const size_t sign = text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_.-");
  const bool good =
      sign != std::string::npos && sign > 0 && (text[sign] == ':' || text[sign] == '=');
  if (!good) return std::nullopt;
  return LabelText{text.substr(0, sign), text.substr(sign + 1)};
}

// Of an option that was checked so.
inline LabelText label_of(const std::string& text) {
  auto label = read_label(text);
  HW_CHECK(label.has_value(), "a label was read from the command line");
  return std::move(*label);
}

// As filters of the API have it.
inline std::string label_filter(const std::string& text) {
  const LabelText label = label_of(text);
  return label.key + ":" + label.value;
}

}  // namespace hourwheel
