#include "tools/wire/tls_server.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <array>

#include "engine/base/check.h"

namespace hourwheel {
namespace {

// Only HTTP/1.1 is spoken here.
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

void ask_clients(SSL_CTX* context, const Certificate& authority) {
  BIO* pem = BIO_new_mem_buf(authority.pem.data(), static_cast<int>(authority.pem.size()));
  X509* issuer = PEM_read_bio_X509(pem, nullptr, nullptr, nullptr);
  constexpr std::array<unsigned char, 4> kName{'w', 'i', 'r', 'e'};
  HW_CHECK(X509_STORE_add_cert(SSL_CTX_get_cert_store(context), issuer) == 1 &&
               SSL_CTX_add_client_CA(context, issuer) == 1 &&
               SSL_CTX_set_session_id_context(context, kName.data(), kName.size()) == 1,
           "a certificate that was made here can be trusted");
  X509_free(issuer);
  BIO_free(pem);
  // Clients in tests have a time of their own.
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context), X509_V_FLAG_NO_CHECK_TIME);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
}

}  // namespace

void TlsServer::Deleter::operator()(ssl_ctx_st* context) const {
  SSL_CTX_free(context);
}
void TlsServerStream::Deleter::operator()(ssl_st* stream) const {
  SSL_free(stream);
}

TlsServer::TlsServer(const Certificate& certificate, TlsVersions versions,
                     const Certificate* client_authority)
    : context_(SSL_CTX_new(TLS_server_method())) {
  SSL_CTX* context = context_.get();
  BIO* pem = BIO_new_mem_buf(certificate.pem.data(), static_cast<int>(certificate.pem.size()));
  BIO* key_pem =
      BIO_new_mem_buf(certificate.key_pem.data(), static_cast<int>(certificate.key_pem.size()));
  X509* own = PEM_read_bio_X509(pem, nullptr, nullptr, nullptr);
  EVP_PKEY* key = PEM_read_bio_PrivateKey(key_pem, nullptr, nullptr, nullptr);
  HW_CHECK(SSL_CTX_use_certificate(context, own) == 1 && SSL_CTX_use_PrivateKey(context, key) == 1,
           "a certificate that was made here can be served with");
  X509_free(own);
  EVP_PKEY_free(key);
  BIO_free(pem);
  BIO_free(key_pem);
  SSL_CTX_set_alpn_select_cb(context, &choose_protocol, nullptr);
  if (client_authority != nullptr) ask_clients(context, *client_authority);
  if (versions == TlsVersions::kOnly12) SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
  if (versions == TlsVersions::kOnly11) {
    SSL_CTX_set_security_level(context, 0);  // else it would not speak it at all
    SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context, TLS1_1_VERSION);
  }
}

TlsServerStream::TlsServerStream(TlsServer& server) : ssl_(SSL_new(server.context_.get())) {
  HW_CHECK(ssl_ != nullptr, "no memory for a TLS stream");
  SSL_set_bio(ssl_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  SSL_set_accept_state(ssl_.get());
}

// Else the session could not be resumed.
TlsServerStream::~TlsServerStream() {
  if (is_open()) SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

bool TlsServerStream::receive(std::string_view bytes, std::string& plain) {
  BIO* in = SSL_get_rbio(ssl_.get());
  BIO_write(in, bytes.data(), static_cast<int>(bytes.size()));
  std::array<char, size_t{16} * 1024> buffer;
  while (true) {
    ERR_clear_error();
    const int size = SSL_read(ssl_.get(), buffer.data(), static_cast<int>(buffer.size()));
    if (size <= 0) return SSL_get_error(ssl_.get(), size) == SSL_ERROR_WANT_READ;
    plain.append(buffer.data(), static_cast<size_t>(size));
    if (BIO_ctrl_pending(in) == 0 && SSL_pending(ssl_.get()) == 0) return true;
  }
}

void TlsServerStream::write(std::string_view plain) {
  ERR_clear_error();
  const int size = static_cast<int>(plain.size());
  HW_CHECK(SSL_write(ssl_.get(), plain.data(), size) == size, "an open stream takes an answer");
}

void TlsServerStream::end() {
  if (is_open()) SSL_shutdown(ssl_.get());
}

std::string TlsServerStream::take_output() {
  BIO* out = SSL_get_wbio(ssl_.get());
  std::string bytes(BIO_ctrl_pending(out), '\0');
  BIO_read(out, bytes.data(), static_cast<int>(bytes.size()));
  return bytes;
}

bool TlsServerStream::is_open() const {
  return SSL_is_init_finished(ssl_.get()) == 1;
}

std::string TlsServerStream::asked_for() const {
  const char* name = SSL_get_servername(ssl_.get(), TLSEXT_NAMETYPE_host_name);
  return name == nullptr ? "" : name;
}

std::string TlsServerStream::client() const {
  const X509* shown = SSL_get0_peer_certificate(ssl_.get());
  if (shown == nullptr) return {};
  std::array<char, 256> name{};
  X509_NAME_get_text_by_NID(X509_get_subject_name(shown), NID_commonName, name.data(), name.size());
  return name.data();
}

}  // namespace hourwheel
