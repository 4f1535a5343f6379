// The beginning of a connection to the HTTP server: its place among the Connections, TLS where that
// is spoken, and the time until its first request. Only for net/http_server, as it speaks of h2o.
//
// Invariants
//   HA1  A connection's place is given back once, when its socket is closed.
//   HA2  The TLS context that a connection was accepted by lives as long as the connection.
//   HA3  Over TLS the first request is whole within the time that any request has, the handshake
//        included: h2o's own time-out begins after that.
//   HA4  Of each handshake that began its end is counted once. h2o_accept() would do the same
//        handshake, and tell nobody how it ended.
// Cost: an allocation a connection. Thread: the loop's.
#pragma once

#include <h2o.h>

#include <cstdint>
#include <memory>

#include "engine/base/time.h"
#include "net/connections.h"
#include "net/event_loop.h"
#include "net/tls_front.h"

namespace hourwheel {

class HttpAcceptor {
 public:
  // All three outlive it, and no connection does.
  HttpAcceptor(EventLoop& loop, Connections& connections, h2o_context_t& context,
               Duration first_request_timeout);
  ~HttpAcceptor();
  HttpAcceptor(const HttpAcceptor&) = delete;
  HttpAcceptor& operator=(const HttpAcceptor&) = delete;

  void set_tls(TlsContext context);
  [[nodiscard]] bool speaks_tls() const { return tls_ != nullptr; }
  [[nodiscard]] const TlsFrontCounters& tls_counters() const { return tls_counters_; }
  void accept(int fd, uint32_t connection);
  // A whole request has come on the connection.
  static void request_came(h2o_socket_t& socket);

 private:
  // The time-out of the first request (HA3), which h2o calls by its entry.
  struct FirstRequest {
    h2o_timeout_entry_t entry{};
    int fd = -1;
    void unlink() {
      if (h2o_timeout_is_linked(&entry) != 0) h2o_timeout_unlink(&entry);
    }
  };
  // Owned by the socket.
  struct Open {
    FirstRequest first_request;
    HttpAcceptor* acceptor = nullptr;
    uint32_t connection = 0;
    TlsContext tls;  // HA2
  };
  void begin_http(h2o_socket_t* socket);
  static void on_handshake(h2o_socket_t* socket, const char* error);
  static void on_close(void* open);
  static void on_timeout(h2o_timeout_entry_t* entry);

  EventLoop& loop_;
  Connections& connections_;
  h2o_accept_ctx_t accept_{};
  h2o_timeout_t first_request_{};
  TlsContext tls_;
  TlsFrontCounters tls_counters_;
};

}  // namespace hourwheel
