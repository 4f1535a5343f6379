// The other side of TLS, for receivers of webhooks in tests, benchmarks and the sink: OpenSSL
// between the bytes of a socket and those of HTTP, in memory.
//
// Thread: one loop's own.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "tools/wire/certificate.h"

struct ssl_st;
struct ssl_ctx_st;

namespace hourwheel {

enum class TlsVersions : uint8_t { kAll, kOnly12, kOnly11 };

class TlsServer {
 public:
  // With client_authority only clients come in that it has signed, whatever the dates.
  explicit TlsServer(const Certificate& certificate, TlsVersions versions = TlsVersions::kAll,
                     const Certificate* client_authority = nullptr);

 private:
  friend class TlsServerStream;
  struct Deleter {
    void operator()(ssl_ctx_st* context) const;
  };
  std::unique_ptr<ssl_ctx_st, Deleter> context_;
};

class TlsServerStream {
 public:
  explicit TlsServerStream(TlsServer& server);
  ~TlsServerStream();
  TlsServerStream(const TlsServerStream&) = delete;
  TlsServerStream& operator=(const TlsServerStream&) = delete;

  // Takes bytes of the client; appends to `plain` what they say. False: the stream is over.
  bool receive(std::string_view bytes, std::string& plain);
  // Requires: the handshake has ended.
  void write(std::string_view plain);
  // Tells the client that nothing more will come.
  void end();
  [[nodiscard]] std::string take_output();
  [[nodiscard]] bool is_open() const;
  [[nodiscard]] std::string asked_for() const;  // the name of the server, if the client gave one
  // The common name in the certificate that the client showed; empty: it showed none.
  [[nodiscard]] std::string client() const;

 private:
  struct Deleter {
    void operator()(ssl_st* stream) const;
  };
  std::unique_ptr<ssl_st, Deleter> ssl_;
};

}  // namespace hourwheel
