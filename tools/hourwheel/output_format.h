// How an answer is printed.
#pragma once

#include <cstdint>

namespace hourwheel {

enum class OutputFormat : uint8_t {
  kTable,   // for people: what matters, times as distances from now
  kWide,    // the same with more columns, and times as instants
  kJson,    // the API's object
  kNdjson,  // its rows, one a line
  kName     // ids only, one a line
};

}  // namespace hourwheel
