// What `hourwheel version` tells of the program and its time zones.
#include "tools/hourwheel/build_facts.h"

#include <gtest/gtest.h>

#include "tests/tools/asked_program.h"

namespace hourwheel::build_facts_test {
namespace {

TEST(BuildFacts, TheReleaseOfTheZonesIsInTheFirstLine) {
  EXPECT_EQ(tzdata_release("# version 2025b"), "2025b");
  for (const char* line : {"", "# version ", "# version 2025b-modified by \"us\"", "2025b",
                           "# version 20250000000000000b"}) {
    EXPECT_EQ(tzdata_release(line), "unknown") << line;
  }
}

TEST(BuildFacts, TheCommitIsShortAndNoPath) {
  const std::string_view commit = built_commit();
  EXPECT_TRUE(commit == "unknown" ||
              (commit.size() == 12 &&
               commit.find_first_not_of("0123456789abcdef") == std::string_view::npos))
      << commit;
}

TEST(BuildFacts, VersionAsJsonHasThem) {
  EXPECT_EQ(run_alone("version -o json").output,
            "{\"version\":\"" HW_VERSION "\",\"commit\":\"" + std::string(built_commit()) +
                "\",\"tzdata_version\":\"" + installed_tzdata() + "\"}\n");
  EXPECT_EQ(run_alone("version").output, "hourwheel " HW_VERSION "\n");
}

}  // namespace
}  // namespace hourwheel::build_facts_test
