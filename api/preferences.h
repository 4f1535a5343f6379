// What a client would like of the answer (Prefer, RFC 7240). Preferences that are not known are
// passed over, as the RFC asks; those that were followed are named in Preference-Applied.
// Thread: pure functions.
#pragma once

#include <cstdint>
#include <optional>

#include "net/http.h"

namespace hourwheel {

struct Preferences {
  bool minimal = false;              // return=minimal: the answer to a change needs no body
  std::optional<uint32_t> wait_s{};  // wait: how long the client would wait for an end
  bool lenient = false;              // handling=lenient: members that are not known are ignored
};

Preferences read_preferences(const HttpRequest& request);

}  // namespace hourwheel
