// Io on io_uring: a turn's connects, sends and re-armed receives leave in one system call, which
// also runs what has completed. Receives are multishot into a ring of buffers shared by all
// connections.
//
// Invariants
//   U1  One thread creates the ring, submits to it and reaps it (SINGLE_ISSUER).
//   U2  A connection's slot, its send buffer and its descriptor live until the last operation that
//       names it has completed, also after close().
//   U3  The loop watches a registered eventfd, never the ring's own descriptor: with DEFER_TASKRUN
//       a sleeping epoll is not woken by the latter (measured: 200 of 200 wake-ups missed).
//   U4  The eventfd is switched on only around a sleep, after which the completions are fetched.
// Cost: see io.h; a sleep costs one eventfd read and one io_uring_get_events more.
// Thread: the one that called create().
#pragma once

#include <deque>
#include <memory>
#include <string_view>
#include <vector>

#include "net/io.h"

struct io_uring_cqe;
struct io_uring_sqe;

namespace hourwheel {

class UringIo final : public Io {
 public:
  // Climbs down from the fastest set-up the kernel may offer to the plainest, then proves the ring
  // by receiving a byte through it. kIo: the kernel or a filter refuses; detail says what.
  static Result<std::unique_ptr<UringIo>> create();
  ~UringIo() override;

  // Which set-up the kernel took: "deferred", "cooperative" or "plain".
  [[nodiscard]] std::string_view mode() const { return mode_; }

  [[nodiscard]] std::string_view name() const override { return "io_uring"; }
  [[nodiscard]] ConnectionId connect(const Address& address) override;
  void send(ConnectionId id, std::string bytes) override;
  [[nodiscard]] bool flushed(ConnectionId id) override;
  void close(ConnectionId id) override;
  void submit() override;
  size_t reap(IoListener& listener) override;
  [[nodiscard]] bool has_work() const override;
  [[nodiscard]] bool arm_wakeup() override;
  void disarm_wakeup() override;
  [[nodiscard]] int wake_fd() const override { return wake_fd_; }
  void on_readable() override;

 private:
  enum class Operation : uint8_t { kConnect, kReceive, kSend, kCancel };
  enum class State : uint8_t { kConnecting, kOpen, kBroken, kClosed, kFree };
  struct Connection {
    uint32_t generation = 1;
    int fd = -1;
    State state = State::kFree;
    bool receiving = false;  // a multishot receive is armed
    bool sending = false;
    uint32_t operations = 0;  // not yet completed, or waiting for a place in the ring
    uint32_t holds = 0;       // completions being told to the listener
    Address address;
    SocketAddress to;
    std::string out;  // being sent; not touched while `sending`
    size_t out_sent = 0;
    std::string next_out;  // follows when `out` is done
  };
  struct Waiting {
    uint32_t slot;
    Operation operation;
  };
  struct Ring;  // liburing's, kept out of this header

  UringIo();
  Status open();
  Status open_ring();
  Status open_buffers();
  Status prove();
  void start(uint32_t slot, Operation operation);
  bool prepare(uint32_t slot, Operation operation);
  void complete(const io_uring_cqe& cqe, IoListener& listener);
  void on_connect_done(uint32_t slot, int result, IoListener& listener);
  void on_receive_done(uint32_t slot, const io_uring_cqe& cqe, IoListener& listener);
  void on_send_done(uint32_t slot, int result, IoListener& listener);
  void end(uint32_t slot, CloseReason reason, IoListener& listener);
  void begin_close(uint32_t slot);
  void release_if_done(uint32_t slot);
  void give_back(uint16_t buffer);
  Connection* find(ConnectionId id);
  [[nodiscard]] ConnectionId id_of(uint32_t slot) const {
    return {slot, connections_[slot].generation};
  }

  std::unique_ptr<Ring> ring_;
  std::string_view mode_;
  int wake_fd_ = -1;
  std::deque<Connection> connections_;  // a deque: elements never move
  std::vector<uint32_t> free_;
  std::vector<ConnectionId> refused_;  // connects that failed before they began
  std::vector<Waiting> waiting_;       // for a place in the submission queue
};

}  // namespace hourwheel
