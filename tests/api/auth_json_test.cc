// The members of a target that name secrets: what is taken, and how it comes back.
#include "api/auth_json.h"

#include "api/task_json.h"
#include "tests/api/support/fixture.h"

namespace hourwheel::auth_json_test {
namespace {

class AuthJsonTest : public testing::Test {
 protected:
  // Members of an http target, or a whole target.
  std::optional<TaskBody> read(const std::string& text) {
    const std::string target =
        text.starts_with('{') ? text : R"({"kind":"http","url":"https://a.example/",)" + text + "}";
    const std::string body = R"({"schedule":"2026-02-01T00:00:00Z","target":)" + target + "}";
    padded_ = body + std::string(64, '\0');
    auto top = reader_.parse(std::string_view(padded_).substr(0, body.size()));
    EXPECT_TRUE(top) << body;
    FieldErrors errors;
    auto task = read_task(*top, {.now = kTestNow}, errors);
    EXPECT_EQ(errors.empty(), task.has_value());
    errors_ = errors.take();
    return task;
  }
  void expect_refused(const std::string& text, std::string_view pointer, std::string_view code) {
    EXPECT_FALSE(read(text)) << text;
    ASSERT_FALSE(errors_.empty()) << text;
    EXPECT_EQ(errors_.front().pointer, "/target" + std::string(pointer)) << text;
    EXPECT_EQ(errors_.front().code, code) << text;
  }

  JsonReader reader_;
  std::string padded_;
  std::vector<FieldError> errors_;
};

TEST_F(AuthJsonTest, EachKindIsReadAndWrittenAlike) {
  const std::pair<std::string, TargetAuth> kinds[] = {
      {R"("auth":{"type":"basic","username":"crm user","secret":"a"})",
       {AuthKind::kBasic, "a", "crm user"}},
      {R"("auth":{"type":"basic","username":"","secret":"a"})", {AuthKind::kBasic, "a", ""}},
      {R"("auth":{"type":"bearer","secret":"a.b-c_1"})", {AuthKind::kBearer, "a.b-c_1", ""}},
      {R"("auth":{"type":"header","name":"X-Api-Key","secret":"a"})",
       {AuthKind::kHeader, "a", "X-Api-Key"}},
  };
  for (const auto& [text, auth] : kinds) {
    auto body = read(text + R"(,"signing_secret":"signer")");
    ASSERT_TRUE(body) << text << ": " << errors_[0].detail;
    EXPECT_EQ(body->spec->target.auth, auth) << text;
    EXPECT_EQ(body->spec->target.signing_secret, "signer");
    std::string out;
    JsonWriter json(out);
    write_proofs(json, body->spec->target);
    EXPECT_EQ(out, text + R"(,"signing_secret":"signer")");
  }
  auto none = read(R"("auth":null,"signing_secret":null)");
  ASSERT_TRUE(none);
  EXPECT_EQ(none->spec->target.auth, TargetAuth{});
  EXPECT_EQ(none->spec->target.signing_secret, "");
}

TEST_F(AuthJsonTest, WhatIsWrongIsNamedByItsPointer) {
  expect_refused(R"("auth":[])", "/auth", "wrong-type");
  expect_refused(R"("auth":{})", "/auth/type", "required");
  expect_refused(R"("auth":{"type":"digest","secret":"a"})", "/auth/type", "unknown-value");
  expect_refused(R"("auth":{"type":"bearer"})", "/auth/secret", "required");
  expect_refused(R"("auth":{"type":"bearer","secret":""})", "/auth/secret", "invalid");
  expect_refused(R"("auth":{"type":"bearer","secret":"A"})", "/auth/secret", "invalid");
  expect_refused(R"("auth":{"type":"bearer","secret":7})", "/auth/secret", "invalid");
  expect_refused(R"("auth":{"type":"bearer","secret":"a","value":"x"})", "/auth/value",
                 "unknown-field");
  expect_refused(R"("auth":{"type":"bearer","secret":"a","username":"u"})", "/auth/username",
                 "unknown-field");
  expect_refused(R"("auth":{"type":"basic","secret":"a"})", "/auth/username", "required");
  for (const std::string& user :
       {std::string("a:b"), std::string("a\\nb"), std::string("\\u007f"), std::string("\\u0000")}) {
    expect_refused(R"("auth":{"type":"basic","secret":"a","username":")" + user + R"("})",
                   "/auth/username", "invalid");
  }
  expect_refused(R"("auth":{"type":"header","secret":"a"})", "/auth/name", "required");
  expect_refused(R"("auth":{"type":"bearer","secret":"a","name":"X-A"})", "/auth/name",
                 "unknown-field");
  for (const char* name :
       {"", "X A", "X:A", "Host", "Content-Length", "webhook-id", "Hourwheel-Due",
        "Proxy-Authorization", "X\\r\\nY", "Content-Type", "user-agent", "Traceparent", "ce-id"}) {
    expect_refused(R"("auth":{"type":"header","secret":"a","name":")" + std::string(name) + R"("})",
                   "/auth/name", "invalid");
  }
  expect_refused(R"("signing_secret":"whsec_abc=")", "/signing_secret", "invalid");
  expect_refused(R"("signing_secret":"a","sign":false)", "/signing_secret", "invalid");
  expect_refused(R"({"kind":"log","auth":{"type":"bearer","secret":"a"}})", "/auth",
                 "unknown-field");
  expect_refused(R"({"kind":"log","signing_secret":"a"})", "/signing_secret", "unknown-field");
}

TEST_F(AuthJsonTest, AFieldIsSetOnce) {
  const std::string bearer = R"("auth":{"type":"bearer","secret":"a"},"headers":)";
  expect_refused(bearer + R"({"AUTHORIZATION":"mine"})", "/auth", "duplicate");
  EXPECT_NE(errors_.front().detail.find("Authorization"), std::string::npos);
  EXPECT_NE(errors_.front().detail.find("AUTHORIZATION"), std::string::npos);
  expect_refused(
      R"("headers":{"x-api-key":"b"},"auth":{"type":"header","name":"X-Api-Key","secret":"a"})",
      "/auth", "duplicate");
  EXPECT_TRUE(read(bearer + R"({"X-Api-Key":"mine"})"));
  EXPECT_TRUE(read(
      R"("headers":{"authorization":"b"},"auth":{"type":"header","name":"X-Api-Key","secret":"a"})"));
}

}  // namespace
}  // namespace hourwheel::auth_json_test
