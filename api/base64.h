// Base64 (RFC 4648): standard with padding for payloads, the URL alphabet without for tokens.
// Thread: pure functions, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hourwheel {

enum class Base64 : uint8_t { kStandard, kUrl };

std::string base64_encode(std::string_view bytes, Base64 alphabet);
// Strict: one spelling for each sequence of bytes, nothing else is accepted.
std::optional<std::string> base64_decode(std::string_view text, Base64 alphabet);

}  // namespace hourwheel
