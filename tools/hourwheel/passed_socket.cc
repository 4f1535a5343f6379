#include "tools/hourwheel/passed_socket.h"

#include <fcntl.h>

#include <charconv>
#include <string_view>
#include <vector>

namespace hourwheel {
namespace {

constexpr int kFirstPassed = 3;  // SD_LISTEN_FDS_START
constexpr int kMostPassed = 1'000;
constexpr std::string_view kWantedName = "http";

std::optional<int64_t> passed_number(std::string_view text) {
  int64_t value = 0;
  const char* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, value);
  if (error != std::errc{} || end != last) return std::nullopt;
  return value;
}

// The places of what has this name.
std::vector<int> places_of(std::string_view wanted, std::string_view names) {
  std::vector<int> places;
  for (int place = 0;; ++place) {
    const size_t end = names.find(':');
    if (names.substr(0, end) == wanted) places.push_back(place);
    if (end == std::string_view::npos) return places;
    names.remove_prefix(end + 1);
  }
}

}  // namespace

Result<std::optional<int>> passed_socket(const PassedVariables& variables, int64_t pid) {
  if (variables.fds.empty() || passed_number(variables.pid) != pid) return std::nullopt;
  const auto count = passed_number(variables.fds);
  if (!count || *count < 0 || *count > kMostPassed) {
    return failure(ErrorCode::kValidationFailed, "listen",
                   "LISTEN_FDS=" + variables.fds + " is not a number of sockets");
  }
  if (*count == 0) return std::nullopt;
  int place = 0;
  if (*count > 1) {
    const std::vector<int> found = places_of(kWantedName, variables.names);
    if (found.size() != 1 || found.front() >= *count) {
      return failure(ErrorCode::kValidationFailed, "listen",
                     "LISTEN_FDS=" + variables.fds +
                         ": one socket is listened on; of several it is the one named http "
                         "(FileDescriptorName=), and LISTEN_FDNAMES is \"" +
                         variables.names + "\"");
    }
    place = found.front();
  }
  const int fd = kFirstPassed + place;
  if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
    return failure(
        ErrorCode::kValidationFailed, "listen",
        "LISTEN_FDS=" + variables.fds + ": descriptor " + std::to_string(fd) + " is not open");
  }
  return fd;
}

}  // namespace hourwheel
