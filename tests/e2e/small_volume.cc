#include "tests/e2e/small_volume.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "engine/base/check.h"

namespace hourwheel {

SmallVolume::SmallVolume(unsigned mebibytes) : path_(testing::TempDir() + "hourwheel-vol-XXXXXX") {
  HW_CHECK(mkdtemp(path_.data()) != nullptr, "a test needs a folder");
  const std::string size = "size=" + std::to_string(mebibytes) + "m";
  mounted_ = ::mount("tmpfs", path_.c_str(), "tmpfs", 0, size.c_str()) == 0;
  if (!mounted_) {
    std::fprintf(stderr, "not shown here: a tmpfs cannot be mounted (%s)\n", std::strerror(errno));
  }
}

SmallVolume::~SmallVolume() {
  if (mounted_) ::umount2(path_.c_str(), MNT_DETACH);
  ::rmdir(path_.c_str());
}

void SmallVolume::fill_up_to(unsigned mebibytes_left) {
  const int file = ::open((path_ + "/fill").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  HW_CHECK(file >= 0, "a test fills its volume");
  static constexpr std::array<char, 64 * 1024> kBytes{};
  const uint64_t left = uint64_t{mebibytes_left} << 20;
  for (;;) {
    struct statvfs found {};
    HW_CHECK(::statvfs(path_.c_str(), &found) == 0, "a test knows its volume");
    const uint64_t free = found.f_bavail * found.f_frsize;
    if (free <= left) break;
    if (::write(file, kBytes.data(), std::min<uint64_t>(kBytes.size(), free - left)) <= 0) break;
  }
  ::close(file);
}

void SmallVolume::empty() {
  ::unlink((path_ + "/fill").c_str());
}

}  // namespace hourwheel
