// What is sent as the body of an attempt.
// Thread: values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace hourwheel {

// How the payload was given, and is shown. Stored: only append.
enum class PayloadKind : uint8_t { kNone = 1, kJson = 2, kBytes = 3, kText = 4 };

// Of one run, in place of its task's.
struct RunPayload {
  PayloadKind kind = PayloadKind::kJson;
  std::string body;  // sent byte for byte, but for the target's variables
  std::string content_type;
  friend bool operator==(const RunPayload&, const RunPayload&) = default;

  // Memory held, for the bounds that count bytes.
  [[nodiscard]] size_t bytes() const { return body.size() + content_type.size(); }
};

}  // namespace hourwheel
