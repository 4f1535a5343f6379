// What the server tells about its own API, as it was when the server was built: made from
// openapi.yaml by tools/openapi_pages.
#pragma once

#include <string_view>

namespace hourwheel {

struct Document {
  std::string_view text;
  std::string_view etag;  // with its quotes
};

Document openapi_yaml();
Document openapi_json();

}  // namespace hourwheel
