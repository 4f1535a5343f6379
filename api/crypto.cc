#include "api/crypto.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include "engine/base/check.h"

namespace hourwheel {
namespace {

// Without one OpenSSL would ask whoever sits at the terminal.
int no_passphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*data*/) {
  return -1;
}

const unsigned char* start_of(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

}  // namespace

Digest sha256(std::string_view bytes) {
  Digest digest{};
  SHA256(start_of(bytes), bytes.size(), digest.data());
  return digest;
}

Digest hmac_sha256(std::string_view key, std::string_view bytes) {
  Digest digest{};
  unsigned int size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), start_of(bytes), bytes.size(),
       digest.data(), &size);
  HW_CHECK(size == digest.size(), "SHA-256 has 32 bytes");
  return digest;
}

bool same_digest(const Digest& a, const Digest& b) {
  return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

bool are_certificates(std::string_view pem) {
  ERR_clear_error();
  BIO* text = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  HW_CHECK(text != nullptr, "no memory for certificates");
  size_t count = 0;
  while (X509* certificate = PEM_read_bio_X509(text, nullptr, &no_passphrase, nullptr)) {
    X509_free(certificate);
    ++count;
  }
  BIO_free(text);
  // The end of the text is told as a text without a beginning.
  const bool whole = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  return whole && count > 0;
}

Result<RandomBytes> random_bytes() {
  RandomBytes bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
    return failure(ErrorCode::kIo, "", "the system gives no random bytes for a secret");
  }
  return bytes;
}

}  // namespace hourwheel
