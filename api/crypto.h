// What keys, sessions and the checks of tasks need of cryptography, by OpenSSL. Thread: pure
// functions, but for random_bytes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/base/result.h"

namespace hourwheel {

using Digest = std::array<uint8_t, 32>;

Digest sha256(std::string_view bytes);                             // FIPS 180-4
Digest hmac_sha256(std::string_view key, std::string_view bytes);  // RFC 2104

// Takes as long for any two digests.
bool same_digest(const Digest& a, const Digest& b);

// PEM text of one certificate or more, and none that cannot be read.
bool are_certificates(std::string_view pem);

// For secrets: from the system's own generator. kIo: it gives none.
using RandomBytes = std::array<uint8_t, 64>;
Result<RandomBytes> random_bytes();

}  // namespace hourwheel
