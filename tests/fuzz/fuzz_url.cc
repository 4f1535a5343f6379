// Target URLs: what is accepted is canonical, so that it is the same when it is read again.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/base/check.h"
#include "engine/url.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  using namespace hourwheel;  // NOLINT(google-build-using-namespace): a program of its own
  auto url = parse_url({reinterpret_cast<const char*>(bytes), size});
  if (!url) return 0;
  HW_CHECK(!url->path.empty() && url->path.front() == '/', "a path starts with a slash");
  HW_CHECK(url->port != 0 && !url->host.empty(), "a URL names a host and a port");
  const char* scheme = url->scheme == UrlScheme::kHttp ? "http://" : "https://";
  auto again = parse_url(scheme + url->authority + url->path);
  HW_CHECK(again && destination_of(*again) == destination_of(*url) && again->path == url->path,
           "what is connected to is what was accepted");
  return 0;
}
