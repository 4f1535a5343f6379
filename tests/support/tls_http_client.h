// The HTTP client through TLS, for tests of TLS in front: it can offer what a server must refuse,
// and tells what was agreed on.
//
// Thread: one at a time.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/http_client.h"

struct ssl_st;
struct ssl_ctx_st;
struct ssl_session_st;

namespace hourwheel {

enum class TlsVersion : uint8_t { kAny, k10, k11, k12, k13 };

// PEM, each.
struct TlsClientPlan {
  std::string ca{};           // the server must be "localhost" by it; empty: anybody will do
  std::string certificate{};  // our own; empty: none
  std::string key{};
  TlsVersion version = TlsVersion::kAny;
  std::vector<std::string> protocols{};  // ALPN
  bool later = false;                    // only connects; shake_hands() comes when it is wanted
};

class TlsHttpClient final : public HttpClient {
 public:
  struct Free {
    void operator()(ssl_st* stream) const;
    void operator()(ssl_ctx_st* context) const;
    void operator()(ssl_session_st* session) const;
  };
  using Session = std::unique_ptr<ssl_session_st, Free>;

  // Shakes hands at once, unless the plan says later; secured() tells.
  explicit TlsHttpClient(uint16_t port, const TlsClientPlan& plan = {},
                         int timeout_ms = kDefaultTimeoutMs, const Session& resumed = nullptr);
  ~TlsHttpClient() override;

  bool shake_hands();
  [[nodiscard]] bool secured() const { return secured_; }
  [[nodiscard]] std::string version() const;   // "TLSv1.3"
  [[nodiscard]] std::string protocol() const;  // by ALPN; empty: none was agreed on
  [[nodiscard]] std::string peer() const;      // the server's certificate
  [[nodiscard]] bool resumed() const;
  [[nodiscard]] bool got_ticket() const;
  [[nodiscard]] Session session() const;
  // Asks for another handshake on the connection (TLS 1.2); true: the server went along.
  bool renegotiate();

 protected:
  ssize_t write_some(std::string_view bytes) override;
  ssize_t read_some(char* bytes, size_t size) override;

 private:
  std::unique_ptr<ssl_ctx_st, Free> context_;
  std::unique_ptr<ssl_st, Free> ssl_;
  bool secured_ = false;
};

// The description of the alert that a server by this context answers the first message of such a
// client with; nullopt: it answers with something else. No setting but the context's own versions
// and ciphers is in the way: OpenSSL's security level would refuse old versions, too.
std::optional<int> alert_to(TlsVersion version, ssl_ctx_st* server);

}  // namespace hourwheel
