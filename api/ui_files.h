// The files of the UI as they were when the server was built: what web/ makes, embedded, so that
// nothing has to lie beside the binary.
#pragma once

#include <cstdint>
#include <string_view>

namespace hourwheel {

enum class UiName : uint8_t { kPage, kScript, kStyle, kIcon };

struct UiFile {
  std::string_view bytes;
  std::string_view gzip;    // the same, compressed (RFC 1952)
  std::string_view digest;  // of `bytes`, as the page names it
  std::string_view type;
};

// Thread: any; pure.
UiFile ui_file(UiName name);

}  // namespace hourwheel
