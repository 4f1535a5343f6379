#include "tools/hourwheel/doctor_probe.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "engine/schedule/time_text.h"
#include "net/io_uring.h"
#include "store/descriptor.h"
#include "store/file_system.h"
#include "store/storage_watch.h"
#include "tools/hourwheel/answer_text.h"
#include "tools/hourwheel/api_client.h"
#include "tools/hourwheel/build_facts.h"

namespace hourwheel {
namespace {

constexpr size_t kFlushedPage = 4'096;
constexpr off_t kFlushedPages = 256;
constexpr Duration kFlushTime = seconds(1);
// Where nothing is flushed at all a second is long.
constexpr uint64_t kFlushesMost = 1'000'000;

tl::unexpected<Error> not_flushed(int error) {
  return failure(ErrorCode::kIo, "", std::strerror(error));
}

// It is gone with its descriptor. Not every file system has files without a name.
int open_nameless(const std::string& folder) {
  const int fd = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT)) return fd;
  std::string name = folder + "/.doctor-XXXXXX";
  const int named = ::mkostemp(name.data(), O_CLOEXEC);
  if (named >= 0) ::unlink(name.c_str());
  return named;
}

// The one, or the next above it that is there.
std::string nearest_folder(const std::string& path) {
  std::error_code unknown;
  std::filesystem::path at = std::filesystem::absolute(path, unknown);
  while (!std::filesystem::exists(at, unknown) && at.has_relative_path()) at = at.parent_path();
  return at.string();
}

std::optional<uint32_t> mode_of_file(const std::string& path) {
  struct stat seen {};
  if (::stat(path.c_str(), &seen) != 0) return std::nullopt;
  return static_cast<uint32_t>(seen.st_mode & 07777);
}

uint64_t hard_limit(decltype(RLIMIT_NOFILE) which) {
  rlimit limit{};
  if (getrlimit(which, &limit) != 0) return 0;
  return limit.rlim_max == RLIM_INFINITY ? UINT64_MAX : static_cast<uint64_t>(limit.rlim_max);
}

int year_of(Instant now) {
  const std::string text = to_text(now);  // "2026-11-23T..."
  int year = 0;
  std::from_chars(text.data(), text.data() + 4, year);
  return year;
}

// What one member of an answer says; empty: nothing.
std::string told_in(const ApiAnswer& answer, const char* member) {
  JsonReader reader;
  auto body = reader.parse(answer.body);
  if (!body) return "";
  const auto found = body->find(member);
  return found ? text_at(*body, member) : "";
}

}  // namespace

Result<double> measure_flushes(const std::string& folder, const Terminal& clock) {
  const Descriptor file(open_nameless(folder));
  if (file.get() < 0) return not_flushed(errno);
  const std::vector<char> page(kFlushedPage, 'h');
  auto write_page = [&](uint64_t number) {
    const off_t at = static_cast<off_t>(number) % kFlushedPages * off_t{kFlushedPage};
    return ::pwrite(file.get(), page.data(), page.size(), at) == static_cast<ssize_t>(page.size());
  };
  // As a log that is written over: its size does not change while it is measured.
  for (uint64_t i = 0; i < uint64_t{kFlushedPages}; ++i) {
    if (!write_page(i)) return not_flushed(errno);
  }
  if (::fsync(file.get()) != 0) return not_flushed(errno);
  const Monotonic begin = clock.steady();
  Duration took{};
  uint64_t count = 0;
  while (took < kFlushTime && count < kFlushesMost) {
    if (!write_page(count) || ::fdatasync(file.get()) != 0) return not_flushed(errno);
    ++count;
    took = clock.steady() - begin;
  }
  return static_cast<double>(count) * 1000 / static_cast<double>(std::max<int64_t>(1, took.ms));
}

FolderSight look_at_folder(const std::string& path, const std::vector<std::string>& key_files,
                           const Terminal& clock) {
  FolderSight seen;
  seen.path = nearest_folder(path);
  std::error_code unknown;
  seen.is_made = std::filesystem::exists(path, unknown);
  seen.is_folder = std::filesystem::is_directory(seen.path, unknown);
  if (!seen.is_folder) return seen;
  seen.writable = ::access(seen.path.c_str(), W_OK | X_OK) == 0;
  seen.mode = mode_of_file(seen.path).value_or(0);
  seen.file_system = file_system_type(seen.path);
  if (auto space = FolderVolume(seen.path).space()) {
    seen.volume_bytes = space->bytes;
    seen.free_bytes = space->free;
  }
  if (auto rate = measure_flushes(seen.path, clock)) {
    seen.flushes_a_second = *rate;
  } else {
    seen.flush_error = rate.error().detail;
  }
  for (const char* name : {"/master.key", "/signing-secrets"}) {
    const std::string file = seen.path + name;
    if (const auto mode = mode_of_file(file); mode && seen.is_made) {
      seen.key_files.push_back({file, mode});
    }
  }
  for (const std::string& file : key_files) seen.key_files.push_back({file, mode_of_file(file)});
  return seen;
}

MachineSight look_at_machine(const Terminal& clock) {
  MachineSight seen;
  auto ring = UringIo::create();
  seen.has_uring = ring.has_value();
  seen.uring = ring ? std::string((*ring)->mode()) : ring.error().detail;
  seen.open_files = hard_limit(RLIMIT_NOFILE);
  seen.locked_bytes = hard_limit(RLIMIT_MEMLOCK);
  timex state{};
  if (const int said = adjtimex(&state); said >= 0) {
    seen.clock_synchronized = said != TIME_ERROR && (state.status & STA_UNSYNC) == 0;
    seen.clock_error_us = state.maxerror;
  }
  seen.tzdata = installed_tzdata();
  seen.year = year_of(clock.now());
  return seen;
}

ServerSight look_at_server(const ServerChoice& choice) {
  ServerSight seen;
  seen.program = HW_VERSION;
  auto access = find_access(choice);
  if (!access) {
    seen.named = true;
    seen.error = access.error().detail;
    return seen;
  }
  seen.url = without_password(access->url);
  seen.named = !choice.url.empty() || !choice.context.empty() || access->url != kDefaultServer;
  ApiClient client(*std::move(access));
  auto get = [&client](const char* path) {
    ApiRequest request{"GET", path, ""};
    request.timeout_s = 10;
    request.patience = {0, {}};  // how it is now
    return client.call(request);
  };
  auto health = get("/readyz");
  if (!health) {
    seen.error = health.error().detail;
    return seen;
  }
  seen.ready = health->status == 200;
  if (auto server = get("/v1/server"); server && server->is_good()) {
    seen.version = told_in(*server, "version");
  }
  return seen;
}

}  // namespace hourwheel
