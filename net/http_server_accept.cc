#include "net/http_server_accept.h"

#include <h2o/http1.h>
#include <sys/socket.h>

#include <type_traits>
#include <utility>

namespace hourwheel {

HttpAcceptor::HttpAcceptor(EventLoop& loop, Connections& connections, h2o_context_t& context,
                           Duration first_request_timeout)
    : loop_(loop), connections_(connections) {
  accept_.ctx = &context;
  accept_.hosts = context.globalconf->hosts;
  h2o_timeout_init(loop_.h2o(), &first_request_, static_cast<uint64_t>(first_request_timeout.ms));
}

HttpAcceptor::~HttpAcceptor() {
  h2o_timeout_dispose(loop_.h2o(), &first_request_);
}

void HttpAcceptor::set_tls(TlsContext context) {
  tls_ = std::move(context);
}

void HttpAcceptor::accept(int fd, uint32_t connection) {
  h2o_socket_t* socket =
      h2o_evloop_socket_create(loop_.h2o(), fd, H2O_SOCKET_FLAG_IS_ACCEPTED_CONNECTION);
  auto open = std::make_unique<Open>();
  open->acceptor = this;
  open->connection = connection;
  open->tls = share(tls_);
  open->first_request.fd = fd;
  open->first_request.entry.cb = on_timeout;
  loop_.tell_h2o_the_time();
  if (tls_ != nullptr) h2o_timeout_link(loop_.h2o(), &first_request_, &open->first_request.entry);
  socket->on_close.cb = on_close;
  socket->on_close.data = open.release();
  if (tls_ == nullptr) return begin_http(socket);
  h2o_socket_ssl_handshake(socket, tls_.get(), nullptr, on_handshake);
}

// HTTP/1.1 always, whatever else ALPN might agree on.
void HttpAcceptor::begin_http(h2o_socket_t* socket) {
  h2o_http1_accept(&accept_, socket, *h2o_get_timestamp(accept_.ctx, nullptr, nullptr));
}

// HA4
void HttpAcceptor::on_handshake(h2o_socket_t* socket, const char* error) {
  HttpAcceptor& acceptor = *static_cast<Open*>(socket->on_close.data)->acceptor;
  if (error == nullptr) {
    acceptor.tls_counters_.handshakes.add();
    return acceptor.begin_http(socket);
  }
  acceptor.tls_counters_.failed.add();
  h2o_socket_close(socket);
}

void HttpAcceptor::request_came(h2o_socket_t& socket) {
  static_cast<Open*>(socket.on_close.data)->first_request.unlink();
}

// HA1
void HttpAcceptor::on_close(void* open) {
  const std::unique_ptr<Open> closed(static_cast<Open*>(open));
  closed->first_request.unlink();
  closed->acceptor->connections_.release(closed->connection);
}

// HA3. The socket is h2o's, at whatever it is just now: it finds the end when it reads.
void HttpAcceptor::on_timeout(h2o_timeout_entry_t* entry) {
  static_assert(std::is_standard_layout_v<FirstRequest>);
  shutdown(reinterpret_cast<FirstRequest*>(entry)->fd, SHUT_RDWR);
}

}  // namespace hourwheel
