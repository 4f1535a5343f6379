// A file of the operator's, read whole: secrets and certificates. One with a secret in it that
// others than its owner may use is refused. Thread: one that may wait for a disk.
#pragma once

#include <cstdint>
#include <string>

#include "engine/base/result.h"

namespace hourwheel {

enum class Holds : uint8_t { kNoSecret, kSecret };

// At most 1 MiB; neither a folder nor a device. The error names the file.
Result<std::string> read_regular_file(const std::string& path, Holds holds);

}  // namespace hourwheel
