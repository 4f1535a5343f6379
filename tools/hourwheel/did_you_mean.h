// The word that was probably meant.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hourwheel {

// The candidate with the fewest letters to change, leave out, add or swap; empty: none is near.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace hourwheel
