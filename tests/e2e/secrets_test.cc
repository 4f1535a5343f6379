// Stored secrets of a real server: they arrive at targets, and are nowhere else to be found (T-11).
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/e2e/fixture.h"
#include "tests/support/hmac_sha256.h"

namespace hourwheel::secrets_test {
namespace {

std::string text_of(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

void write_private(const std::string& path, const std::string& text) {
  {
    std::ofstream stream(path);
    stream << text;
  }
  ASSERT_EQ(0, ::chmod(path.c_str(), 0600));
}

std::string master_key(char fill) {
  return "hwmk_" + base64_text(std::string(32, fill)) + "\n";
}

class Secrets : public testing::Test {
 protected:
  static constexpr const char* kMarker = "Marker-c0ffee-7f3a91d2";

  void SetUp() override { node_.add_arguments({"--log-level", "debug"}); }  // all that can be told

  void put(const std::string& name, const std::string& value, const std::string& more = "") {
    const HttpAnswer answer =
        say("PUT", "/v1/secrets/" + name, R"({"value":")" + value + "\"" + more + "}");
    EXPECT_TRUE(answer.status == 200 || answer.status == 201) << answer.body;
  }
  // Everything that the API says is looked at in the end.
  HttpAnswer say(std::string_view method, const std::string& path, const std::string& body = "") {
    HttpAnswer answer = node_.call(method, path, body);
    said_ += answer.body;
    return answer;
  }
  void create(const std::string& id, const std::string& target_members) {
    const std::string body = R"({"id":")" + id +
                             R"(","schedule":"2199-01-01T00:00:00Z","retry":{"max_attempts":1},)" +
                             R"("target":{"kind":"http","url":")" + target_.url() + "/" + id +
                             "\"," + target_members + "}}";
    EXPECT_EQ(201, say("POST", "/v1/tasks", body).status);
  }
  // What a run now of it brings.
  ReceivedAttempt attempt_of(const std::string& id) {
    const size_t before = target_.received_at("/" + id).size();
    EXPECT_EQ(202, say("POST", "/v1/tasks/" + id + "/run").status);
    EXPECT_TRUE(target_.await_path("/" + id, before + 1, kPatience));
    auto received = target_.received_at("/" + id);
    return received.size() > before ? received.back() : ReceivedAttempt{};
  }
  // How the task's newest run ended, once it has.
  std::string result_of(const std::string& id) {
    EXPECT_EQ(202, say("POST", "/v1/tasks/" + id + "/run").status);
    std::string run;
    for (int i = 0; i < 2'000 && run.find("\"dead\"") == std::string::npos; ++i) {
      run = say("GET", "/v1/tasks/" + id + "/runs?page_size=1").body;
    }
    return run;
  }
  void expect_nowhere(const std::string& value) {
    for (const std::string& text : {value, base64_text(value), base64_text(":" + value)}) {
      // The last letter of base64 depends on what follows.
      const std::string core = text.substr(0, text.size() - 4);
      for (const auto& entry : std::filesystem::recursive_directory_iterator(node_.folder())) {
        if (!entry.is_regular_file()) continue;
        EXPECT_EQ(std::string::npos, text_of(entry.path()).find(core)) << entry.path();
      }
      EXPECT_EQ(std::string::npos, said_.find(core));
      EXPECT_EQ(std::string::npos, node_.server().output().find(core));
    }
  }
  [[nodiscard]] std::string key_file() const { return node_.folder() + "/master.key"; }

  RecordingTarget target_;
  Node node_;
  std::string said_;
};

TEST_F(Secrets, ArriveAtTargetsAndAreNowhereElse) {  // T-11
  ASSERT_TRUE(node_.start());
  const std::string signing = "whsec_" + base64_text(std::string(32, 's'));
  put("marker", kMarker);
  put("signer", signing);
  create("bearer", R"("auth":{"type":"bearer","secret":"marker"})");
  create("basic", R"("auth":{"type":"basic","username":"","secret":"marker"})");
  create("header", R"("auth":{"type":"header","name":"X-Api-Key","secret":"marker"})");
  create("signed", R"("signing_secret":"signer")");
  EXPECT_EQ(std::string("Bearer ") + kMarker, attempt_of("bearer").field("Authorization"));
  EXPECT_EQ("Basic " + base64_text(std::string(":") + kMarker),
            attempt_of("basic").field("Authorization"));
  EXPECT_EQ(kMarker, attempt_of("header").field("X-Api-Key"));
  const ReceivedAttempt attempt = attempt_of("signed");
  const std::string signed_text = std::string(attempt.field("webhook-id")) + "." +
                                  std::string(attempt.field("webhook-timestamp")) + "." +
                                  attempt.body;
  EXPECT_EQ("v1," + base64_text(hmac_sha256(std::string(32, 's'), signed_text)),
            attempt.field("webhook-signature"));

  for (const char* path :
       {"/v1/secrets", "/v1/secrets/marker", "/v1/tasks", "/v1/tasks/bearer", "/v1/tasks:export",
        "/v1/tasks/bearer/runs", "/v1/audit", "/v1/audit:export", "/metrics", "/v1/server"}) {
    EXPECT_EQ(200, say("GET", path).status) << path;
  }
  EXPECT_NE(std::string::npos, said_.find("create_secret"));
  EXPECT_NE(std::string::npos, said_.find("\"secret\":\"marker\"")) << "what was asked was shown";
  expect_nowhere(kMarker);
  expect_nowhere(signing);
  const std::string backup = node_.folder() + "/backup";
  EXPECT_EQ(0, run_to_the_end({"db", "backup", node_.folder(), "--to", backup, "--server",
                               "http://127.0.0.1:" + std::to_string(node_.port())})
                   .code);
  EXPECT_FALSE(std::filesystem::exists(backup + "/master.key")) << "it would open the backup";
  expect_nowhere(kMarker);
  node_.kill();
  ASSERT_TRUE(node_.start());
  EXPECT_EQ(std::string("Bearer ") + kMarker, attempt_of("bearer").field("Authorization"));
}

TEST_F(Secrets, WithoutASecretNothingIsSent) {
  ASSERT_TRUE(node_.start());
  put("elsewhere", kMarker, R"(,"hosts":["crm.example.com"])");
  put("lines", "two\\nlines");
  create("missing", R"("auth":{"type":"bearer","secret":"nobody"})");
  create("refused", R"("auth":{"type":"bearer","secret":"elsewhere"})");
  create("unusable", R"("auth":{"type":"header","name":"X-A","secret":"lines"})");
  create("unsigned", R"("signing_secret":"lines")");
  EXPECT_NE(std::string::npos, result_of("missing").find("secret_missing"));
  EXPECT_NE(std::string::npos, result_of("refused").find("secret_refused"));
  EXPECT_NE(std::string::npos, result_of("unusable").find("secret_unusable"));
  EXPECT_NE(std::string::npos, result_of("unsigned").find("secret_unusable"));
  EXPECT_EQ(0U, target_.count());
  put("nobody", kMarker);
  EXPECT_EQ(std::string("Bearer ") + kMarker, attempt_of("missing").field("Authorization"));
  EXPECT_EQ(200, say("DELETE", "/v1/secrets/nobody").status);
  EXPECT_NE(std::string::npos, result_of("missing").find("secret_missing"));
  expect_nowhere(kMarker);
}

TEST_F(Secrets, TheFirstStartMakesAKeyThatOnlyItsOwnerMayRead) {
  ASSERT_TRUE(node_.start());
  struct stat found {};
  ASSERT_EQ(0, ::stat(key_file().c_str(), &found));
  EXPECT_EQ(0600U, found.st_mode & 07777U);
  const std::string key = text_of(key_file());
  EXPECT_EQ(5U + 44 + 1, key.size());
  node_.kill();
  ASSERT_TRUE(node_.start());
  EXPECT_EQ(key, text_of(key_file()));
  EXPECT_EQ(std::string::npos, node_.server().output().find(key.substr(5, 20)));
}

TEST_F(Secrets, WithAnotherKeyTheServerDoesNotStart) {
  ASSERT_TRUE(node_.start());
  put("marker", kMarker);
  EXPECT_TRUE(node_.stop());
  const std::string right = text_of(key_file());
  auto refusal = [this](const std::vector<std::string>& more) {
    auto arguments = node_.arguments("127.0.0.1:0");
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Ended ended = run_to_the_end(arguments);
    EXPECT_EQ(78, ended.code) << ended.output;
    return ended.output;
  };
  write_private(key_file(), master_key('a'));
  const std::string other = refusal({});
  EXPECT_NE(std::string::npos, other.find("secret marker: was sealed with the master key"));
  EXPECT_NE(std::string::npos, other.find(key_file())) << other;
  ASSERT_EQ(0, ::chmod(key_file().c_str(), 0640));
  EXPECT_NE(std::string::npos, refusal({}).find("mode is 0640"));
  std::filesystem::remove(key_file());
  EXPECT_NE(std::string::npos, refusal({}).find("bring back"));
  EXPECT_FALSE(std::filesystem::exists(key_file())) << "a new one would open nothing";
  EXPECT_NE(std::string::npos,
            refusal({"--master-key-file", node_.folder() + "/none"}).find("cannot open"));
  // The way on without the key: what it sealed is given up.
  const Ended deleted =
      run_to_the_end({"secret", "delete", "marker", "--data", node_.folder(), "--yes"});
  EXPECT_EQ(0, deleted.code) << deleted.output;
  ASSERT_TRUE(node_.start());
  EXPECT_NE(right, text_of(key_file()));
}

TEST_F(Secrets, AMasterKeyIsRotatedByANewFirstLine) {
  write_private(key_file(), master_key('a'));
  ASSERT_TRUE(node_.start());
  put("marker", kMarker);
  put("twice", "before");
  put("twice", kMarker, R"(,"keep_previous":"PT1H")");
  create("bearer", R"("auth":{"type":"bearer","secret":"marker"})");
  EXPECT_TRUE(node_.stop());
  write_private(key_file(), master_key('b') + master_key('a'));
  ASSERT_TRUE(node_.start());
  EXPECT_EQ(std::string("Bearer ") + kMarker, attempt_of("bearer").field("Authorization"));
  node_.kill();
  write_private(key_file(), master_key('b'));
  ASSERT_TRUE(node_.start()) << "nothing is sealed with the old key any more";
  EXPECT_EQ(std::string("Bearer ") + kMarker, attempt_of("bearer").field("Authorization"));
}

TEST_F(Secrets, TheCommandLineKeepsListsAndDeletesThem) {
  ASSERT_TRUE(node_.start());
  const std::string file = node_.folder() + "-value";
  write_private(file, std::string(kMarker) + "\n");
  auto cli = [this](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(),
                     {"--server", "http://127.0.0.1:" + std::to_string(node_.port())});
    return run_to_the_end(arguments);
  };
  const Ended made = cli({"secret", "set", "crm", "--from-file", file, "--host", "127.0.0.1"});
  EXPECT_EQ(0, made.code) << made.output;
  std::filesystem::remove(file);
  create("bearer", R"("auth":{"type":"bearer","secret":"crm"})");
  EXPECT_EQ(std::string("Bearer ") + kMarker, attempt_of("bearer").field("Authorization"))
      << "without the end of the line";
  const Ended listed = cli({"secret", "list"});
  EXPECT_NE(std::string::npos, listed.output.find("crm")) << listed.output;
  EXPECT_EQ(std::string::npos, listed.output.find(kMarker)) << listed.output;
  EXPECT_EQ(0, cli({"secret", "delete", "crm", "--yes"}).code);
  EXPECT_EQ(3, cli({"secret", "delete", "crm"}).code);
  expect_nowhere(kMarker);
}

}  // namespace
}  // namespace hourwheel::secrets_test
