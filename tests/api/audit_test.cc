// The audit log over all files, and who its entries name.
#include "api/audit_json.h"
#include "api/lane_merge.h"
#include "tests/api/support/fixture.h"

namespace hourwheel::audit_test {
namespace {

AuditEntry entry_at(Instant at, const std::string& id) {
  AuditEntry entry;
  entry.at = at;
  entry.action = AuditAction::kPause;
  entry.subject = id;
  entry.task = task_key(id);
  return entry;
}

AuditPage page_of(std::vector<AuditEntry> entries, uint64_t next = 0) {
  AuditPage page;
  for (AuditEntry& entry : entries) {
    page.positions.push_back(100 - page.entries.size());
    page.entries.push_back(std::move(entry));
  }
  page.next = next;
  return page;
}

class AuditTest : public ApiTest {
 protected:
  // Answers the oldest query of a shard; the desk's.
  void give(AuditPage page) {
    auto [shard, query] = take_query();
    answer(query.token, QueryAnswer(std::move(page)));
  }
  void give_of_system(AuditPage page) {
    answer(system_.take<AuditRequest>().token, QueryAnswer(std::move(page)));
  }
  static std::vector<std::string> ids_in(const std::string& body) {
    std::vector<std::string> ids;
    constexpr std::string_view kName = "\"task_id\":\"";
    for (size_t at = body.find(kName); at != std::string::npos; at = body.find(kName, at + 1)) {
      const size_t begin = at + kName.size();
      ids.push_back(body.substr(begin, body.find('"', begin) - begin));
    }
    return ids;
  }
};

TEST_F(AuditTest, CommandsNameTheKeyAndTheAddressTheyCameFrom) {
  Ask request{"DELETE", "/v1/tasks/a", "", {}};
  request.peer.bytes = {10, 0, 0, 7};
  send(request);
  const Commands commands = take_commands().second;
  const Actor& actor = commands.commands.at(0).actor;
  EXPECT_EQ(actor.key, "") << "none was asked for";
  const Actor::Address expected = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 7};
  EXPECT_EQ(actor.address, expected);
  send({"POST", "/v1/admin/pause", R"({"reason":"moving"})", {}});
  EXPECT_TRUE(system_.take<PauseRequest>().actor.address);
}

TEST_F(AuditTest, EntriesOfAllFilesAreMergedNewestFirst) {
  HttpToken token = send({"GET", "/v1/audit", "", {}});
  give(page_of({entry_at(kTestNow + seconds(3), "c"), entry_at(kTestNow, "a")}));
  give(page_of({entry_at(kTestNow + seconds(1), "b")}));
  EXPECT_FALSE(responder_.at(token).ended);
  AuditEntry key = entry_at(kTestNow + seconds(2), "key0000001");
  key.action = AuditAction::kRevokeKey;
  key.task = {};
  give_of_system(page_of({key}));
  const Sent& sent = responder_.at(token);
  ASSERT_EQ(sent.response.status, 200);
  EXPECT_EQ(ids_in(sent.response.body), (std::vector<std::string>{"c", "b", "a"}));
  EXPECT_TRUE(contains(sent.response.body, R"("action":"revoke_key")")) << sent.response.body;
  EXPECT_TRUE(contains(sent.response.body, R"("key_id":"key0000001")"));
  EXPECT_EQ(token_in(sent.response.body), "");
}

TEST_F(AuditTest, APageGoesOnWhereTheLastOneEnded) {
  HttpToken token = send({"GET", "/v1/audit?page_size=1", "", {}});
  give(page_of({entry_at(kTestNow + seconds(3), "c")}, 100));
  give(page_of({entry_at(kTestNow + seconds(1), "b")}));
  give_of_system(page_of({}));
  const std::string body = responder_.at(token).response.body;
  EXPECT_EQ(ids_in(body), (std::vector<std::string>{"c"}));
  const std::string page = token_in(body);
  ASSERT_NE(page, "");
  EXPECT_TRUE(contains(responder_.at(token).field("link"), page));
  HttpToken next = send({"GET", "/v1/audit?page_size=1&page_token=" + page, "", {}});
  auto [shard, query] = take_query();
  EXPECT_EQ(shard, 0U);
  EXPECT_EQ(std::get<ListAudit>(query.query).before, 100U);
  answer(query.token, QueryAnswer(page_of({})));
  auto [other, again] = take_query();
  EXPECT_EQ(std::get<ListAudit>(again.query).before, 0U) << "nothing of it was taken";
  answer(again.token, QueryAnswer(page_of({entry_at(kTestNow + seconds(1), "b")})));
  EXPECT_TRUE(system_.requests.empty()) << "it is at its end";
  EXPECT_EQ(ids_in(responder_.at(next).response.body), (std::vector<std::string>{"b"}));
  EXPECT_EQ(get("/v1/audit?page_token=" + page + "&task_id=a").response.status, 400);
}

TEST_F(AuditTest, ATaskIsAskedOfItsOwnShardOnly) {
  HttpToken token =
      send({"GET", "/v1/audit?task_id=a&key_id=k&after=2026-01-01T00:00:00Z", "", {}});
  ASSERT_EQ(shards_.queries.size(), 1U);
  EXPECT_TRUE(system_.requests.empty());
  auto [shard, query] = take_query();
  EXPECT_EQ(shard, shards_.shard_of(task_key("a")));
  const AuditFilter& filter = std::get<ListAudit>(query.query).filter;
  EXPECT_EQ(filter.task, task_key("a"));
  EXPECT_EQ(filter.key, "k");
  EXPECT_EQ(filter.after, kTestNow);
  answer(query.token, QueryAnswer(page_of({})));
  EXPECT_EQ(responder_.at(token).response.body, R"({"entries":[]})");
}

TEST_F(AuditTest, WhatIsWrongWithAQueryIsTold) {
  for (const char* query : {"after=yesterday", "task=a", "page_size=x", "key_id="}) {
    EXPECT_EQ(get("/v1/audit?" + std::string(query)).response.status, 400) << query;
  }
  EXPECT_EQ(get("/v1/audit:export?page_size=1").response.status, 400);
}

TEST_F(AuditTest, DamageIsToldBesideWhatCouldBeRead) {  // C-23
  HttpToken token = send({"GET", "/v1/audit", "", {}});
  AuditPage page = page_of({entry_at(kTestNow, "a")});
  page.damage.push_back("row 2 is damaged");
  give(std::move(page));
  give(page_of({}));
  give_of_system(page_of({}));
  EXPECT_TRUE(
      contains(responder_.at(token).response.body, R"("damaged":["shard-000: row 2 is damaged"])"))
      << responder_.at(token).response.body;
}

TEST_F(AuditTest, AnExportIsLines) {
  HttpToken token = send({"GET", "/v1/audit:export", "", {}});
  give(page_of({entry_at(kTestNow + seconds(3), "c"), entry_at(kTestNow, "a")}));
  give(page_of({entry_at(kTestNow + seconds(1), "b")}));
  give_of_system(page_of({}));
  const Sent& sent = responder_.at(token);
  EXPECT_EQ(sent.response.content_type, "application/x-ndjson");
  EXPECT_EQ(ids_in(sent.response.body), (std::vector<std::string>{"c", "b", "a"}));
  EXPECT_EQ(std::count(sent.response.body.begin(), sent.response.body.end(), '\n'), 3);
}

TEST_F(AuditTest, AnExportWithDamageIsNotTakenForWhole) {
  HttpToken token = send({"GET", "/v1/audit:export", "", {}});
  AuditPage page = page_of({});
  page.damage.push_back("row 2 is damaged");
  give(std::move(page));
  give(page_of({}));
  give_of_system(page_of({}));
  EXPECT_EQ(responder_.at(token).response.status, 500);
}

AuditVerdict verdict_of(uint64_t rows, std::optional<std::string> broken = {}) {
  AuditVerdict verdict;
  verdict.rows = verdict.last_row = rows;
  verdict.whole = true;
  verdict.broken = std::move(broken);
  return verdict;
}

TEST_F(AuditTest, AVerdictIsThatOfAllFiles) {
  HttpToken token = send({"GET", "/v1/audit:verify", "", {}});
  answer(take_query().second.token, QueryAnswer(verdict_of(0)));
  answer(take_query().second.token, QueryAnswer(verdict_of(1, "row 2 is missing")));
  answer(system_.take<AuditRequest>().token, QueryAnswer(verdict_of(0)));
  const std::string& body = responder_.at(token).response.body;
  EXPECT_TRUE(contains(body, R"("intact":false)")) << body;
  EXPECT_TRUE(contains(body, R"({"source":"shard-001","rows":1,)")) << body;
  EXPECT_TRUE(contains(body, R"("broken":"row 2 is missing")")) << body;
  EXPECT_TRUE(contains(body, R"("source":"system")")) << body;
  EXPECT_EQ(get("/v1/audit:verify?deep=1").response.status, 400);
}

TEST_F(AuditTest, WithoutRoomAtAShardItIsRefused) {
  shards_.without_credit = {0};
  EXPECT_EQ(get("/v1/audit:verify").response.status, 503);
  shards_.without_credit = {1};
  EXPECT_EQ(get("/v1/audit:verify").response.status, 503);
}

TEST_F(AuditTest, ALongChainIsAskedForPieceByPiece) {
  HttpToken token = send({"GET", "/v1/audit:verify", "", {}});
  AuditVerdict piece = verdict_of(512);
  piece.whole = false;
  answer(take_query().second.token, QueryAnswer(piece));
  answer(take_query().second.token, QueryAnswer(verdict_of(3)));
  answer(system_.take<AuditRequest>().token, QueryAnswer(verdict_of(0)));
  auto [shard, query] = take_query();
  EXPECT_EQ(shard, 0U);
  EXPECT_EQ(std::get<VerifyAudit>(query.query).so_far.last_row, 512U);
  api_.set_now({kTestNow, Monotonic{21'000}});
  answer(query.token, QueryAnswer(piece));
  const std::string& body = responder_.at(token).response.body;
  EXPECT_TRUE(contains(body, R"("intact":null)")) << "it took too long: " << body;
  EXPECT_TRUE(contains(body, R"("complete":false)")) << body;
}

TEST(AuditMergeTest, TakesTheNewestOfAllLanes) {
  AuditMerge merge(2);
  EXPECT_TRUE(merge.any_dry());
  merge.fill(0, page_of({entry_at(kTestNow, "a")}, 50));
  merge.fill(1, page_of({entry_at(kTestNow + seconds(1), "b")}));
  EXPECT_EQ(merge.take().entry.subject, "b");
  EXPECT_FALSE(merge.is_dry(1)) << "it is at its end";
  EXPECT_EQ(merge.take().entry.subject, "a");
  EXPECT_TRUE(merge.is_dry(0));
  EXPECT_EQ(merge.before(0), 50U);
  merge.fill(0, page_of({}));
  EXPECT_TRUE(merge.at_end());
}

}  // namespace
}  // namespace hourwheel::audit_test
