// Lists of words in a parameter. Thread: pure functions, any thread.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

namespace hourwheel {

inline tl::unexpected<Error> refuse_parameter(std::string detail) {
  return failure(ErrorCode::kBadRequest, "", std::move(detail));
}

// Words with commas between: one of them is enough. words: all there are, for the refusal.
template <class Value>
Status add_words(std::vector<Value>& values, std::string_view text,
                 std::optional<Value> (*value_of)(std::string_view), std::string_view words) {
  for (size_t at = 0; at <= text.size();) {
    const size_t end = std::min(text.find(',', at), text.size());
    const auto value = value_of(text.substr(at, end - at));
    if (!value) {
      return failure(ErrorCode::kBadRequest, "",
                     "one or several of " + std::string(words) + ", with commas between");
    }
    values.push_back(*value);
    at = end + 1;
  }
  return {};
}

}  // namespace hourwheel
