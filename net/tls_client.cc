#include "net/tls_client.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/siphash.h"
#include "engine/limits.h"
#include "net/address.h"

namespace hourwheel {
namespace {

constexpr int kMaxChain = 10;
constexpr int64_t kMaxChainBytes = 32 * 1024;      // some 16 certificates
constexpr size_t kMaxAnswers = size_t{16} * 1024;  // bytes a connection: 500 alerts

struct BioDeleter {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
struct CertificateDeleter {
  void operator()(X509* certificate) const { X509_free(certificate); }
};

// Where distributions have their list, the library's own idea of it first.
constexpr std::array kSystemFiles{"/etc/ssl/certs/ca-certificates.crt",
                                  "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
                                  "/etc/ssl/cert.pem"};

// Without one OpenSSL would ask whoever sits at the terminal.
int no_passphrase_here(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*data*/) {
  return -1;
}

std::string_view sentence_of(int64_t verify_error) {
  switch (verify_error) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return "the target's certificate has expired";
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return "the target's certificate is not valid yet";
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return "the target's certificate is for another host";
    default:
      return "the target's certificate is not trusted";
  }
}

// What has gone wrong, when OpenSSL's last error may be an alert: those of the target are about us.
std::string_view sentence_of_alert(std::string_view otherwise) {
  const unsigned long error = ERR_peek_error();
  if (ERR_GET_LIB(error) != ERR_LIB_SSL) return otherwise;
  switch (ERR_GET_REASON(error) - SSL_AD_REASON_OFFSET) {
    case SSL_AD_BAD_CERTIFICATE:
    case SSL_AD_UNSUPPORTED_CERTIFICATE:
    case SSL_AD_CERTIFICATE_REVOKED:
    case SSL_AD_CERTIFICATE_EXPIRED:
    case SSL_AD_CERTIFICATE_UNKNOWN:
    case SSL_AD_UNKNOWN_CA:
    case SSL_AD_ACCESS_DENIED:
      return "the target does not accept the client certificate";
    case TLS13_AD_CERTIFICATE_REQUIRED:
      return "the target demands a client certificate";
    default:
      return otherwise;
  }
}

// As in a pin: "sha256/" and the base64 of the hash of the whole public key structure.
std::string pin_of(const X509* certificate) {
  unsigned char* der = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
  if (size <= 0) return {};
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(der, static_cast<size_t>(size), digest.data());
  OPENSSL_free(der);
  std::array<unsigned char, 4 * ((SHA256_DIGEST_LENGTH + 2) / 3) + 1> text{};
  const int length = EVP_EncodeBlock(text.data(), digest.data(), static_cast<int>(digest.size()));
  return "sha256/" +
         std::string(reinterpret_cast<const char*>(text.data()), static_cast<size_t>(length));
}

bool has_expired(const X509* certificate, Instant now) {
  time_t seconds = now.ms / 1000;
  return certificate == nullptr || X509_cmp_time(X509_get0_notAfter(certificate), &seconds) <= 0;
}

}  // namespace

void TlsDeleter::operator()(ssl_st* stream) const {
  SSL_free(stream);
}
void TlsDeleter::operator()(ssl_ctx_st* context) const {
  SSL_CTX_free(context);
}
void TlsDeleter::operator()(ssl_session_st* session) const {
  SSL_SESSION_free(session);
}
void TlsDeleter::operator()(x509_store_st* store) const {
  X509_STORE_free(store);
}

// --- what is trusted ---

Result<TlsRoots> TlsRoots::read(const std::string& file) {
  ERR_clear_error();
  TlsRoots roots;
  roots.store_.reset(X509_STORE_new());
  HW_CHECK(roots.store_ != nullptr, "no memory for certificates");
  if (X509_STORE_load_file(roots.store_.get(), file.c_str()) != 1) {
    ERR_clear_error();
    return failure(ErrorCode::kIo, "", "no certificates can be read from " + file);
  }
  roots.source_ = file;
  return roots;
}

TlsRoots TlsRoots::of_system() {
  if (auto roots = read(X509_get_default_cert_file())) return std::move(*roots);
  for (const char* file : kSystemFiles) {
    if (auto roots = read(file)) return std::move(*roots);
  }
  return {};
}

Result<TlsRoots> TlsRoots::parse(std::string_view pem) {
  ERR_clear_error();
  TlsRoots roots;
  roots.store_.reset(X509_STORE_new());
  std::unique_ptr<BIO, BioDeleter> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  HW_CHECK(roots.store_ != nullptr && bio != nullptr, "no memory for certificates");
  size_t count = 0;
  while (true) {
    const std::unique_ptr<X509, CertificateDeleter> certificate(
        PEM_read_bio_X509(bio.get(), nullptr, &no_passphrase_here, nullptr));
    if (certificate == nullptr) break;
    if (X509_STORE_add_cert(roots.store_.get(), certificate.get()) == 1) ++count;
  }
  // The end of the text is told as a text without a beginning.
  const bool whole = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (!whole || count == 0) {
    return failure(ErrorCode::kValidationFailed, "", "not a text of PEM certificates");
  }
  return roots;
}

Destination destination_of(const Url& url, const TargetTls& tls, Version certificate) {
  const Destination plain = destination_of(url);
  if (url.scheme == UrlScheme::kHttp || tls == TargetTls{}) return plain;
  std::string name = std::to_string(plain.value);
  name.append(tls.insecure_skip_verify ? "/insecure/" : "/verified/");
  name.append(std::to_string(tls.pin.size())).append("/").append(tls.pin).append("/");
  // Names of secrets have no slash.
  name.append(tls.client_certificate).append("/").append(std::to_string(certificate.value));
  name.append("/").append(tls.ca);
  return {siphash128(name).first};
}

Result<std::unique_ptr<TlsTarget>> TlsTarget::create(uint64_t key, const std::string& host,
                                                     const TargetTls& settings,
                                                     const TlsClientCertificate* certificate) {
  auto target = std::make_unique<TlsTarget>();
  target->key = key;
  target->host = host;
  target->settings = settings;
  if (!settings.ca.empty()) {
    auto roots = TlsRoots::parse(settings.ca);
    if (!roots) return failure(std::move(roots).error());
    target->own_roots = *std::move(roots);
  }
  if (certificate != nullptr) target->certificate = certificate->share();
  return target;
}

// --- one connection ---

TlsStream::TlsStream(TlsClient& client, const TlsTarget& target, Now now)
    : client_(client),
      key_(target.key),
      pin_(target.settings.pin),
      verifies_(!target.settings.insecure_skip_verify),
      begun_(now.mono),
      ssl_(SSL_new(client.context_.get())) {
  BIO* in = BIO_new(BIO_s_mem());
  BIO* out = BIO_new(BIO_s_mem());
  HW_CHECK(ssl_ != nullptr && in != nullptr && out != nullptr, "no memory for a TLS stream");
  SSL_set_bio(ssl_.get(), in, out);
  SSL_set_connect_state(ssl_.get());
  SSL_set_app_data(ssl_.get(), this);
  set_expectations(target, now);
  if (target.certificate) target.certificate->show(ssl_.get());
  if (const TlsClient::Session* kept = client.find(key_, now)) {
    SSL_set_session(ssl_.get(), kept->session.get());
    resumed_proof_ = kept->proved;
  }
  shake_hands();
}

TlsStream::~TlsStream() {
  // Without it OpenSSL takes the session for one that was cut off, and never resumes it. An HTTP
  // response says itself where it ends, so that the peer need not be told.
  if (state_ == TlsState::kOpen || state_ == TlsState::kEnded) {
    SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  }
}

void TlsStream::set_expectations(const TlsTarget& target, Now now) {
  const bool is_address = parse_address(target.host, 0).has_value();
  bool set = is_address || SSL_set_tlsext_host_name(ssl_.get(), target.host.c_str()) == 1;
  if (!verifies_) {
    SSL_set_verify(ssl_.get(), SSL_VERIFY_NONE, nullptr);
    HW_CHECK(set, "a host that was parsed can be asked for");
    return;
  }
  SSL_set_verify(ssl_.get(), SSL_VERIFY_PEER, nullptr);
  X509_VERIFY_PARAM* wanted = SSL_get0_param(ssl_.get());
  X509_VERIFY_PARAM_set_time(wanted, now.utc.ms / 1000);
  // Only names that are there to be compared: a subject is a name for people.
  X509_VERIFY_PARAM_set_hostflags(
      wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  set = set && (is_address ? X509_VERIFY_PARAM_set1_ip_asc(wanted, target.host.c_str())
                           : X509_VERIFY_PARAM_set1_host(wanted, target.host.c_str(), 0)) == 1;
  if (target.own_roots.store() != nullptr) {
    // What a task names is trusted itself, be it a root, one in between or the target's own.
    X509_VERIFY_PARAM_set_flags(wanted, X509_V_FLAG_PARTIAL_CHAIN);
    set = set && SSL_set1_verify_cert_store(ssl_.get(), target.own_roots.store()) == 1;
  }
  HW_CHECK(set, "L1 a host that was parsed can be asked for");
}

bool TlsStream::resumed() const {
  return SSL_session_reused(ssl_.get()) == 1;
}

TlsState TlsStream::receive(std::span<const char> bytes, std::string& plain) {
  if (state_ == TlsState::kFailed || state_ == TlsState::kEnded) return state_;
  const int size = static_cast<int>(bytes.size());
  HW_CHECK(BIO_write(SSL_get_rbio(ssl_.get()), bytes.data(), size) == size,
           "no memory for bytes of a target");
  if (state_ == TlsState::kHandshake) shake_hands();
  if (state_ != TlsState::kOpen) return state_;
  const size_t before = BIO_ctrl_pending(SSL_get_wbio(ssl_.get()));
  read(plain);
  answered_ += BIO_ctrl_pending(SSL_get_wbio(ssl_.get())) - before;
  if (answered_ > kMaxAnswers) fail("the target asks for too many answers");  // L5
  return state_;
}

void TlsStream::shake_hands() {
  ERR_clear_error();
  const int done = SSL_do_handshake(ssl_.get());
  if (done == 1) {
    if (const std::string_view why = unproved(); !why.empty()) return fail(why);
    state_ = TlsState::kOpen;
    return;
  }
  if (SSL_get_error(ssl_.get(), done) == SSL_ERROR_WANT_READ) return;
  const int64_t verified = SSL_get_verify_result(ssl_.get());
  fail(verifies_ && verified != X509_V_OK ? sentence_of(verified)
                                          : sentence_of_alert("the TLS handshake failed"));
}

// L1, after a handshake that went well; empty: all is proved.
std::string_view TlsStream::unproved() const {
  const std::unique_ptr<X509, CertificateDeleter> certificate(
      SSL_get1_peer_certificate(ssl_.get()));
  if (certificate == nullptr) return "the target has no certificate";
  if (verifies_) {
    const int64_t verified = SSL_get_verify_result(ssl_.get());
    if (verified != X509_V_OK) return sentence_of(verified);
  }
  if (!pin_.empty() && pin_of(certificate.get()) != pin_) {
    return "the target's key is not the one that is pinned";
  }
  const unsigned char* protocol = nullptr;
  unsigned int length = 0;
  SSL_get0_alpn_selected(ssl_.get(), &protocol, &length);
  const std::string_view chosen(reinterpret_cast<const char*>(protocol), length);
  return chosen.empty() || chosen == "http/1.1" ? "" : "the target wants to speak another protocol";
}

void TlsStream::read(std::string& plain) {
  constexpr size_t kRecord = size_t{16} * 1024;
  std::array<char, kRecord> buffer;
  BIO* in = SSL_get_rbio(ssl_.get());
  while (BIO_ctrl_pending(in) > 0 || SSL_pending(ssl_.get()) > 0) {
    ERR_clear_error();
    const int size = SSL_read(ssl_.get(), buffer.data(), static_cast<int>(buffer.size()));
    if (size > 0) {
      plain.append(buffer.data(), static_cast<size_t>(size));
      continue;
    }
    const int why = SSL_get_error(ssl_.get(), size);
    if (why == SSL_ERROR_WANT_READ) return;
    // With TLS 1.3 a target looks at our certificate after we are done with the handshake.
    if (why != SSL_ERROR_ZERO_RETURN) return fail(sentence_of_alert("the TLS stream is broken"));
    state_ = TlsState::kEnded;
    return;
  }
}

// OpenSSL writes nothing while a message of the peer is half there: it takes that for a handshake.
bool TlsStream::writable(Now now) const {
  return state_ == TlsState::kOpen && SSL_in_init(ssl_.get()) == 0 &&
         now.mono - proved() < kMaxTlsSessionAge;
}

void TlsStream::write(std::string_view plain) {
  HW_CHECK(state_ == TlsState::kOpen, "L1 nothing is written before the peer has proved itself");
  ERR_clear_error();
  const int size = static_cast<int>(plain.size());
  HW_CHECK(SSL_write(ssl_.get(), plain.data(), size) == size, "no memory for a request");
}

std::string TlsStream::take_output() {
  BIO* out = SSL_get_wbio(ssl_.get());
  std::string bytes(BIO_ctrl_pending(out), '\0');
  if (bytes.empty()) return bytes;
  const int size = static_cast<int>(bytes.size());
  HW_CHECK(BIO_read(out, bytes.data(), size) == size, "what is pending can be read");
  return bytes;
}

// The session that was offered may be what it failed on.
void TlsStream::fail(std::string_view why) {
  ERR_clear_error();
  state_ = TlsState::kFailed;
  error_ = why;
  client_.forget(key_);
}

// --- all of them ---

Result<std::unique_ptr<TlsClient>> TlsClient::create(const TlsRoots& roots, size_t max_sessions) {
  ERR_clear_error();
  std::unique_ptr<TlsClient> client(new TlsClient(max_sessions));
  client->context_.reset(SSL_CTX_new(TLS_client_method()));
  SSL_CTX* context = client->context_.get();
  constexpr std::array<unsigned char, 9> kAlpn{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  const bool good = context != nullptr &&
                    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
                    SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1 &&
                    SSL_CTX_set1_groups_list(context, "X25519:P-256:P-384") == 1 &&
                    SSL_CTX_set_alpn_protos(context, kAlpn.data(), kAlpn.size()) == 0;
  if (!good) {
    ERR_clear_error();
    return failure(ErrorCode::kIo, "", "OpenSSL cannot be set up for https targets");
  }
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  // Kept connections are many and idle.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_verify_depth(context, kMaxChain);
  SSL_CTX_set_max_cert_list(context, kMaxChainBytes);
  if (roots.store() != nullptr) SSL_CTX_set1_cert_store(context, roots.store());
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context, &TlsClient::on_session);
  return client;
}

std::unique_ptr<TlsStream> TlsClient::connect(const TlsTarget& target, Now now) {
  return std::make_unique<TlsStream>(*this, target, now);
}

// 1: the session is ours from here on.
int TlsClient::on_session(ssl_st* ssl, ssl_session_st* session) {
  auto* stream = static_cast<TlsStream*>(SSL_get_app_data(ssl));
  stream->client_.keep({stream->key_, stream->proved(), decltype(Session::session)(session)});
  return 1;
}

void TlsClient::keep(Session session) {
  forget(session.key);
  if (sessions_.size() >= max_sessions_) forget(sessions_.front().key);  // L3
  const uint64_t key = session.key;
  by_key_[key] = sessions_.insert(sessions_.end(), std::move(session));
}

const TlsClient::Session* TlsClient::find(uint64_t key, Now now) {
  auto found = by_key_.find(key);
  if (found == by_key_.end()) return nullptr;
  const Session& kept = *found->second;
  const bool good = now.mono - kept.proved < kMaxTlsSessionAge &&
                    SSL_SESSION_is_resumable(kept.session.get()) == 1 &&
                    !has_expired(SSL_SESSION_get0_peer(kept.session.get()), now.utc);
  if (good) return &kept;
  forget(key);
  return nullptr;
}

void TlsClient::forget(uint64_t key) {
  auto found = by_key_.find(key);
  if (found == by_key_.end()) return;
  sessions_.erase(found->second);
  by_key_.erase(found);
}

}  // namespace hourwheel
