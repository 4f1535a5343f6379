// API keys of a real server: made before its first start, asked for on every route, revoked for
// good, across a kill -9 (T-01, T-02).
#include "tests/e2e/fixture.h"

namespace hourwheel::keys_test {
namespace {

class Keys : public testing::Test {
 protected:
  // A key made where no server runs; its text.
  std::string make(const std::vector<std::string>& more) {
    std::vector<std::string> arguments{"key", "create", "--data", node_.folder(), "--name", "test"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Ended ended = run_to_the_end(arguments);
    EXPECT_EQ(0, ended.code) << ended.output;
    const size_t at = ended.output.find("hw_");
    return at == std::string::npos ? "" : ended.output.substr(at, ended.output.find('\n', at) - at);
  }
  static std::string id_of(const std::string& key) { return key.substr(3, 10); }

  HttpAnswer call(const std::string& key, std::string_view method, std::string_view path,
                  std::string_view body = "") {
    std::string fields(body.empty() ? "" : kJsonFields);
    if (!key.empty()) fields += "Authorization: Bearer " + key + "\r\n";
    auto answer = http_request(node_.port(), method, path, body, fields);
    EXPECT_TRUE(answer) << method << " " << path;
    return answer.value_or(HttpAnswer{});
  }
  // The status that each of many connections gets: some of every reactor.
  void expect_everywhere(int status, const std::string& key, std::string_view path) {
    for (int i = 0; i < 12; ++i) EXPECT_EQ(status, call(key, "GET", path).status) << path;
  }
  Ended cli(std::vector<std::string> arguments, const std::string& key) {
    arguments.insert(arguments.end(),
                     {"--server", "http://127.0.0.1:" + std::to_string(node_.port())});
    ::setenv("HOURWHEEL_TOKEN", key.c_str(), 1);
    Ended ended = run_to_the_end(arguments);
    ::unsetenv("HOURWHEEL_TOKEN");
    return ended;
  }

  Node node_;
};

TEST_F(Keys, WithOneOtherMachinesAreServed) {
  const std::string key = make({"--role", "admin"});
  ASSERT_TRUE(node_.start("0.0.0.0:0"));
  expect_everywhere(401, "", "/v1/server");
  expect_everywhere(200, key, "/v1/server");
  expect_everywhere(200, "", "/livez");
}

TEST_F(Keys, AnExpiredOneIsNotEnoughToServeOtherMachines) {
  make({"--role", "admin", "--expires", "1ms"});
  const Ended ended = run_to_the_end(node_.arguments("0.0.0.0:0"));
  EXPECT_EQ(78, ended.code) << ended.output;
  EXPECT_NE(std::string::npos, ended.output.find("hourwheel key create")) << ended.output;
}

TEST_F(Keys, AQuotaOfTasksHoldsOverAllConnectionsAndAcrossACrash) {
  const std::string admin = make({"--role", "admin"});
  const std::string few = make({"--role", "editor", "--max-tasks", "3"});
  ASSERT_TRUE(node_.start());
  auto create = [&](const std::string& key) {
    return call(key, "POST", "/v1/tasks", R"({"schedule":"2099-01-01T00:00:00Z"})");
  };
  std::vector<std::string> ids;
  for (int i = 0; i < 12; ++i) {  // some at each of the shards
    const HttpAnswer answer = create(few);
    if (answer.status == 201) {
      ids.push_back(member(answer.body, "id"));
    } else {
      EXPECT_EQ(403, answer.status) << answer.body;
      EXPECT_EQ("quota-exceeded", member(answer.body, "code"));
    }
  }
  ASSERT_EQ(3U, ids.size());
  EXPECT_EQ(201, create(admin).status) << "another key is not affected";

  node_.kill();
  ASSERT_TRUE(node_.start());
  EXPECT_EQ(403, create(few).status);
  const std::string shown = call(admin, "GET", "/v1/keys/" + id_of(few)).body;
  EXPECT_NE(std::string::npos, shown.find(R"("quotas":{"max_tasks":3,"tasks":3})")) << shown;
  EXPECT_EQ(id_of(few), member(call(admin, "GET", "/v1/tasks/" + ids[0]).body, "created_by"));

  EXPECT_EQ(200, call(admin, "DELETE", "/v1/tasks/" + ids[0]).status);
  EXPECT_EQ(201, create(few).status);
  EXPECT_EQ(403, create(few).status);
}

TEST_F(Keys, ANarrowedOneReachesOnlyWhatIsWithinAlsoAfterACrash) {
  const std::string admin = make({"--role", "admin"});
  const std::string narrow = make({"--role", "admin", "--label", "team=a"});
  ASSERT_TRUE(node_.start());
  auto create = [&](const std::string& key, const std::string& id, const std::string& labels) {
    return call(key, "POST", "/v1/tasks",
                R"({"schedule":"2099-01-01T00:00:00Z","id":")" + id + R"(","labels":)" + labels +
                    "}")
        .status;
  };
  EXPECT_EQ(201, create(admin, "theirs", R"({"team":"b"})"));
  EXPECT_EQ(403, create(narrow, "mine", "{}"));
  EXPECT_EQ(201, create(narrow, "mine", R"({"team":"a"})"));
  EXPECT_EQ(409, create(narrow, "theirs", R"({"team":"a"})"));

  node_.kill();
  ASSERT_TRUE(node_.start());
  EXPECT_EQ(200, call(narrow, "GET", "/v1/tasks/mine").status);
  EXPECT_EQ(404, call(narrow, "GET", "/v1/tasks/theirs").status);
  EXPECT_EQ(404, call(narrow, "DELETE", "/v1/tasks/theirs").status);
  const std::string listed = call(narrow, "GET", "/v1/tasks").body;
  EXPECT_NE(std::string::npos, listed.find("mine")) << listed;
  EXPECT_EQ(std::string::npos, listed.find("theirs")) << listed;
  expect_everywhere(403, narrow, "/v1/stats");
  expect_everywhere(403, narrow, "/v1/keys");
  EXPECT_EQ(200, call(admin, "DELETE", "/v1/tasks/theirs").status);
}

TEST_F(Keys, OneMadeWhileServingIsAskedForFromThenOnAndRevokedForGood) {
  ASSERT_TRUE(node_.start());
  expect_everywhere(200, "", "/v1/server");
  const HttpAnswer first = call("", "POST", "/v1/keys", R"({"name":"first","role":"admin"})");
  ASSERT_EQ(201, first.status) << first.body;
  const std::string admin = member(first.body, "key");
  expect_everywhere(401, "", "/v1/server");
  const HttpAnswer second =
      call(admin, "POST", "/v1/keys", R"({"name":"reader","scopes":["tasks:read"]})");
  ASSERT_EQ(201, second.status) << second.body;
  const std::string reader = member(second.body, "key");
  expect_everywhere(200, reader, "/v1/server");
  expect_everywhere(403, reader, "/v1/keys");

  EXPECT_EQ(200, call(admin, "DELETE", "/v1/keys/" + id_of(reader)).status);
  expect_everywhere(401, reader, "/v1/server");
  node_.kill();
  ASSERT_TRUE(node_.start());
  expect_everywhere(401, reader, "/v1/server");
  expect_everywhere(200, admin, "/v1/server");
  const std::string listed = call(admin, "GET", "/v1/keys").body;
  EXPECT_EQ(1U, elements(member(listed, "keys")).size()) << listed;
}

TEST_F(Keys, ASessionIsTakenByEveryReactorAndEndsWithTheServer) {
  const std::string key = make({"--role", "viewer"});
  ASSERT_TRUE(node_.start());
  const HttpAnswer in = call("", "POST", "/v1/session", R"({"key":")" + key + R"("})");
  ASSERT_EQ(200, in.status) << in.body;
  const std::string cookie(in.field("set-cookie"));
  auto look = [&] {
    auto answer = http_request(node_.port(), "GET", "/v1/server", "",
                               "Cookie: " + cookie.substr(0, cookie.find(';')) + "\r\n");
    return answer ? answer->status : 0;
  };
  for (int i = 0; i < 12; ++i) EXPECT_EQ(200, look());
  node_.kill();
  ASSERT_TRUE(node_.start());
  EXPECT_EQ(401, look());
}

TEST_F(Keys, TheCommandLineUsesAndManagesThem) {
  const std::string admin = make({"--role", "admin"});
  const std::string editor = make({"--role", "editor", "--network", "127.0.0.0/8"});
  const Ended offline = run_to_the_end({"key", "list", "--data", node_.folder()});
  EXPECT_EQ(0, offline.code);
  EXPECT_NE(std::string::npos, offline.output.find(id_of(admin))) << offline.output;
  ASSERT_TRUE(node_.start());
  const Ended busy = run_to_the_end({"key", "list", "--data", node_.folder()});
  EXPECT_EQ(1, busy.code);
  EXPECT_NE(std::string::npos, busy.output.find("in use")) << busy.output;

  EXPECT_EQ(4, cli({"task", "list"}, "").code);
  EXPECT_EQ(0, cli({"task", "create", "PT1H", "--id", "a"}, editor).code);
  EXPECT_EQ(4, cli({"key", "list"}, editor).code);
  const Ended made = cli({"key", "create", "--name", "ci", "--role", "viewer"}, admin);
  EXPECT_EQ(0, made.code) << made.output;
  EXPECT_NE(std::string::npos, made.output.find("hw_")) << made.output;
  EXPECT_EQ(2, cli({"key", "create", "--name", "ci", "--expires", "soon"}, admin).code);
  EXPECT_EQ(1, cli({"key", "create", "--name", "ci"}, admin).code);
  EXPECT_EQ(0, cli({"key", "revoke", id_of(editor), "--yes"}, admin).code);
  EXPECT_EQ(3, cli({"key", "revoke", id_of(editor)}, admin).code);
  EXPECT_EQ(4, cli({"task", "list"}, editor).code);
}

}  // namespace
}  // namespace hourwheel::keys_test
