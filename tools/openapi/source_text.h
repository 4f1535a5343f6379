// What is to be part of the server, as C++.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hourwheel {

struct Embedded {
  std::string_view name;  // of the function that gives it (api/documents.h)
  std::string text;
};

// Defines those functions. The entity tag of a text follows from the text alone.
std::string source_text(const std::vector<Embedded>& all);

}  // namespace hourwheel
