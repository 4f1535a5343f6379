#include "net/io_libevent.h"

#include <event2/event.h>
#include <unistd.h>

#include <cerrno>

#include "engine/base/check.h"

namespace hourwheel {
namespace {

// One read per connection and turn: a fast peer cannot keep the turn to itself, and the
// level-triggered event brings us back for the rest.
constexpr size_t kReadSize = size_t{16} * 1024;

}  // namespace

void LibeventIo::EventDeleter::operator()(event* watch) const {
  event_free(watch);
}

LibeventIo::Connection::~Connection() {
  // Events leave the loop before their descriptor is closed and its number can come back.
  read_event.reset();
  write_event.reset();
  if (fd >= 0) ::close(fd);
}

LibeventIo::LibeventIo(event_base* base) : base_(base), buffer_(kReadSize) {}

LibeventIo::~LibeventIo() = default;

ConnectionId LibeventIo::connect(const Address& address) {
  ConnectionId id = *connections_.emplace();
  Connection& connection = *connections_.find(id);
  connection.io = this;
  connection.id = id;
  connection.address = address;
  connection.fd = open_socket(address, SOCK_NONBLOCK);
  SocketAddress to = to_socket_address(address);
  if (connection.fd < 0 ||
      (::connect(connection.fd, &to.any, to.length) != 0 && errno != EINPROGRESS)) {
    connection.state = State::kBroken;
    note(connection);
    return id;
  }
  connection.read_event.reset(
      event_new(base_, connection.fd, EV_READ | EV_PERSIST, &on_event, &connection));
  connection.write_event.reset(event_new(base_, connection.fd, EV_WRITE, &on_event, &connection));
  HW_CHECK(connection.read_event && connection.write_event, "memory for two events");
  HW_CHECK(event_add(connection.write_event.get(), nullptr) == 0, "epoll takes a socket of ours");
  return id;
}

void LibeventIo::send(ConnectionId id, std::string bytes) {
  Connection* connection = connections_.find(id);
  if (connection == nullptr || connection->state == State::kBroken) return;
  HW_CHECK(connection->state == State::kOpen, "send comes after on_connected");
  const bool waiting = !connection->out.empty();
  if (waiting) {
    connection->out.append(bytes);
    return;
  }
  connection->out = std::move(bytes);
  connection->out_sent = 0;
  flush(*connection);
}

bool LibeventIo::flushed(ConnectionId id) {
  Connection* connection = connections_.find(id);
  return connection != nullptr && connection->state == State::kOpen && connection->out.empty();
}

void LibeventIo::close(ConnectionId id) {
  if (connections_.find(id) != nullptr) connections_.erase(id);
}

size_t LibeventIo::reap(IoListener& listener) {
  // The listener may make connections ready; those are for the next reap.
  reaping_.swap(ready_);
  for (ConnectionId id : reaping_) {
    Connection* connection = connections_.find(id);
    if (connection == nullptr) continue;
    connection->noted = false;
    if (connection->state == State::kConnecting) {
      finish_connect(*connection, listener);
      continue;
    }
    // What came before a failed send is read first: a target may answer and close early.
    if (connection->readable) {
      read_some(*connection, listener);
    } else if (connection->state == State::kBroken) {
      end(id, CloseReason::kRefused, listener);
    }
  }
  size_t count = reaping_.size();
  reaping_.clear();
  return count;
}

void LibeventIo::on_event(int /*fd*/, short what, void* argument) {
  auto* connection = static_cast<Connection*>(argument);
  if (connection->state == State::kOpen && (what & EV_WRITE) != 0) {
    connection->io->flush(*connection);
  }
  if ((what & EV_READ) != 0) connection->readable = true;
  if (connection->state == State::kConnecting || (what & EV_READ) != 0) {
    connection->io->note(*connection);
  }
}

void LibeventIo::note(Connection& connection) {
  if (connection.noted) return;
  connection.noted = true;
  ready_.push_back(connection.id);
}

void LibeventIo::flush(Connection& connection) {
  while (connection.out_sent < connection.out.size()) {
    ssize_t n = ::send(connection.fd, connection.out.data() + connection.out_sent,
                       connection.out.size() - connection.out_sent, MSG_NOSIGNAL);
    if (n >= 0) {
      connection.out_sent += static_cast<size_t>(n);
      continue;
    }
    if (errno == EINTR) continue;
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
      HW_CHECK(event_add(connection.write_event.get(), nullptr) == 0, "the socket is in epoll");
      return;
    }
    connection.state = State::kBroken;
    connection.readable = true;  // an answer may still lie there
    note(connection);
    return;
  }
  connection.out.clear();
  connection.out_sent = 0;
}

void LibeventIo::finish_connect(Connection& connection, IoListener& listener) {
  int error = 0;
  socklen_t length = sizeof error;
  if (::getsockopt(connection.fd, SOL_SOCKET, SO_ERROR, &error, &length) != 0) error = errno;
  if (error != 0 || !is_connected_to(connection.fd, connection.address)) {
    end(connection.id, CloseReason::kRefused, listener);
    return;
  }
  connection.state = State::kOpen;
  HW_CHECK(event_add(connection.read_event.get(), nullptr) == 0, "the socket is in epoll");
  listener.on_connected(connection.id);
}

void LibeventIo::read_some(Connection& connection, IoListener& listener) {
  connection.readable = false;
  ssize_t n = 0;
  do {
    n = ::recv(connection.fd, buffer_.data(), buffer_.size(), 0);
  } while (n < 0 && errno == EINTR);
  if (n > 0) {
    // Nothing more can be sent on a broken connection, but it is read to its end.
    if (connection.state == State::kBroken) {
      connection.readable = true;
      note(connection);
    }
    listener.on_bytes(connection.id, {buffer_.data(), static_cast<size_t>(n)});
    return;
  }
  if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
    if (connection.state == State::kBroken) end(connection.id, CloseReason::kReset, listener);
    return;
  }
  end(connection.id, n == 0 ? CloseReason::kEndOfStream : CloseReason::kReset, listener);
}

void LibeventIo::end(ConnectionId id, CloseReason reason, IoListener& listener) {
  connections_.erase(id);
  listener.on_closed(id, reason);
}

}  // namespace hourwheel
