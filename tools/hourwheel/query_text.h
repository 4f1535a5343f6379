// A path with its parameters.
#pragma once

#include <string>
#include <utility>

#include "api/url_text.h"

namespace hourwheel {

// Parameters without a value are left out.
class QueryText {
 public:
  explicit QueryText(std::string path) : text_(std::move(path)) {}

  QueryText& add(const char* name, const std::string& value) {
    if (value.empty()) return *this;
    text_ += text_.find('?') == std::string::npos ? '?' : '&';
    text_.append(name).append("=").append(percent_encode(value));
    return *this;
  }
  [[nodiscard]] std::string text() && { return std::move(text_); }

 private:
  std::string text_;
};

}  // namespace hourwheel
