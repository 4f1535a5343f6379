#include "engine/url.h"

#include <charconv>
#include <optional>

#include "engine/base/ascii.h"
#include "engine/base/siphash.h"
#include "engine/limits.h"

namespace hourwheel {
namespace {

constexpr std::string_view kField = "/target/url";
constexpr size_t kMaxHost = 253;  // of a name in the DNS
constexpr size_t kMaxLabel = 63;

tl::unexpected<Error> refused(std::string detail) {
  return failure(ErrorCode::kValidationFailed, std::string(kField), std::move(detail));
}

bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f');
}
std::string lowered(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = lower(c);
  return out;
}

// Decimal without sign or leading zeros, at most `most`.
std::optional<uint32_t> small_number(std::string_view text, uint32_t most) {
  if (text.empty() || text.size() > 5 || (text.size() > 1 && text[0] == '0')) return std::nullopt;
  uint32_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number > most) {
    return std::nullopt;
  }
  return number;
}

bool is_canonical_ipv4(std::string_view host) {
  int parts = 0;
  while (true) {
    size_t dot = host.find('.');
    if (!small_number(host.substr(0, dot), 255)) return false;
    ++parts;
    if (dot == std::string_view::npos) return parts == 4;
    host.remove_prefix(dot + 1);
  }
}

// The groups on one side of "::", or all of them; nullopt: not well formed. An embedded IPv4 may
// stand last and counts as two.
std::optional<int> count_groups(std::string_view text, bool may_end_in_ipv4) {
  if (text.empty()) return 0;
  int groups = 0;
  while (true) {
    size_t colon = text.find(':');
    std::string_view group = text.substr(0, colon);
    if (colon == std::string_view::npos && may_end_in_ipv4 && is_canonical_ipv4(group)) {
      return groups + 2;
    }
    if (group.empty() || group.size() > 4) return std::nullopt;
    for (char c : group) {
      if (!is_hex(c)) return std::nullopt;
    }
    ++groups;
    if (colon == std::string_view::npos) return groups;
    text.remove_prefix(colon + 1);
  }
}

bool is_ipv6(std::string_view host) {
  size_t gap = host.find("::");
  if (gap == std::string_view::npos) return count_groups(host, true) == 8;
  auto before = count_groups(host.substr(0, gap), false);
  auto after = count_groups(host.substr(gap + 2), true);
  return before && after && *before + *after <= 7;
}

// Whether an address parser somewhere below us might read the label as a number: "0x7f", "017",
// "1".
bool looks_numeric(std::string_view label) {
  if (label.starts_with("0x")) {
    label.remove_prefix(2);
    for (char c : label) {
      if (!is_hex(c)) return false;
    }
    return true;
  }
  for (char c : label) {
    if (!is_digit(c)) return false;
  }
  return true;
}

bool is_ldh_label(std::string_view label) {
  if (label.empty() || label.size() > kMaxLabel) return false;
  if (label.front() == '-' || label.back() == '-') return false;
  for (char c : label) {
    if (!is_digit(c) && !(c >= 'a' && c <= 'z') && c != '-') return false;
  }
  return true;
}

Status check_name(std::string_view host) {
  if (host.size() > kMaxHost) return refused("the host is longer than 253 characters");
  std::string_view rest = host;
  while (true) {
    size_t dot = rest.find('.');
    std::string_view label = rest.substr(0, dot);
    if (!is_ldh_label(label)) {
      return refused("the host \"" + std::string(host) +
                     "\" is not a name of letters, digits and hyphens (an international name is "
                     "written in its xn-- form)");
    }
    if (dot == std::string_view::npos) {
      if (!looks_numeric(label)) return {};
      return refused("the host \"" + std::string(host) +
                     "\" ends in a number but is not an IPv4 address of four decimal parts");
    }
    rest.remove_prefix(dot + 1);
  }
}

// Takes the host off the front of `rest`; what is left is empty or starts with ':'.
Result<std::string> take_host(std::string_view& rest) {
  if (rest.starts_with('[')) {
    size_t end = rest.find(']');
    if (end == std::string_view::npos) return refused("the host has \"[\" without \"]\"");
    std::string host = lowered(rest.substr(1, end - 1));
    if (!is_ipv6(host)) return refused("\"[" + host + "]\" is not an IPv6 address");
    rest.remove_prefix(end + 1);
    if (!rest.empty() && rest[0] != ':') return refused("after \"]\" only a port may follow");
    return host;
  }
  std::string host = lowered(rest.substr(0, rest.find(':')));
  rest.remove_prefix(host.size());
  if (host.empty()) return refused("the host is missing");
  if (!is_canonical_ipv4(host)) {
    if (Status name = check_name(host); !name) return failure(name.error());
  }
  return host;
}

Status check_characters(std::string_view text) {
  if (text.size() > kMaxUrl) {
    return refused("longer than " + std::to_string(kMaxUrl) + " characters");
  }
  for (char c : text) {
    // Visible ASCII only: what is beyond is percent-encoded by whoever writes a URL.
    if (c <= ' ' || c >= 0x7f) {
      return refused("has a space, a control character or one outside ASCII");
    }
    if (c == '\\') return refused("has a backslash");
    if (c == '#') return refused("has a fragment, which is never sent to a server");
  }
  return {};
}

// "%" must be followed by two hex digits, and "%00" is nobody's honest path.
Status check_escapes(std::string_view path) {
  for (size_t i = path.find('%'); i != std::string_view::npos; i = path.find('%', i + 1)) {
    if (i + 2 >= path.size() || !is_hex(lower(path[i + 1])) || !is_hex(lower(path[i + 2]))) {
      return refused("has a \"%\" that is not followed by two hex digits");
    }
    if (path[i + 1] == '0' && path[i + 2] == '0') return refused("has \"%00\"");
  }
  return {};
}

}  // namespace

Result<Url> parse_url(std::string_view text) {
  if (Status characters = check_characters(text); !characters) return failure(characters.error());
  size_t colon = text.find("://");
  std::string scheme = colon == std::string_view::npos ? "" : lowered(text.substr(0, colon));
  if (scheme != "http" && scheme != "https") {
    return refused("does not start with http:// or https://");
  }
  Url url;
  url.scheme = scheme == "http" ? UrlScheme::kHttp : UrlScheme::kHttps;
  const uint16_t default_port = url.scheme == UrlScheme::kHttp ? 80 : 443;
  std::string_view rest = text.substr(colon + 3);
  size_t path_start = rest.find_first_of("/?");
  std::string_view path = path_start == std::string_view::npos ? "" : rest.substr(path_start);
  rest = rest.substr(0, path_start);
  if (rest.find('@') != std::string_view::npos) {
    return refused("has a user name; credentials go into a header");
  }
  const bool bracketed = rest.starts_with('[');
  auto host = take_host(rest);
  if (!host) return failure(std::move(host).error());
  url.host = *std::move(host);
  url.port = default_port;
  if (!rest.empty()) {
    auto port = small_number(rest.substr(1), 65535);
    if (!port || *port == 0) return refused("the port is not a number from 1 to 65535");
    url.port = static_cast<uint16_t>(*port);
  }
  if (Status escapes = check_escapes(path); !escapes) return failure(escapes.error());
  url.path = path.starts_with('/') ? std::string(path) : "/" + std::string(path);
  url.authority = bracketed ? "[" + url.host + "]" : url.host;
  if (url.port != default_port) url.authority += ":" + std::to_string(url.port);
  return url;
}

Destination destination_of(const Url& url) {
  // Unambiguous: no host contains a slash.
  std::string name = url.scheme == UrlScheme::kHttp ? "http/" : "https/";
  name.append(url.host).append("/").append(std::to_string(url.port));
  return {siphash128(name).first};
}

}  // namespace hourwheel
