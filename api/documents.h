// What the server tells about its own API, as it was when the server was built: made from
// openapi.yaml and docs.css by tools/openapi_pages.
#pragma once

#include <string_view>

namespace hourwheel {

struct Document {
  std::string_view text;
  std::string_view etag;  // with its quotes
};

Document openapi_yaml();
Document openapi_json();
Document docs_page();   // HTML
Document docs_style();  // its style sheet

}  // namespace hourwheel
