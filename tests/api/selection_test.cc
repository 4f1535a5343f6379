// Every route with a key that is narrowed to a selection (T-02, SL1), made from the table of
// routes; more of what such a key is told is in narrowing_test.cc, and what a shard decides for it
// in tests/engine/shard_selection_test.cc.
#include <algorithm>
#include <set>

#include "api/key_text.h"
#include "tests/api/support/fixture.h"

namespace hourwheel::selection_test {
namespace {

constexpr RunKey kRunOutside{Generation{17}, Trigger::kSchedule, 1'767'225'600'000};

// What each route within a selection is asked with, where that is more than its path. {id} is of a
// task that lacks the labels.
struct Asked {
  std::string_view method;
  std::string_view path;
  std::string_view rest;  // of the target
  std::string_view body;
  std::string_view type = "application/json";
};
constexpr Asked kAsked[] = {
    {"POST", "/tasks", "", R"({"id":"some","type":"one-time","schedule":"2026-06-01T00:00:00Z"})"},
    {"PUT", "/tasks", "", R"({"id":"some","type":"one-time","schedule":"2026-06-01T00:00:00Z"})"},
    {"POST", "/v1/tasks", "", R"({"id":"some","schedule":"2026-06-01T00:00:00Z"})"},
    {"PUT", "/v1/tasks/{id}", "", R"({"schedule":"2026-06-01T00:00:00Z"})"},
    {"PATCH", "/v1/tasks/{id}", "", R"({"description":"new"})"},
    {"GET", "/v1/tasks/{id}/why", "?at=2026-01-01T00:00:00Z", ""},
    {"POST", "/v1/tasks/{id}/backfill", "",
     R"({"from":"2025-12-01T00:00:00Z","to":"2026-01-01T00:00:00Z"})"},
    {"POST", "/v1/tasks:batch", "", R"({"operations":[{"op":"delete","id":"some"}]})"},
    {"POST", "/v1/tasks:bulk", "", R"({"filter":{},"action":"run"})"},
    {"POST", "/v1/tasks:import", "", R"({"id":"some","schedule":"2026-06-01T00:00:00Z"})",
     "application/x-ndjson"},
    {"POST", "/v1/runs:bulk", "", R"({"filter":{"state":"dead"},"action":"delete"})"},
};

class SelectionTest : public ApiTest {
 protected:
  // Puts a key with all rights in force; its text.
  std::string add_key(Selection selection) {
    const std::string text = *new_key_text();
    const auto parsed = *parse_key_text(text);
    ApiKey key;
    key.id = std::string(parsed.id);
    key.digest = digest_of(parsed);
    key.rights = Rights::all();
    key.created = kTestNow;
    key.last_used = kTestNow;
    key.selection = std::move(selection);
    auto& keys = system_.key_table;
    keys.push_back(std::move(key));
    std::sort(keys.begin(), keys.end(),
              [](const ApiKey& a, const ApiKey& b) { return a.id < b.id; });
    return text;
  }
  static Ask with_key(Ask ask, const std::string& text) {
    ask.fields.emplace_back("authorization", "Bearer " + text);
    return ask;
  }
  // The status of a request that goes on to nobody.
  int status_of(const Ask& ask) {
    const HttpToken token = send(ask);
    return responder_.at(token).ended ? responder_.at(token).response.status : 0;
  }
  static Ask ask_outside(const Route& route) {
    Ask ask{std::string(route.method), std::string(route.path), "", {}};
    const bool of_run = route.path.starts_with("/v1/runs/");
    if (const size_t hole = ask.target.find("{id}"); hole != std::string::npos) {
      ask.target.replace(hole, 4, of_run ? run_id(task_key("some"), kRunOutside) : "some");
    }
    for (const Asked& asked : kAsked) {
      if (asked.method != route.method || asked.path != route.path) continue;
      ask.target += asked.rest;
      ask.body = asked.body;
      if (!asked.body.empty()) ask.fields.emplace_back("content-type", asked.type);
    }
    return ask;
  }

  struct Posted {
    size_t commands = 0;
    size_t narrowed = 0;  // of them
    size_t queries = 0;
    size_t labelled = 0;  // of them, those about many tasks that ask for the label
    size_t of_many = 0;
  };
  // Sends it and answers for the shards, where every task lacks the labels.
  std::pair<HttpToken, Posted> carry_out(const Ask& ask) {
    const HttpToken token = send(ask);
    Posted posted;
    // A follower goes on asking.
    for (int i = 0; i < 20 && !(shards_.queries.empty() && shards_.commands.empty()); ++i) {
      while (!shards_.queries.empty()) answer_query(posted);
      while (!shards_.commands.empty()) answer_commands(posted);
    }
    return {token, posted};
  }
  void answer_commands(Posted& posted) {
    auto [shard, message] = take_commands();
    std::vector<CommandOutcome> outcomes;
    for (const Command& command : message.commands) {
      ++posted.commands;
      const Selection wanted{{"team", "a"}};
      posted.narrowed += command.selection && *command.selection == wanted ? 1 : 0;
      outcomes.push_back(refused(ErrorCode::kNotFound));
    }
    reply(message.token, std::move(outcomes));
  }
  void answer_query(Posted& posted) {
    auto [shard, request] = take_query();
    ++posted.queries;
    answer(request.token,
           std::visit([&](const auto& query) { return found(query, posted); }, request.query));
  }
  static void note_labels(const std::vector<NamedText>& labels, Posted& posted) {
    ++posted.of_many;
    const NamedText wanted{"team", "a"};
    posted.labelled += std::count(labels.begin(), labels.end(), wanted) > 0 ? 1 : 0;
  }
  static Result<QueryAnswer> found(const GetTask& /*query*/, Posted& /*posted*/) {
    return QueryAnswer(stored_task("some", 17));
  }
  static Result<QueryAnswer> found(const RunsAround& /*query*/, Posted& /*posted*/) {
    RunsFound around;
    around.task = stored_task("some", 17);
    return QueryAnswer(std::move(around));
  }
  static Result<QueryAnswer> found(const ListTasks& query, Posted& posted) {
    note_labels(query.filter.labels, posted);
    return QueryAnswer(TaskPage{});
  }
  static Result<QueryAnswer> found(const ListDead& query, Posted& posted) {
    note_labels(query.filter.labels, posted);
    return QueryAnswer(DeadPage{});
  }
  static Result<QueryAnswer> found(const TallyDead& query, Posted& posted) {
    note_labels(query.filter.labels, posted);
    return QueryAnswer(DeadPage{});
  }
  static Result<QueryAnswer> found(const ListRecords& query, Posted& posted) {
    note_labels(query.filter.run.labels, posted);
    return QueryAnswer(RecordPage{});
  }
  static Result<QueryAnswer> found(const FollowChanges& /*query*/, Posted& /*posted*/) {
    return QueryAnswer(ChangesSeen{});
  }
  template <class Other>
  static Result<QueryAnswer> found(const Other& /*query*/, Posted& /*posted*/) {
    RunPage page;  // of its runs
    page.task = task_key("some");
    RunRecord& record = page.records.emplace_back();
    record.key = kRunOutside;
    record.state = RunState::kSucceeded;
    return QueryAnswer(std::move(page));
  }
};

TEST_F(SelectionTest, EveryRouteKeepsANarrowedKeyWithin) {
  const std::string whole = add_key({});
  const std::string key = add_key({{"team", "a"}});
  for (const Route& route : routes()) {
    const std::string name = std::string(route.method) + " " + std::string(route.path);
    const Ask ask = ask_outside(route);
    if (route.reach == Reach::kNoTasks) {
      if (route.path != "/v1/session") {
        EXPECT_EQ(status_of(with_key(ask, key)), status_of(with_key(ask, whole))) << name;
      }
      continue;
    }
    const auto [token, posted] = carry_out(with_key(ask, key));
    const Sent& sent = responder_.at(token);
    if (route.reach == Reach::kServer) {
      EXPECT_EQ(sent.response.status, 403) << name;
      EXPECT_EQ(sent.field("www-authenticate"), "") << name << ": no scope would help";
      EXPECT_EQ(posted.commands + posted.queries + system_.requests.size(), 0U) << name;
      continue;
    }
    EXPECT_GT(posted.commands + posted.queries, 0U) << name << ": the test asks for nothing";
    EXPECT_EQ(posted.narrowed, posted.commands) << name;
    EXPECT_EQ(posted.labelled, posted.of_many) << name;
    if (route.path.find("{id}") != std::string_view::npos) {
      EXPECT_EQ(sent.response.status, 404) << name << " " << sent.response.body;
    }
  }
}

// Without which the test before would find nothing.
TEST_F(SelectionTest, AWholeKeyIsToldOfTheSameTasks) {
  const std::string whole = add_key({});
  for (const Route& route : routes()) {
    const bool shows = route.reach == Reach::kSelection && route.method == "GET" &&
                       route.path.find("{id}") != std::string_view::npos;
    if (!shows) continue;
    const auto [token, posted] = carry_out(with_key(ask_outside(route), whole));
    EXPECT_EQ(responder_.at(token).response.status, 200) << route.path;
    EXPECT_EQ(posted.labelled, 0U) << route.path;
  }
}

// So that a new route is thought about: what tells of tasks and is not kept within is named here.
TEST_F(SelectionTest, OnlyTheseRoutesTellOfNoTask) {
  std::set<std::string_view> open;
  for (const Route& route : routes()) {
    if (route.reach == Reach::kNoTasks && route.right != Right::kOpen) open.insert(route.path);
    const bool of_tasks = route.path.find("/tasks") != std::string_view::npos ||
                          route.path.find("/runs") != std::string_view::npos;
    EXPECT_TRUE(!of_tasks || route.reach == Reach::kSelection) << route.path;
  }
  EXPECT_EQ(open, (std::set<std::string_view>{"/v1/schedules:preview", "/v1/server"}));
}

TEST_F(SelectionTest, ASessionReachesWhatItsKeyDoes) {
  const std::string key = add_key({{"team", "a"}});
  const Sent& in = ask({"POST", "/v1/session", R"({"key":")" + key + R"("})", {}});
  EXPECT_TRUE(contains(in.response.body, R"("selection":{"team":"a"})")) << in.response.body;
  const std::string cookie = in.field("set-cookie");
  const Ask with_cookie{"GET", "/v1/stats", "", {{"cookie", cookie.substr(0, cookie.find(';'))}}};
  EXPECT_EQ(status_of(with_cookie), 403);
}

}  // namespace
}  // namespace hourwheel::selection_test
