// Shows a piece of a client's text in an error's detail.
#pragma once

#include <string>
#include <string_view>

namespace hourwheel {

// 'text' in quotes, cut after 40 bytes; what is not printable ASCII becomes '?', so that the detail
// is valid in every encoding and log.
std::string quoted(std::string_view text);

}  // namespace hourwheel
