// The seam below attempts: byte streams over TCP, nothing of HTTP. Two implementations pass the
// same tests: io_uring (one system call a turn for everything), and libevent's raw events where
// io_uring is refused.
//
// Invariants
//   I1  Every call of the listener comes from within reap(); none from connect, send, close or
//       submit.
//   I2  After on_closed, or after close(), a connection's id names nothing and no call speaks of
//       it.
//   I3  What the kernel still works with (buffers, addresses) lives until its last completion,
//       also after close().
// Cost: io_uring about 1 k instructions of ours per request and answer; the kernel's TCP is 14 k.
// Thread: the reactor's own, which must also be the one that made it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/base/slab.h"
#include "net/address.h"

struct event_base;

namespace hourwheel {

using ConnectionId = Handle<struct ConnectionTag>;

enum class CloseReason : uint8_t {
  kRefused,      // connect failed: refused, unreachable, out of descriptors
  kEndOfStream,  // the peer closed its side in order
  kReset,        // the connection broke
};

class IoListener {
 public:
  virtual ~IoListener() = default;
  virtual void on_connected(ConnectionId connection) = 0;
  // The bytes are the listener's to change, and gone when it returns.
  virtual void on_bytes(ConnectionId connection, std::span<char> bytes) = 0;
  virtual void on_closed(ConnectionId connection, CloseReason reason) = 0;
};

class Io {
 public:
  virtual ~Io() = default;
  // "io_uring" or "libevent", for the log and the metrics.
  [[nodiscard]] virtual std::string_view name() const = 0;

  // Ends in on_connected or in on_closed. There is no time-out here: close() ends the wait.
  [[nodiscard]] virtual ConnectionId connect(const Address& address) = 0;
  // Requires: connected. Bytes follow those of earlier calls.
  virtual void send(ConnectionId connection, std::string bytes) = 0;
  // Everything handed to send() has been taken by the kernel.
  [[nodiscard]] virtual bool flushed(ConnectionId connection) = 0;
  virtual void close(ConnectionId connection) = 0;

  // Hands what was asked for since the last call to the kernel: once a turn.
  virtual void submit() = 0;
  // Tells the listener what has happened. Returns how many completions there were.
  virtual size_t reap(IoListener& listener) = 0;

  // How to sleep: has_work() is a cheap look. Before blocking, arm_wakeup() asks for a wake-up and
  // looks thoroughly; true means there is work and the loop must not block. disarm_wakeup() follows
  // in any case. wake_fd() becomes readable (level-triggered) and is cleared by on_readable();
  // -1: the event_base itself wakes up.
  [[nodiscard]] virtual bool has_work() const = 0;
  [[nodiscard]] virtual bool arm_wakeup() = 0;
  virtual void disarm_wakeup() = 0;
  [[nodiscard]] virtual int wake_fd() const = 0;
  virtual void on_readable() = 0;
};

enum class IoBackend : uint8_t { kAuto, kUring, kLibevent };

struct ChosenIo {
  std::unique_ptr<Io> io;
  std::string reason;  // one sentence for the log: what was chosen, and what was refused and why
};

// kAuto takes io_uring and falls back to libevent; kUring fails where the kernel refuses the ring.
Result<ChosenIo> make_io(IoBackend backend, event_base* base);

// --- shared by the two implementations ---

// A TCP socket with TCP_NODELAY; -errno on failure. `type_flags` as for socket(2).
int open_socket(const Address& address, int type_flags);
// The peer is the one asked for, and is not ourselves: a connect to a free ephemeral port of this
// host can meet itself.
bool is_connected_to(int fd, const Address& address);

}  // namespace hourwheel
