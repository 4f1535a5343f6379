#include "tests/e2e/scarce_space.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace hourwheel {

std::unique_ptr<MountedSpace> MountedSpace::mount(const std::string& folder, uint64_t bytes) {
  const std::string size = "size=" + std::to_string(bytes);
  if (::mount("tmpfs", folder.c_str(), "tmpfs", 0, size.c_str()) != 0) return nullptr;
  return std::make_unique<MountedSpace>(folder);
}

MountedSpace::~MountedSpace() {
  // At once from the tree, and for good when the last file in it is closed.
  umount2(folder_.c_str(), MNT_DETACH);
}

// The server takes space at the same time: so the file grows until what is left is right.
void MountedSpace::leave(uint64_t bytes) {
  const int file = open(filler().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  ASSERT_GE(file, 0);
  off_t size = lseek(file, 0, SEEK_END);
  for (int round = 0; round < 5; ++round) {
    struct statvfs found {};
    ASSERT_EQ(0, statvfs(folder_.c_str(), &found));
    const uint64_t free = found.f_bavail * found.f_frsize;
    if (free <= bytes) break;
    const auto more = static_cast<off_t>(free - bytes);
    if (posix_fallocate(file, size, more) == 0) size += more;
  }
  close(file);
}

void MountedSpace::give_back() {
  unlink(filler().c_str());
}

}  // namespace hourwheel
