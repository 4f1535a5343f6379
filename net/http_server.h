// The HTTP/1.1 server of one reactor, on h2o: takes connections, guards heads, hands requests to
// the handler and writes what it answers, now or in a later turn.
//
// Invariants (besides H1 and H2 of net/http.h)
//   R1  A request is answered once: by the handler, or after kAnswerDeadline by the server (503,
//       "timed-out": what it asked for may or may not have happened).
//   R2  No answer is HTML: what we or h2o refuse leaves as the handler words it. One exception: a
//       head that h2o's parser cannot read (or with more than 100 fields) gets its bare "Bad
//       Request" in plain text and the close; that write has no hook.
//   R3  Nothing of an answer reaches the wire with a control byte in a field.
// HTTP/2 stays off: the packaged h2o has no defence against rapid reset. The time for a whole
// request is 10 s (of the first one over TLS, the handshake included), which is also how long an
// idle connection is kept.
//
// The handler hears of a request when its body is whole, in memory: the packaged h2o cannot hand
// one over as it comes, and knows one limit for all (docs/adr/0022-import-size.md).
//
// A client that goes away while its request waits is not noticed before the answer is written: h2o
// stops reading until then. So on_closed comes at the deadline, or for a stream when a write fails.
// An answer to a client that is gone is written into nothing, and the connection's slot is held
// until then.
//
// Cost: about 20 k instructions a request, 14 k of them the kernel's. Thread: the loop's, for
// construction too.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "engine/base/time.h"
#include "engine/limits.h"
#include "net/connections.h"
#include "net/event_loop.h"
#include "net/http.h"
#include "net/tls_front.h"

namespace hourwheel {

class HttpServer final : public HttpResponder {
 public:
  // All three outlive the server. Beyond max_requests in flight a request gets 503.
  HttpServer(EventLoop& loop, Connections& connections, HttpHandler& handler,
             uint32_t max_requests = kMaxRequestsInFlight);
  // Cuts what is still open; the handler gets no call for it.
  ~HttpServer() override;
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Connections accepted from now on speak TLS by this context; those that are open go on as they
  // began. Without it all is plain.
  void set_tls(TlsContext context);

  [[nodiscard]] bool speaks_tls() const;
  [[nodiscard]] const TlsFrontCounters& tls_counters() const;

  // Takes over an accepted, non-blocking socket, admitted as `connection`.
  void accept(int fd, uint32_t connection);

  // HttpResponder. A head with a control byte in a field becomes a 500 (R3). stream_chunk() with an
  // empty chunk sends nothing, keeps the turn with the handler and starts its deadline anew; a
  // stream whose handler misses the deadline is cut, so that the client sees that it is not whole.
  void respond(HttpToken token, HttpResponse response) override;
  void stream(HttpToken token, HttpResponse head) override;
  void stream_chunk(HttpToken token, std::string chunk) override;
  void stream_last(HttpToken token, std::string chunk) override;
  void cut_stream(HttpToken token) override;

  // Once a turn. A deadline runs from the first expire() after the request came.
  void expire(Monotonic now);
  [[nodiscard]] std::optional<Monotonic> next_deadline() const;

  // C-26: from now on every answer closes its connection, and idle connections close. The listener
  // is closed before. Drained when the open connections reach 0.
  void drain();

  // Requests not yet finished, answered ones that are still being written included.
  [[nodiscard]] uint32_t requests_in_flight() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hourwheel
