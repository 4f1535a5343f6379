#include "net/signature.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "engine/limits.h"

namespace hourwheel::signature_test {
namespace {

// The published example of Standard Webhooks.
constexpr const char* kPublished = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr Signer::Message kMessage{"msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330",
                                   R"({"test": 2432232314})"};
constexpr const char* kSignature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

// Not by operator+: where GCC 12 sees through a moved string it warns of copies it does not make.
std::string joined(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (std::string_view part : parts) text += part;
  return text;
}

std::unique_ptr<Signer> signer_of(const std::string& text) {
  auto secrets = read_signing_secrets(text, "the test");
  EXPECT_TRUE(secrets) << secrets.error().detail;
  return secrets ? std::move(*Signer::create(*secrets)) : nullptr;
}

TEST(Signature, IsThatOfThePublishedExample) {  // C-7
  EXPECT_EQ(signer_of(kPublished)->sign(kMessage), kSignature);
}

// Computed with Python's hmac, hashlib and base64.
TEST(Signature, IsTheHmacWhateverTheKeyAndTheBody) {
  struct Case {
    const char* line;
    Signer::Message message;
    const char* signature;
  };
  const std::string all_bytes = [] {
    std::string bytes;
    for (int c = 0; c < 256; ++c) bytes.push_back(static_cast<char>(c));
    return bytes;
  }();
  const Case cases[] = {
      {"whsec_QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU"
       "FBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQQ==",
       {"run-a-1-2", "1700000000", ""},
       "S5OUwkNTD5t5kVmPgY5VXM/diVG28YHCSO1RYrdsNCM="},
      {kPublished,
       {"run-a-1-2", "1700000000", all_bytes},
       "kq4Im4ziTHVfoAcEkfxtKsgY2QhbKei1OGbEjrNMrQ8="},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(signer_of(c.line)->sign(c.message), joined({"v1,", c.signature}));
  }
}

TEST(Signature, EveryActiveSecretSignsTheFirstOneFirst) {
  const std::string second = joined({"whsec_", std::string(43, 'A'), "="});
  auto both = signer_of(joined({"# rotated in May\n\n", kPublished, "\n", second, "\n"}));
  EXPECT_EQ(both->sign(kMessage), joined({kSignature, " ", signer_of(second)->sign(kMessage)}));
}

TEST(Signature, OneSignerSignsManyMessagesEachOnItsOwn) {
  auto signer = signer_of(kPublished);
  Signer::Message other = kMessage;
  other.body = "x";
  EXPECT_NE(signer->sign(other), kSignature);
  EXPECT_EQ(signer->sign(kMessage), kSignature);
  other = kMessage;
  other.timestamp = "1614265331";
  EXPECT_NE(signer->sign(other), kSignature);
  EXPECT_EQ(signer->sign(kMessage), kSignature);
}

TEST(Signature, WithoutSecretsThereIsNone) {
  EXPECT_EQ((*Signer::create({}))->sign(kMessage), "");
}

TEST(SigningSecrets, AMalformedLineIsNamedByItsNumberAndNeverQuoted) {
  const std::string good = joined({kPublished, "\n"});
  for (const std::string& bad :
       {std::string("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), std::string("whsec_"),
        std::string("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS"),       // not whole
        std::string("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS*"),      // not of the alphabet
        std::string("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLQ=="),      // 22 bytes
        joined({"whsec_", std::string(87, 'A'), "="}),              // 65 bytes
        std::string("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwAB=="),  // another spelling of AA==
        joined({kPublished, " "}), joined({kPublished, "\r"}),
        std::string("whsk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")}) {
    auto refused = read_signing_secrets(joined({good, bad, "\n"}), "/etc/secrets");
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().detail,
              "/etc/secrets, line 2: not a secret: whsec_ and the base64 of 24 to 64 bytes");
  }
}

TEST(SigningSecrets, ThereIsAtLeastOneAndNotMoreThanTheLimit) {
  EXPECT_EQ(read_signing_secrets("# none\n", "f").error().detail, "f: no secret in it");
  std::string text;
  for (size_t i = 0; i < kMaxSigningSecrets; ++i) text += joined({kPublished, "\n"});
  EXPECT_TRUE(read_signing_secrets(text, "f"));
  EXPECT_EQ(read_signing_secrets(text + kPublished, "f").error().detail,
            "f, line 9: more than 8 secrets");
}

TEST(SigningSecrets, ANewOneIsOneAndNoOther) {
  std::set<std::string> lines;
  for (int i = 0; i < 100; ++i) {
    auto line = new_signing_secret();
    ASSERT_TRUE(line);
    auto read = read_signing_secrets(*line, "f");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->front().key.size(), 32U);
    lines.insert(*line);
  }
  EXPECT_EQ(lines.size(), 100U);
}

}  // namespace
}  // namespace hourwheel::signature_test
