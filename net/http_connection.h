// One outbound connection as the dispatcher sees it: which destination and address it leads to, and
// the attempt that has it, if any. At most one attempt at a time, no pipelining.
#pragma once

#include <cstdint>
#include <memory>

#include "engine/base/slab.h"
#include "engine/url.h"
#include "net/address.h"
#include "net/io.h"
#include "net/response_parser.h"
#include "net/tls_client.h"

namespace hourwheel {

using AttemptId = Handle<struct AttemptTag>;

enum class ConnectionState : uint8_t {
  kConnecting,  // for the attempt that has it
  kSecuring,    // the same: connected, in the TLS handshake
  kBusy,        // a request was sent, its response is being read
  kIdle,        // kept for the next attempt
};

struct HttpConnection {
  ConnectionId id;
  Destination destination;
  Address address;
  ConnectionState state = ConnectionState::kConnecting;
  AttemptId attempt;
  ResponseParser parser;
  std::unique_ptr<TlsStream> tls;  // null: its bytes are those of HTTP
};

}  // namespace hourwheel
