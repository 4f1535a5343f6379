// kill -9 and power cuts under mixed load (kill_loop.h). HOURWHEEL_KILL_SEED=N repeats the
// requests, the kill points and the cuts of a failure; the interleaving is the machine's.
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/e2e/fixture.h"
#include "tests/e2e/kill_loop.h"

namespace hourwheel::kill_test {
namespace {

constexpr uint64_t kDefaultSeed = 20261124;

uint64_t seed_from_environment() {
  const char* text = std::getenv("HOURWHEEL_KILL_SEED");
  return text == nullptr ? kDefaultSeed : std::strtoull(text, nullptr, 10);
}

void kill_again_and_again(const Backend& backend, int kills) {
  const uint64_t seed = seed_from_environment();
  SCOPED_TRACE("HOURWHEEL_KILL_SEED=" + std::to_string(seed));
  KillLoop loop(backend, seed, KillLoop::Disk::kHonest);
  loop.run(kills);
  loop.print();
}

class KillNine : public testing::TestWithParam<Backend> {};

TEST_P(KillNine, NothingAcknowledgedIsLost) {
  kill_again_and_again(GetParam(), 27);
}

class FullKillNine : public testing::TestWithParam<Backend> {};

TEST_P(FullKillNine, NothingAcknowledgedIsLostInManyKills) {
  kill_again_and_again(GetParam(), 200);
}

INSTANTIATE_TEST_SUITE_P(Each, KillNine, testing::ValuesIn(backends()), backend_name);
INSTANTIATE_TEST_SUITE_P(Each, FullKillNine, testing::ValuesIn(backends()), backend_name);

// A planted fault: what proves that the loop finds losses is that it finds these.
TEST(KillNineOnADiskThatLies, AcknowledgementsAreLostAndTheLoopSaysSo) {
  testing::TestPartResultArray failures;
  KillLoop loop(backends().front(), seed_from_environment(), KillLoop::Disk::kLies);
  {
    testing::ScopedFakeTestPartResultReporter reporter(
        testing::ScopedFakeTestPartResultReporter::INTERCEPT_ALL_THREADS, &failures);
    loop.run(4);
  }
  loop.print();
  int losses = 0;
  for (int i = 0; i < failures.size(); ++i) {
    const std::string text = failures.GetTestPartResult(i).message();
    losses += text.find("lost: ") != std::string::npos ||
                      text.find("never arrived: ") != std::string::npos
                  ? 1
                  : 0;
  }
  EXPECT_GT(losses, 0) << failures.size() << " other findings";
}

}  // namespace
}  // namespace hourwheel::kill_test
