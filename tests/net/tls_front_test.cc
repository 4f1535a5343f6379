// TLS in front: what is refused as a certificate, and the HTTP server behind it (T-13, inbound).
#include "net/tls_front.h"

#include <gtest/gtest.h>

#include <mutex>

#include "net/system_clock.h"
#include "tests/net/hostile_heads.h"
#include "tests/net/loopback_server.h"
#include "tests/support/tls_http_client.h"
#include "tools/wire/certificate.h"

namespace hourwheel::tls_front_test {
namespace {

constexpr const char* kEncryptedKey = R"(-----BEGIN ENCRYPTED PRIVATE KEY-----
MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAgTWJ4M5dYOLwICCAAw
DAYIKoZIhvcNAgkFADAdBglghkgBZQMEAQIEEH+dixIFdu8IVQJxt5t8nYYEgZAT
1ZYMGIPDLDaZWhpHzj+Vs1LXGDDp178ZLTGoSVtksKb3RlBnFum3WIAO5YzFdsem
SE8C+39UErv2dEsCf+I1EbzS7W0lV5H/UUrTp/RUvWK/8ywzescnkmi/4E9FPMHn
NTkGSBlEqi3rZcAtQB3ajPFJGmHs1iQkdnzFq2G1SFuPT/VvmENe+bOP2pnK2Ug=
-----END ENCRYPTED PRIVATE KEY-----
)";
constexpr const char* kKeyEncryptedTheOldWay = R"(-----BEGIN EC PRIVATE KEY-----
Proc-Type: 4,ENCRYPTED
DEK-Info: AES-128-CBC,505712DCFD79F4864E2849CC96EC195F

wLHX6z2pwY1JY3vMdnXPxLefka4mwec2m6E+CDaa5XMfQkAEQRnsd57zl3VSkl8B
qbdKtDID1nFeGWawYMxSCO1c1JDigUPcaZ4KgP7CDdvubNpoWSEI45uhoyHGUGne
PhdbV3dqX1beHOccuDmGT/jZQDozR3hHDaLC0qBk52s=
-----END EC PRIVATE KEY-----
)";

CertificatePlan plan(std::vector<std::string> hosts) {
  const Instant now = SystemClock().now().utc;
  return {std::move(hosts), now - hours(1), now + hours(1)};
}

// --- what is read ---

class TlsFrontTest : public testing::Test {
 protected:
  void expect_refused(const TlsFrontTexts& texts, const std::string& field,
                      const std::string& why) {
    SCOPED_TRACE(field + ": " + why);
    const auto front = TlsFront::create(texts);
    ASSERT_FALSE(front);
    EXPECT_EQ(front.error().field, field);
    EXPECT_NE(front.error().detail.find(why), std::string::npos) << front.error().detail;
    EXPECT_EQ(front.error().detail.find("PRIVATE"), std::string::npos) << front.error().detail;
  }
  // With a line in the middle gone.
  static std::string damaged(const std::string& pem) {
    const size_t end = pem.find('\n', pem.size() / 2);
    return pem.substr(0, pem.rfind('\n', end - 1)) + pem.substr(end);
  }

  const Certificate authority_ = make_certificate(plan({}));
  const Certificate own_ = make_certificate(plan({"localhost"}), &authority_);
  const Certificate other_ = make_certificate(plan({"localhost"}), &authority_);
};

TEST_F(TlsFrontTest, WhatCannotBeServedWithIsRefusedByName) {
  const std::string& pem = own_.pem;
  const std::string& key = own_.key_pem;
  expect_refused({"", key, {}}, "tls-certificate", "no PEM certificate");
  expect_refused({"nothing\n", key, {}}, "tls-certificate", "no PEM certificate");
  expect_refused({key, key, {}}, "tls-certificate", "no PEM certificate");
  expect_refused({damaged(pem), key, {}}, "tls-certificate", "damaged");
  expect_refused({pem + damaged(authority_.pem), key, {}}, "tls-certificate", "damaged");
  expect_refused({pem, "", {}}, "tls-key", "no PEM key");
  expect_refused({pem, pem, {}}, "tls-key", "no PEM key");
  expect_refused({pem, damaged(key), {}}, "tls-key", "no PEM key");
  expect_refused({pem, other_.key_pem, {}}, "tls-key", "not the key of the certificate");
  expect_refused({pem, kEncryptedKey, {}}, "tls-key", "encrypted");
  expect_refused({pem, kKeyEncryptedTheOldWay, {}}, "tls-key", "encrypted");
  // A list that became empty must not open the server to everybody.
  expect_refused({pem, key, ""}, "tls-client-ca", "no PEM certificate");
  expect_refused({pem, key, damaged(authority_.pem)}, "tls-client-ca", "damaged");
}

TEST_F(TlsFrontTest, TellsWhoseItIsAndWhenItEnds) {
  CertificatePlan dated{
      {"clock.example", "127.0.0.1"}, Instant{1'000'000}, Instant{4'102'444'800'000}};
  const Certificate own = make_certificate(dated);
  const auto front = TlsFront::create({own.pem + authority_.pem, own.key_pem, authority_.pem});
  ASSERT_TRUE(front) << front.error().detail;
  EXPECT_EQ(front->subject(), "CN=clock.example");
  EXPECT_EQ(front->not_before(), Instant{1'000'000});
  EXPECT_EQ(front->not_after(), Instant{4'102'444'800'000});
}

// TF1. What h2o lets a client see is the same whatever a handshake fails by.
TEST_F(TlsFrontTest, OldVersionsAreRefusedAsWhatTheyAre) {
  const auto front = TlsFront::create({own_.pem, own_.key_pem, {}});
  ASSERT_TRUE(front) << front.error().detail;
  // RFC 8446 section 6. Where only no cipher fits, it is 40, handshake_failure.
  constexpr int kProtocolVersion = 70;
  for (const TlsVersion version : {TlsVersion::k10, TlsVersion::k11}) {
    EXPECT_EQ(alert_to(version, front->context().get()), kProtocolVersion);
  }
  for (const TlsVersion version : {TlsVersion::k12, TlsVersion::k13}) {
    EXPECT_EQ(alert_to(version, front->context().get()), std::nullopt);
  }
}

// --- the server behind it ---

HttpResponse text(std::string body) {
  return {.status = 200, .content_type = "text/plain", .fields = {}, .body = std::move(body)};
}

void tell(HttpServer& server, HttpToken token, const HttpRequest& request) {
  server.respond(
      token, text(std::string(request.over_tls ? "tls " : "plain ") + std::string(request.path) +
                  " " + std::to_string(request.body.size())));
}

class TlsServing : public TlsFrontTest {
 protected:
  TlsServing() { serve({own_.pem, own_.key_pem, {}}); }
  void serve(const TlsFrontTexts& texts) {
    auto front = TlsFront::create(texts);
    ASSERT_TRUE(front) << front.error().detail;
    server_.on_loop([&] { server_.server().set_tls(share(front->context())); });
  }
  TlsHttpClient connect(const TlsClientPlan& plan) { return TlsHttpClient(server_.port(), plan); }
  [[nodiscard]] TlsClientPlan trusting() const { return {.ca = authority_.pem}; }
  void await_open(uint32_t connections) {
    while (server_.on_loop([this] { return server_.connections().open(); }) != connections) {
    }
  }

  LoopbackServer server_{tell};
};

TEST_F(TlsServing, ARequestAndMoreOnTheSameConnection) {
  for (const TlsVersion version : {TlsVersion::k12, TlsVersion::k13}) {
    TlsHttpClient client(server_.port(), {.ca = authority_.pem, .version = version});
    ASSERT_TRUE(client.secured());
    for (const size_t size : {size_t{0}, size_t{1}, size_t{20'000}, kMaxRequestBody}) {
      const auto answer = client.request("POST", "/a", std::string(size, 'b'));
      ASSERT_TRUE(answer);
      EXPECT_EQ(answer->body, "tls /a " + std::to_string(size));
    }
    std::string burst;
    for (int i = 0; i < 50; ++i) {
      burst += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\n\r\n";
    }
    ASSERT_TRUE(client.send(burst));
    for (int i = 0; i < 50; ++i) {
      const auto answer = client.receive();
      ASSERT_TRUE(answer) << i;
      EXPECT_EQ(answer->body, "tls /" + std::to_string(i) + " 0");
    }
  }
}

TEST_F(TlsServing, OldVersionsAreRefused) {
  for (const TlsVersion version : {TlsVersion::k10, TlsVersion::k11}) {
    EXPECT_FALSE(connect({.version = version}).secured());
  }
}

TEST_F(TlsServing, OnlyHttp11IsAgreedOn) {
  for (const auto& [offered, agreed] :
       std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{}, ""}, {{"http/1.1"}, "http/1.1"}, {{"h2", "http/1.1"}, "http/1.1"}}) {
    TlsHttpClient client = connect({.protocols = offered});
    ASSERT_TRUE(client.secured());
    EXPECT_EQ(client.protocol(), agreed);
    ASSERT_TRUE(client.request("GET", "/"));
  }
  for (const char* only : {"h2", "http/1.0", "spdy/3"}) {
    EXPECT_FALSE(connect({.protocols = {only}}).secured()) << only;
  }
  // What HTTP/2 begins with is no request here either.
  TlsHttpClient client = connect({});
  ASSERT_TRUE(client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
  EXPECT_EQ(client.receive()->status, 400);
}

TEST_F(TlsServing, NoSessionIsResumed) {
  for (const TlsVersion version : {TlsVersion::k12, TlsVersion::k13}) {
    const TlsClientPlan once{.version = version};
    TlsHttpClient first = connect(once);
    ASSERT_TRUE(first.request("GET", "/"));  // tickets of TLS 1.3 come with what is read
    EXPECT_FALSE(first.got_ticket());
    const TlsHttpClient second(server_.port(), once, HttpClient::kDefaultTimeoutMs,
                               first.session());
    EXPECT_TRUE(second.secured());
    EXPECT_FALSE(second.resumed());
  }
}

TEST_F(TlsServing, AnotherHandshakeOnTheConnectionEndsIt) {
  TlsHttpClient client = connect({.version = TlsVersion::k12});
  ASSERT_TRUE(client.request("GET", "/"));
  EXPECT_FALSE(client.renegotiate());
  EXPECT_TRUE(HttpClient(server_.port()).connected());
  await_open(0);
}

TEST_F(TlsServing, PlainTextAndRubbishAreClosed) {
  for (const std::string& bytes :
       {std::string("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), std::string(20'000, 'x'),
        std::string("\x16\x03\x01\x00\x05hello", 10), std::string("\x16\x03\x01\xff\xff", 5)}) {
    HttpClient client(server_.port());
    ASSERT_TRUE(client.send(bytes));
    client.close();
  }
  HttpClient silent(server_.port());
  HttpClient(server_.port()).reset();
  HttpClient plain(server_.port());
  ASSERT_TRUE(plain.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
  EXPECT_EQ(plain.receive_all().find("HTTP/1"), std::string::npos);
  EXPECT_EQ(server_.requests, 0);
  EXPECT_TRUE(connect(trusting()).request("GET", "/"));
  silent.close();
  await_open(0);
}

class SmuggledThroughTls : public TlsServing, public testing::WithParamInterface<HostileRequest> {};

TEST_P(SmuggledThroughTls, EndsItsConnection) {
  const HostileRequest& hostile = GetParam();
  // As the first request, and behind one that was good: then the head lies elsewhere.
  for (const bool behind : {false, true}) {
    TlsHttpClient client(server_.port(), {}, 2'000);
    ASSERT_TRUE(!behind || client.request("POST", "/first", "body"));
    const int before = server_.requests;
    ASSERT_TRUE(client.send(hostile.bytes));
    const auto answer = client.receive();
    if (hostile.answer_status != 0) {
      ASSERT_TRUE(answer);
      EXPECT_EQ(answer->status, hostile.answer_status);
    }
    EXPECT_EQ(client.receive_all(), "") << "a second answer";
    EXPECT_TRUE(hostile.answer_status < 400 || server_.requests == before);
  }
}

INSTANTIATE_TEST_SUITE_P(All, SmuggledThroughTls, testing::ValuesIn(hostile_requests()),
                         [](const auto& one) { return one.param.name; });

// --- clients with certificates ---

TEST_F(TlsServing, OnlyClientsThatProveThemselvesAreServed) {
  const Certificate client_authority = make_certificate(plan({}));
  const Certificate known = make_certificate(plan({"client"}), &client_authority);
  const Certificate foreign = make_certificate(plan({"client"}), &authority_);
  CertificatePlan past = plan({"client"});
  past.to = past.from + minutes(1);
  const Certificate expired = make_certificate(past, &client_authority);
  serve({own_.pem, own_.key_pem, client_authority.pem});
  for (const TlsVersion version : {TlsVersion::k12, TlsVersion::k13}) {
    auto answer_to = [&](const Certificate* shown) {
      TlsClientPlan plan{.ca = authority_.pem, .version = version};
      if (shown != nullptr) {
        plan.certificate = shown->pem;
        plan.key = shown->key_pem;
      }
      return connect(plan).request("GET", "/");
    };
    EXPECT_TRUE(answer_to(&known));
    const int served = server_.requests;
    EXPECT_FALSE(answer_to(nullptr));
    EXPECT_FALSE(answer_to(&foreign));
    EXPECT_FALSE(answer_to(&expired));
    EXPECT_EQ(server_.requests, served) << "TF3";
  }
  await_open(0);
}

// --- what is counted, and how many at once ---

// HA4
TEST_F(TlsServing, TheEndOfEachHandshakeIsCounted) {
  const TlsFrontCounters& counters = server_.server().tls_counters();
  ASSERT_TRUE(connect(trusting()).request("GET", "/"));
  await_open(0);
  EXPECT_EQ(counters.handshakes.value(), 1U);
  EXPECT_EQ(counters.failed.value(), 0U) << "an end after the handshake is no failure of it";
  // Refused by the server, and by the client.
  EXPECT_FALSE(connect({.protocols = {"h2"}}).secured());
  EXPECT_FALSE(connect({.ca = other_.pem}).secured());
  await_open(0);
  EXPECT_EQ(counters.failed.value(), 2U);
  HttpClient plain(server_.port());
  ASSERT_TRUE(plain.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
  EXPECT_EQ(plain.receive_all(), "");
  HttpClient silent(server_.port());
  await_open(1);
  silent.close();
  await_open(0);
  EXPECT_EQ(counters.failed.value(), 4U);
  EXPECT_EQ(counters.handshakes.value(), 1U);
}

// C-9: the loop goes on with what is due while many want to shake hands.
TEST_F(TlsServing, ABurstIsAcceptedOverSeveralTurnsAndNoneIsLost) {
  constexpr size_t kBurst = 5 * kMaxTlsAcceptsPerTurn + 1;
  TlsClientPlan plan = trusting();
  plan.later = true;
  std::vector<std::unique_ptr<TlsHttpClient>> clients;
  // The loop waits for this step; the kernel takes the connections meanwhile.
  server_.on_loop([&] {
    for (size_t i = 0; i < kBurst; ++i) {
      clients.push_back(std::make_unique<TlsHttpClient>(server_.port(), plan, 10'000));
    }
  });
  for (auto& client : clients) EXPECT_TRUE(client->shake_hands() && client->request("GET", "/"));
  EXPECT_EQ(server_.on_loop([&] { return server_.most_opened; }), kMaxTlsAcceptsPerTurn);
  EXPECT_EQ(server_.server().tls_counters().handshakes.value(), kBurst);
}

// --- another certificate while it runs ---

TEST_F(TlsServing, ANewOneIsForNewConnections) {
  TlsHttpClient before = connect(trusting());
  ASSERT_TRUE(before.request("GET", "/"));
  serve({other_.pem, other_.key_pem, {}});
  TlsHttpClient after = connect(trusting());
  EXPECT_EQ(before.peer(), own_.pem);
  EXPECT_EQ(after.peer(), other_.pem);
  EXPECT_TRUE(before.request("GET", "/"));
  EXPECT_TRUE(after.request("GET", "/"));
}

// HA2: nobody else has a reference to the context by which it was accepted.
TEST_F(TlsServing, WhoSaidNothingYetGoesOnByTheOneItWasAcceptedBy) {
  TlsClientPlan plan = trusting();
  plan.later = true;
  TlsHttpClient silent = connect(plan);
  await_open(1);
  serve({other_.pem, other_.key_pem, {}});
  EXPECT_TRUE(silent.shake_hands());
  EXPECT_EQ(silent.peer(), own_.pem);
  EXPECT_TRUE(silent.request("GET", "/"));
}

// --- the end ---

TEST_F(TlsServing, ADrainEndsConnectionsAtWhateverTheyAre) {
  TlsHttpClient idle = connect(trusting());
  ASSERT_TRUE(idle.request("GET", "/"));
  HttpClient silent(server_.port());
  await_open(2);
  server_.on_loop([this] { server_.server().drain(); });
  EXPECT_TRUE(idle.closed_by_peer());
  EXPECT_TRUE(silent.closed_by_peer());
  await_open(0);
}

TEST_F(TlsServing, TheServerMayGoBeforeItsConnections) {
  auto server = std::make_unique<LoopbackServer>(tell);
  auto front = TlsFront::create({own_.pem, own_.key_pem, {}});
  server->on_loop([&] { server->server().set_tls(share(front->context())); });
  TlsHttpClient idle(server->port(), trusting());
  ASSERT_TRUE(idle.request("GET", "/"));
  HttpClient silent(server->port());
  while (server->on_loop([&] { return server->connections().open(); }) < 2) {
  }
  server.reset();
  EXPECT_TRUE(idle.closed_by_peer());
}

}  // namespace
}  // namespace hourwheel::tls_front_test
