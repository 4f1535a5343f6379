// A stream against a server in the same memory: no socket, no loop.
#include "net/tls_client.h"

#include <gtest/gtest.h>

#include <set>

#include "engine/limits.h"
#include "tools/wire/tls_server.h"

namespace hourwheel::tls_client_test {
namespace {

class TlsClientTest : public testing::Test {
 protected:
  CertificatePlan plan(std::vector<std::string> hosts) const {
    return {std::move(hosts), now_.utc - hours(1), now_.utc + hours(24 * 30)};
  }
  std::unique_ptr<TlsTarget> target(const std::string& host, TargetTls settings) {
    Url url;
    url.scheme = UrlScheme::kHttps;
    url.host = host;
    return *TlsTarget::create(destination_of(url, settings).value, host, settings);
  }
  // By the authority of this test.
  std::unique_ptr<TlsTarget> trusting(const std::string& host) {
    return target(host, {.ca = authority_.pem});
  }
  Certificate certificate(std::vector<std::string> hosts) {
    return make_certificate(plan(std::move(hosts)), &authority_);
  }

  // Carries the bytes to and fro until nobody has any; what the server reads is in `received`.
  struct Talk {
    std::unique_ptr<TlsStream> client;
    std::unique_ptr<TlsServerStream> server;
    std::string received;
    std::string heard;
    bool server_good = true;

    void carry() {
      while (true) {
        const std::string out = client->take_output();
        if (!out.empty()) server_good = server->receive(out, received) && server_good;
        const std::string back = server->take_output();
        if (!back.empty()) client->receive(back, heard);
        if (out.empty() && back.empty()) return;
      }
    }
  };
  Talk talk(TlsServer& server, const TlsTarget& target) {
    Talk talk{client_->connect(target, now_), std::make_unique<TlsServerStream>(server), {}, {}};
    talk.carry();
    return talk;
  }
  void expect_refused(TlsServer& server, const TlsTarget& target, std::string_view why) {
    const Talk one = talk(server, target);
    EXPECT_EQ(one.client->state(), TlsState::kFailed);
    EXPECT_EQ(one.client->error(), why);
    EXPECT_EQ(one.received, "");
  }

  Now now_{Instant{1'716'478'200'123}, Monotonic{50'000}};
  Certificate authority_ = make_certificate(plan({}));
  std::unique_ptr<TlsClient> client_ = *TlsClient::create({});
};

constexpr std::string_view kUntrusted = "the target's certificate is not trusted";
constexpr std::string_view kOtherHost = "the target's certificate is for another host";

TEST_F(TlsClientTest, AProvedTargetIsTalkedTo) {
  TlsServer server(certificate({"a.example", "*.b.example"}));
  for (const std::string host : {"a.example", "x.b.example"}) {
    Talk one = talk(server, *trusting(host));
    ASSERT_EQ(one.client->state(), TlsState::kOpen) << one.client->error();
    EXPECT_EQ(one.server->asked_for(), host);
    const std::string request(100'000, 'r');
    one.client->write(request);
    one.carry();
    EXPECT_EQ(one.received, request);
    one.server->write("answer");
    one.server->write(" in two");
    one.carry();
    EXPECT_EQ(one.heard, "answer in two");
    one.server->end();
    one.carry();
    EXPECT_EQ(one.client->state(), TlsState::kEnded);
  }
}

TEST_F(TlsClientTest, AnOpenStreamIsWritableWhileItsProofIsFresh) {
  TlsServer server(certificate({"a.example"}));
  const Talk one = talk(server, *trusting("a.example"));
  EXPECT_TRUE(one.client->writable(now_));
  now_.mono = now_.mono + kMaxTlsSessionAge;
  EXPECT_FALSE(one.client->writable(now_));
}

// Nobody is asked for a passphrase.
TEST(TlsRootsTest, AnEncryptedCertificateIsRefused) {
  EXPECT_FALSE(
      TlsRoots::parse("-----BEGIN CERTIFICATE-----\n"
                      "Proc-Type: 4,ENCRYPTED\n"
                      "DEK-Info: AES-256-CBC,00112233445566778899AABBCCDDEEFF\n\n"
                      "AAAAAAAAAAAAAAAAAAAAAA==\n"
                      "-----END CERTIFICATE-----\n"));
}

TEST_F(TlsClientTest, AnAddressIsProvedAsOneAndNotAskedForByName) {
  TlsServer server(certificate({"127.0.0.1", "::1"}));
  for (const std::string host : {"127.0.0.1", "::1", "0:0:0:0:0:0:0:1"}) {
    const Talk one = talk(server, *trusting(host));
    EXPECT_EQ(one.client->state(), TlsState::kOpen) << host << one.client->error();
    EXPECT_EQ(one.server->asked_for(), "");
  }
  expect_refused(server, *trusting("127.0.0.2"), kOtherHost);
}

TEST_F(TlsClientTest, AnotherHostIsRefused) {
  TlsServer server(certificate({"a.example", "*.b.example", "w*.c.example"}));
  for (const char* host : {"b.example", "x.y.b.example", "www.c.example", "a.example.org", "c"}) {
    expect_refused(server, *trusting(host), kOtherHost);
  }
}

TEST_F(TlsClientTest, WhatIsNotSignedByWhomItTrustsIsRefused) {
  TlsServer self_signed(make_certificate(plan({"a.example"})));
  expect_refused(self_signed, *trusting("a.example"), kUntrusted);
  expect_refused(self_signed, *target("a.example", {}), kUntrusted);
  TlsServer signed_by_another(certificate({"a.example"}));
  expect_refused(signed_by_another, *target("a.example", {}), kUntrusted);
  const Certificate leaf = certificate({"a.example"});
  TlsServer signed_by_leaf(make_certificate(plan({"a.example"}), &leaf));
  expect_refused(signed_by_leaf, *trusting("a.example"), kUntrusted);
}

TEST_F(TlsClientTest, ACertificateCountsFromItsBeginToItsEndByTheClockThatIsGiven) {
  TlsServer server(certificate({"a.example"}));
  const auto trusted = trusting("a.example");
  now_.utc = now_.utc + hours(24 * 31);
  expect_refused(server, *trusted, "the target's certificate has expired");
  now_.utc = now_.utc - hours(24 * 32);
  expect_refused(server, *trusted, "the target's certificate is not valid yet");
}

TEST_F(TlsClientTest, ItsOwnCertificateIsEnoughWhereATaskNamesIt) {
  const Certificate own = make_certificate(plan({"a.example"}));
  TlsServer server(own);
  EXPECT_EQ(talk(server, *target("a.example", {.ca = own.pem})).client->state(), TlsState::kOpen);
  expect_refused(server, *target("b.example", {.ca = own.pem}), kOtherHost);
  // The certificates of a task are in the place of the server's list, and more than one may be.
  TlsServer other(certificate({"a.example"}));
  expect_refused(other, *target("a.example", {.ca = own.pem}), kUntrusted);
  const std::string both = "two:\n" + own.pem + authority_.pem + "\n";
  EXPECT_EQ(talk(other, *target("a.example", {.ca = both})).client->state(), TlsState::kOpen);
}

TEST_F(TlsClientTest, ListsOfCertificatesAreReadWhole) {
  EXPECT_FALSE(TlsRoots::parse(""));
  EXPECT_FALSE(TlsRoots::parse("no PEM"));
  EXPECT_FALSE(TlsRoots::parse(authority_.key_pem));
  EXPECT_FALSE(TlsRoots::parse(authority_.pem + authority_.pem.substr(0, 200)));
  std::string damaged = authority_.pem;
  damaged[100] = '!';
  EXPECT_FALSE(TlsRoots::parse(damaged));
  EXPECT_TRUE(TlsRoots::parse(authority_.pem + authority_.pem));
  EXPECT_FALSE(TlsRoots::read("/nowhere/at-all"));
  EXPECT_FALSE(TlsTarget::create(7, "a.example", {.ca = damaged}));
}

TEST_F(TlsClientTest, ThePinIsLookedAtBesidesTheRest) {
  const Certificate own = certificate({"a.example"});
  TlsServer server(own);
  const std::string other_pin = certificate({"a.example"}).pin;
  constexpr std::string_view kPinned = "the target's key is not the one that is pinned";
  TargetTls settings{.ca = authority_.pem, .pin = own.pin};
  EXPECT_EQ(talk(server, *target("a.example", settings)).client->state(), TlsState::kOpen);
  expect_refused(server, *target("b.example", settings), kOtherHost);
  settings.pin = other_pin;
  expect_refused(server, *target("a.example", settings), kPinned);
  EXPECT_EQ(client_->sessions(), 1U);  // of the first one
  settings.insecure_skip_verify = true;
  expect_refused(server, *target("a.example", settings), kPinned);
}

TEST_F(TlsClientTest, InsecureMeansAnybody) {
  TlsServer server(make_certificate(plan({"b.example"})));
  now_.utc = now_.utc + hours(24 * 300);
  const Talk one = talk(server, *target("a.example", {.insecure_skip_verify = true}));
  EXPECT_EQ(one.client->state(), TlsState::kOpen);
}

TEST_F(TlsClientTest, OldVersionsAreRefused) {
  TlsServer server(certificate({"a.example"}), TlsVersions::kOnly11);
  expect_refused(server, *trusting("a.example"), "the TLS handshake failed");
}

TEST_F(TlsClientTest, BytesThatAreNotTlsFail) {
  const auto trusted = trusting("a.example");
  for (const std::string bytes : {"HTTP/1.1 400 Bad\r\n\r\n", "SSH-2.0-x\r\n"}) {
    auto stream = client_->connect(*trusted, now_);
    std::string plain;
    EXPECT_EQ(stream->receive(bytes, plain), TlsState::kFailed);
    EXPECT_EQ(plain, "");
    EXPECT_EQ(stream->error(), "the TLS handshake failed");
  }
  // Half a record is the beginning of something.
  auto stream = client_->connect(*trusted, now_);
  std::string plain;
  EXPECT_EQ(stream->receive(std::string("\x16\x03\x03\x10", 4), plain), TlsState::kHandshake);
}

TEST_F(TlsClientTest, ADamagedRecordBreaksTheStream) {
  TlsServer server(certificate({"a.example"}));
  Talk one = talk(server, *trusting("a.example"));
  one.server->write("answer");
  std::string record = one.server->take_output();
  record.back() ^= 1;
  EXPECT_EQ(one.client->receive(record, one.heard), TlsState::kFailed);
  EXPECT_EQ(one.heard, "");
}

class TlsSessions : public TlsClientTest, public testing::WithParamInterface<TlsVersions> {
 protected:
  bool resumes(TlsServer& server, const TlsTarget& target) {
    const Talk one = talk(server, target);
    EXPECT_EQ(one.client->state(), TlsState::kOpen) << one.client->error();
    return one.client->resumed();
  }
};

TEST_P(TlsSessions, AreResumedForTheSameKeyOnly) {
  TlsServer server(certificate({"a.example"}), GetParam());
  const auto one = trusting("a.example");
  EXPECT_FALSE(resumes(server, *one));
  EXPECT_TRUE(resumes(server, *one));
  EXPECT_TRUE(resumes(server, *one));
  const auto other = *TlsTarget::create(8, "a.example", {.ca = authority_.pem});
  EXPECT_FALSE(resumes(server, *other));
  EXPECT_EQ(client_->sessions(), 2U);
}

TEST_P(TlsSessions, AreNotResumedByAnotherServer) {
  const Certificate own = certificate({"a.example"});
  TlsServer server(own, GetParam());
  const auto one = trusting("a.example");
  EXPECT_FALSE(resumes(server, *one));
  TlsServer restarted(own, GetParam());
  EXPECT_FALSE(resumes(restarted, *one));
  EXPECT_TRUE(resumes(restarted, *one));
}

// L2: renewal does not make the proof any younger.
TEST_P(TlsSessions, EndAnHourAfterTheProof) {
  TlsServer server(certificate({"a.example"}), GetParam());
  const auto one = trusting("a.example");
  EXPECT_FALSE(resumes(server, *one));
  for (int minute = 0; minute < 59; minute += 20) {
    EXPECT_TRUE(resumes(server, *one));
    now_.mono = now_.mono + minutes(20);
  }
  EXPECT_FALSE(resumes(server, *one));
  EXPECT_TRUE(resumes(server, *one));
}

TEST_P(TlsSessions, EndWithTheirCertificate) {
  TlsServer server(certificate({"a.example"}), GetParam());
  const auto one = trusting("a.example");
  EXPECT_FALSE(resumes(server, *one));
  now_.utc = now_.utc + hours(24 * 31);
  expect_refused(server, *one, "the target's certificate has expired");
}

TEST_P(TlsSessions, AreBounded) {
  TlsServer server(certificate({"a.example"}), GetParam());
  client_ = *TlsClient::create({}, 3);
  const auto resumes_of = [&](uint64_t key) {
    return resumes(server, **TlsTarget::create(key, "a.example", {.ca = authority_.pem}));
  };
  for (uint64_t key = 0; key < 4; ++key) EXPECT_FALSE(resumes_of(key));
  EXPECT_EQ(client_->sessions(), 3U);
  EXPECT_TRUE(resumes_of(1));
  EXPECT_FALSE(resumes_of(0));
}

INSTANTIATE_TEST_SUITE_P(Versions, TlsSessions,
                         testing::Values(TlsVersions::kAll, TlsVersions::kOnly12),
                         [](const auto& tested) {
                           return tested.param == TlsVersions::kAll ? "Tls13" : "Tls12";
                         });

TEST(TlsDestination, SettingsMakeAnotherOne) {
  const Url https = *parse_url("https://a.example/x");
  const Url http = *parse_url("http://a.example/x");
  const TargetTls settings[] = {
      {}, {.ca = "x"}, {.pin = "x"}, {.ca = "y"}, {.insecure_skip_verify = true}};
  std::vector<uint64_t> seen{destination_of(http, {}).value};
  for (const TargetTls& one : settings) {
    const uint64_t value = destination_of(https, one).value;
    EXPECT_EQ(std::count(seen.begin(), seen.end(), value), 0);
    seen.push_back(value);
  }
}

TEST(TlsDestination, EachValueOfAClientCertificateMakesAnotherOne) {
  const Url https = *parse_url("https://a.example/x");
  const TargetTls one{.ca = "x", .client_certificate = "a"};
  const TargetTls other{.ca = "x", .client_certificate = "b"};
  const std::vector<uint64_t> all{
      destination_of(https, {}).value,
      destination_of(https, {.ca = "x"}).value,
      destination_of(https, one, {1}).value,
      destination_of(https, one, {11}).value,
      destination_of(https, other, {1}).value,
      destination_of(https, {.ca = "1/x", .client_certificate = "a"}, {1}).value,
      // What looks like the rest of another one's name.
      destination_of(https, {.ca = "a/1/x"}).value,
      destination_of(https, {.ca = "/a/1/x"}).value,
  };
  EXPECT_EQ(std::set<uint64_t>(all.begin(), all.end()).size(), all.size());
  EXPECT_EQ(destination_of(https, one, {1}), destination_of(https, one, {1}));
}

}  // namespace
}  // namespace hourwheel::tls_client_test
