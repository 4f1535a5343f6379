// Signed webhooks of the real server, verified by a computation of our own.
#include <sys/stat.h>

#include <fstream>
#include <sstream>

#include "tests/e2e/fixture.h"
#include "tests/support/hmac_sha256.h"

namespace hourwheel::signature_test {
namespace {

std::string text_of(const std::string& path) {
  std::ifstream stream(path);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

// "whsec_..." as a line of a file.
std::string expected_signature(const ReceivedAttempt& attempt, std::string_view line) {
  const std::string key = base64_bytes(line.substr(std::string_view("whsec_").size()));
  const std::string signed_text = std::string(attempt.field("webhook-id")) + "." +
                                  std::string(attempt.field("webhook-timestamp")) + "." +
                                  attempt.body;
  return "v1," + base64_text(hmac_sha256(key, signed_text));
}

TEST(HmacSha256, IsThatOfThePublishedVectors) {  // RFC 4231, cases 2 and 6
  EXPECT_EQ(base64_text(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=");
  EXPECT_EQ(base64_text(hmac_sha256(std::string(131, '\xaa'),
                                    "Test Using Larger Than Block-Size Key - Hash Key First")),
            "YOQxWR7gtn8Niiaqy/W3f44LxiE3KMUUBUYEDw7jf1Q=");
  EXPECT_EQ(base64_bytes("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").size(), 24U);
}

class Signatures : public testing::Test {
 protected:
  // What a run now of a task with this target brings.
  ReceivedAttempt attempt_of(const std::string& id, const std::string& more = "") {
    const std::string body =
        R"({"id":")" + id +
        R"(","schedule":"2199-01-01T00:00:00Z","payload":{ "text":"caf\u00e9 ☕"},)" +
        R"("target":{"kind":"http","url":")" + target_.url() + "/" + id + "\"" + more + "}}";
    EXPECT_EQ(201, node_.call("POST", "/v1/tasks", body).status);
    EXPECT_EQ(202, node_.call("POST", "/v1/tasks/" + id + "/run").status);
    EXPECT_TRUE(target_.await_path("/" + id, 1, kPatience));
    auto received = target_.received_at("/" + id);
    return received.empty() ? ReceivedAttempt{} : received.front();
  }
  [[nodiscard]] std::string file() const { return node_.folder() + "/signing-secrets"; }

  RecordingTarget target_;
  Node node_;
};

TEST_F(Signatures, TheFirstStartMakesASecretThatOnlyItsOwnerMayRead) {
  ASSERT_TRUE(node_.start());
  struct stat found {};
  ASSERT_EQ(0, ::stat(file().c_str(), &found));
  EXPECT_EQ(0600U, found.st_mode & 07777U);
  const std::string secret = text_of(file());
  EXPECT_EQ(6U + 44 + 1, secret.size());
  EXPECT_TRUE(node_.server().wait_for_output("webhooks are signed with the new secret in " + file(),
                                             kPatience));
  node_.kill();
  ASSERT_TRUE(node_.start());
  EXPECT_EQ(secret, text_of(file()));
  EXPECT_EQ(std::string::npos, node_.server().output().find(secret.substr(6, 20)));
}

TEST_F(Signatures, AReceiverCanVerifyWhatItGot) {  // C-7
  ASSERT_TRUE(node_.start());
  const std::string secret = text_of(file());
  ReceivedAttempt attempt = attempt_of("signed");
  EXPECT_EQ(expected_signature(attempt, secret), attempt.field("webhook-signature"));
  EXPECT_EQ(attempt.run_id, attempt.field("webhook-id"));
  EXPECT_EQ("", attempt_of("unsigned", R"(,"sign":false)").field("webhook-signature"));
}

TEST_F(Signatures, WhileSecretsAreRotatedAllOfThemSign) {
  const std::string fresh = "whsec_" + base64_text(std::string(32, 'n'));
  const std::string old = "whsec_" + base64_text(std::string(24, 'o'));
  {
    std::ofstream stream(file());
    stream << fresh << "\n" << old << "\n";
  }
  ASSERT_EQ(0, ::chmod(file().c_str(), 0600));
  ASSERT_TRUE(node_.start());
  ReceivedAttempt attempt = attempt_of("rotated");
  EXPECT_EQ(expected_signature(attempt, fresh) + " " + expected_signature(attempt, old),
            attempt.field("webhook-signature"));
}

TEST_F(Signatures, AFileThatCannotBeTrustedKeepsTheServerFromStarting) {
  const std::string secret = "whsec_" + base64_text(std::string(32, 's'));
  const std::string named = node_.folder() + "-named";
  auto refusal = [&](const std::string& text, mode_t mode) {
    {
      std::ofstream stream(named);
      stream << text;
    }
    EXPECT_EQ(0, ::chmod(named.c_str(), mode));
    auto arguments = node_.arguments("127.0.0.1:0");
    arguments.insert(arguments.end(), {"--signing-secrets", named});
    Ended ended = run_to_the_end(arguments);
    EXPECT_EQ(78, ended.code) << ended.output;
    EXPECT_EQ(std::string::npos, ended.output.find(secret.substr(6, 20))) << ended.output;
    return ended.output;
  };
  EXPECT_NE(std::string::npos,
            refusal(secret + "\n" + secret + "=\n", 0600).find(named + ", line 2"));
  EXPECT_NE(std::string::npos, refusal(secret + "\n", 0640).find("mode is 0640"));
  EXPECT_NE(std::string::npos, refusal(secret + "\n", 0604).find("mode is 0604"));
  EXPECT_NE(std::string::npos, refusal("", 0600).find("no secret"));
  ::unlink(named.c_str());
}

}  // namespace
}  // namespace hourwheel::signature_test
