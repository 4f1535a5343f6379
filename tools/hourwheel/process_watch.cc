#include "tools/hourwheel/process_watch.h"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <memory>
#include <string>

#include "net/system_clock.h"

namespace hourwheel {
namespace {

// proc(5): the third field is the first behind the name, which is in parentheses and may hold any
// character, those too.
constexpr size_t kFirstField = 3;
constexpr size_t kUserTicks = 14;
constexpr size_t kSystemTicks = 15;
constexpr size_t kStartedTicks = 22;
constexpr size_t kVirtualBytes = 23;
constexpr size_t kResidentPages = 24;

int64_t in_ms(uint64_t ticks) {
  const auto a_second = static_cast<uint64_t>(std::max(1L, sysconf(_SC_CLK_TCK)));
  return static_cast<int64_t>(ticks * 1000 / a_second);
}

}  // namespace

std::optional<ProcessStat> parse_process_stat(std::string_view line) {
  const size_t name_end = line.rfind(')');
  if (name_end == std::string_view::npos) return std::nullopt;
  line.remove_prefix(name_end + 1);
  std::array<uint64_t, kResidentPages + 1> fields{};
  for (size_t field = kFirstField; field <= kResidentPages; ++field) {
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    const std::string_view word = line.substr(0, line.find_first_of(" \n"));
    if (word.empty()) return std::nullopt;
    line.remove_prefix(word.size());
    if (field < kUserTicks) continue;  // letters and signed numbers are among those
    // Signed ones are among the others, too: they are nobody's here.
    const auto read = std::from_chars(word.data(), word.data() + word.size(), fields[field]);
    const bool is_ours = field <= kSystemTicks || field >= kStartedTicks;
    if (is_ours && (read.ec != std::errc() || read.ptr != word.data() + word.size())) {
      return std::nullopt;
    }
  }
  return ProcessStat{fields[kUserTicks] + fields[kSystemTicks], fields[kStartedTicks],
                     fields[kVirtualBytes], fields[kResidentPages]};
}

void ProcessWatch::look() {
  look_at_stat();
  look_at_descriptors();
}

void ProcessWatch::look_at_stat() {
  std::ifstream file("/proc/self/stat");
  std::string line;
  std::getline(file, line);
  const auto stat = parse_process_stat(line);
  if (!stat) return;
  metrics_.cpu_ms.set(in_ms(stat->cpu_ticks));
  metrics_.virtual_bytes.set(static_cast<int64_t>(stat->virtual_bytes));
  metrics_.resident_bytes.set(static_cast<int64_t>(stat->resident_pages) * sysconf(_SC_PAGESIZE));
  if (metrics_.started_ms.value() != 0) return;  // a clock that is stepped moves it no more
  const Now now = SystemClock().now();
  metrics_.started_ms.set(now.utc.ms - (now.mono.ms - in_ms(stat->started_ticks)));
}

void ProcessWatch::look_at_descriptors() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    metrics_.max_fds.set(static_cast<int64_t>(std::min<rlim_t>(limit.rlim_cur, rlim_t{INT64_MAX})));
  }
  struct Closed {
    void operator()(DIR* folder) const { closedir(folder); }
  };
  const std::unique_ptr<DIR, Closed> folder(opendir("/proc/self/fd"));
  if (!folder) return;
  int64_t count = -1;  // the one that reads them
  while (const dirent* one = readdir(folder.get())) count += one->d_name[0] != '.' ? 1 : 0;
  metrics_.open_fds.set(count);
}

}  // namespace hourwheel
