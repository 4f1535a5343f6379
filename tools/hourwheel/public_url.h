// Where this server is reached from outside: what the links that targets get begin with.
// Thread: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "net/address.h"

namespace hourwheel {

struct PublicUrl {
  std::string base;  // "https://h.example:8443/prefix", without a / at its end; empty: not known
  std::string authority;  // as the Host of requests to it has it: "h.example:8443"
};

// As the operator writes it: http or https, a host, perhaps a port and a path. Refused with a
// reason: anything else, above all a query, a fragment and a user name.
Result<PublicUrl> parse_public_url(std::string_view text);

// By where it listens. Not known on a wildcard address: that is a name for no one.
enum class Scheme : uint8_t { kHttp, kHttps };
PublicUrl public_url_of(const Address& listening, Scheme scheme);

}  // namespace hourwheel
