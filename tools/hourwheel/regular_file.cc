#include "tools/hourwheel/regular_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "store/descriptor.h"
#include "store/file_error.h"

namespace hourwheel {
namespace {

constexpr size_t kMaxFile = size_t{1024} * 1024;

Status check_mode(const struct stat& found, const std::string& path, Holds holds) {
  if (!S_ISREG(found.st_mode)) {
    return failure(ErrorCode::kValidationFailed, "", path + " is not a file");
  }
  if (holds == Holds::kNoSecret || (found.st_mode & (S_IRWXG | S_IRWXO)) == 0) return {};
  std::array<char, 8> mode{};
  std::snprintf(mode.data(), mode.size(), "%04o", found.st_mode & 07777U);
  return failure(ErrorCode::kForbidden, "",
                 path + " holds secrets and its mode is " + mode.data() +
                     ": others than its owner may use it; say chmod 600 " + path);
}

// With room from the beginning: of a secret no copy is left where the text was before it grew.
Result<std::string> read_all(int fd, const std::string& path, size_t usual) {
  std::string text(std::min(usual, kMaxFile) + 1, '\0');
  size_t size = 0;
  while (true) {
    const ssize_t got = ::read(fd, text.data() + size, text.size() - size);
    if (got < 0) return cannot("read", path);
    size += static_cast<size_t>(got);
    if (size > kMaxFile) {
      return failure(ErrorCode::kValidationFailed, "", path + " is longer than 1 MiB");
    }
    if (got == 0) break;
    if (size == text.size()) text.resize(kMaxFile + 1);  // it has grown since
  }
  text.resize(size);
  return text;
}

}  // namespace

// Opened without waiting, should it be a pipe that nobody writes to.
Result<std::string> read_regular_file(const std::string& path, Holds holds) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) return cannot("open", path);
  struct stat found {};
  if (::fstat(file.get(), &found) != 0) return cannot("look at", path);
  if (auto good = check_mode(found, path, holds); !good) return failure(std::move(good.error()));
  return read_all(file.get(), path, static_cast<size_t>(found.st_size));
}

uint64_t bytes_of_file(const std::string& path) {
  std::error_code unknown;
  if (!std::filesystem::is_regular_file(path, unknown)) return 0;
  const uint64_t size = std::filesystem::file_size(path, unknown);
  return unknown ? 0 : size;
}

}  // namespace hourwheel
