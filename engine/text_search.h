// What all filters by text mean by "is part of". Thread: pure functions, any thread.
#pragma once

#include <string_view>

namespace hourwheel {

// Letters of ASCII match in either case, all other bytes as they are. Cost: linear, whatever the
// two are.
bool holds_part(std::string_view whole, std::string_view part);

}  // namespace hourwheel
