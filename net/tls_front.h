// TLS in front: what this server proves itself by to its clients, and by what those prove
// themselves to it. Read from texts once; another one takes its place when they change.
//
// One OpenSSL context serves all reactors. It is never written to after create(): OpenSSL counts
// its references atomically, and what it would keep in it under a lock, sessions, is turned off. So
// one is as fast as one a reactor, and a reload reaches all of them as one thing.
//
// Invariants
//   TF1  TLS 1.2 or later; no renegotiation, no compression, no early data; keys are exchanged by
//        elliptic curves, ciphers are authenticated ones in our order. ALPN knows http/1.1 only:
//        who offers others and not that one is refused.
//   TF2  No session is resumed, neither by a ticket nor by an id: every connection is proved by the
//        certificates of now, in both directions.
//   TF3  Where clients are to prove themselves, nothing of HTTP is read from one that did not.
//   TF4  A key is in no error and no log line, and nobody is asked for a passphrase.
// Cost: create() some milliseconds, as many as the client certificates' issuers are hundreds.
// Thread: create() the control thread's; a TlsContext any.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "engine/base/result.h"
#include "engine/base/time.h"
#include "engine/metrics.h"
#include "net/tls_client.h"

namespace hourwheel {

// A reference to a context, which lives as long as one is left.
//
// h2o keeps the bare pointer from the accept to the first byte of a client and takes no reference:
// whoever hands it a context holds one for as long as the connection is open.
using TlsContext = std::unique_ptr<ssl_ctx_st, TlsDeleter>;
TlsContext share(const TlsContext& context);

// PEM, each.
struct TlsFrontTexts {
  std::string certificate;  // the server's own, then those between it and a root
  std::string key;          // of the first certificate, not encrypted
  // What clients' certificates are trusted by; none: they are not asked for one.
  std::optional<std::string> client_ca;
};

// How the handshakes of one reactor with its clients ended. Any thread may read it.
struct TlsFrontCounters {
  Counter handshakes;  // that went well
  // Those that did not, by whoever's fault: refused by one of the two, broken off, not done in
  // time. A connection that closes without a word is one, too.
  Counter failed;
};

class TlsFront {
 public:
  // What is wrong is told with the text that it is wrong with as its field: "tls-certificate",
  // "tls-key" or "tls-client-ca".
  static Result<TlsFront> create(const TlsFrontTexts& texts);

  [[nodiscard]] const TlsContext& context() const { return context_; }
  // Of the server's own certificate.
  [[nodiscard]] const std::string& subject() const { return subject_; }
  [[nodiscard]] Instant not_before() const { return not_before_; }
  [[nodiscard]] Instant not_after() const { return not_after_; }

 private:
  TlsContext context_;
  std::string subject_;
  Instant not_before_;
  Instant not_after_;
};

}  // namespace hourwheel
