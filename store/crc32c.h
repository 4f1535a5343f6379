// CRC-32C (Castagnoli), as in iSCSI and ext4: the checksum of every stored row. Uses the
// processor's instruction where there is one (SSE 4.2), tables elsewhere; both give the same
// number. Thread: pure functions, any thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace hourwheel {

// Continues `crc` (0 to begin) over `bytes`.
uint32_t crc32c(std::string_view bytes, uint32_t crc = 0);
// The table-driven one, whatever the processor: what the other is tested against.
uint32_t crc32c_portable(std::string_view bytes, uint32_t crc = 0);

}  // namespace hourwheel
