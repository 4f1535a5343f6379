#include "net/tls_front.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <utility>
#include <vector>

#include "engine/base/check.h"

namespace hourwheel {
namespace {

constexpr const char* kOwn = "tls-certificate";
constexpr const char* kKey = "tls-key";
constexpr const char* kClientCa = "tls-client-ca";

constexpr int kMaxClientChain = 10;
constexpr long kMaxClientChainBytes = 32 * 1024;  // some 16 certificates
constexpr size_t kMaxSubject = 256;               // of a log line

struct Free {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(ASN1_TIME* time) const { ASN1_TIME_free(time); }
};
using Bio = std::unique_ptr<BIO, Free>;
using CertificatePtr = std::unique_ptr<X509, Free>;

tl::unexpected<Error> refuse(const char* field, std::string detail) {
  ERR_clear_error();
  return failure(ErrorCode::kValidationFailed, field, std::move(detail));
}

// With OpenSSL's word for what it did not like.
tl::unexpected<Error> refuse_by_openssl(const char* field, const std::string& detail) {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  return refuse(field, reason == nullptr ? detail : detail + " (" + reason + ")");
}

Bio reader_of(const std::string& text) {
  Bio bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  HW_CHECK(bio != nullptr, "no memory for a certificate");
  return bio;
}

// TF4. Without one OpenSSL would ask whoever sits at the terminal. Notes that it was asked.
int no_passphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* asked) {
  if (asked != nullptr) *static_cast<bool*>(asked) = true;
  return -1;
}

// One at least, and nothing that is damaged.
Result<std::vector<CertificatePtr>> read_certificates(const std::string& pem, const char* field) {
  ERR_clear_error();
  const Bio bio = reader_of(pem);
  std::vector<CertificatePtr> all;
  while (true) {
    CertificatePtr one(PEM_read_bio_X509(bio.get(), nullptr, &no_passphrase, nullptr));
    if (one == nullptr) break;
    all.push_back(std::move(one));
  }
  // The end of the text is told as a text without a beginning.
  const bool whole = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  if (!whole) return refuse_by_openssl(field, "a certificate in it is damaged");
  if (all.empty()) return refuse(field, "there is no PEM certificate in it");
  ERR_clear_error();
  return all;
}

Status use_certificates(SSL_CTX* context, const std::vector<CertificatePtr>& chain) {
  if (SSL_CTX_use_certificate(context, chain.front().get()) != 1) {
    return refuse_by_openssl(kOwn, "its certificate cannot be served with");
  }
  for (size_t i = 1; i < chain.size(); ++i) {
    if (SSL_CTX_add1_chain_cert(context, chain[i].get()) != 1) {
      return refuse_by_openssl(kOwn, "a certificate of its chain cannot be served with");
    }
  }
  return {};
}

Status use_key(SSL_CTX* context, X509* certificate, const std::string& pem) {
  ERR_clear_error();
  bool encrypted = false;
  const std::unique_ptr<EVP_PKEY, Free> key(
      PEM_read_bio_PrivateKey(reader_of(pem).get(), nullptr, &no_passphrase, &encrypted));
  if (encrypted) return refuse(kKey, "it is encrypted; nobody is there to give a passphrase");
  if (key == nullptr) return refuse(kKey, "there is no PEM key in it that can be read");
  if (X509_check_private_key(certificate, key.get()) != 1) {
    return refuse(kKey, "it is not the key of the certificate");
  }
  if (SSL_CTX_use_PrivateKey(context, key.get()) == 1) return {};
  return refuse_by_openssl(kKey, "it cannot be served with");
}

// TF3
Status ask_clients(SSL_CTX* context, const std::string& pem) {
  auto issuers = read_certificates(pem, kClientCa);
  if (!issuers) return failure(std::move(issuers.error()));
  const std::unique_ptr<X509_STORE, TlsDeleter> trusted(X509_STORE_new());
  HW_CHECK(trusted != nullptr, "no memory for certificates");
  for (const CertificatePtr& one : *issuers) {
    // The names let a client choose from its certificates. One that is there twice does no harm.
    if (X509_STORE_add_cert(trusted.get(), one.get()) != 1 ||
        SSL_CTX_add_client_CA(context, one.get()) != 1) {
      return refuse_by_openssl(kClientCa, "a certificate in it cannot be trusted");
    }
  }
  HW_CHECK(SSL_CTX_set1_verify_cert_store(context, trusted.get()) == 1, "a store can be shared");
  // What the operator names is trusted itself, be it a root or one in between.
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context), X509_V_FLAG_PARTIAL_CHAIN);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  SSL_CTX_set_verify_depth(context, kMaxClientChain);
  SSL_CTX_set_max_cert_list(context, kMaxClientChainBytes);
  return {};
}

// TF1
// NOLINTNEXTLINE(readability-function-size): the parameters are OpenSSL's
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* length,
                    const unsigned char* offered, unsigned int offered_length, void*) {
  static constexpr std::array<unsigned char, 9> kOurs{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  unsigned char* found = nullptr;
  const int result =
      SSL_select_next_proto(&found, length, kOurs.data(), kOurs.size(), offered, offered_length);
  *chosen = found;
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

// TF1, TF2
TlsContext make_context() {
  constexpr std::array<unsigned char, 9> kName{'h', 'o', 'u', 'r', 'w', 'h', 'e', 'e', 'l'};
  TlsContext made(SSL_CTX_new(TLS_server_method()));
  SSL_CTX* context = made.get();
  const bool good = context != nullptr &&
                    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
                    SSL_CTX_set_max_proto_version(context, 0) == 1 &&
                    SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1 &&
                    SSL_CTX_set1_groups_list(context, "X25519:P-256:P-384") == 1 &&
                    SSL_CTX_set_num_tickets(context, 0) == 1 &&
                    SSL_CTX_set_session_id_context(context, kName.data(), kName.size()) == 1;
  if (!good) return nullptr;
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_TICKET);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_max_early_data(context, 0);
  // What is sent is what the file says, whatever else is trusted. Idle connections are many.
  SSL_CTX_set_mode(context, SSL_MODE_NO_AUTO_CHAIN | SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_alpn_select_cb(context, &choose_protocol, nullptr);
  return made;
}

// Control characters come escaped.
std::string subject_of(const X509* certificate) {
  const Bio bio(BIO_new(BIO_s_mem()));
  HW_CHECK(bio != nullptr, "no memory for a name");
  X509_NAME_print_ex(bio.get(), X509_get_subject_name(certificate), 0,
                     XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
  std::string text(BIO_ctrl_pending(bio.get()), '\0');
  BIO_read(bio.get(), text.data(), static_cast<int>(text.size()));
  if (text.size() > kMaxSubject) text.resize(kMaxSubject);
  return text.empty() ? "nobody by name" : text;
}

Instant instant_of(const ASN1_TIME* time) {
  constexpr int64_t kDayMs = int64_t{24} * 60 * 60 * 1000;
  const std::unique_ptr<ASN1_TIME, Free> epoch(ASN1_TIME_set(nullptr, 0));
  int days = 0;
  int seconds = 0;
  if (epoch == nullptr || ASN1_TIME_diff(&days, &seconds, epoch.get(), time) != 1) return {};
  return Instant{days * kDayMs + int64_t{seconds} * 1000};
}

}  // namespace

TlsContext share(const TlsContext& context) {
  if (context != nullptr) {
    HW_CHECK(SSL_CTX_up_ref(context.get()) == 1, "a context can be shared");
  }
  return TlsContext(context.get());
}

Result<TlsFront> TlsFront::create(const TlsFrontTexts& texts) {
  TlsFront front;
  front.context_ = make_context();
  if (front.context_ == nullptr) return refuse_by_openssl("", "OpenSSL cannot be set up for TLS");
  auto chain = read_certificates(texts.certificate, kOwn);
  if (!chain) return failure(std::move(chain.error()));
  X509* own = chain->front().get();
  SSL_CTX* context = front.context_.get();
  if (auto used = use_certificates(context, *chain); !used) return failure(std::move(used.error()));
  if (auto used = use_key(context, own, texts.key); !used) return failure(std::move(used.error()));
  if (texts.client_ca) {
    auto asked = ask_clients(context, *texts.client_ca);
    if (!asked) return failure(std::move(asked.error()));
  }
  front.subject_ = subject_of(own);
  front.not_before_ = instant_of(X509_get0_notBefore(own));
  front.not_after_ = instant_of(X509_get0_notAfter(own));
  return front;
}

}  // namespace hourwheel
