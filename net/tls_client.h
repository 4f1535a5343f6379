// TLS of attempts to https targets: OpenSSL between the bytes of Io and those of HTTP, all in
// memory. No other file knows of OpenSSL's streams on this side.
//
// Invariants
//   L1  A stream opens only to a peer that has proved to be the target: by a chain from a trusted
//       certificate, valid now, for the host of the URL, and by the pinned key where there is one.
//       Until then nothing can be written. With insecure_skip_verify only the pin is looked at.
//   L2  A session is resumed only for the key it was kept under, which stands for destination,
//       settings and the value that the client certificate was read from; not once its certificate
//       has expired, and not longer than kMaxTlsSessionAge after the peer last proved itself,
//       however often it was renewed meanwhile. A connection is not used again either by then.
//   L3  At most max_sessions are kept; the one that was kept first goes first.
//   L4  TLS 1.2 or later; no renegotiation, no compression, no early data; ALPN only http/1.1; only
//       key exchanges by elliptic curves, since a target could choose others that take seconds.
//   L5  What a peer makes us answer, beside requests, is at most 16 KiB a connection.
// Cost: docs/internals/performance.md, "https". Reading the system's list of certificates takes
// some 20 ms, once; the certificates of one target 0.1 ms each when its first connection is made.
// Thread: TlsRoots are read only and any reactor's; the rest is one reactor's own.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "engine/base/result.h"
#include "engine/base/time.h"
#include "engine/limits.h"
#include "engine/task.h"
#include "engine/url.h"
#include "net/tls_client_certificate.h"

struct ssl_st;
struct ssl_ctx_st;
struct ssl_session_st;
struct x509_store_st;

namespace hourwheel {

struct TlsDeleter {
  void operator()(ssl_st* stream) const;
  void operator()(ssl_ctx_st* context) const;
  void operator()(ssl_session_st* session) const;
  void operator()(x509_store_st* store) const;
};

// Certificates that others are trusted by.
class TlsRoots {
 public:
  // Trusts nobody.
  TlsRoots() = default;
  // The system's list; where none is found it trusts nobody, and source() is empty.
  static TlsRoots of_system();
  static Result<TlsRoots> read(const std::string& file);
  // One certificate at least, and nothing that is damaged.
  static Result<TlsRoots> parse(std::string_view pem);

  [[nodiscard]] const std::string& source() const { return source_; }
  [[nodiscard]] x509_store_st* store() const { return store_.get(); }  // null: nobody

 private:
  std::unique_ptr<x509_store_st, TlsDeleter> store_;
  std::string source_;
};

// What connections are kept by: those of an https target with other settings are another
// destination's, since what was proved to one of them is nothing to the others. So are those of
// another value of the secret that settings.client_certificate names: `certificate` is its version,
// of which no two values have the same.
Destination destination_of(const Url& url, const TargetTls& tls, Version certificate = {});

// Whom a stream must reach, and how that is proved.
struct TlsTarget {
  uint64_t key = 0;  // L2: of the destination
  std::string host;
  TargetTls settings;
  TlsRoots own_roots;  // of settings.ca
  std::optional<TlsClientCertificate> certificate;

  static Result<std::unique_ptr<TlsTarget>> create(
      uint64_t key, const std::string& host, const TargetTls& settings,
      const TlsClientCertificate* certificate = nullptr);
};

enum class TlsState : uint8_t {
  kHandshake,
  kOpen,
  kEnded,   // the peer said that nothing more will come
  kFailed,  // error() says why
};

class TlsClient;

// One connection.
class TlsStream {
 public:
  // Made by TlsClient::connect(). The client outlives the stream.
  TlsStream(TlsClient& client, const TlsTarget& target, Now now);
  ~TlsStream();
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;

  // Takes bytes of the peer; appends to `plain` what they say.
  TlsState receive(std::span<const char> bytes, std::string& plain);
  // The state is kOpen, no message of the peer is half there, and its proof is not too old (L2).
  [[nodiscard]] bool writable(Now now) const;
  // Requires: writable.
  void write(std::string_view plain);
  // What is to be sent to the peer since the last call: look after each call of the others.
  [[nodiscard]] std::string take_output();

  [[nodiscard]] TlsState state() const { return state_; }
  [[nodiscard]] bool resumed() const;
  [[nodiscard]] std::string_view error() const { return error_; }  // a coarse sentence

 private:
  friend class TlsClient;
  void set_expectations(const TlsTarget& target, Now now);
  void shake_hands();
  void read(std::string& plain);
  [[nodiscard]] std::string_view unproved() const;
  void fail(std::string_view why);

  TlsClient& client_;
  const uint64_t key_;
  const std::string pin_;
  const bool verifies_;
  [[nodiscard]] Monotonic proved() const { return resumed() ? resumed_proof_ : begun_; }

  const Monotonic begun_;
  size_t answered_ = 0;        // bytes (L5)
  Monotonic resumed_proof_{};  // when the peer of the session that is offered proved itself
  TlsState state_ = TlsState::kHandshake;
  std::string_view error_;
  std::unique_ptr<ssl_st, TlsDeleter> ssl_;
};

class TlsClient {
 public:
  static Result<std::unique_ptr<TlsClient>> create(const TlsRoots& roots,
                                                   size_t max_sessions = kMaxTlsSessions);

  // Its first bytes are there to be taken.
  std::unique_ptr<TlsStream> connect(const TlsTarget& target, Now now);
  [[nodiscard]] size_t sessions() const { return by_key_.size(); }

 private:
  friend class TlsStream;
  struct Session {
    uint64_t key;
    Monotonic proved;
    std::unique_ptr<ssl_session_st, TlsDeleter> session;
  };
  using Sessions = std::list<Session>;

  explicit TlsClient(size_t max_sessions) : max_sessions_(max_sessions) {}
  static int on_session(ssl_st* ssl, ssl_session_st* session);
  void keep(Session session);
  // null: there is none that may be resumed.
  const Session* find(uint64_t key, Now now);
  void forget(uint64_t key);

  const size_t max_sessions_;
  std::unique_ptr<ssl_ctx_st, TlsDeleter> context_;
  Sessions sessions_;  // the one kept first in front
  std::unordered_map<uint64_t, Sessions::iterator> by_key_;
};

}  // namespace hourwheel
