// What this server proves itself by to a target that asks for it: a certificate, those between it
// and a root, and the key. All of one text, the value of a stored secret.
//
// Invariants
//   TC1  What was parsed can be shown: the key is the certificate's own and not encrypted, and both
//        are as strong as OpenSSL demands of them.
//   TC2  Nothing of the text is in an error, and what was copied of it on the way is wiped (SE1).
// Cost: parse() below 1 ms, once for a value; show() some microseconds a connection. Thread: the
// reactor's own.
#pragma once

#include <memory>
#include <string_view>
#include <utility>

#include "engine/base/result.h"

struct ssl_st;
struct ssl_ctx_st;

namespace hourwheel {

class TlsClientCertificate {
 public:
  // PEM blocks in any order: one key, its certificate, and the certificates above that. One that
  // does not belong to the chain is left out. An error goes on after "the secret NAME".
  static Result<TlsClientCertificate> parse(std::string_view pem);

  // Another reference to the same one.
  [[nodiscard]] TlsClientCertificate share() const;
  // To the target of this stream, if that asks. Requires: its handshake has not begun.
  void show(ssl_st* stream) const;

 private:
  struct Deleter {
    void operator()(ssl_ctx_st* context) const;
  };
  using Held = std::unique_ptr<ssl_ctx_st, Deleter>;
  explicit TlsClientCertificate(Held held) : held_(std::move(held)) {}

  Held held_;  // never connects: OpenSSL looks at what is put into it, and counts references
};

}  // namespace hourwheel
