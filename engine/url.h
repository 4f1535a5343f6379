// The one URL parser: what is accepted when a task is stored is what is connected to when it fires.
//
// Accepted: http and https; host a canonical dotted IPv4, an [IPv6] without zone id, or an LDH
// name; no user name, no fragment; port 1-65535. Refused with a reason that names the part:
// anything else, above all hosts whose last label is numeric but not a canonical IPv4 (127.1,
// 0x7f.1, 2130706433), and control characters, spaces and backslashes anywhere. Thread: pure
// functions, any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/result.h"

namespace hourwheel {

enum class UrlScheme : uint8_t { kHttp = 1, kHttps = 2 };

struct Url {
  UrlScheme scheme = UrlScheme::kHttp;
  std::string host;  // lower case; IPv6 without brackets
  uint16_t port = 80;
  std::string path;       // with query; starts with '/'
  std::string authority;  // for the Host header: host, and the port unless it is the scheme's own
};

// field names the offending member of the task ("/target/url").
Result<Url> parse_url(std::string_view text);

// Identifies scheme, host and port: what connections and limits are counted by.
struct Destination {
  uint64_t value = 0;
  friend bool operator==(Destination, Destination) = default;
};
Destination destination_of(const Url& url);

}  // namespace hourwheel
