#include "tools/wire/wire_connection.h"

#include <event2/event.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "engine/base/check.h"

namespace hourwheel {
namespace {

constexpr size_t kReadSize = 64 * 1024;

void set_no_delay(evutil_socket_t socket) {
  int on = 1;
  // Without it answers still arrive, only later; so a refusal is not an error.
  static_cast<void>(setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on));
}

bool would_block(int error) {
  return error == EAGAIN || error == EINTR;
}

}  // namespace

void WireConnection::EventFree::operator()(event* registered) const {
  event_free(registered);
}

void WireConnection::Owner::on_connected(WireConnection&) {}

WireConnection::WireConnection(event_base* base, evutil_socket_t socket, Owner& owner,
                               TlsServer* tls)
    : owner_(owner), socket_(socket), state_(State::kOpen) {
  if (tls != nullptr) tls_ = std::make_unique<TlsServerStream>(*tls);
  set_no_delay(socket_);
  register_events(base);
}

WireConnection::WireConnection(event_base* base, const sockaddr* address, size_t address_size,
                               Owner& owner)
    : owner_(owner),
      socket_(::socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)),
      state_(State::kConnecting) {
  HW_CHECK(socket_ >= 0, "a client needs a socket for each connection: raise ulimit -n");
  set_no_delay(socket_);
  register_events(base);
  if (connect(socket_, address, static_cast<socklen_t>(address_size)) != 0 &&
      errno != EINPROGRESS) {
    end(errno);
    return;
  }
  event_add(write_event_.get(), nullptr);
}

WireConnection::~WireConnection() {
  read_event_.reset();
  write_event_.reset();
  ::close(socket_);
}

void WireConnection::register_events(event_base* base) {
  read_event_.reset(event_new(base, socket_, EV_READ | EV_PERSIST, on_readable, this));
  write_event_.reset(event_new(base, socket_, EV_WRITE, on_writable, this));
  HW_CHECK(read_event_ && write_event_, "no memory for the events of a connection");
  event_add(read_event_.get(), nullptr);
}

void WireConnection::send(std::string_view bytes) {
  if (state_ == State::kClosing || state_ == State::kEnded) {
    return;
  }
  if (!tls_) {
    queue(bytes);
  } else if (tls_->is_open()) {
    tls_->write(bytes);
    queue(tls_->take_output());
  }
}

void WireConnection::queue(std::string_view bytes) {
  if (bytes.empty()) {
    return;
  }
  if (outbox_.empty() && state_ == State::kOpen) {
    event_active(write_event_.get(), EV_WRITE, 0);
  }
  outbox_.append(bytes);
}

void WireConnection::close() {
  if (state_ == State::kEnded) {
    return;
  }
  if (outbox_.empty()) {
    end(0);
  } else {
    state_ = State::kClosing;
  }
}

void WireConnection::reset() {
  if (state_ == State::kEnded) {
    return;
  }
  linger now{.l_onoff = 1, .l_linger = 0};
  static_cast<void>(setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now));
  end(0);
}

// N1: the owner hears of the end from the loop, whoever asked for it.
void WireConnection::end(int error) {
  state_ = State::kEnded;
  error_ = error;
  event_active(read_event_.get(), EV_READ, 0);
}

void WireConnection::on_readable(evutil_socket_t, short, void* self) {
  auto& connection = *static_cast<WireConnection*>(self);
  if (connection.state_ == State::kEnded) {
    connection.owner_.on_closed(connection, connection.error_);
    return;
  }
  if (connection.state_ == State::kOpen && connection.read_some()) {
    connection.offer();
  } else if (connection.state_ == State::kClosing) {
    connection.read_some();  // only to learn that the peer is gone
  }
}

bool WireConnection::read_some() {
  std::array<char, kReadSize> bytes;
  ssize_t got = recv(socket_, bytes.data(), bytes.size(), 0);
  if (got > 0) {
    return take({bytes.data(), static_cast<size_t>(got)});
  }
  if (got == 0 || !would_block(errno)) {
    end(got == 0 ? 0 : errno);
  }
  return false;
}

bool WireConnection::take(std::string_view bytes) {
  if (!tls_) {
    inbox_.append(bytes);
    return true;
  }
  const bool good = tls_->receive(bytes, inbox_);
  queue(tls_->take_output());
  if (!good) {
    close();  // once the alert is out
  }
  return good;
}

void WireConnection::offer() {
  size_t taken = 0;
  while (taken < inbox_.size() && state_ == State::kOpen) {
    size_t more = owner_.on_bytes(*this, std::string_view(inbox_).substr(taken));
    if (more == 0) {
      break;
    }
    taken += more;
  }
  inbox_.erase(0, taken);
}

void WireConnection::finish_connecting() {
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) {
    end(error);
    return;
  }
  state_ = State::kOpen;
  owner_.on_connected(*this);
}

void WireConnection::on_writable(evutil_socket_t, short, void* self) {
  auto& connection = *static_cast<WireConnection*>(self);
  if (connection.state_ == State::kConnecting) {
    connection.finish_connecting();
  }
  if (connection.state_ == State::kOpen || connection.state_ == State::kClosing) {
    connection.write_some();
  }
}

void WireConnection::write_some() {
  while (written_ < outbox_.size()) {
    ssize_t put =
        ::send(socket_, outbox_.data() + written_, outbox_.size() - written_, MSG_NOSIGNAL);
    if (put < 0 && !would_block(errno)) {
      end(errno);
      return;
    }
    if (put < 0) {
      event_add(write_event_.get(), nullptr);
      return;
    }
    written_ += static_cast<size_t>(put);
  }
  outbox_.clear();
  written_ = 0;
  if (state_ == State::kClosing) {
    end(0);
  }
}

}  // namespace hourwheel
