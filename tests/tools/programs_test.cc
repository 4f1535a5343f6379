// The webhook sink and the load generator as programs, talking to each other over loopback.
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "tests/support/server_process.h"
#include "tests/tools/finished_program.h"

namespace hourwheel::programs_test {
namespace {

std::unique_ptr<ServerProcess> start_sink(std::vector<std::string> options) {
  options.insert(options.begin(), {"--listen", "127.0.0.1:0"});
  auto sink = ServerProcess::start({program("webhook_sink"), options, seconds(10)});
  EXPECT_TRUE(sink) << sink.error().detail;
  return sink ? std::move(*sink) : nullptr;
}

FinishedProgram run_load(const std::string& address, const std::string& options) {
  return run_program(program("load_generator") + " --url http://" + address + " " + options);
}

// What the sink counted, printed when it is told to stop.
std::string stop(ServerProcess& sink) {
  sink.send_signal(SIGTERM);
  auto exit = sink.wait_for_exit(seconds(10));
  EXPECT_TRUE(exit && exit->code == 0);
  return sink.output();
}

TEST(WebhookSink, CountsEveryAttemptOnce) {
  auto sink = start_sink({});
  ASSERT_TRUE(sink);
  FinishedProgram load =
      run_load(sink->address(), "--scenario webhook --count 2000 --connections 8 --json");
  EXPECT_EQ(0, load.code) << load.output;
  EXPECT_NE(std::string::npos, load.output.find(R"("statuses":{"200":2000})")) << load.output;
  std::string counted = stop(*sink);
  EXPECT_NE(std::string::npos,
            counted.find(R"("received":2000,"distinct":2000,"repeats":0,"unflagged_repeats":0)"))
      << counted;
}

TEST(WebhookSink, ListensWithTlsTooAndLeavesItsCertificate) {
  const std::string file = testing::TempDir() + "sink-" + std::to_string(getpid()) + ".pem";
  auto sink = start_sink({"--tls", "127.0.0.1:0", "--tls-certificate", file});
  ASSERT_TRUE(sink);
  std::string begin;
  std::getline(std::ifstream(file) >> std::ws, begin);
  EXPECT_EQ("-----BEGIN CERTIFICATE-----", begin);
  std::filesystem::remove(file);
  const std::string said = stop(*sink);
  EXPECT_NE(std::string::npos, said.find("with TLS on 127.0.0.1:")) << said;
  EXPECT_NE(std::string::npos, said.find("certificate in " + file)) << said;
  EXPECT_FALSE(ServerProcess::start({program("webhook_sink"),
                                     {"--listen", "127.0.0.1:0", "--tls", "127.0.0.1:0",
                                      "--tls-certificate", "/nowhere/at-all.pem"},
                                     seconds(10)}));
}

TEST(WebhookSink, FlagsRepeatsOfARun) {
  auto sink = start_sink({});
  ASSERT_TRUE(sink);
  run_load(sink->address(), "--scenario webhook --count 10 --connections 1");
  run_load(sink->address(), "--scenario webhook --count 10 --connections 1");
  std::string counted = stop(*sink);
  EXPECT_NE(std::string::npos, counted.find(R"("repeats":10,"unflagged_repeats":10)")) << counted;
}

TEST(WebhookSink, AnswersWithTheStatusItIsTold) {
  auto sink = start_sink({"--status", "503"});
  ASSERT_TRUE(sink);
  FinishedProgram load =
      run_load(sink->address(), "--scenario webhook --count 5 --connections 1 --json");
  EXPECT_EQ(1, load.code);
  EXPECT_NE(std::string::npos, load.output.find(R"("503":5)")) << load.output;
}

TEST(WebhookSink, DelaysItsAnswers) {
  auto sink = start_sink({"--delay", "50"});
  ASSERT_TRUE(sink);
  FinishedProgram load =
      run_load(sink->address(), "--scenario webhook --count 2 --connections 1 --json");
  size_t at = load.output.find(R"("p50":)");
  ASSERT_NE(std::string::npos, at) << load.output;
  EXPECT_GE(std::stod(load.output.substr(at + 6)), 49.0);
}

TEST(WebhookSink, FlakySinkFailsItsShare) {
  auto sink = start_sink({"--mode", "flaky:50"});
  ASSERT_TRUE(sink);
  FinishedProgram load =
      run_load(sink->address(), "--scenario webhook --count 200 --connections 1 --json");
  EXPECT_NE(std::string::npos, load.output.find(R"("200":)")) << load.output;
  EXPECT_NE(std::string::npos, load.output.find(R"("503":)")) << load.output;
}

TEST(WebhookSink, ResetAfterRecordsWhatItNeverAnswers) {
  auto sink = start_sink({"--mode", "reset_after"});
  ASSERT_TRUE(sink);
  FinishedProgram load =
      run_load(sink->address(), "--scenario webhook --count 3 --connections 1 --json");
  EXPECT_NE(std::string::npos, load.output.find(R"("lost":3)")) << load.output;
  EXPECT_NE(std::string::npos, stop(*sink).find(R"("received":3)"));
}

TEST(WebhookSink, ResetRecordsNothing) {
  auto sink = start_sink({"--mode", "reset"});
  ASSERT_TRUE(sink);
  run_load(sink->address(), "--scenario webhook --count 3 --connections 1");
  EXPECT_NE(std::string::npos, stop(*sink).find(R"("received":0)"));
}

TEST(WebhookSink, GarbageIsNoAnswer) {
  auto sink = start_sink({"--mode", "garbage"});
  ASSERT_TRUE(sink);
  FinishedProgram load =
      run_load(sink->address(), "--scenario webhook --count 3 --connections 1 --json");
  EXPECT_NE(std::string::npos, load.output.find(R"("answered":0)")) << load.output;
}

TEST(WebhookSink, WritesALineForEachArrival) {
  std::filesystem::path log =
      std::filesystem::path(testing::TempDir()) / ("sink-" + std::to_string(getpid()) + ".log");
  auto sink = start_sink({"--log", log.string()});
  ASSERT_TRUE(sink);
  run_load(sink->address(), "--scenario webhook --count 4 --connections 1");
  std::ifstream stream(log);
  int64_t at_ms = 0;
  std::string run_id;
  unsigned attempt = 0;
  int64_t due_ms = 0;
  int flag = -1;
  std::string task_id;
  for (int line = 0; line < 4; ++line) {
    ASSERT_TRUE(stream >> at_ms >> run_id >> attempt >> due_ms >> flag >> task_id);
    EXPECT_EQ("run-00000000000000000000000000-1-" + task_id, run_id);
    EXPECT_GE(at_ms, due_ms);
    EXPECT_EQ(1U, attempt);
    EXPECT_EQ(0, flag);
  }
  EXPECT_FALSE(stream >> at_ms);
  std::filesystem::remove(log);
}

TEST(WebhookSink, WrongOptionsAreRefused) {
  EXPECT_EQ(2, run_program(program("webhook_sink") + " --mode angry 2>/dev/null").code);
  EXPECT_FALSE(ServerProcess::start({program("webhook_sink"), {"--listen", "here"}, seconds(10)}));
}

TEST(LoadGenerator, UnknownScenarioIsAUsageError) {
  const FinishedProgram dance = run_load("127.0.0.1:1", "--scenario dance 2>&1");
  EXPECT_EQ(2, dance.code);
  EXPECT_NE(std::string::npos, dance.output.find("\"dance\" is none of batch|create|"));
  EXPECT_EQ(2, run_load("nowhere", "2>/dev/null").code);
}

TEST(LoadGenerator, RefusedConnectionsAreNoSuccess) {
  EXPECT_EQ(1, run_load("127.0.0.1:1", "--seconds 0.1 --connections 2").code);
}

TEST(LoadGenerator, AtOnceBoundsWhatIsOutHoweverManyConnectionsThereAre) {
  auto sink = start_sink({"--delay", "10"});
  ASSERT_TRUE(sink);
  FinishedProgram load = run_load(
      sink->address(), "--scenario webhook --count 20 --connections 10 --at-once 1 --json");
  EXPECT_EQ(0, load.code) << load.output;
  const size_t at = load.output.find("\"seconds\":");
  ASSERT_NE(std::string::npos, at) << load.output;
  EXPECT_GE(std::stod(load.output.substr(at + 10)), 0.2) << load.output;
}

}  // namespace
}  // namespace hourwheel::programs_test
