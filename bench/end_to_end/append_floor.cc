// The floor of a durable batch: as many bytes appended to one file by one write, flushed with
// fdatasync, again and again.
//
//   append_floor FILE BATCH BYTES_PER_TASK SECONDS      prints one line of JSON
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "engine/base/check.h"
#include "tools/wire/clock.h"
#include "tools/wire/latency_percentiles.h"

namespace hourwheel {
namespace {

int64_t cpu_us() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1'000'000 + usage.ru_utime.tv_usec +
         usage.ru_stime.tv_usec;
}

int append_and_flush(const char* path, size_t batch, size_t bytes_per_task, double seconds) {
  int file = ::open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
  HW_CHECK(file >= 0, "the file can be made");
  const std::string bytes(batch * bytes_per_task, 'r');
  LatencyPercentiles latency;
  const int64_t cpu_began = cpu_us();
  const int64_t began = monotonic_us();
  const auto length = static_cast<int64_t>(seconds * 1e6);
  uint64_t batches = 0;
  int64_t now = began;
  while (now - began < length) {
    HW_CHECK(::write(file, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()),
             "the disk has room");
    HW_CHECK(::fdatasync(file) == 0, "the disk flushes");
    const int64_t then = monotonic_us();
    latency.add(then - now);
    now = then;
    ++batches;
  }
  const auto tasks = static_cast<double>(batches * batch);
  std::printf(
      "{\"batches\":%llu,\"per_second\":%.1f,\"tasks_per_second\":%.1f,\"cpu_us_per_task\":%.3f,"
      "\"p50\":%.3f,\"p99\":%.3f}\n",
      static_cast<unsigned long long>(batches),
      static_cast<double>(batches) * 1e6 / static_cast<double>(now - began),
      tasks * 1e6 / static_cast<double>(now - began),
      static_cast<double>(cpu_us() - cpu_began) / tasks,
      static_cast<double>(latency.percentile(0.5)) / 1000,
      static_cast<double>(latency.percentile(0.99)) / 1000);
  ::close(file);
  ::unlink(path);
  return 0;
}

}  // namespace
}  // namespace hourwheel

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fprintf(stderr, "usage: append_floor FILE BATCH BYTES_PER_TASK SECONDS\n");
    return 2;
  }
  return hourwheel::append_and_flush(argv[1], std::strtoul(argv[2], nullptr, 10),
                                     std::strtoul(argv[3], nullptr, 10),
                                     std::strtod(argv[4], nullptr));
}
