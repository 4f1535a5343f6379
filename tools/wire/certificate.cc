#include "tools/wire/certificate.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>

#include <array>
#include <memory>

#include "engine/base/check.h"

namespace hourwheel {
namespace {

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
};
using KeyPointer = std::unique_ptr<EVP_PKEY, Free>;
using CertificatePointer = std::unique_ptr<X509, Free>;
using BioPointer = std::unique_ptr<BIO, Free>;

BioPointer reader_of(const std::string& text) {
  return BioPointer(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::string text_of(BIO* bio) {
  std::string text(BIO_ctrl_pending(bio), '\0');
  BIO_read(bio, text.data(), static_cast<int>(text.size()));
  return text;
}

void add_extension(X509* certificate, int kind, const std::string& value) {
  const std::unique_ptr<X509_EXTENSION, Free> extension(
      X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str()));
  HW_CHECK(extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1,
           "a planned extension can be written");
}

std::string alternative_names(const std::vector<std::string>& hosts) {
  std::string names;
  for (const std::string& host : hosts) {
    const bool address = host.find(':') != std::string::npos ||
                         host.find_first_not_of("0123456789.") == std::string::npos;
    names += (names.empty() ? "" : ",") + std::string(address ? "IP:" : "DNS:") + host;
  }
  return names;
}

std::string pin_of(X509* certificate) {
  unsigned char* der = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(der, static_cast<size_t>(size), digest.data());
  OPENSSL_free(der);
  std::array<unsigned char, 64> text{};
  EVP_EncodeBlock(text.data(), digest.data(), static_cast<int>(digest.size()));
  return "sha256/" + std::string(reinterpret_cast<const char*>(text.data()));
}

void name(X509* certificate, const CertificatePlan& plan) {
  const std::string usual = plan.hosts.empty() ? "Made authority" : plan.hosts.front();
  const std::string& text = plan.name.empty() ? usual : plan.name;
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(text.c_str()), -1, -1, 0);
}

}  // namespace

Certificate make_certificate(const CertificatePlan& plan, const Certificate* issuer) {
  const KeyPointer key(EVP_EC_gen("P-256"));
  const CertificatePointer made(X509_new());
  HW_CHECK(key != nullptr && made != nullptr, "no memory for a certificate");
  int64_t serial = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial);
  ASN1_INTEGER_set_int64(X509_get_serialNumber(made.get()), serial & INT64_MAX);
  X509_set_version(made.get(), X509_VERSION_3);
  ASN1_TIME_set(X509_getm_notBefore(made.get()), plan.from.ms / 1000);
  ASN1_TIME_set(X509_getm_notAfter(made.get()), plan.to.ms / 1000);
  X509_set_pubkey(made.get(), key.get());
  name(made.get(), plan);
  if (plan.hosts.empty()) {
    add_extension(made.get(), NID_basic_constraints, "critical,CA:TRUE");
  } else {
    add_extension(made.get(), NID_subject_alt_name, alternative_names(plan.hosts));
  }
  CertificatePointer by;
  KeyPointer by_key;
  if (issuer != nullptr) {
    by.reset(PEM_read_bio_X509(reader_of(issuer->pem).get(), nullptr, nullptr, nullptr));
    by_key.reset(
        PEM_read_bio_PrivateKey(reader_of(issuer->key_pem).get(), nullptr, nullptr, nullptr));
    HW_CHECK(by != nullptr && by_key != nullptr, "an issuer was made here, too");
  }
  X509_set_issuer_name(made.get(), X509_get_subject_name(by ? by.get() : made.get()));
  HW_CHECK(X509_sign(made.get(), by_key ? by_key.get() : key.get(), EVP_sha256()) > 0,
           "a key that was made can sign");
  const BioPointer pem(BIO_new(BIO_s_mem()));
  const BioPointer key_pem(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(pem.get(), made.get());
  PEM_write_bio_PrivateKey(key_pem.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  return {text_of(pem.get()), text_of(key_pem.get()), pin_of(made.get())};
}

}  // namespace hourwheel
