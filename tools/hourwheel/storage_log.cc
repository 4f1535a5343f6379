#include "tools/hourwheel/storage_log.h"

#include <string>

namespace hourwheel {
namespace {

std::string mebibytes(const Gauge& bytes) {
  return std::to_string(bytes.value() >> 20) + " MiB";
}

}  // namespace

void log_storage(Log& log, const StorageMetrics& now) {
  const std::string room = mebibytes(now.free_bytes) + " of " + mebibytes(now.volume_bytes) +
                           " free, reserve " + mebibytes(now.reserve_bytes);
  switch (now.storage()) {
    case StorageState::kOk:
      return log.say(LogLevel::kInfo, "storage is ok again: " + room);
    case StorageState::kLow:
      return log.say(LogLevel::kWarning,
                     "storage is low: " + room +
                         "; changes are refused except deletes and pauses (--storage-reserve)");
    case StorageState::kFull:
      return log.say(
          LogLevel::kError,
          "storage is full: " + room + "; nothing can be acknowledged until there is space again");
  }
}

}  // namespace hourwheel
