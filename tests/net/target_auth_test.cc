#include "net/target_auth.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/plain_sealer.h"
#include "tools/wire/certificate.h"

namespace hourwheel::target_auth_test {
namespace {

using testing::HasSubstr;

constexpr Instant kNow{1'800'000'000'000};
constexpr const char* kHost = "api.example";

class TargetAuthTest : public testing::Test {
 protected:
  // Names in the order of the calls must ascend.
  StoredSecret& add(const std::string& name, std::string_view value,
                    std::vector<std::string> hosts = {}) {
    StoredSecret& secret = stored_.emplace_back();
    secret.name = name;
    secret.value = {{7}, *sealer_.seal({name, {7}}, SecretText(value))};
    secret.hosts = std::move(hosts);
    return secret;
  }
  void keep_previous(StoredSecret& secret, std::string_view value, Instant until) {
    secret.previous = {{6}, *sealer_.seal({secret.name, {6}}, SecretText(value))};
    secret.previous_until = until;
  }
  void open() { table_ = SecretTable::open(stored_, sealer_); }
  auto prove_with(const TargetAuth& auth, std::string_view host = kHost) {
    Target target;
    target.auth = auth;
    return prove(target, host, table_, kNow);
  }
  auto sign_with(const std::string& secret, Instant now) {
    Target target;
    target.signing_secret = secret;
    return prove(target, kHost, table_, now);
  }
  auto show(const std::string& certificate, std::string_view host = kHost) {
    Target target;
    target.tls.client_certificate = certificate;
    return prove(target, host, table_, kNow);
  }
  std::string signature(Instant now) {
    auto proof = sign_with("signer", now);
    return proof && proof->signer != nullptr ? proof->signer->sign({"id", "1", "body"}) : "none";
  }
  void expect_refused(const TargetAuth& auth, AttemptResult result, std::string_view host = kHost) {
    auto proof = prove_with(auth, host);
    ASSERT_FALSE(proof);
    EXPECT_EQ(proof.error().result, result);
    EXPECT_THAT(proof.error().detail, HasSubstr(auth.secret));
  }

  PlainSealer sealer_;
  std::vector<StoredSecret> stored_;
  SecretTable table_;
};

TEST_F(TargetAuthTest, EachKindMakesItsField) {
  add("a", "open sesame");
  open();
  EXPECT_EQ(prove_with({AuthKind::kBearer, "a"})->field,
            (NamedText{"Authorization", "Bearer open sesame"}));
  // RFC 7617 section 2
  EXPECT_EQ(prove_with({AuthKind::kBasic, "a", "Aladdin"})->field,
            (NamedText{"Authorization", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="}));
  EXPECT_EQ(prove_with({AuthKind::kHeader, "a", "X-Api-Key"})->field,
            (NamedText{"X-Api-Key", "open sesame"}));
  const auto none = prove_with({});
  ASSERT_TRUE(none);
  EXPECT_EQ(none->field, NamedText());
  EXPECT_EQ(none->signer, nullptr);
}

TEST_F(TargetAuthTest, ASecretThatIsNotThereIsMissing) {
  add("b", "x");
  add("d", "x");
  expect_refused({AuthKind::kBearer, "a"}, AttemptResult::kSecretMissing);
  open();
  for (const char* name : {"a", "c", "e"}) {
    expect_refused({AuthKind::kBearer, name}, AttemptResult::kSecretMissing);
  }
  EXPECT_TRUE(prove_with({AuthKind::kBearer, "b"}));
  EXPECT_TRUE(prove_with({AuthKind::kBearer, "d"}));
  EXPECT_EQ(sign_with("nobody", kNow).error().result, AttemptResult::kSecretMissing);
}

TEST_F(TargetAuthTest, ASecretWithHostsGoesToThoseOnly) {  // TA1
  add("a", "x", {"api.example", "::1"});
  open();
  EXPECT_TRUE(prove_with({AuthKind::kBearer, "a"}, "api.example"));
  EXPECT_TRUE(prove_with({AuthKind::kBearer, "a"}, "::1"));
  for (const char* host : {"example", "evil.api.example", "api.example.evil", "127.0.0.1", ""}) {
    expect_refused({AuthKind::kBearer, "a"}, AttemptResult::kSecretRefused, host);
  }
}

TEST_F(TargetAuthTest, WhatCannotStandInAFieldIsNotSent) {  // TA2
  const std::vector<std::string> bad = {
      "a\r\nX-Evil: 1", "a\n", std::string("a\0b", 3), " a", "a ", "a\t", "a\x7f", "\x1b[0m"};
  for (const std::string& value : bad) {
    stored_.clear();
    add("a", value);
    open();
    for (AuthKind kind : {AuthKind::kBasic, AuthKind::kBearer, AuthKind::kHeader}) {
      expect_refused({kind, "a", "x"}, AttemptResult::kSecretUnusable);
    }
  }
  stored_.clear();
  add("a", "caf\xc3\xa9\tok");
  open();
  EXPECT_TRUE(prove_with({AuthKind::kBearer, "a"}));
}

TEST_F(TargetAuthTest, ValuesOfBothTimesSignInTheOverlap) {
  const std::string fresh = "whsec_bm5ubm5ubm5ubm5ubm5ubm5ubm5ubm5u";
  const std::string old = "whsec_b29vb29vb29vb29vb29vb29vb29vb29v";
  keep_previous(add("signer", fresh + "\n"), old, kNow + seconds(10));
  open();
  auto only = [](const std::string& line) {
    auto signer = Signer::create(*read_signing_secrets(line, ""));
    return (*signer)->sign({"id", "1", "body"});
  };
  EXPECT_EQ(signature(kNow), only(fresh) + " " + only(old));
  EXPECT_EQ(signature(kNow + seconds(10)), only(fresh));
  EXPECT_EQ(signature(kNow + seconds(9)), only(fresh) + " " + only(old))
      << "the clock was set back";
}

TEST_F(TargetAuthTest, ACertificateComesWithTheVersionOfItsValue) {
  const Certificate own = make_certificate({{"me.example"}, kNow, kNow + hours(1)});
  add("cert", own.key_pem + own.pem, {kHost});
  add("password", "open sesame");
  open();
  const auto proof = show("cert");
  ASSERT_TRUE(proof) << proof.error().detail;
  EXPECT_NE(proof->certificate, nullptr);
  EXPECT_EQ(proof->certificate_version, Version{7});
  EXPECT_EQ(show("cert", "other.example").error().result, AttemptResult::kSecretRefused);  // TA1
  EXPECT_EQ(show("none").error().result, AttemptResult::kSecretMissing);
  const NoProof unusable = show("password").error();
  EXPECT_EQ(unusable.result, AttemptResult::kSecretUnusable);
  EXPECT_EQ(unusable.detail, "the secret password has no PEM certificate; nothing was sent");
  EXPECT_EQ(prove_with({})->certificate, nullptr);
}

TEST_F(TargetAuthTest, WhatIsNoSigningSecretIsUnusable) {
  add("signer", "a password");
  open();
  const auto proof = sign_with("signer", kNow);
  ASSERT_FALSE(proof);
  EXPECT_EQ(proof.error().result, AttemptResult::kSecretUnusable);
  EXPECT_EQ(proof.error().detail.find("password"), std::string::npos) << "SE1";
}

}  // namespace
}  // namespace hourwheel::target_auth_test
