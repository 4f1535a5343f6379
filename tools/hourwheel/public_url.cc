#include "tools/hourwheel/public_url.h"

#include <utility>

#include "engine/url.h"

namespace hourwheel {

Result<PublicUrl> parse_public_url(std::string_view text) {
  auto url = parse_url(text);
  if (!url) return failure(ErrorCode::kValidationFailed, "", std::move(url.error().detail));
  if (text.find('?') != std::string_view::npos) {
    return failure(ErrorCode::kValidationFailed, "", "has a query, which no link could follow");
  }
  while (url->path.ends_with('/')) url->path.pop_back();
  const char* scheme = url->scheme == UrlScheme::kHttps ? "https://" : "http://";
  std::string base = scheme + url->authority;
  return PublicUrl{base.append(url->path), std::move(url->authority)};
}

PublicUrl public_url_of(const Address& listening, Scheme scheme) {
  if (is_wildcard(listening)) return {};
  // The parser leaves the scheme's own port out of the authority, as clients do.
  auto url =
      parse_public_url((scheme == Scheme::kHttps ? "https://" : "http://") + to_text(listening));
  return url ? *std::move(url) : PublicUrl{};
}

}  // namespace hourwheel
