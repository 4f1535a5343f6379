// openapi.yaml as it was when the server was built.
#pragma once

#include <string_view>

namespace hourwheel {

std::string_view openapi_text();

}  // namespace hourwheel
