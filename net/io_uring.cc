#include "net/io_uring.h"

#include <liburing.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <span>

#include "engine/base/check.h"

namespace hourwheel {
namespace {

constexpr unsigned kSubmissions = 2048;
constexpr unsigned kCompletions = 8192;
constexpr unsigned kBuffers = 1024;  // a power of two
constexpr unsigned kBufferSize = 2048;
constexpr uint16_t kBufferGroup = 0;
constexpr unsigned kOperationBits = 8;

struct SetUp {
  std::string_view mode;
  unsigned flags;
};
// DEFER_TASKRUN: completions run when we ask, not as interrupts; without it the rate halves.
constexpr std::array<SetUp, 3> kLadder{{
    {"deferred", IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN},
    {"cooperative", IORING_SETUP_COOP_TASKRUN},
    {"plain", 0},
}};

tl::unexpected<Error> refused(std::string_view what, int error) {
  return failure(ErrorCode::kIo, "",
                 "io_uring is refused here: " + std::string(what) + ": " + std::strerror(error));
}

}  // namespace

struct UringIo::Ring {
  io_uring ring{};
  bool open = false;
  io_uring_buf_ring* buffers = nullptr;  // kBuffers entries, in memory of its own
  size_t buffers_bytes = 0;
  std::vector<char> memory;

  Ring() = default;
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;
  ~Ring() {
    if (open) io_uring_queue_exit(&ring);
    if (buffers != nullptr) ::munmap(buffers, buffers_bytes);
  }
};

UringIo::UringIo() : ring_(std::make_unique<Ring>()) {}

UringIo::~UringIo() {
  // The ring goes first: it waits for or cancels whatever still names our memory (U2).
  ring_.reset();
  for (Connection& connection : connections_) {
    if (connection.fd >= 0) ::close(connection.fd);
  }
  if (wake_fd_ >= 0) ::close(wake_fd_);
}

Result<std::unique_ptr<UringIo>> UringIo::create() {
  std::unique_ptr<UringIo> io(new UringIo);
  if (Status opened = io->open(); !opened) return failure(opened.error());
  return io;
}

Status UringIo::open() {
  if (Status ring = open_ring(); !ring) return ring;
  if (Status buffers = open_buffers(); !buffers) return buffers;
  wake_fd_ = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (wake_fd_ < 0) return refused("eventfd", errno);
  int rc = io_uring_register_eventfd(&ring_->ring, wake_fd_);
  if (rc < 0) return refused("registering an eventfd", -rc);
  if (io_uring_cq_eventfd_toggle(&ring_->ring, false) < 0) {
    return refused("switching the eventfd", EOPNOTSUPP);
  }
  return prove();
}

Status UringIo::open_ring() {
  int rc = 0;
  for (const SetUp& set_up : kLadder) {
    io_uring_params params{};
    params.flags = set_up.flags | IORING_SETUP_CQSIZE | IORING_SETUP_CLAMP;
    params.cq_entries = kCompletions;
    rc = io_uring_queue_init_params(kSubmissions, &ring_->ring, &params);
    if (rc == 0) {
      ring_->open = true;
      mode_ = set_up.mode;
      return {};
    }
    // Only "this flag is unknown" is worth another try.
    if (rc != -EINVAL) break;
  }
  return refused("io_uring_setup", -rc);
}

Status UringIo::open_buffers() {
  ring_->buffers_bytes = kBuffers * sizeof(io_uring_buf);
  void* memory = ::mmap(nullptr, ring_->buffers_bytes, PROT_READ | PROT_WRITE,
                        MAP_ANONYMOUS | MAP_PRIVATE, -1, 0);
  if (memory == MAP_FAILED) return refused("memory for the buffer ring", errno);
  ring_->buffers = static_cast<io_uring_buf_ring*>(memory);
  io_uring_buf_reg registration{};
  registration.ring_addr = reinterpret_cast<uintptr_t>(memory);
  registration.ring_entries = kBuffers;
  registration.bgid = kBufferGroup;
  int rc = io_uring_register_buf_ring(&ring_->ring, &registration, 0);
  if (rc < 0) return refused("registering the buffer ring", -rc);
  ring_->memory.resize(size_t{kBuffers} * kBufferSize);
  io_uring_buf_ring_init(ring_->buffers);
  for (uint16_t i = 0; i < kBuffers; ++i) give_back(i);
  return {};
}

// Asking for the list of operations would not tell whether multishot receives work, so one is made:
// a byte through a socket pair. Runs before anything else is in the ring.
Status UringIo::prove() {
  std::array<int, 2> pair{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) != 0) {
    return refused("socketpair", errno);
  }
  uint32_t slot = static_cast<uint32_t>(connections_.size());
  Connection& probe = connections_.emplace_back();
  probe.fd = pair[0];
  probe.state = State::kOpen;
  start(slot, Operation::kReceive);
  int error = 0;
  char byte = 1;
  if (::write(pair[1], &byte, 1) != 1) error = EPIPE;
  ::close(pair[1]);
  // Two completions: the byte, then the end of the stream; or one, when multishot is refused.
  bool got_byte = false;
  while (error == 0 && probe.operations > 0) {
    io_uring_submit_and_wait(&ring_->ring, 1);
    io_uring_cqe* cqe = nullptr;
    int rc = io_uring_peek_cqe(&ring_->ring, &cqe);
    if (rc == -EAGAIN || rc == -EINTR) continue;
    if (rc < 0) {
      error = -rc;
      break;
    }
    if (cqe->res < 0) error = -cqe->res;
    if (cqe->res == 1) got_byte = true;
    if ((cqe->flags & IORING_CQE_F_BUFFER) != 0) {
      give_back(static_cast<uint16_t>(cqe->flags >> IORING_CQE_BUFFER_SHIFT));
    }
    if ((cqe->flags & IORING_CQE_F_MORE) == 0) --probe.operations;
    io_uring_cqe_seen(&ring_->ring, cqe);
  }
  if (error == 0 && !got_byte) error = ENOTSUP;
  if (error != 0) return refused("a multishot receive", error);
  begin_close(slot);
  release_if_done(slot);
  return {};
}

ConnectionId UringIo::connect(const Address& address) {
  if (free_.empty()) {
    free_.push_back(static_cast<uint32_t>(connections_.size()));
    connections_.emplace_back();
  }
  uint32_t slot = free_.back();
  free_.pop_back();
  Connection& connection = connections_[slot];
  connection.state = State::kConnecting;
  connection.address = address;
  connection.to = to_socket_address(address);
  // A blocking socket: on a non-blocking one the ring would report EAGAIN instead of waiting.
  connection.fd = open_socket(address, 0);
  if (connection.fd < 0) {
    refused_.push_back(id_of(slot));
  } else {
    start(slot, Operation::kConnect);
  }
  return id_of(slot);
}

void UringIo::send(ConnectionId id, std::string bytes) {
  Connection* connection = find(id);
  if (connection == nullptr || connection->state == State::kBroken) return;
  HW_CHECK(connection->state == State::kOpen, "send comes after on_connected");
  if (connection->sending) {
    connection->next_out.append(bytes);
    return;
  }
  connection->out = std::move(bytes);
  connection->out_sent = 0;
  connection->sending = true;
  start(id.slot, Operation::kSend);
}

bool UringIo::flushed(ConnectionId id) {
  Connection* connection = find(id);
  return connection != nullptr && connection->state == State::kOpen && !connection->sending;
}

void UringIo::close(ConnectionId id) {
  if (find(id) == nullptr) return;
  begin_close(id.slot);
  release_if_done(id.slot);
}

void UringIo::submit() {
  std::vector<Waiting> waiting;
  waiting.swap(waiting_);
  for (const Waiting& one : waiting) {
    Connection& connection = connections_[one.slot];
    if (connection.state == State::kClosed && one.operation != Operation::kCancel) {
      --connection.operations;  // never begun, so nothing will complete
      release_if_done(one.slot);
      continue;
    }
    if (!prepare(one.slot, one.operation)) waiting_.push_back(one);
  }
  // A failure (EBUSY, EAGAIN, EINTR) leaves the entries in the queue for the next turn.
  io_uring_submit_and_get_events(&ring_->ring);
}

size_t UringIo::reap(IoListener& listener) {
  size_t count = 0;
  std::vector<ConnectionId> failed;
  failed.swap(refused_);
  for (ConnectionId id : failed) {
    if (find(id) == nullptr) continue;
    ++count;
    end(id.slot, CloseReason::kRefused, listener);
    release_if_done(id.slot);
  }
  // At most one full queue a turn, so that a flood cannot hold the reactor.
  io_uring_cqe* cqe = nullptr;
  for (unsigned i = 0; i < kCompletions && io_uring_peek_cqe(&ring_->ring, &cqe) == 0; ++i) {
    io_uring_cqe copy = *cqe;
    io_uring_cqe_seen(&ring_->ring, cqe);
    complete(copy, listener);
    ++count;
  }
  return count;
}

bool UringIo::has_work() const {
  return io_uring_cq_ready(&ring_->ring) > 0 || io_uring_sq_ready(&ring_->ring) > 0 ||
         !waiting_.empty() || !refused_.empty();
}

bool UringIo::arm_wakeup() {
  io_uring_cq_eventfd_toggle(&ring_->ring, true);
  // The switch must be visible before we look: a completion queued after the look finds it on.
  io_uring_smp_mb();
  io_uring_get_events(&ring_->ring);
  return has_work();
}

void UringIo::disarm_wakeup() {
  io_uring_cq_eventfd_toggle(&ring_->ring, false);
  // What woke us is queued but has not run: only now does it become a completion.
  if (io_uring_cq_ready(&ring_->ring) == 0) io_uring_get_events(&ring_->ring);
}

void UringIo::on_readable() {
  uint64_t count = 0;
  // EAGAIN: somebody has read it; either way it is clear now.
  [[maybe_unused]] ssize_t n = ::read(wake_fd_, &count, sizeof count);
}

void UringIo::start(uint32_t slot, Operation operation) {
  ++connections_[slot].operations;
  if (operation == Operation::kReceive) connections_[slot].receiving = true;
  if (!prepare(slot, operation)) waiting_.push_back({slot, operation});
}

// False: the submission queue is full and the kernel does not take from it just now.
bool UringIo::prepare(uint32_t slot, Operation operation) {
  io_uring_sqe* sqe = io_uring_get_sqe(&ring_->ring);
  if (sqe == nullptr) {
    io_uring_submit(&ring_->ring);
    sqe = io_uring_get_sqe(&ring_->ring);
    if (sqe == nullptr) return false;
  }
  Connection& c = connections_[slot];
  switch (operation) {
    case Operation::kConnect:
      io_uring_prep_connect(sqe, c.fd, &c.to.any, c.to.length);
      break;
    case Operation::kReceive:
      io_uring_prep_recv_multishot(sqe, c.fd, nullptr, 0, 0);
      sqe->flags |= IOSQE_BUFFER_SELECT;
      sqe->buf_group = kBufferGroup;
      break;
    case Operation::kSend:
      io_uring_prep_send(sqe, c.fd, c.out.data() + c.out_sent, c.out.size() - c.out_sent,
                         MSG_NOSIGNAL | MSG_WAITALL);
      break;
    case Operation::kCancel:
      io_uring_prep_cancel_fd(sqe, c.fd, IORING_ASYNC_CANCEL_ALL);
      break;
  }
  io_uring_sqe_set_data64(sqe,
                          (uint64_t{slot} << kOperationBits) | static_cast<uint64_t>(operation));
  return true;
}

void UringIo::complete(const io_uring_cqe& cqe, IoListener& listener) {
  const auto slot = static_cast<uint32_t>(cqe.user_data >> kOperationBits);
  const auto operation = static_cast<Operation>(cqe.user_data & ((1U << kOperationBits) - 1));
  HW_CHECK(slot < connections_.size(), "U2 a completion names a connection");
  if ((cqe.flags & IORING_CQE_F_MORE) == 0) {
    HW_CHECK(connections_[slot].operations > 0, "U2 the slot waited for this completion");
    --connections_[slot].operations;
  }
  // The listener may close this very connection and open another: not into the slot we stand on.
  ++connections_[slot].holds;
  switch (operation) {
    case Operation::kConnect:
      on_connect_done(slot, cqe.res, listener);
      break;
    case Operation::kReceive:
      on_receive_done(slot, cqe, listener);
      break;
    case Operation::kSend:
      on_send_done(slot, cqe.res, listener);
      break;
    case Operation::kCancel:
      break;
  }
  --connections_[slot].holds;
  release_if_done(slot);
}

void UringIo::on_connect_done(uint32_t slot, int result, IoListener& listener) {
  Connection& connection = connections_[slot];
  if (connection.state != State::kConnecting) return;
  if (result < 0 || !is_connected_to(connection.fd, connection.address)) {
    end(slot, CloseReason::kRefused, listener);
    return;
  }
  connection.state = State::kOpen;
  start(slot, Operation::kReceive);
  listener.on_connected(id_of(slot));
}

void UringIo::on_receive_done(uint32_t slot, const io_uring_cqe& cqe, IoListener& listener) {
  Connection& connection = connections_[slot];
  const bool ended = (cqe.flags & IORING_CQE_F_MORE) == 0;
  if (ended) connection.receiving = false;
  if ((cqe.flags & IORING_CQE_F_BUFFER) != 0) {
    const auto buffer = static_cast<uint16_t>(cqe.flags >> IORING_CQE_BUFFER_SHIFT);
    if (cqe.res > 0 && connection.state != State::kClosed) {
      char* bytes = ring_->memory.data() + size_t{buffer} * kBufferSize;
      listener.on_bytes(id_of(slot), {bytes, static_cast<size_t>(cqe.res)});
    }
    give_back(buffer);
  }
  if (connection.state == State::kClosed) return;
  if (cqe.res > 0 || cqe.res == -ENOBUFS) {
    if (ended) start(slot, Operation::kReceive);
    return;
  }
  end(slot, cqe.res == 0 ? CloseReason::kEndOfStream : CloseReason::kReset, listener);
}

void UringIo::on_send_done(uint32_t slot, int result, IoListener& listener) {
  Connection& connection = connections_[slot];
  connection.sending = false;
  if (connection.state == State::kClosed) return;
  if (result < 0) {
    // What the target said before it closed is still to be read; the receive tells of the end. Only
    // when none is armed must we.
    connection.state = State::kBroken;
    if (!connection.receiving) end(slot, CloseReason::kReset, listener);
    return;
  }
  connection.out_sent += static_cast<size_t>(result);
  if (connection.out_sent == connection.out.size()) {
    connection.out.clear();
    connection.out_sent = 0;
    connection.out.swap(connection.next_out);
    if (connection.out.empty()) return;
  }
  connection.sending = true;
  start(slot, Operation::kSend);
}

void UringIo::end(uint32_t slot, CloseReason reason, IoListener& listener) {
  ConnectionId id = id_of(slot);
  begin_close(slot);
  listener.on_closed(id, reason);
}

// From here on the id names nothing; the slot waits for the kernel.
void UringIo::begin_close(uint32_t slot) {
  Connection& connection = connections_[slot];
  connection.state = State::kClosed;
  if (++connection.generation == 0) connection.generation = 1;
  if (connection.operations > 0) start(slot, Operation::kCancel);
}

void UringIo::release_if_done(uint32_t slot) {
  Connection& connection = connections_[slot];
  if (connection.state != State::kClosed || connection.operations > 0 || connection.holds > 0) {
    return;
  }
  if (connection.fd >= 0) ::close(connection.fd);
  connection.fd = -1;
  connection.state = State::kFree;
  connection.receiving = connection.sending = false;
  connection.out.clear();
  connection.next_out.clear();
  free_.push_back(slot);
}

void UringIo::give_back(uint16_t buffer) {
  io_uring_buf_ring_add(ring_->buffers, ring_->memory.data() + size_t{buffer} * kBufferSize,
                        kBufferSize, buffer, io_uring_buf_ring_mask(kBuffers), 0);
  io_uring_buf_ring_advance(ring_->buffers, 1);
}

UringIo::Connection* UringIo::find(ConnectionId id) {
  if (id.slot >= connections_.size()) return nullptr;
  Connection& connection = connections_[id.slot];
  return connection.generation == id.generation && connection.state < State::kClosed ? &connection
                                                                                     : nullptr;
}

}  // namespace hourwheel
