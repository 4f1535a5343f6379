// The part of the dispatcher that notes what attempts do on the wire (engine/attempt_wire.h).
#include "engine/base/check.h"
#include "net/webhook_dispatcher.h"

namespace hourwheel {

void WebhookDispatcher::note_address(Attempt& attempt, const Address& address) {
  const bool v4 = address.family == AddressFamily::kV4;
  attempt.wire.remote = v4 ? RemoteKind::kV4 : RemoteKind::kV6;
  attempt.wire.port = address.port;
  attempt.wire.address = address.bytes;
}

// Of the phase that the attempt is in.
PhaseTime WebhookDispatcher::phase_time(const Attempt& attempt) const {
  return PhaseTime(now_.mono - attempt.phase_since);
}

// A response may come in many pieces.
void WebhookDispatcher::note_first_byte(const HttpConnection& connection) {
  Attempt* attempt = attempts_.find(connection.attempt);
  HW_CHECK(attempt != nullptr, "a connection that is busy is closed when its attempt ends");
  if (!attempt->wire.first_byte.took()) attempt->wire.first_byte = phase_time(*attempt);
}

}  // namespace hourwheel
