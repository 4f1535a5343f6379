#include "tools/hourwheel/secret_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "store/descriptor.h"

namespace hourwheel {
namespace {

constexpr mode_t kOwnerOnly = 0600;
constexpr size_t kMaxFile = size_t{64} * 1024;

tl::unexpected<Error> cannot(const std::string& what, const std::string& path) {
  return failure(ErrorCode::kIo, "", "cannot " + what + " " + path + ": " + std::strerror(errno));
}

// F2
Status check_mode(const struct stat& found, const std::string& path) {
  if (!S_ISREG(found.st_mode)) {
    return failure(ErrorCode::kValidationFailed, "", path + " is not a file");
  }
  if ((found.st_mode & (S_IRWXG | S_IRWXO)) == 0) return {};
  std::array<char, 8> mode{};
  std::snprintf(mode.data(), mode.size(), "%04o", found.st_mode & 07777U);
  return failure(ErrorCode::kForbidden, "",
                 path + " holds secrets and its mode is " + mode.data() +
                     ": others than its owner may use it; say chmod 600 " + path);
}

Result<SecretText> read_all(int fd, const std::string& path) {
  SecretText room = SecretText::sized(kMaxFile + 1);
  size_t size = 0;
  while (true) {
    const ssize_t got = ::read(fd, room.writable() + size, room.size() - size);
    if (got < 0) return cannot("read", path);
    if (got == 0) return SecretText(room.view().substr(0, size));
    size += static_cast<size_t>(got);
    if (size > kMaxFile) {
      return failure(ErrorCode::kValidationFailed, "", path + " is too long for secrets");
    }
  }
}

Status write_flushed(const std::string& path, const SecretText& line) {
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kOwnerOnly));
  if (file.get() < 0) return cannot("create", path);
  for (const std::string_view part : {line.view(), std::string_view("\n")}) {
    const ssize_t written = ::write(file.get(), part.data(), part.size());
    if (written != static_cast<ssize_t>(part.size())) return cannot("write", path);
  }
  if (::fsync(file.get()) != 0) return cannot("flush", path);
  return {};
}

}  // namespace

Result<SecretText> read_secret_file(const std::string& path) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return cannot("open", path);
  struct stat found {};
  if (::fstat(file.get(), &found) != 0) return cannot("look at", path);
  if (auto good = check_mode(found, path); !good) return failure(std::move(good.error()));
  return read_all(file.get(), path);
}

Result<bool> is_there(const std::string& path) {
  if (::access(path.c_str(), F_OK) == 0) return true;
  if (errno != ENOENT) return cannot("look at", path);
  return false;
}

// F3: under another name first.
Status make_secret_file(const std::string& path, const SecretText& line) {
  const std::string part = path + ".part";
  if (::unlink(part.c_str()) != 0 && errno != ENOENT) return cannot("remove", part);
  if (auto written = write_flushed(part, line); !written) return written;
  if (::rename(part.c_str(), path.c_str()) != 0) return cannot("create", path);
  const std::string folder = path.substr(0, path.rfind('/'));
  Descriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() < 0 || ::fsync(directory.get()) != 0) return cannot("flush", folder);
  return {};
}

}  // namespace hourwheel
