// Accepts connections for one reactor. Every reactor has a listener of its own on the same address
// (SO_REUSEPORT): the kernel spreads the connections.
//
// Out of descriptors, accept() fails while the listener stays readable; it then rests for 100 ms
// instead of spinning. At a limit of Connections a new one is closed at once. After
// kMaxAcceptsPerTurn, over TLS kMaxTlsAcceptsPerTurn, it lets the loop take a turn: a flood of
// connections delays what is due by no more than those and their handshakes. (Not so clients that
// connect, wait, and then all speak at once: of those there are at most as many as connections.)
// The others wait in the kernel.
//
// A supervisor may pass a socket that listens already. There is one queue then, and not one a
// reactor: all of them watch it, and for a connection the kernel wakes those that sleep, of which
// one gets it and each other has spent a wake-up and an accept() that finds none. Nor does anybody
// spread: a reactor that is awake takes more than one that has to be woken. In return nobody who
// connects while the server restarts is turned away.
//
// Thread: the loop's.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "net/address.h"
#include "net/connections.h"
#include "net/event_loop.h"
#include "net/http_server.h"

struct evconnlistener;

namespace hourwheel {

// "127.0.0.1:8080", "[::1]:0", "localhost:8080" (which is 127.0.0.1). Names are not looked up.
Result<Address> parse_listen_address(std::string_view text);

// SO_REUSEPORT would also let a second server of the same user in on our port, and the kernel would
// give it half of our clients: so the first listener of a server makes sure that it is alone, and
// only the other reactors' join it.
enum class PortUse : uint8_t { kAlone, kJoin };

// Where to listen.
struct ListenPlace {
  Address address;
  std::optional<int> passed{};  // a listening socket that is there already; of this address
};
// Of a socket that somebody else has made; an error if nobody can be accepted from it over TCP.
Result<Address> listening_address(int socket);

class Listener {
 public:
  // Where an accepted connection goes.
  struct Destination {
    Connections& connections;
    HttpServer& server;
  };
  static Result<std::unique_ptr<Listener>> open(EventLoop& loop, const Address& address,
                                                PortUse use, Destination to);
  // On a passed socket, by a duplicate: whoever shares it takes connections from one queue.
  static Result<std::unique_ptr<Listener>> share(EventLoop& loop, const ListenPlace& place,
                                                 Destination to);
  // Closes the socket: connections the kernel holds unaccepted are reset, unless it is a passed
  // one.
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  // With the port that was bound.
  [[nodiscard]] const Address& address() const { return address_; }
  // How often it ran out of descriptors, or was full with a shared socket, and rested.
  [[nodiscard]] uint64_t rests() const { return rests_; }

 private:
  struct ListenerDeleter {
    void operator()(evconnlistener* listener) const;
  };
  struct TimerDeleter {
    void operator()(event* timer) const;
  };

  enum class Queue : uint8_t { kOwn, kShared };
  Listener(const Address& address, Queue queue, Destination to)
      : address_(address), queue_(queue), to_(to) {}
  Status start(EventLoop& loop, int fd);
  void on_accept(int fd, const PeerAddress& peer);
  [[nodiscard]] bool leaves_it_to_others() const;
  void rest();
  void go_on();
  void stand_aside();

  Address address_;
  Queue queue_;
  Destination to_;
  uint64_t rests_ = 0;
  uint32_t accepted_ = 0;  // since it last let the loop take a turn
  std::unique_ptr<evconnlistener, ListenerDeleter> listener_;
  std::unique_ptr<event, TimerDeleter> rest_timer_;
};

}  // namespace hourwheel
