// A text of JSON together with the values in it.
#pragma once

#include <memory>
#include <string>

#include "api/json_reader.h"

namespace hourwheel {

class JsonText {
 public:
  // Of an object. The pieces stay where they are when it is moved.
  static Result<JsonText> read(std::string text);
  [[nodiscard]] const JsonValue& top() const { return *parts_->top; }

 private:
  struct Parts {
    std::string text;
    JsonReader reader;
    std::optional<JsonValue> top;
  };
  explicit JsonText(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
  std::unique_ptr<Parts> parts_;
};

// The same value with line breaks and two spaces a level; what the client wrote as a scalar stays.
std::string indented(const JsonValue& value);

}  // namespace hourwheel
