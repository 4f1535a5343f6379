// Base64 (RFC 4648): with padding, as secrets are written in files and put into header fields; by
// the alphabet for URLs, and without.
// Thread: pure functions, any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hourwheel {

void append_base64(std::string& out, std::string_view bytes);
// Strict: only the one spelling that encoding gives; not empty.
std::optional<std::string> decode_base64(std::string_view text);

void append_base64url(std::string& out, std::string_view bytes);
// As strict.
std::optional<std::string> decode_base64url(std::string_view text);

}  // namespace hourwheel
