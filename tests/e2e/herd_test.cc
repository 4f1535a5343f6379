// Very many webhooks due in the same instant: each arrives exactly once and none early, and the
// server answers throughout.
#include <atomic>
#include <cstdio>
#include <thread>
#include <unordered_set>

#include "tests/e2e/crowd.h"
#include "tests/e2e/fixture.h"
#include "tools/wire/latency_percentiles.h"

namespace hourwheel::herd_test {
namespace {

// Asks /livez over and over on one connection until it is told to stop.
class Pulse {
 public:
  explicit Pulse(uint16_t port) : thread_([this, port] { beat(port); }) {}
  ~Pulse() { stop(); }
  Pulse(const Pulse&) = delete;
  Pulse& operator=(const Pulse&) = delete;

  void stop() {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
  }
  // After stop().
  [[nodiscard]] const LatencyPercentiles& answers() const { return answers_; }
  [[nodiscard]] bool failed() const { return failed_; }

 private:
  void beat(uint16_t port) {
    HttpClient client(port, 20'000);
    const SystemClock clock;
    while (!stop_ && !failed_) {
      int64_t asked_us = clock.precise_us();
      auto answer = client.request("GET", "/livez");
      failed_ = !answer || answer->status != 200;
      answers_.add(clock.precise_us() - asked_us);
    }
  }

  std::atomic<bool> stop_{false};
  bool failed_ = false;
  LatencyPercentiles answers_;
  std::thread thread_;
};

double ms(int64_t us) {
  return static_cast<double>(us) / 1000.0;
}

// How long before their due instant so many tasks must begin to be created, going by how long a few
// take here: a build with sanitizers is ten times slower than a release.
Duration lead_for(const Node& node, size_t size) {
  constexpr size_t kSample = 2'000;
  const SystemClock clock;
  const int64_t began_ms = clock.now().mono.ms;
  create_crowd(node, {"sample", kSample, R"("2199-01-01T00:00:00Z")", ""});
  const int64_t sample_ms = clock.now().mono.ms - began_ms;
  return seconds(2) + milliseconds(2 * sample_ms * static_cast<int64_t>(size / kSample));
}

void fire_a_herd(const Backend& backend, size_t size) {
  RecordingTarget target(nullptr, RecordingTarget::Keep::kIdentity);
  Node node(backend);
  ASSERT_TRUE(node.start());
  const Instant due = in(lead_for(node, size));
  create_crowd(node, {"herd", size, in_quotes(to_text(due)),
                      R"(,"target":{"kind":"http","url":")" + target.url() + R"(/herd"})"});
  const int64_t created_ms = SystemClock().now().utc.ms;
  ASSERT_LT(created_ms, due.ms) << "creating them took twice as long as the sample said";
  Pulse pulse(node.port());
  EXPECT_TRUE(target.await(size, seconds(120))) << target.count() << " arrived";
  pulse.stop();
  EXPECT_FALSE(pulse.failed()) << "/livez did not answer";

  std::unordered_set<std::string> runs;
  LatencyPercentiles lateness;
  for (const ReceivedAttempt& attempt : target.received()) {
    EXPECT_GE(attempt.at_us, due.ms * 1000) << "early: " << attempt.run_id;
    EXPECT_TRUE(runs.insert(attempt.run_id).second) << "twice: " << attempt.run_id;
    lateness.add(attempt.at_us - due.ms * 1000);
  }
  EXPECT_EQ(size, runs.size());
  auto exit = node.stop();  // whatever is still to come comes before the end
  ASSERT_TRUE(exit && exit->code == 0);
  EXPECT_EQ(size, target.count());
  std::printf(
      "herd=%zu io=%s drain_ms=%.0f rate=%.0f/s lateness_ms p50=%.1f p99=%.1f max=%.1f "
      "livez=%llu p50=%.1f p99=%.1f max=%.1f\n",
      size, name_of(backend).c_str(), ms(lateness.max()),
      static_cast<double>(size) * 1000.0 / ms(lateness.max()), ms(lateness.percentile(0.5)),
      ms(lateness.percentile(0.99)), ms(lateness.max()),
      static_cast<unsigned long long>(pulse.answers().count()), ms(pulse.answers().percentile(0.5)),
      ms(pulse.answers().percentile(0.99)), ms(pulse.answers().max()));
}

TEST(Herd, TwentyThousandDueAtOnceArriveExactlyOnce) {
  fire_a_herd({}, 20'000);
}

class FullHerd : public testing::TestWithParam<Backend> {};

TEST_P(FullHerd, HundredThousandDueAtOnceArriveExactlyOnce) {
  fire_a_herd(GetParam(), 100'000);
}

INSTANTIATE_TEST_SUITE_P(Each, FullHerd, testing::ValuesIn(backends()), backend_name);

}  // namespace
}  // namespace hourwheel::herd_test
