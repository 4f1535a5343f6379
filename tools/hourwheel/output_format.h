// How an answer is printed.
#pragma once

#include <cstdint>

namespace hourwheel {

enum class OutputFormat : uint8_t { kTable, kJson };

}  // namespace hourwheel
