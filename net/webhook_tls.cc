// The part of the dispatcher that speaks TLS with https targets.
#include <algorithm>

#include "engine/base/check.h"
#include "net/webhook_dispatcher.h"

namespace hourwheel {

void WebhookDispatcher::secure(HttpConnection& connection, Attempt& attempt) {
  connection.tls = tls_.connect(*peers_.at(connection.destination.value).tls, now_);
  connection.state = ConnectionState::kSecuring;
  attempt.phase = Phase::kSecuring;
  attempt.phase_since = now_.mono;
  attempt_deadlines_.set(connection.attempt.slot,
                         std::min(attempt.deadline, now_.mono + attempt.tls_timeout));
  io_.send(connection.id, connection.tls->take_output());
}

void WebhookDispatcher::on_bytes(ConnectionId id, std::span<char> bytes) {
  HttpConnection* connection = find(id);
  HW_CHECK(connection != nullptr, "I2 io speaks only of connections it has");
  if (!connection->tls) {
    on_plain(id, bytes);
    return;
  }
  plain_.clear();
  const TlsState state = connection->tls->receive(bytes, plain_);
  if (std::string output = connection->tls->take_output(); !output.empty()) {
    io_.send(id, std::move(output));
  }
  if (connection->state == ConnectionState::kSecuring) return end_handshake(*connection);
  if (!plain_.empty()) {
    on_plain(id, plain_);
    connection = find(id);
  }
  if (state == TlsState::kOpen || connection == nullptr) return;
  end_stream(*connection, state == TlsState::kEnded);
}

// Sends the request, if it may be sent by now.
void WebhookDispatcher::end_handshake(HttpConnection& connection) {
  const TlsState state = connection.tls->state();
  const bool spoke_first = !plain_.empty();
  if (state == TlsState::kHandshake) return;
  if (state == TlsState::kOpen && !spoke_first) {
    if (!connection.tls->writable(now_)) return;  // the rest of a message is still to come
    counters_.tls_handshakes.add();
    if (connection.tls->resumed()) counters_.tls_resumed.add();
    Attempt& attempt = *attempts_.find(connection.attempt);
    attempt.wire.tls = phase_time(attempt);
    return send(connection, connection.attempt, attempt);
  }
  const Destination destination = connection.destination;
  if (spoke_first) {
    end(connection.attempt, AttemptResult::kBadResponse, "an answer came before the request");
  } else {
    end(connection.attempt, AttemptResult::kTlsFailed,
        state == TlsState::kFailed ? connection.tls->error()
                                   : "the target ended the TLS handshake");
  }
  close(connection.id);
  serve(destination);
}

// A kept connection is as good as a new one: through TLS only while what was proved at its
// beginning holds (L2), and nothing of the peer's is half said.
bool WebhookDispatcher::may_be_used(const HttpConnection& connection) const {
  return !connection.tls || connection.tls->writable(now_);
}

}  // namespace hourwheel
