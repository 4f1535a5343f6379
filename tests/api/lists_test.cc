#include "tests/api/support/fixture.h"

namespace hourwheel::lists_test {
namespace {

class ListsTest : public ApiTest {
 protected:
  // Answers the oldest query with tasks of these numbers, created at kTestNow + number seconds.
  void answer_page(const std::vector<uint64_t>& numbers, uint64_t next) {
    auto [shard, query] = take_query();
    TaskPage page;
    for (uint64_t number : numbers) {
      std::string id = "t" + std::to_string(number);
      page.tasks.push_back(
          stored_task(id, number, kTestNow + seconds(static_cast<int64_t>(number))));
    }
    page.next = TaskNumber{next};
    answer(query.token, QueryAnswer(std::move(page)));
  }
  static std::string ids_in(const std::string& body) {
    std::string out;
    for (size_t at = body.find("\"id\":\"t"); at != std::string::npos;
         at = body.find("\"id\":\"t", at + 1)) {
      out += body.substr(at + 6, body.find('"', at + 6) - at - 6) + " ";
    }
    return out;
  }
};

TEST_F(ListsTest, ShardsAreMergedByCreationAndTheTokenGoesOn) {
  HttpToken token = send({"GET", "/v1/tasks?page_size=3", "", {}});
  ASSERT_EQ(shards_.queries.size(), 2U);
  EXPECT_EQ(std::get<ListTasks>(shards_.queries[0].second.query).limit, 3U);
  answer_page({1, 4, 6}, 6);
  answer_page({2, 3, 5}, 5);
  const Sent& first = responder_.at(token);
  ASSERT_TRUE(first.ended);
  EXPECT_EQ(ids_in(first.response.body), "t1 t2 t3 ");
  std::string next = token_in(first.response.body);
  EXPECT_EQ(first.field("link"), "</v1/tasks?page_size=3&page_token=" + next + ">; rel=\"next\"");

  HttpToken second = send({"GET", "/v1/tasks?page_size=3&page_token=" + next, "", {}});
  EXPECT_EQ(std::get<ListTasks>(shards_.queries[0].second.query).after, TaskNumber{1});
  EXPECT_EQ(std::get<ListTasks>(shards_.queries[1].second.query).after, TaskNumber{3});
  answer_page({4, 6}, 0);
  answer_page({5}, 0);
  EXPECT_EQ(ids_in(responder_.at(second).response.body), "t4 t5 t6 ");
  EXPECT_EQ(token_in(responder_.at(second).response.body), "");
}

TEST_F(ListsTest, AnEmptyPageWithMoreBehindItIsAskedAgain) {
  HttpToken token = send({"GET", "/v1/tasks?state=active&page_size=2", "", {}});
  answer_page({}, 100);
  answer_page({}, 0);
  EXPECT_FALSE(contains(responder_.at(token).response.body, "tasks"));
  ASSERT_EQ(shards_.queries.size(), 1U) << "only the shard that is not at its end";
  EXPECT_EQ(std::get<ListTasks>(shards_.queries[0].second.query).after, TaskNumber{100});
}

TEST_F(ListsTest, ASearchThatTakesLongEndsWithAShortPage) {
  const HttpToken token = send({"GET", "/v1/tasks?state=active", "", {}});
  answer_page({1}, 100);
  answer_page({}, 100);
  ASSERT_EQ(shards_.queries.size(), 1U) << "the one that gave none";
  api_.set_now({kTestNow, Monotonic{15}});
  answer_page({}, 200);
  const Sent& page = responder_.at(token);
  ASSERT_TRUE(page.ended);
  EXPECT_EQ(ids_in(page.response.body), "") << "the other shard may have earlier ones";
  send({"GET", "/v1/tasks?state=active&page_token=" + token_in(page.response.body), "", {}});
  EXPECT_EQ(std::get<ListTasks>(shards_.queries[0].second.query).after, TaskNumber{0});
  EXPECT_EQ(std::get<ListTasks>(shards_.queries[1].second.query).after, TaskNumber{200});
}

TEST_F(ListsTest, FiltersGoToTheShards) {
  send({"GET",
        "/v1/tasks?state=paused,active&type=recurring&schedule_kind=cron,every&label=team:a%3Ab&"
        "label=x:&q=Bill+ing&target_host=API.example&next_due_after=2026-01-01T00:00:00Z&"
        "next_due_before=2026-01-02T00:00:00Z&last_result=none,dead",
        "",
        {}});
  TaskFilter wanted;
  wanted.statuses = {TaskStatus::kPaused, TaskStatus::kActive};
  wanted.type = TaskType::kRecurring;
  wanted.kinds = {ScheduleKind::kCron, ScheduleKind::kEvery};
  wanted.labels = {{"team", "a:b"}, {"x", ""}};
  wanted.text = "Bill ing";
  wanted.target_host = "api.example";
  wanted.next_due_after = kTestNow;
  wanted.next_due_before = kTestNow + hours(24);
  wanted.last_results = {RunState::kPending, RunState::kDead};
  EXPECT_EQ(std::get<ListTasks>(shards_.queries[0].second.query).filter, wanted);
}

TEST_F(ListsTest, AnAddressOfIpv6IsNamedWithOrWithoutBrackets) {
  for (const char* host : {"[::1]", "::1"}) {
    shards_.queries.clear();
    send({"GET", std::string("/v1/tasks?target_host=") + host, "", {}});
    EXPECT_EQ(std::get<ListTasks>(shards_.queries[0].second.query).filter.target_host, "::1");
  }
}

TEST_F(ListsTest, AListWithoutAFilterFillsItsPages) {
  send({"GET", "/v1/tasks?page_size=2", "", {}});
  api_.set_now({kTestNow, Monotonic{1'000}});
  answer_page({1}, 1);
  answer_page({}, 1);
  EXPECT_EQ(shards_.queries.size(), 1U) << "goes on";
}

TEST_F(ListsTest, TheBasicViewLeavesOutThePayload) {
  auto page_with = [&](const std::string& query, PayloadKind kind) {
    const HttpToken token = send({"GET", "/v1/tasks?page_size=1" + query, "", {}});
    TaskPage page;
    page.tasks.push_back(stored_task("t1", 1));
    page.tasks.back().spec.payload_kind = kind;
    page.tasks.back().spec.payload = R"({"a":1})";
    page.tasks.back().spec.content_type = "text/x";
    answer(take_query().second.token, QueryAnswer(std::move(page)));
    answer_page({2}, 2);
    return responder_.at(token);
  };
  for (PayloadKind kind : {PayloadKind::kJson, PayloadKind::kText, PayloadKind::kBytes}) {
    const std::string basic = page_with("&view=basic", kind).response.body;
    EXPECT_TRUE(contains(basic, R"("delivery":)"));
    EXPECT_FALSE(contains(basic, "payload")) << basic;
    EXPECT_FALSE(contains(basic, "content_type")) << basic;
    for (const char* full : {"", "&view=full"}) {
      EXPECT_TRUE(contains(page_with(full, kind).response.body, R"("payload)")) << full;
    }
  }
  const Sent page = page_with("&view=basic", PayloadKind::kJson);
  EXPECT_TRUE(contains(page.field("link"), "&view=basic&page_token="));
}

TEST_F(ListsTest, AnUnknownViewIsNamed) {
  for (const char* query : {"view=short", "view=", "view=basic&view=basic"}) {
    const Sent& sent = get(std::string("/v1/tasks?") + query);
    EXPECT_EQ(sent.response.status, 400) << query;
    EXPECT_TRUE(contains(sent.response.body, "view")) << query;
  }
  EXPECT_EQ(get("/v1/tasks:export?view=basic").response.status, 400) << "it is to come back whole";
}

TEST_F(ListsTest, BadQueriesAre400) {
  for (const char* query :
       {"page_size=-1", "page_size=x", "state=dead", "state=active,", "type=x", "label=x",
        "colour=red", "label=%zz", "label=%ff:x", "page_token=x",
        "q=", "target_host=", "next_due_after=soon", "last_result=failed",
        "schedule_kind=cron&schedule_kind=every", "q=a&q=b", "next_due_before=2026-01-01"}) {
    EXPECT_EQ(get(std::string("/v1/tasks?") + query).response.status, 400) << query;
  }
}

TEST_F(ListsTest, TokenWithOtherFiltersIsRefused) {
  HttpToken token = send({"GET", "/v1/tasks?page_size=1", "", {}});
  answer_page({1}, 1);
  answer_page({2}, 2);
  std::string next = token_in(responder_.at(token).response.body);
  const Sent& other = get("/v1/tasks?page_size=1&state=paused&page_token=" + next);
  EXPECT_EQ(other.response.status, 400);
  EXPECT_TRUE(contains(other.response.body, R"("code":"invalid-page-token")"));
  EXPECT_EQ(get("/tasks?page_token=" + next).response.status, 400);
  EXPECT_EQ(get("/v1/tasks?page_token=" + next + "AA").response.status, 400);
  EXPECT_EQ(get("/v1/tasks/a/runs?page_token=" + next).response.status, 400);
}

TEST_F(ListsTest, SeedListIsABareArrayAndSmallOnesComeWhole) {
  HttpToken empty = send({"GET", "/tasks", "", {}});
  answer_page({}, 0);
  answer_page({}, 0);
  EXPECT_EQ(responder_.at(empty).response.body, "[]");
  HttpToken token = send({"GET", "/tasks", "", {}});
  answer_page({2}, 0);
  answer_page({1}, 0);
  EXPECT_TRUE(responder_.at(token).ended);
  EXPECT_FALSE(responder_.at(token).streaming);
  EXPECT_EQ(ids_in(responder_.at(token).response.body), "t1 t2 ");
  EXPECT_TRUE(responder_.at(token).response.body.starts_with("[{"));
}

TEST_F(ListsTest, SeedListByPagesHasALink) {
  HttpToken token = send({"GET", "/tasks?page_size=1", "", {}});
  answer_page({1}, 1);
  answer_page({2}, 0);
  EXPECT_TRUE(contains(responder_.at(token).field("link"), "</tasks?page_size=1&page_token="));
  EXPECT_EQ(ids_in(responder_.at(token).response.body), "t1 ");
}

TEST_F(ListsTest, LongListIsStreamedAsTheClientReads) {
  HttpToken token = send({"GET", "/tasks", "", {}});
  answer_page({1, 3}, 3);
  answer_page({2}, 0);
  Sent& sent = responder_.at(token);
  ASSERT_TRUE(sent.streaming);
  EXPECT_TRUE(shards_.queries.empty()) << "nothing is read before the client took what there is";
  api_.on_writable(token);
  ASSERT_EQ(shards_.queries.size(), 1U);
  answer_page({4}, 4);
  ASSERT_EQ(sent.chunks.size(), 1U);
  EXPECT_FALSE(sent.ended);
  api_.on_writable(token);
  answer_page({}, 0);
  EXPECT_TRUE(sent.ended);
  std::string all = sent.response.body + sent.chunks[0] + sent.chunks[1];
  EXPECT_EQ(ids_in(all), "t1 t2 t3 t4 ");
  EXPECT_TRUE(all.ends_with("}]"));
}

TEST_F(ListsTest, StreamWhoseClientLeavesIsForgotten) {
  HttpToken token = send({"GET", "/tasks", "", {}});
  answer_page({1}, 1);
  answer_page({2}, 0);
  ASSERT_TRUE(responder_.at(token).streaming);
  api_.on_writable(token);
  api_.on_closed(token);
  answer_page({3}, 3);
  api_.on_writable(token);
  EXPECT_TRUE(responder_.at(token).chunks.empty());
  EXPECT_TRUE(shards_.queries.empty());
}

TEST_F(ListsTest, StreamThatFailsInTheMiddleIsCut) {
  HttpToken token = send({"GET", "/tasks", "", {}});
  answer_page({1}, 1);
  answer_page({2}, 0);
  shards_.without_credit = {0};
  api_.on_writable(token);
  EXPECT_TRUE(responder_.at(token).cut);
}

TEST_F(ListsTest, AShardThatRefusesMakesTheListFail) {
  HttpToken token = send({"GET", "/v1/tasks", "", {}});
  answer(take_query().second.token, failure(ErrorCode::kOverloaded, "", "full"));
  EXPECT_FALSE(responder_.at(token).ended) << "the other part is waited for";
  answer_page({}, 0);
  EXPECT_EQ(responder_.at(token).response.status, 503);
  shards_.without_credit = {1};
  HttpToken none = send({"GET", "/v1/tasks", "", {}});
  answer_page({1}, 0);
  EXPECT_EQ(responder_.at(none).response.status, 503);
}

}  // namespace
}  // namespace hourwheel::lists_test
