// GET /v1/stats, and the series behind it.
#include "api/stats_series.h"
#include "tests/api/support/fixture.h"

namespace hourwheel::stats_test {
namespace {

Now at(int64_t second) {
  return {kTestNow + seconds(second), Monotonic{second * 1'000}};
}

class StatsSeriesTest : public ::testing::Test {
 protected:
  void look(int64_t second) {
    const ShardMetrics* all[] = {&one_, &other_};
    series_.look(at(second), all);
  }
  ShardMetrics one_;
  ShardMetrics other_;
  StatsSeries series_;
};

TEST_F(StatsSeriesTest, AStepIsWhatCameBetweenTwoLooks) {
  one_.runs_ended(RunState::kSucceeded).add(5);
  look(0);
  EXPECT_TRUE(series_.steps().empty()) << "nothing to compare with yet";
  one_.runs_ended(RunState::kSucceeded).add(2);
  other_.runs_ended(RunState::kSucceeded).add(1);
  other_.runs_ended(RunState::kDead).add(4);
  one_.attempts.add(9);
  look(9);
  EXPECT_TRUE(series_.steps().empty()) << "not over";
  look(12);
  ASSERT_EQ(series_.steps().size(), 1U);
  const StatsStep& step = series_.steps().front();
  EXPECT_EQ(step.end, kTestNow + seconds(12));
  EXPECT_EQ(step.length, seconds(12));
  EXPECT_EQ(step.runs_ended[0], 3U);
  EXPECT_EQ(step.runs_ended[1], 4U);
  EXPECT_EQ(step.attempts, 9U);
  EXPECT_FALSE(step.lateness_p50_us);
  look(22);
  EXPECT_EQ(series_.steps().back().runs_ended[0], 0U);
}

TEST_F(StatsSeriesTest, LatenessIsOfTheStepOnly) {
  for (int i = 0; i < 1'000; ++i) one_.record_lateness(seconds(60));
  look(0);
  for (int i = 0; i < 98; ++i) one_.record_lateness(milliseconds(1));
  for (int i = 0; i < 2; ++i) other_.record_lateness(milliseconds(500));
  look(10);
  const StatsStep& step = series_.steps().front();
  EXPECT_EQ(step.lateness_p50_us, Histogram::edge(1'000));
  EXPECT_EQ(step.lateness_p99_us, Histogram::edge(500'000));
}

TEST_F(StatsSeriesTest, KeepsAnHour) {
  for (int64_t second = 0; second <= 2 * 3'600; second += 10) look(second);
  EXPECT_EQ(series_.steps().size(), 360U);
  EXPECT_EQ(series_.steps().back().end, kTestNow + hours(2));
}

class StatsTest : public ApiTest {
 protected:
  StatsTest() {
    facts_.shards = {&metrics_};
    look(0);
  }
  void look(int64_t second) {
    api_.set_now(at(second));
    api_.end_turn();
  }
  ShardMetrics metrics_;
};

TEST_F(StatsTest, TellsOfNowAndOfLately) {
  metrics_.runs_in_flight.set(3);
  metrics_.wheel_entries.set(70);
  metrics_.runs_ended(RunState::kSucceeded).add(2);
  metrics_.record_lateness(milliseconds(0));
  look(10);
  const std::string body = get("/v1/stats").response.body;
  EXPECT_TRUE(contains(body, R"("now":{"runs_in_flight":3,"runs_waiting":0,"tasks_due_soon":70,)"))
      << body;
  EXPECT_TRUE(contains(body, R"("series":[{"end":"2026-01-01T00:00:10.000Z","seconds":10,)"
                             R"("runs":{"succeeded":2,"dead":0,"skipped":0,"canceled":0,)"
                             R"("unknown":0},"attempts":0,"lateness_p50_ms":0,)"))
      << body;
}

TEST_F(StatsTest, TellsHowManyTasksAreInEachStateOverAllShards) {
  ShardMetrics other;
  facts_.shards.push_back(&other);
  metrics_.tasks(TaskStatus::kActive).set(70);
  other.tasks(TaskStatus::kActive).set(7);
  metrics_.tasks(TaskStatus::kPaused).set(3);
  other.tasks(TaskStatus::kCompleted).set(200);
  metrics_.tasks(TaskStatus::kQuarantined).set(1);
  const std::string body = get("/v1/stats").response.body;
  EXPECT_TRUE(contains(
      body, R"("tasks":{"active":77,"paused":3,"completed":200,"quarantined":1}},"since_start")"))
      << body;
}

// --- breakers ---

class StatsBreakersTest : public StatsTest {
 protected:
  StatsBreakersTest() { metrics_.breakers_open.set(3); }
  void tell(std::vector<OpenBreaker> breakers) {
    auto [shard, query] = take_query();
    EXPECT_EQ(std::get<ListBreakers>(query.query).limit, kBreakersTold);
    answer(query.token, QueryAnswer(BreakerPage{std::move(breakers)}));
  }
  static OpenBreaker breaker(const std::string& destination, int64_t since, int64_t probe,
                             uint32_t failures) {
    return {destination, kTestNow + seconds(since), kTestNow + seconds(probe), failures};
  }
};

TEST_F(StatsBreakersTest, ThoseThatAreOpenAreToldOverAllShards) {
  const HttpToken token = send({"GET", "/v1/stats", "", {}});
  tell({breaker("http://b", 1, 30, 20), breaker("http://a", 2, 40, 25)});
  EXPECT_FALSE(responder_.at(token).ended);
  tell({breaker("http://a", 1, 50, 22)});
  const std::string& body = responder_.at(token).response.body;
  EXPECT_TRUE(contains(
      body,
      R"("breakers_open":3,"breakers":[{"destination":"http://a","since":"2026-01-01T00:00:01.000Z",)"
      R"("next_probe_at":"2026-01-01T00:00:40.000Z","failures":25,"shards":2},)"
      R"({"destination":"http://b","since":"2026-01-01T00:00:01.000Z",)"
      R"("next_probe_at":"2026-01-01T00:00:30.000Z","failures":20,"shards":1}],"tasks":{)"))
      << body;
}

TEST_F(StatsBreakersTest, NoMoreThanABoundedNumberIsToldThoseThatOpenedFirst) {
  const HttpToken token = send({"GET", "/v1/stats", "", {}});
  for (int64_t shard = 0; shard < 2; ++shard) {
    std::vector<OpenBreaker> breakers;
    for (int64_t i = 0; i < int64_t{kBreakersTold}; ++i) {
      const int64_t since = 2 * i + shard;
      breakers.push_back(breaker("http://h" + std::to_string(since), since, 99, 20));
    }
    tell(std::move(breakers));
  }
  const std::string& body = responder_.at(token).response.body;
  EXPECT_TRUE(contains(body, R"([{"destination":"http://h0",)")) << body;
  EXPECT_TRUE(contains(body, R"("http://h19")")) << body;
  EXPECT_FALSE(contains(body, R"("http://h20")")) << body;
}

TEST_F(StatsBreakersTest, WithoutAnyNoShardIsAsked) {
  metrics_.breakers_open.set(0);
  EXPECT_TRUE(contains(get("/v1/stats").response.body, R"("breakers_open":0,"breakers":[],)"));
  EXPECT_TRUE(shards_.queries.empty());
}

TEST_F(StatsBreakersTest, AShardThatHasNoRoomIsLeftOut) {
  shards_.without_credit = {0};
  const HttpToken token = send({"GET", "/v1/stats", "", {}});
  ASSERT_EQ(shards_.queries.size(), 1U);
  answer(take_query().second.token, failure(ErrorCode::kOverloaded, "", "too many"));
  EXPECT_EQ(responder_.at(token).response.status, 200);
  EXPECT_TRUE(contains(responder_.at(token).response.body, R"("breakers_open":3,"breakers":[])"));
  shards_.without_credit = {0, 1};
  EXPECT_TRUE(contains(get("/v1/stats").response.body, R"("breakers_open":3,"breakers":[])"));
}

TEST_F(StatsTest, AWindowLeavesOutWhatIsOlder) {
  look(10);
  look(100);
  EXPECT_TRUE(contains(get("/v1/stats?window=30s").response.body,
                       R"("series":[{"end":"2026-01-01T00:01:40.000Z")"));
  for (const char* query : {"window=soon", "window=0s", "step=1s"}) {
    EXPECT_EQ(get("/v1/stats?" + std::string(query)).response.status, 400) << query;
  }
}

}  // namespace
}  // namespace hourwheel::stats_test
