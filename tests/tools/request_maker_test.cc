#include "tools/load/request_maker.h"

#include <gtest/gtest.h>

#include <set>

#include "tools/load/answer_reader.h"

namespace hourwheel::request_maker_test {
namespace {

constexpr Instant kNow{1'800'000'000'000};  // 2027-01-15T08:00:00Z

TEST(RequestMaker, WritesATaskWithTargetAndPayload) {
  LoadOptions options;
  options.due_in = seconds(10);
  options.target_url = "http://127.0.0.1:9000/";
  options.payload_bytes = 13;
  options.id_prefix = "a";
  std::string bytes = RequestMaker(options).next(kNow).bytes;
  EXPECT_TRUE(bytes.ends_with(
      R"({"id":"a-0","type":"one-time","schedule":"2027-01-15T08:00:10.000Z",)"
      R"("target":{"kind":"http","url":"http://127.0.0.1:9000/"},"payload":{"fill":"xx"}})"))
      << bytes;
}

TEST(RequestMaker, GivenScheduleIsThatOfARecurringTask) {
  LoadOptions options;
  options.due_in = seconds(10);
  options.schedule = R"({"every":"1s","anchor":"DUE"})";
  std::string bytes = RequestMaker(options).next(kNow).bytes;
  EXPECT_TRUE(bytes.ends_with(
      R"({"type":"recurring","schedule":{"every":"1s","anchor":"2027-01-15T08:00:10.000Z"}})"))
      << bytes;
  options.schedule = R"("* * * * * *")";
  bytes = RequestMaker(options).next(kNow).bytes;
  EXPECT_TRUE(bytes.ends_with(R"({"type":"recurring","schedule":"* * * * * *"})")) << bytes;
}

TEST(RequestMaker, TargetsCanBeManyHosts) {
  LoadOptions options;
  options.target_url = "http://HOST:9000/";
  options.target_hosts = 2;
  RequestMaker maker(options);
  for (const char* host : {"//127.1.0.1:9000/", "//127.1.0.2:9000/", "//127.1.0.1:9000/"}) {
    const std::string bytes = maker.next(kNow).bytes;
    EXPECT_NE(std::string::npos, bytes.find(host)) << bytes;
  }
}

TEST(RequestMaker, DeletesEachKnownTaskOnce) {
  LoadOptions options;
  options.scenario = Scenario::kDelete;
  RequestMaker maker(options);
  maker.remember("a");
  maker.remember("b");
  std::set<std::string> deleted{maker.next(kNow).task_id, maker.next(kNow).task_id};
  EXPECT_EQ(deleted, (std::set<std::string>{"a", "b"}));
}

TEST(RequestMaker, BatchHasAsManyOperationsAsAsked) {
  LoadOptions options;
  options.scenario = Scenario::kBatch;
  options.batch = 3;
  options.id_prefix = "a";
  std::string bytes = RequestMaker(options).next(kNow).bytes;
  for (const char* id : {"a-0", "a-1", "a-2"}) {
    EXPECT_NE(std::string::npos, bytes.find(id)) << bytes;
  }
  EXPECT_EQ(std::string::npos, bytes.find("a-3"));
}

TEST(RequestMaker, SameSeedWritesTheSameRequests) {
  LoadOptions options;
  options.scenario = Scenario::kMixed;
  options.spread = hours(1);
  RequestMaker first(options);
  RequestMaker second(options);
  for (int i = 0; i < 100; ++i) {
    first.remember(std::to_string(i));
    second.remember(std::to_string(i));
    EXPECT_EQ(first.next(kNow).bytes, second.next(kNow).bytes);
  }
}

TEST(RequestMaker, MixedLoadMakesEveryKindButBatches) {
  LoadOptions options;
  options.scenario = Scenario::kMixed;
  RequestMaker maker(options);
  std::set<RequestKind> kinds;
  for (int i = 0; i < 1000; ++i) {
    maker.remember(std::to_string(i));
    kinds.insert(maker.next(kNow).kind);
  }
  EXPECT_EQ((std::set{RequestKind::kCreate, RequestKind::kGet, RequestKind::kList,
                      RequestKind::kReplace, RequestKind::kDelete}),
            kinds);
}

TEST(RequestMaker, ReadsOnlyTasksItWasGivenWhenThereIsAFileOfThem) {
  LoadOptions options;
  options.scenario = Scenario::kGet;
  options.ids_file = "ids";
  RequestMaker maker(options);
  maker.remember("a");
  EXPECT_TRUE(maker.next(kNow).bytes.starts_with("GET /v1/tasks/a HTTP/1.1\r\n"));
}

TEST(RequestMaker, GoesOnFromThePageBeforeAndThenFromTheFirst) {
  LoadOptions options;
  options.scenario = Scenario::kPages;
  RequestMaker maker(options);
  maker.go_on_from("abc");
  EXPECT_TRUE(
      maker.next(kNow).bytes.starts_with("GET /v1/tasks?page_size=100&page_token=abc HTTP/1.1"));
  EXPECT_TRUE(maker.next(kNow).bytes.starts_with("GET /v1/tasks?page_size=100 HTTP/1.1"));
}

TEST(AnswerReader, FindsTheTokenOfTheNextPage) {
  AnswerReader reader;
  EXPECT_EQ("abc", reader.next_page(R"({"tasks":[],"next_page_token":"abc"})"));
  EXPECT_EQ("", reader.next_page(R"({"tasks":[]})"));
}

TEST(AnswerReader, FindsTheIdsOfABatch) {
  AnswerReader reader;
  AnswerReader::BatchAnswer answer = reader.batch(
      R"({"results":[{"status":201,"id":"a"},{"status":422,"problem":{"status":422,"id":"x"}},)"
      R"({"status":200,"id":"b"}]})");
  EXPECT_EQ((std::vector<std::string>{"a", "b"}), answer.created);
  EXPECT_EQ(1U, answer.refused);
}

TEST(AnswerReader, BrokenAnswersNameNoTask) {
  AnswerReader reader;
  EXPECT_EQ("", reader.task_id("{"));
  EXPECT_EQ("", reader.task_id(R"({"id":7})"));
  EXPECT_EQ("tsk_1", reader.task_id(R"({"state":"active","id":"tsk_1"})"));
  EXPECT_TRUE(reader.batch("[]").created.empty());
}

}  // namespace
}  // namespace hourwheel::request_maker_test
