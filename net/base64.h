// Base64 with padding (RFC 4648), as secrets are written in files and put into header fields.
// Thread: pure functions, any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hourwheel {

void append_base64(std::string& out, std::string_view bytes);
// Strict: only the one spelling that encoding gives; not empty.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace hourwheel
