#include "tests/support/tls_http_client.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <cerrno>
#include <csignal>

#include "engine/base/check.h"

namespace hourwheel {
namespace {

struct FreeMore {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using Bio = std::unique_ptr<BIO, FreeMore>;

Bio reader_of(const std::string& text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::unique_ptr<X509, FreeMore> certificate_of(const std::string& pem) {
  return std::unique_ptr<X509, FreeMore>(
      PEM_read_bio_X509(reader_of(pem).get(), nullptr, nullptr, nullptr));
}

int number_of(TlsVersion version) {
  switch (version) {
    case TlsVersion::kAny:
      return 0;
    case TlsVersion::k10:
      return TLS1_VERSION;
    case TlsVersion::k11:
      return TLS1_1_VERSION;
    case TlsVersion::k12:
      return TLS1_2_VERSION;
    case TlsVersion::k13:
      return TLS1_3_VERSION;
  }
  return 0;
}

void set_up(SSL_CTX* context, const TlsClientPlan& plan) {
  HW_CHECK(context != nullptr, "no memory for TLS");
  // Else it would not speak what a server must refuse.
  SSL_CTX_set_security_level(context, 0);
  SSL_CTX_set_min_proto_version(context, number_of(plan.version));
  SSL_CTX_set_max_proto_version(context, number_of(plan.version));
  if (!plan.ca.empty()) {
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context), certificate_of(plan.ca).get());
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  }
  if (!plan.certificate.empty()) {
    const std::unique_ptr<EVP_PKEY, FreeMore> key(
        PEM_read_bio_PrivateKey(reader_of(plan.key).get(), nullptr, nullptr, nullptr));
    HW_CHECK(SSL_CTX_use_certificate(context, certificate_of(plan.certificate).get()) == 1 &&
                 SSL_CTX_use_PrivateKey(context, key.get()) == 1,
             "a certificate that was made here can be shown");
  }
  std::string offered;
  for (const std::string& protocol : plan.protocols) {
    offered += static_cast<char>(protocol.size()) + protocol;
  }
  SSL_CTX_set_alpn_protos(context, reinterpret_cast<const unsigned char*>(offered.data()),
                          static_cast<unsigned int>(offered.size()));
}

// What a signal interrupts is asked for again, as with plain sockets: the socket blocks with a
// time-out, so the kernel does not go on by itself.
template <class Call>
int uninterrupted(SSL* ssl, Call call) {
  while (true) {
    ERR_clear_error();
    errno = 0;
    const int result = call(ssl);
    const bool interrupted = errno == EINTR;
    const int why = SSL_get_error(ssl, result);
    if (!interrupted || (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE)) return result;
  }
}

}  // namespace

void TlsHttpClient::Free::operator()(ssl_st* stream) const {
  SSL_free(stream);
}
void TlsHttpClient::Free::operator()(ssl_ctx_st* context) const {
  SSL_CTX_free(context);
}
void TlsHttpClient::Free::operator()(ssl_session_st* session) const {
  SSL_SESSION_free(session);
}

TlsHttpClient::TlsHttpClient(uint16_t port, const TlsClientPlan& plan, int timeout_ms,
                             const Session& resumed)
    : HttpClient(port, timeout_ms), context_(SSL_CTX_new(TLS_client_method())) {
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without the flag that spares it
  set_up(context_.get(), plan);
  ssl_.reset(SSL_new(context_.get()));
  SSL_set_fd(ssl_.get(), fd());
  if (!plan.ca.empty()) SSL_set1_host(ssl_.get(), "localhost");
  if (resumed != nullptr) SSL_set_session(ssl_.get(), resumed.get());
  if (!plan.later) shake_hands();
}

TlsHttpClient::~TlsHttpClient() = default;

bool TlsHttpClient::shake_hands() {
  secured_ = connected() && uninterrupted(ssl_.get(), &SSL_connect) == 1;
  return secured_;
}

std::string TlsHttpClient::version() const {
  return SSL_get_version(ssl_.get());
}

std::string TlsHttpClient::protocol() const {
  const unsigned char* chosen = nullptr;
  unsigned int length = 0;
  SSL_get0_alpn_selected(ssl_.get(), &chosen, &length);
  return length == 0 ? "" : std::string(reinterpret_cast<const char*>(chosen), length);
}

std::string TlsHttpClient::peer() const {
  const std::unique_ptr<X509, FreeMore> shown(SSL_get1_peer_certificate(ssl_.get()));
  if (shown == nullptr) return "";
  const Bio bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(bio.get(), shown.get());
  std::string pem(BIO_ctrl_pending(bio.get()), '\0');
  BIO_read(bio.get(), pem.data(), static_cast<int>(pem.size()));
  return pem;
}

bool TlsHttpClient::resumed() const {
  return SSL_session_reused(ssl_.get()) == 1;
}

bool TlsHttpClient::got_ticket() const {
  const SSL_SESSION* session = SSL_get_session(ssl_.get());
  return session != nullptr && SSL_SESSION_has_ticket(session) == 1;
}

TlsHttpClient::Session TlsHttpClient::session() const {
  return Session(SSL_get1_session(ssl_.get()));
}

bool TlsHttpClient::renegotiate() {
  return SSL_renegotiate(ssl_.get()) == 1 && uninterrupted(ssl_.get(), &SSL_do_handshake) == 1;
}

ssize_t TlsHttpClient::write_some(std::string_view bytes) {
  return uninterrupted(ssl_.get(), [bytes](SSL* ssl) {
    return SSL_write(ssl, bytes.data(), static_cast<int>(bytes.size()));
  });
}

std::optional<int> alert_to(TlsVersion version, ssl_ctx_st* server) {
  constexpr size_t kDescriptionAt = 6;  // behind type, version, length and level
  const std::unique_ptr<SSL_CTX, TlsHttpClient::Free> context(SSL_CTX_new(TLS_client_method()));
  set_up(context.get(), {.version = version});
  const std::unique_ptr<SSL, TlsHttpClient::Free> asking(SSL_new(context.get()));
  const std::unique_ptr<SSL, TlsHttpClient::Free> answering(SSL_new(server));
  BIO* question = BIO_new(BIO_s_mem());
  BIO* answer = BIO_new(BIO_s_mem());
  BIO_up_ref(question);  // one reference for each of the two
  BIO_up_ref(answer);
  SSL_set_bio(asking.get(), answer, question);
  SSL_set_bio(answering.get(), question, answer);
  SSL_set_security_level(answering.get(), 0);
  SSL_connect(asking.get());
  HW_CHECK(BIO_ctrl_pending(question) > 0, "a client of any version begins");
  SSL_accept(answering.get());
  ERR_clear_error();
  std::string bytes(BIO_ctrl_pending(answer), '\0');
  BIO_read(answer, bytes.data(), static_cast<int>(bytes.size()));
  if (bytes.size() <= kDescriptionAt || bytes.front() != SSL3_RT_ALERT) return std::nullopt;
  return static_cast<unsigned char>(bytes[kDescriptionAt]);
}

// A time-out is told as recv() tells it, any end as the end.
ssize_t TlsHttpClient::read_some(char* bytes, size_t size) {
  const int got = uninterrupted(
      ssl_.get(), [=](SSL* ssl) { return SSL_read(ssl, bytes, static_cast<int>(size)); });
  if (got > 0) return got;
  if (SSL_get_error(ssl_.get(), got) != SSL_ERROR_WANT_READ) return 0;
  errno = EAGAIN;
  return -1;
}

}  // namespace hourwheel
