// How a request proves to its target who sends it, by a stored secret (engine/secret.h). A task
// holds the secret's name and never its value.
#pragma once

#include <cstdint>
#include <string>

namespace hourwheel {

// Stored: only append.
enum class AuthKind : uint8_t {
  kNone = 0,
  kBasic = 1,   // Authorization: Basic <base64 of user:secret>
  kBearer = 2,  // Authorization: Bearer <secret>
  kHeader = 3,  // a field of the task's choice, with the secret as its value
};

struct TargetAuth {
  AuthKind kind = AuthKind::kNone;
  std::string secret{};  // its name
  std::string name{};    // kBasic: of the user; kHeader: of the field
  friend bool operator==(const TargetAuth&, const TargetAuth&) = default;
};

}  // namespace hourwheel
