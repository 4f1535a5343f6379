// Io on libevent's raw events: plain non-blocking sockets, sent to directly. Measured as fast as
// io_uring on loopback (the kernel's TCP path is nearly all of it).
//
// Invariants
//   E1  An event's callback only notes that its connection is ready; all reading, and every call of
//       the listener, is in reap(). Between a note and reap() the loop must not block.
// Cost: one recv per ready connection and turn, one send per request.
// Thread: the event_base's.
#pragma once

#include <vector>

#include "engine/base/slab.h"
#include "net/io.h"

struct event;

namespace hourwheel {

class LibeventIo final : public Io {
 public:
  explicit LibeventIo(event_base* base);
  ~LibeventIo() override;

  [[nodiscard]] std::string_view name() const override { return "libevent"; }
  [[nodiscard]] ConnectionId connect(const Address& address) override;
  void send(ConnectionId id, std::string bytes) override;
  [[nodiscard]] bool flushed(ConnectionId id) override;
  void close(ConnectionId id) override;
  void submit() override {}
  size_t reap(IoListener& listener) override;
  [[nodiscard]] bool has_work() const override { return !ready_.empty(); }
  [[nodiscard]] bool arm_wakeup() override { return has_work(); }
  void disarm_wakeup() override {}
  [[nodiscard]] int wake_fd() const override { return -1; }
  void on_readable() override {}

 private:
  enum class State : uint8_t { kConnecting, kOpen, kBroken };
  struct EventDeleter {
    void operator()(event* watch) const;
  };
  struct Connection {
    LibeventIo* io = nullptr;
    ConnectionId id;
    int fd = -1;
    State state = State::kConnecting;
    bool noted = false;  // is in ready_
    bool readable = false;
    Address address;
    std::string out;  // what the kernel has not taken yet
    size_t out_sent = 0;
    std::unique_ptr<event, EventDeleter> read_event;
    std::unique_ptr<event, EventDeleter> write_event;

    Connection() = default;
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
  };

  static void on_event(int fd, short what, void* argument);
  void note(Connection& connection);
  void flush(Connection& connection);
  void finish_connect(Connection& connection, IoListener& listener);
  void read_some(Connection& connection, IoListener& listener);
  void end(ConnectionId id, CloseReason reason, IoListener& listener);

  event_base* base_;
  Slab<Connection, ConnectionTag> connections_{UINT32_MAX};  // bounded by those who connect
  std::vector<ConnectionId> ready_;
  std::vector<ConnectionId> reaping_;
  std::vector<char> buffer_;
};

}  // namespace hourwheel
