// The TLS settings of a target: what is taken, from whom, and how it comes back.
#include "api/tls_json.h"

#include "api/task_json.h"
#include "tests/api/support/fixture.h"
#include "tools/wire/certificate.h"

namespace hourwheel::tls_json_test {
namespace {

class TlsJsonTest : public testing::Test {
 protected:
  std::optional<TaskBody> read(const std::string& members, const TaskReading& reading) {
    const std::string body =
        R"({"schedule":"2026-02-01T00:00:00Z","target":{"kind":"http",)" + members + "}}";
    padded_ = body + std::string(64, '\0');
    auto top = reader_.parse(std::string_view(padded_).substr(0, body.size()));
    EXPECT_TRUE(top) << body;
    FieldErrors errors;
    auto task = read_task(*top, reading, errors);
    EXPECT_EQ(errors.empty(), task.has_value());
    errors_ = errors.take();
    return task;
  }
  std::optional<TaskBody> read(const std::string& members) {
    return read(members, {.now = kTestNow, .administers = true});
  }
  void expect_refused(const std::string& tls, std::string_view pointer, std::string_view code) {
    EXPECT_FALSE(read(R"("url":"https://a.example/","tls":)" + tls));
    ASSERT_FALSE(errors_.empty()) << tls;
    EXPECT_EQ(errors_.front().pointer, "/target/tls" + std::string(pointer));
    EXPECT_EQ(errors_.front().code, code) << tls;
  }
  static std::string as_json(const std::string& text) {
    std::string out;
    JsonWriter json(out);
    json.string(text);
    return out;
  }

  const Certificate certificate_ = make_certificate({{"a.example"}, kTestNow, kTestNow + hours(1)});
  JsonReader reader_;
  std::string padded_;
  std::vector<FieldError> errors_;
};

TEST_F(TlsJsonTest, EachSettingIsRead) {
  auto body = read(R"("url":"https://a.example/","tls_timeout":"PT2S","tls":{"ca":)" +
                   as_json(certificate_.pem + certificate_.pem) + R"(,"pin":")" + certificate_.pin +
                   R"(","insecure_skip_verify":true,"client_certificate":"me"})");
  ASSERT_TRUE(body) << errors_[0].detail;
  const Target& target = body->spec->target;
  EXPECT_EQ(target.tls_timeout, seconds(2));
  EXPECT_EQ(target.tls,
            (TargetTls{certificate_.pem + certificate_.pem, certificate_.pin, true, "me"}));
}

TEST_F(TlsJsonTest, SettingsThatSayNothingGoWithAnyUrl) {
  for (const char* url : {"http://a.example/", "https://a.example/"}) {
    for (const char* tls :
         {"null", "{}", R"({"insecure_skip_verify":false})", R"({"client_certificate":null})"}) {
      auto body = read(R"("url":")" + std::string(url) + R"(","tls":)" + tls);
      ASSERT_TRUE(body);
      EXPECT_EQ(body->spec->target.tls, TargetTls{});
    }
  }
}

TEST_F(TlsJsonTest, WhatIsWrongIsNamedByItsPointer) {
  expect_refused("[]", "", "wrong-type");
  expect_refused(R"({"cert":"x"})", "/cert", "unknown-field");
  expect_refused(R"({"ca":""})", "/ca", "invalid");
  expect_refused(R"({"ca":"x"})", "/ca", "invalid");
  expect_refused(R"({"ca":7})", "/ca", "wrong-type");
  expect_refused(R"({"ca":)" + as_json(certificate_.pem + certificate_.key_pem) + "}", "/ca",
                 "invalid");
  expect_refused(R"({"ca":)" + as_json(certificate_.pem + certificate_.pem.substr(0, 99)) + "}",
                 "/ca", "invalid");
  std::string many;
  while (many.size() <= kMaxTargetCa) many += certificate_.pem;
  expect_refused(R"({"ca":)" + as_json(many) + "}", "/ca", "too-long");
  for (const std::string& pin : {std::string(), certificate_.pin.substr(7),
                                 certificate_.pin.substr(0, 50), std::string("sha256/eHg=")}) {
    expect_refused(R"({"pin":")" + pin + R"("})", "/pin", "invalid");
  }
  expect_refused(R"({"pin":")" + certificate_.pin + R"(=="})", "/pin", "too-long");
  expect_refused(R"({"insecure_skip_verify":1})", "/insecure_skip_verify", "wrong-type");
  for (const char* name : {R"("")", R"("Me")", R"("a b")", "7", R"({"secret":"me"})"}) {
    expect_refused(R"({"client_certificate":)" + std::string(name) + "}", "/client_certificate",
                   "invalid");
  }
  // A text in the place of a name would be stored, and shown to whoever may read tasks.
  expect_refused(R"({"client_certificate":)" + as_json(certificate_.key_pem) + "}",
                 "/client_certificate", "invalid");
  EXPECT_FALSE(read(R"("url":"http://a.example/","tls":{"pin":")" + certificate_.pin + R"("})"));
  EXPECT_EQ(errors_.front().pointer, "/target/tls");
  EXPECT_FALSE(read(R"("url":"http://a.example/","tls":{"client_certificate":"me"})"));
  ASSERT_EQ(errors_.size(), 1U);
  EXPECT_EQ(errors_.front().pointer, "/target/tls/client_certificate");
  EXPECT_EQ(errors_.front().code, "invalid");
  EXPECT_FALSE(read(R"("url":"https://a.example/","tls_timeout":"PT16M")"));
  EXPECT_EQ(errors_.front().pointer, "/target/tls_timeout");
}

TEST_F(TlsJsonTest, OnlyWhoAdministersLeavesATargetUnverified) {
  const std::string members = R"("url":"https://a.example/","tls":{"insecure_skip_verify":true})";
  auto body = read(members);
  ASSERT_TRUE(body);
  EXPECT_FALSE(read(members, {.now = kTestNow}));
  EXPECT_EQ(errors_.front().kind, ErrorCode::kForbidden);
  EXPECT_EQ(errors_.front().pointer, "/target/tls/insecure_skip_verify");
  // What another has allowed may stay with the target it was allowed for.
  EXPECT_TRUE(read(members, {.now = kTestNow, .keeps = body->spec.get()}));
  EXPECT_FALSE(read(R"("url":"https://b.example/","tls":{"insecure_skip_verify":true})",
                    {.now = kTestNow, .keeps = body->spec.get()}));
}

TEST_F(TlsJsonTest, SettingsAreShownWhereTheySaySomething) {
  const TargetTls settings[] = {{certificate_.pem, "", false},
                                {"", certificate_.pin, false},
                                {"", "", true},
                                {"", "", false, "me"},
                                {certificate_.pem, certificate_.pin, true}};
  for (const TargetTls& tls : settings) {
    std::string text;
    JsonWriter json(text);
    write_tls(json, tls);
    auto body = read(R"("url":"https://a.example/","tls":)" + text);
    ASSERT_TRUE(body) << text;
    EXPECT_EQ(body->spec->target.tls, tls);
  }
}

class TlsRights : public ApiTest {};

TEST_F(TlsRights, AnybodyOnAServerThatOthersReachDoesNotAdminister) {
  const Ask create{"POST",
                   "/v1/tasks",
                   R"({"id":"a","schedule":"2026-02-01T00:00:00Z","target":{"kind":"http",)"
                   R"("url":"https://a.example/","tls":{"insecure_skip_verify":true}}})",
                   {}};
  const HttpToken local = send(create);
  EXPECT_FALSE(responder_.at(local).ended);
  facts_.is_loopback = facts_.is_dev = false;
  const HttpToken remote = send(create);
  EXPECT_EQ(responder_.at(remote).response.status, 403) << responder_.at(remote).response.body;
}

}  // namespace
}  // namespace hourwheel::tls_json_test
