#include "net/tls_client_certificate.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/check.h"

namespace hourwheel {
namespace {

constexpr size_t kMaxCertificates = 10;  // of one text
// A signature by RSA takes eight times as long for twice the bits: 3 ms here, in which the reactor
// does nothing else.
constexpr int kMaxKeyBits = 4096;

struct FreePart {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using OwnedCertificate = std::unique_ptr<X509, FreePart>;
using KeyPtr = std::unique_ptr<EVP_PKEY, FreePart>;

struct Parts {
  std::vector<OwnedCertificate> certificates;
  KeyPtr key;
};

// One block of a text, as OpenSSL gives it. TC2: wiped.
struct Block {
  char* name = nullptr;
  char* header = nullptr;
  unsigned char* bytes = nullptr;
  long size = 0;

  Block() = default;
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;
  ~Block() {
    OPENSSL_secure_free(name);
    OPENSSL_secure_free(header);
    OPENSSL_secure_clear_free(bytes, static_cast<size_t>(size));
  }
  bool read_from(BIO* text) {
    constexpr unsigned int kWiped = PEM_FLAG_SECURE | PEM_FLAG_EAY_COMPATIBLE;
    return PEM_read_bio_ex(text, &name, &header, &bytes, &size, kWiped) == 1;
  }
  [[nodiscard]] std::string_view kind() const { return name; }
  [[nodiscard]] bool encrypted() const {
    return kind() == PEM_STRING_PKCS8 ||
           std::string_view(header).find("ENCRYPTED") != std::string_view::npos;
  }
};

tl::unexpected<Error> unusable(std::string why) {
  ERR_clear_error();
  return failure(ErrorCode::kValidationFailed, "", std::move(why));
}

Status take(const Block& block, Parts& parts) {
  const unsigned char* bytes = block.bytes;
  if (block.kind() == PEM_STRING_X509 || block.kind() == PEM_STRING_X509_OLD) {
    parts.certificates.emplace_back(d2i_X509(nullptr, &bytes, block.size));
    if (parts.certificates.back() == nullptr) return unusable("has a damaged certificate");
    if (parts.certificates.size() <= kMaxCertificates) return {};
    return unusable("has more than " + std::to_string(kMaxCertificates) + " certificates");
  }
  if (!block.kind().ends_with("PRIVATE KEY")) return {};  // the parameters of a curve, say
  if (block.encrypted()) return unusable("has an encrypted private key");
  if (parts.key != nullptr) return unusable("has more than one private key");
  parts.key.reset(d2i_AutoPrivateKey(nullptr, &bytes, block.size));
  if (parts.key == nullptr) return unusable("has a private key that cannot be read");
  if (EVP_PKEY_get_bits(parts.key.get()) <= kMaxKeyBits) return {};
  return unusable("has a private key of more than " + std::to_string(kMaxKeyBits) + " bits");
}

Result<Parts> read_parts(std::string_view pem) {
  ERR_clear_error();
  const std::unique_ptr<BIO, FreePart> text(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  HW_CHECK(text != nullptr, "no memory for a certificate");
  Parts parts;
  while (true) {
    Block block;
    if (!block.read_from(text.get())) break;
    if (auto taken = take(block, parts); !taken) return failure(std::move(taken.error()));
  }
  // The end of the text is told as a text without a beginning.
  const bool whole = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  if (!whole) return unusable("has a damaged PEM block");
  if (parts.certificates.empty()) return unusable("has no PEM certificate");
  if (parts.key == nullptr) return unusable("has no PEM private key");
  return parts;
}

// By its signature: issuers' names may be the same.
bool is_signed_by(X509* certificate, X509* issuer) {
  return X509_check_issued(issuer, certificate) == X509_V_OK &&
         X509_verify(certificate, X509_get0_pubkey(issuer)) == 1;
}

// The first certificate for which it holds, taken out of all; null: there is none.
template <class Wanted>
OwnedCertificate take_first(std::vector<OwnedCertificate>& all, Wanted wanted) {
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const auto& one) { return wanted(one.get()); });
  if (found == all.end()) return nullptr;
  OwnedCertificate taken = std::move(*found);
  all.erase(found);
  return taken;
}

// TC1. The certificate of the key first, then each behind the one it has signed.
Status put(Parts parts, SSL_CTX* context) {
  auto own = take_first(parts.certificates, [&](X509* one) {
    return X509_check_private_key(one, parts.key.get()) == 1;
  });
  if (own == nullptr) return unusable("has the private key of another certificate");
  bool good = SSL_CTX_use_certificate(context, own.get()) == 1 &&
              SSL_CTX_use_PrivateKey(context, parts.key.get()) == 1;
  while (good) {
    auto above =
        take_first(parts.certificates, [&](X509* one) { return is_signed_by(own.get(), one); });
    if (above == nullptr) break;
    good = SSL_CTX_add1_chain_cert(context, above.get()) == 1;
    own = std::move(above);
  }
  if (!good) return unusable("has a certificate or a private key that is too weak for TLS");
  ERR_clear_error();  // of those that were looked at in vain
  return {};
}

}  // namespace

void TlsClientCertificate::Deleter::operator()(ssl_ctx_st* context) const {
  SSL_CTX_free(context);
}

Result<TlsClientCertificate> TlsClientCertificate::parse(std::string_view pem) {
  auto parts = read_parts(pem);
  if (!parts) return failure(std::move(parts.error()));
  Held held(SSL_CTX_new(TLS_client_method()));
  HW_CHECK(held != nullptr, "no memory for a certificate");
  if (auto done = put(*std::move(parts), held.get()); !done) {
    return failure(std::move(done.error()));
  }
  return TlsClientCertificate(std::move(held));
}

TlsClientCertificate TlsClientCertificate::share() const {
  HW_CHECK(SSL_CTX_up_ref(held_.get()) == 1, "a context can be shared");
  return TlsClientCertificate(Held(held_.get()));
}

void TlsClientCertificate::show(ssl_st* stream) const {
  STACK_OF(X509)* chain = nullptr;
  SSL_CTX_get0_chain_certs(held_.get(), &chain);
  const int used = SSL_use_cert_and_key(stream, SSL_CTX_get0_certificate(held_.get()),
                                        SSL_CTX_get0_privatekey(held_.get()), chain, 1);
  HW_CHECK(used == 1, "TC1 what was parsed can be shown");
  // What is sent is what the text says, whatever else is trusted.
  SSL_set_mode(stream, SSL_MODE_NO_AUTO_CHAIN);
}

}  // namespace hourwheel
