// The requests about stored secrets.
#include "api/base64.h"
#include "tests/api/support/fixture.h"

namespace hourwheel::secrets_test {
namespace {

constexpr const char* kValue = "marker-5f2c90-value";

class SecretsTest : public ApiTest {
 protected:
  HttpToken put(const std::string& body,
                std::vector<std::pair<std::string, std::string>> fields = {}) {
    return send({"PUT", "/v1/secrets/crm", body, std::move(fields)});
  }
  void refuses(const std::string& body, const std::string& pointer) {
    const Sent& sent = responder_.at(put(body));
    EXPECT_EQ(sent.response.status, 422) << body;
    EXPECT_TRUE(contains(sent.response.body, "\"pointer\":\"#" + pointer + "\""))
        << sent.response.body;
    EXPECT_FALSE(contains(sent.response.body, kValue)) << "SE1 " << sent.response.body;
    EXPECT_TRUE(system_.requests.empty());
  }
  static StoredSecret secret() {
    StoredSecret stored;
    stored.name = "crm";
    stored.value = {{17}, "sealed bytes"};
    stored.hosts = {"a.example"};
    stored.created = stored.updated = kTestNow;
    return stored;
  }
};

TEST_F(SecretsTest, AValueGoesToTheDeskAndNeverComesBack) {
  const HttpToken token = put(R"({"value":")" + std::string(kValue) +
                              R"(","hosts":["B.example","a.example","b.example","::1"],
                                 "keep_previous":"PT24H"})");
  EXPECT_FALSE(responder_.at(token).ended) << "every reactor has to confirm it";
  const SecretRequest asked = system_.take<SecretRequest>();
  EXPECT_EQ(asked.action, SecretAction::kPut);
  EXPECT_EQ(asked.name, "crm");
  EXPECT_EQ(asked.value.view(), kValue);
  EXPECT_EQ(asked.hosts, (std::vector<std::string>{"::1", "a.example", "b.example"}));
  EXPECT_EQ(asked.keep_previous, hours(24));
  answer(asked.token, QueryAnswer(SecretChanged{secret(), true}));
  const Sent& sent = responder_.at(token);
  EXPECT_EQ(sent.response.status, 201);
  EXPECT_EQ(sent.field("location"), "/v1/secrets/crm");
  EXPECT_EQ(sent.field("etag"), "\"17\"");
  EXPECT_EQ(sent.field("cache-control"), "no-store");
  EXPECT_EQ(sent.response.body,
            R"({"name":"crm","version":17,"hosts":["a.example"],)"
            R"("created_at":"2026-01-01T00:00:00.000Z","updated_at":"2026-01-01T00:00:00.000Z"})");
}

TEST_F(SecretsTest, ReadsShowWhatIsKeptAboutThem) {
  StoredSecret other = secret();
  other.name = "dms";
  other.previous = {{16}, "sealed before"};
  other.previous_until = kTestNow + hours(1);
  system_.secret_table = {secret(), other};
  const std::string listed = get("/v1/secrets").response.body;
  EXPECT_TRUE(contains(listed, R"("name":"crm")") && contains(listed, R"("name":"dms")"));
  const std::string shown = get("/v1/secrets/dms").response.body;
  EXPECT_TRUE(contains(shown, R"("previous_until":"2026-01-01T01:00:00.000Z")")) << shown;
  for (const std::string& body : {listed, shown}) EXPECT_FALSE(contains(body, "sealed")) << body;
  EXPECT_EQ(ask({"GET", "/v1/secrets/crm", "", {{"if-none-match", "\"17\""}}}).response.status,
            304);
  EXPECT_EQ(get("/v1/secrets/none").response.status, 404);
}

TEST_F(SecretsTest, HostsThatAreNotNamedStay) {
  put(R"({"value":"v"})");
  EXPECT_EQ(system_.take<SecretRequest>().hosts, std::nullopt);
  for (const char* none : {"null", "[]"}) {
    put(R"({"value":"v","hosts":)" + std::string(none) + "}");
    EXPECT_EQ(system_.take<SecretRequest>().hosts, std::vector<std::string>());
  }
}

TEST_F(SecretsTest, BytesAreTakenAsBase64) {
  put(R"({"value_base64":"AAEC/w=="})");
  EXPECT_EQ(system_.take<SecretRequest>().value.view(), std::string_view("\0\1\2\xff", 4));
}

TEST_F(SecretsTest, WhatIsWrongIsNamedWithoutTheValue) {
  const std::string value = R"("value":")" + std::string(kValue) + "\"";
  refuses("{}", "/value");
  refuses(R"({"value":""})", "/value");
  refuses(R"({"value":7})", "/value");
  refuses(R"({"value":[")" + std::string(kValue) + R"("]})", "/value");
  refuses(R"({"value":")" + std::string(kMaxSecretValue + 1, 'v') + R"("})", "/value");
  refuses("{" + value + R"(,"value_base64":"eHg="})", "/value_base64");
  refuses(R"({"value_base64":")" + std::string(kValue) + R"("})", "/value_base64");
  refuses("{" + value + R"(,"extra":1})", "/extra");
  refuses("{" + value + R"(,"hosts":"a.example"})", "/hosts");
  for (const char* host : {"*.example", "a.example:80", "http://a.example", "", "a_b c", "127.1"}) {
    refuses("{" + value + R"(,"hosts":[")" + host + R"("]})", "/hosts/0");
  }
  refuses("{" + value + R"(,"keep_previous":"P31D"})", "/keep_previous");
  refuses("{" + value + R"(,"keep_previous":-1})", "/keep_previous");
  EXPECT_EQ(ask({"PUT", "/v1/secrets/Crm", "{" + value + "}", {}}).response.status, 400);
  const Sent& broken = ask({"PUT", "/v1/secrets/crm", "{" + value + ",}", {}});
  EXPECT_EQ(broken.response.status, 400);
  EXPECT_FALSE(contains(broken.response.body, kValue)) << "SE1 " << broken.response.body;
}

TEST_F(SecretsTest, PreconditionsGoAlong) {
  put(R"({"value":"v"})", {{"if-match", "\"17\""}});
  EXPECT_EQ(system_.take<SecretRequest>().if_match, Version{17});
  put(R"({"value":"v"})", {{"if-match", "*"}});
  EXPECT_EQ(system_.take<SecretRequest>().existence, Existence::kMustExist);
  const HttpToken token = put(R"({"value":"v"})", {{"if-none-match", "*"}});
  const SecretRequest made = system_.take<SecretRequest>();
  EXPECT_EQ(made.existence, Existence::kMustNotExist);
  answer(made.token, tl::unexpected<Error>(Error{ErrorCode::kVersionMismatch, "", "it exists"}));
  EXPECT_EQ(responder_.at(token).response.status, 412);
  const Ask none{"DELETE", "/v1/secrets/crm", "", {{"if-none-match", "*"}}};
  EXPECT_EQ(ask(none).response.status, 400);
}

TEST_F(SecretsTest, DeletingNamesTheSecret) {
  const HttpToken token = send({"DELETE", "/v1/secrets/crm", "", {{"if-match", "\"17\""}}});
  const SecretRequest asked = system_.take<SecretRequest>();
  EXPECT_EQ(asked.action, SecretAction::kDelete);
  EXPECT_EQ(asked.name, "crm");
  EXPECT_EQ(asked.if_match, Version{17});
  answer(asked.token, QueryAnswer(SecretChanged{secret(), false}));
  EXPECT_EQ(responder_.at(token).response.status, 200);
}

TEST_F(SecretsTest, WithoutCreditTheRequestIsRefused) {
  system_.has_credit = false;
  EXPECT_EQ(responder_.at(put(R"({"value":"v"})")).response.status, 503);
}

}  // namespace
}  // namespace hourwheel::secrets_test
