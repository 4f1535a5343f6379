#include "tools/hourwheel/process_watch.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

namespace hourwheel::process_watch_test {
namespace {

TEST(ProcessStat, IsReadBehindWhateverTheNameIs) {
  const std::string fields =
      " S 1 7 7 0 -1 4194560 900 0 3 0 120 30 0 0 20 -5 9 0 4567 1073741824 2048 "
      "18446744073709551615 1 1\n";
  for (const char* name : {"7 (hourwheel)", "7 (a) b (c)", "7 ())"}) {
    const auto stat = parse_process_stat(name + fields);
    ASSERT_TRUE(stat) << name;
    EXPECT_EQ(stat->cpu_ticks, 150U);
    EXPECT_EQ(stat->started_ticks, 4567U);
    EXPECT_EQ(stat->virtual_bytes, uint64_t{1} << 30);
    EXPECT_EQ(stat->resident_pages, 2048U);
  }
}

TEST(ProcessStat, IsNothingWhereItIsCutShortOrNoNumber) {
  EXPECT_FALSE(parse_process_stat(""));
  EXPECT_FALSE(parse_process_stat("7 (hourwheel"));
  EXPECT_FALSE(parse_process_stat("7 (hourwheel) S 1 7 7 0 -1 4194560 900 0 3 0 120"));
  EXPECT_FALSE(parse_process_stat(
      "7 (hourwheel) S 1 7 7 0 -1 4194560 900 0 3 0 x 30 0 0 20 -5 9 0 4567 1073741824 2048"));
}

TEST(ProcessWatch, SeesThisProcess) {
  ProcessWatch watch;
  watch.look();
  const ProcessMetrics& now = watch.metrics();
  EXPECT_GT(now.resident_bytes.value(), 1'000'000);
  EXPECT_GT(now.virtual_bytes.value(), now.resident_bytes.value());
  EXPECT_GT(now.started_ms.value(), 1'600'000'000'000) << "after 2020";
  EXPECT_GE(now.open_fds.value(), 3);
  EXPECT_GE(now.max_fds.value(), now.open_fds.value());
  const int64_t before = now.open_fds.value();
  const int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
  watch.look();
  EXPECT_EQ(now.open_fds.value(), before + 1);
  close(fd);
}

}  // namespace
}  // namespace hourwheel::process_watch_test
