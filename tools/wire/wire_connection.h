// One TCP connection on raw libevent events: collects what arrives, sends what it is given, and
// tells its owner; as a server through TLS where it is asked to. Both the load generator (as a
// client) and the webhook sink (as a server) use it.
//
// Invariants
//   N1  on_closed comes exactly once, from the event loop and as the last thing the connection
//   does:
//       the owner may destroy the connection in it, and nowhere else while the loop runs.
//   N2  After close() or reset() no more bytes are reported.
// Cost: one read of up to 64 KiB and one write for each wake-up, however many messages they carry.
// Thread: the loop's own.
#pragma once

#include <event2/util.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "tools/wire/tls_server.h"

struct event;
struct event_base;

namespace hourwheel {

class WireConnection {
 public:
  class Owner {
   public:
    virtual ~Owner() = default;
    // Returns how many bytes it took from the front; what is left is offered again with what
    // arrives next.
    virtual size_t on_bytes(WireConnection& connection, std::string_view bytes) = 0;
    // Only for a connection made by connect_to().
    virtual void on_connected(WireConnection& connection);
    // error: errno of what went wrong, or 0 when either side closed in order.
    virtual void on_closed(WireConnection& connection, int error) = 0;
  };

  // A connection that was accepted; takes the (non-blocking) socket. What the owner gets and gives
  // is what is said through TLS, if there is any.
  WireConnection(event_base* base, evutil_socket_t socket, Owner& owner, TlsServer* tls = nullptr);
  // A connection to be made; what is sent before it is up waits.
  WireConnection(event_base* base, const sockaddr* address, size_t address_size, Owner& owner);
  ~WireConnection();
  WireConnection(const WireConnection&) = delete;
  WireConnection& operator=(const WireConnection&) = delete;

  // Keeps the bytes and writes them when the loop comes round: all of one turn in one write.
  void send(std::string_view bytes);
  // Ends the connection once everything sent has been written.
  void close();
  // Ends it at once with a TCP reset; what was not written is lost.
  void reset();

 private:
  enum class State : uint8_t { kConnecting, kOpen, kClosing, kEnded };
  struct EventFree {
    void operator()(event* registered) const;
  };
  using EventPointer = std::unique_ptr<event, EventFree>;

  static void on_readable(evutil_socket_t socket, short what, void* self);
  static void on_writable(evutil_socket_t socket, short what, void* self);
  void register_events(event_base* base);
  void finish_connecting();
  bool read_some();
  bool take(std::string_view bytes);
  void queue(std::string_view bytes);
  void offer();
  void write_some();
  void end(int error);

  Owner& owner_;
  evutil_socket_t socket_;
  State state_;
  int error_ = 0;
  std::string inbox_;
  std::string outbox_;
  size_t written_ = 0;  // bytes of outbox_ that are gone
  std::unique_ptr<TlsServerStream> tls_;
  EventPointer read_event_;
  EventPointer write_event_;
};

}  // namespace hourwheel
