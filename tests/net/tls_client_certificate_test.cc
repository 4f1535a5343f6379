// What is read as a client certificate, and what a target sees of it: no socket, no loop.
#include "net/tls_client_certificate.h"

#include <gtest/gtest.h>

#include "net/base64.h"
#include "net/tls_client.h"
#include "tools/wire/tls_server.h"

namespace hourwheel::tls_client_certificate_test {
namespace {

class TlsClientCertificateTest : public testing::Test {
 protected:
  CertificatePlan plan(std::vector<std::string> hosts, std::string name = {}) const {
    return {std::move(hosts), now_.utc - hours(1), now_.utc + hours(24), std::move(name)};
  }
  static std::string why_unusable(const std::string& text) {
    const auto parsed = TlsClientCertificate::parse(text);
    return parsed ? "it is usable" : parsed.error().detail;
  }
  // How a connection to a server that asks ends.
  struct Seen {
    TlsState state;
    std::string error;
    std::string client;    // as the server was shown
    std::string received;  // by the server
  };
  // The text is forgotten before the connection is made. Empty: nothing is shown.
  Seen connect(const std::string& text, TlsVersions versions = TlsVersions::kAll) {
    std::optional<TlsClientCertificate> certificate;
    if (!text.empty()) {
      auto parsed = TlsClientCertificate::parse(text);
      if (!parsed) return {TlsState::kFailed, parsed.error().detail, "", ""};
      certificate = *std::move(parsed);
    }
    const auto target = *TlsTarget::create(1, "a.example", {.ca = authority_.pem},
                                           certificate ? &*certificate : nullptr);
    certificate.reset();
    TlsServer server(own_, versions, &clients_);
    TlsServerStream answering(server);
    const auto client = *TlsClient::create({});
    const auto asking = client->connect(*target, now_);
    std::string received;
    std::string heard;
    for (bool wrote = false; true;) {
      const std::string out = asking->take_output();
      if (!out.empty()) answering.receive(out, received);
      const std::string back = answering.take_output();
      if (!back.empty()) asking->receive(back, heard);
      if (!wrote && asking->writable(now_)) {
        asking->write("request");
        wrote = true;
      } else if (out.empty() && back.empty()) {
        break;
      }
    }
    return {asking->state(), std::string(asking->error()), answering.client(), received};
  }
  // A text that nobody could sign with: the key's modulus has so many bytes.
  static std::string rsa_key(size_t bytes) {
    const auto number = [](const std::string& digits) {
      const auto size = static_cast<uint16_t>(digits.size());
      return std::string("\x02\x82") + static_cast<char>(size >> 8) +
             static_cast<char>(size & 0xff) + digits;
    };
    std::string inside = number(std::string(1, '\0')) + number(std::string(bytes, '\x7f'));
    for (int i = 0; i < 7; ++i) inside += number("\x03");
    const auto size = static_cast<uint16_t>(inside.size());
    std::string text = "-----BEGIN RSA PRIVATE KEY-----\n";
    append_base64(text, std::string("\x30\x82") + static_cast<char>(size >> 8) +
                            static_cast<char>(size & 0xff) + inside);
    return text + "\n-----END RSA PRIVATE KEY-----\n";
  }

  Now now_{Instant{1'716'478'200'123}, Monotonic{50'000}};
  Certificate authority_ = make_certificate(plan({}));
  Certificate own_ = make_certificate(plan({"a.example"}), &authority_);
  Certificate clients_ = make_certificate(plan({}));
  Certificate me_ = make_certificate(plan({"me.example"}), &clients_);
};

TEST_F(TlsClientCertificateTest, IsShownToATargetThatAsks) {
  for (TlsVersions versions : {TlsVersions::kAll, TlsVersions::kOnly12}) {
    for (const std::string& text : {me_.pem + me_.key_pem, "note\n" + me_.key_pem + me_.pem}) {
      const Seen seen = connect(text, versions);
      EXPECT_EQ(seen.state, TlsState::kOpen) << seen.error;
      EXPECT_EQ(seen.client, "me.example");
      EXPECT_EQ(seen.received, "request");
    }
  }
}

TEST_F(TlsClientCertificateTest, ATargetThatGetsNoneOrAnotherRefuses) {
  const Certificate stranger = make_certificate(plan({"me.example"}));
  const std::string shown = stranger.pem + stranger.key_pem;
  for (TlsVersions versions : {TlsVersions::kAll, TlsVersions::kOnly12}) {
    const Seen none = connect("", versions);
    EXPECT_EQ(none.state, TlsState::kFailed);
    EXPECT_EQ(none.error, versions == TlsVersions::kAll ? "the target demands a client certificate"
                                                        : "the TLS handshake failed");
    const Seen another = connect(shown, versions);
    EXPECT_EQ(another.state, TlsState::kFailed);
    EXPECT_EQ(another.error, "the target does not accept the client certificate");
    EXPECT_EQ(none.received + another.received, "");
  }
}

// The target knows the root alone.
TEST_F(TlsClientCertificateTest, ItsChainGoesWithItInAnyOrder) {
  const Certificate middle = make_certificate(plan({}, "Middle"), &clients_);
  const Certificate lower = make_certificate(plan({}, "Lower"), &middle);
  const Certificate own = make_certificate(plan({"me.example"}), &lower);
  for (const std::string& text : {own.pem + lower.pem + middle.pem + own.key_pem,
                                  middle.pem + own.key_pem + me_.pem + lower.pem + own.pem}) {
    for (TlsVersions versions : {TlsVersions::kAll, TlsVersions::kOnly12}) {
      const Seen seen = connect(text, versions);
      EXPECT_EQ(seen.state, TlsState::kOpen) << seen.error;
      EXPECT_EQ(seen.client, "me.example");
    }
  }
  EXPECT_EQ(connect(own.pem + lower.pem + own.key_pem).state, TlsState::kFailed);
}

// TC1
TEST_F(TlsClientCertificateTest, WhatCannotBeShownIsNotTaken) {
  constexpr const char* kEncrypted = R"(-----BEGIN ENCRYPTED PRIVATE KEY-----
MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAjZRVCKFeeMbAICCAAw
DAYIKoZIhvcNAgkFADAdBglghkgBZQMEAQIEEKlXbHM8X10XS+zBqJUFAREEgZCC
bgvuCHbSOFb19BXEQHxKCyY8wBguAVn6HgTA/uYGbNvWwbX3kaNhNA8wtvb7cSUh
SnHlrTztaaZqmTE9AUorfnwpKULRs1hBdyCMYgzJ7/Ur/nTL+2jZitfngpgf6TAg
C7NvJ2UiYuuiVIDZIgQNCVQXgZvcsHFNBdM1Utluxqqy2TvNtdxOVKVItEMR3ps=
-----END ENCRYPTED PRIVATE KEY-----
)";
  constexpr const char* kEncryptedOldWay = R"(-----BEGIN EC PRIVATE KEY-----
Proc-Type: 4,ENCRYPTED
DEK-Info: AES-128-CBC,75374FF4B528C2FDE464F36EAC9A3435

hfa75ROOT+nimdGS5PohTQGZExocyZhtHd7UBfzGJ7UR2tpVkVAC0TTZ7KKLia/F
dl8olsXkGrciU92qZxef2IanzL+iTtI9VHMpBpDVe2aNnN3GNRSl50IswK35TJSY
BeDqCN6Am25zZvGiszrykU43iz3LNQs1r4Rby9vCqvM=
-----END EC PRIVATE KEY-----
)";
  EXPECT_EQ(why_unusable(""), "has no PEM certificate");
  EXPECT_EQ(why_unusable("a password"), "has no PEM certificate");
  EXPECT_EQ(why_unusable(me_.key_pem), "has no PEM certificate");
  EXPECT_EQ(why_unusable(me_.pem + clients_.pem), "has no PEM private key");
  EXPECT_EQ(why_unusable(me_.pem + clients_.key_pem), "has the private key of another certificate");
  EXPECT_EQ(why_unusable(me_.pem + kEncrypted), "has an encrypted private key");
  EXPECT_EQ(why_unusable(me_.pem + kEncryptedOldWay), "has an encrypted private key");
  EXPECT_EQ(why_unusable(me_.pem + me_.key_pem + me_.key_pem), "has more than one private key");
  EXPECT_EQ(why_unusable(me_.key_pem + me_.pem.substr(0, 300)), "has a damaged PEM block");
  const std::string empty = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  EXPECT_EQ(why_unusable(empty + me_.key_pem), "has a damaged certificate");
  const std::string no_key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
  EXPECT_EQ(why_unusable(me_.pem + no_key), "has a private key that cannot be read");
}

// So that no target is the reason for seconds of work.
TEST_F(TlsClientCertificateTest, SizesAreBounded) {
  EXPECT_EQ(why_unusable(me_.pem + rsa_key(512)), "has the private key of another certificate");
  EXPECT_EQ(why_unusable(me_.pem + rsa_key(514)), "has a private key of more than 4096 bits");
  std::string many = me_.key_pem;
  for (int i = 0; i < 10; ++i) many += me_.pem;
  EXPECT_EQ(why_unusable(many), "it is usable");
  EXPECT_EQ(why_unusable(many + me_.pem), "has more than 10 certificates");
}

}  // namespace
}  // namespace hourwheel::tls_client_certificate_test
