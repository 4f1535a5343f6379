#include "tools/hourwheel/secret_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "store/descriptor.h"
#include "store/file_error.h"
#include "tools/hourwheel/regular_file.h"

namespace hourwheel {
namespace {

constexpr mode_t kOwnerOnly = 0600;

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
  auto text = read_regular_file(path, Holds::kSecret);  // F2
  if (!text) return failure(std::move(text.error()));
  return SecretText::taken_from(*text);
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
