#include "store/digest.h"

#include <openssl/evp.h>

#include "engine/base/check.h"

namespace hourwheel {

struct Digester::State {
  struct Free {
    void operator()(EVP_MD* one) const { EVP_MD_free(one); }
    void operator()(EVP_MD_CTX* one) const { EVP_MD_CTX_free(one); }
  };
  std::unique_ptr<EVP_MD, Free> algorithm{EVP_MD_fetch(nullptr, "SHA256", nullptr)};
  std::unique_ptr<EVP_MD_CTX, Free> context{EVP_MD_CTX_new()};
};

Digester::Digester() : state_(std::make_unique<State>()) {
  HW_CHECK(state_->algorithm && state_->context, "OpenSSL has SHA-256");
}

Digester::~Digester() = default;

void Digester::begin() {
  const int done = EVP_DigestInit_ex2(state_->context.get(), state_->algorithm.get(), nullptr);
  HW_CHECK(done == 1, "a digest can be begun");
}

void Digester::add(std::string_view part) {
  const int done = EVP_DigestUpdate(state_->context.get(), part.data(), part.size());
  HW_CHECK(done == 1, "a digest takes what there is");
}

AuditDigest Digester::end() {
  AuditDigest digest{};
  unsigned size = 0;
  const int done = EVP_DigestFinal_ex(state_->context.get(), digest.data(), &size);
  HW_CHECK(done == 1 && size == digest.size(), "SHA-256 has 32 bytes");
  return digest;
}

}  // namespace hourwheel
