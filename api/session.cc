#include "api/session.h"

#include <charconv>

#include "api/base64.h"
#include "api/crypto.h"
#include "api/text.h"

namespace hourwheel {
namespace {

constexpr std::string_view kName = "hw_session";

std::string_view attributes_for(const HttpRequest& request) {
  return request.over_tls ? "; Path=/; HttpOnly; SameSite=Strict; Secure"
                          : "; Path=/; HttpOnly; SameSite=Strict";
}

std::string_view bytes_of(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

std::string signature_of(const ApiKey& key, Instant ends, std::string_view secret) {
  std::string text = key.id + "." + std::to_string(ends.ms) + ".";
  text += bytes_of(key.digest);
  return base64_encode(bytes_of(hmac_sha256(secret, text)), Base64::kUrl);
}

std::optional<SessionText> parse(std::string_view value) {
  const size_t first = value.find('.');
  const size_t second = value.find('.', first == std::string_view::npos ? first : first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  const std::string_view ends = value.substr(first + 1, second - first - 1);
  SessionText session{
      std::string(value.substr(0, first)), {}, std::string(value.substr(second + 1))};
  const auto [end, error] =
      std::from_chars(ends.data(), ends.data() + ends.size(), session.ends.ms);
  if (error != std::errc() || end != ends.data() + ends.size()) return std::nullopt;
  return session;
}

}  // namespace

std::optional<SessionText> session_of(const HttpRequest& request) {
  for (const HttpField& field : request.fields) {
    if (field.name != "cookie") continue;
    for (std::string_view rest = field.value; !rest.empty();) {
      const size_t end = std::min(rest.find(';'), rest.size());
      const std::string_view pair = trim(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
      if (pair.starts_with(kName) && pair.substr(kName.size()).starts_with('=')) {
        return parse(pair.substr(kName.size() + 1));
      }
    }
  }
  return std::nullopt;
}

bool is_signed(const SessionText& session, const ApiKey& key, std::string_view secret) {
  // Of digests, because these are compared in the same time wherever they differ.
  return same_digest(sha256(session.signature), sha256(signature_of(key, session.ends, secret)));
}

std::string session_cookie(const HttpRequest& request, const ApiKey& key, Instant ends,
                           std::string_view secret) {
  std::string cookie(kName);
  cookie += "=" + key.id + "." + std::to_string(ends.ms) + "." + signature_of(key, ends, secret);
  return cookie.append(attributes_for(request))
      .append("; Max-Age=")
      .append(std::to_string(kSessionLasts.ms / 1000));
}

std::string no_session_cookie(const HttpRequest& request) {
  return std::string(kName).append("=").append(attributes_for(request)).append("; Max-Age=0");
}

}  // namespace hourwheel
