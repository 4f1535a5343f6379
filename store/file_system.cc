#include "store/file_system.h"

#include <linux/magic.h>
#include <sys/vfs.h>

namespace hourwheel {
namespace {

// Not in every linux/magic.h.
constexpr long kSmb2Magic = 0xfe534d42;
constexpr long kCifsMagic = 0xff534d42;
constexpr long kFuseMagic = 0x65735546;

}  // namespace

std::optional<long> file_system_type(const std::string& folder) {
  struct statfs disk {};
  if (statfs(folder.c_str(), &disk) != 0) return std::nullopt;
  return disk.f_type;
}

bool is_network_file_system(long type) {
  for (long refused : {static_cast<long>(NFS_SUPER_MAGIC), static_cast<long>(SMB_SUPER_MAGIC),
                       static_cast<long>(CODA_SUPER_MAGIC), static_cast<long>(AFS_SUPER_MAGIC),
                       static_cast<long>(V9FS_MAGIC), static_cast<long>(CEPH_SUPER_MAGIC),
                       kSmb2Magic, kCifsMagic, kFuseMagic}) {
    if (type == refused) return true;
  }
  return false;
}

}  // namespace hourwheel
