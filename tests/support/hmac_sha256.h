// HMAC-SHA256 (RFC 2104, FIPS 180-4) a second time, as plainly as possible, to hold signatures
// against. Thread: pure function, any thread.
#pragma once

#include <string>
#include <string_view>

namespace hourwheel {

// 32 bytes.
std::string hmac_sha256(std::string_view key, std::string_view message);

// Standard, with padding.
std::string base64_text(std::string_view bytes);
std::string base64_bytes(std::string_view text);

}  // namespace hourwheel
