// Files of the operator's. Secrets and certificates are read whole; one with a secret in it that
// others than its owner may use is refused. Thread: one that may wait for a disk.
#pragma once

#include <cstdint>
#include <string>

#include "engine/base/result.h"

namespace hourwheel {

enum class Holds : uint8_t { kNoSecret, kSecret };

// At most 1 MiB; neither a folder nor a device. The error names the file.
Result<std::string> read_regular_file(const std::string& path, Holds holds);

// 0: there is none, or nobody can know, as of a pipe.
uint64_t bytes_of_file(const std::string& path);

}  // namespace hourwheel
