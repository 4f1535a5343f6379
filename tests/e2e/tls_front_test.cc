// T-13, inbound: the real server behind TLS. What it speaks and refuses, clients with certificates
// of their own, new files on SIGHUP, and the command line as its client.
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "tests/e2e/fixture.h"
#include "tests/net/hostile_heads.h"
#include "tests/support/tls_http_client.h"
#include "tools/wire/certificate.h"

namespace hourwheel::tls_front_test {
namespace {

class TlsFrontNode : public testing::Test {
 protected:
  TlsFrontNode() {
    std::filesystem::create_directory(folder_);
    write("ca.pem", authority_.pem);
    write("server.pem", own_.pem);
    write("server.key", own_.key_pem);
    write("clients.pem", client_authority_.pem);
    write("client.pem", client_.pem);
    write("client.key", client_.key_pem);
  }
  ~TlsFrontNode() override { std::filesystem::remove_all(folder_); }

  static CertificatePlan plan(std::vector<std::string> hosts, Duration lasts = hours(1)) {
    return {std::move(hosts), in({}) - hours(2), in(lasts)};
  }
  [[nodiscard]] std::string file(const std::string& name) const { return folder_ + "/" + name; }
  void write(const std::string& name, const std::string& text, mode_t mode = 0600) const {
    std::ofstream(file(name)) << text;
    chmod(file(name).c_str(), mode);
  }
  [[nodiscard]] std::vector<std::string> options(std::vector<std::string> more = {}) const {
    more.insert(more.end(),
                {"--tls-certificate", file("server.pem"), "--tls-key", file("server.key")});
    return more;
  }
  bool start(std::vector<std::string> more = {}, const std::string& listen = "127.0.0.1:0") {
    node_.add_arguments(options(std::move(more)));
    return node_.start(listen);
  }
  bool start_for_certified(const std::string& listen = "127.0.0.1:0") {
    return start({"--tls-client-ca", file("clients.pem")}, listen);
  }
  [[nodiscard]] TlsClientPlan trusting() const { return {.ca = authority_.pem}; }
  [[nodiscard]] TlsClientPlan certified(const Certificate& by) const {
    return {.ca = authority_.pem, .certificate = by.pem, .key = by.key_pem};
  }
  std::string get(const std::string& path, const TlsClientPlan& plan) {
    TlsHttpClient client(node_.port(), plan);
    const auto answer = client.request("GET", path);
    return answer ? answer->body : "none";
  }
  // A reactor takes what it is told in its next turn: until none of many connections shows another.
  void await_shown(const Certificate& certificate) {
    for (int in_a_row = 0; in_a_row < 16; ++in_a_row) {
      const TlsHttpClient client(node_.port(), {});
      ASSERT_TRUE(client.secured());
      if (client.peer() != certificate.pem) in_a_row = -1;
    }
  }
  void reload_and_await(const std::string& line) {
    node_.server().send_signal(SIGHUP);
    ASSERT_TRUE(node_.server().wait_for_output(line, kPatience)) << node_.server().output();
  }
  Ended cli(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(),
                     {"--server", "https://localhost:" + std::to_string(node_.port())});
    return run_to_the_end(arguments);
  }

  const Certificate authority_ = make_certificate(plan({}));
  const Certificate client_authority_ = make_certificate(plan({}));
  const Certificate own_ = make_certificate(plan({"first.example", "localhost"}), &authority_);
  const Certificate client_ = make_certificate(plan({"client"}), &client_authority_);
  Node node_;
  // Beside the data folder: what is within it is the server's.
  const std::string folder_ = node_.folder() + ".tls";
};

TEST_F(TlsFrontNode, WhatIsSpokenAndWhatIsRefused) {
  ASSERT_TRUE(start());
  struct Row {
    const char* name;
    TlsClientPlan plan;
    const char* version;   // "": the handshake fails
    const char* protocol;  // by ALPN
  };
  const Row rows[] = {
      {"TLS 1.0", {.version = TlsVersion::k10}, "", ""},
      {"TLS 1.1", {.version = TlsVersion::k11}, "", ""},
      {"TLS 1.2", {.version = TlsVersion::k12}, "TLSv1.2", ""},
      {"TLS 1.3", {.version = TlsVersion::k13}, "TLSv1.3", ""},
      {"HTTP/1.1 by name", {.protocols = {"http/1.1"}}, "TLSv1.3", "http/1.1"},
      {"HTTP/2 if it can be had", {.protocols = {"h2", "http/1.1"}}, "TLSv1.3", "http/1.1"},
      {"HTTP/2 or nothing", {.protocols = {"h2"}}, "", ""},
      {"a certificate, unasked", certified(client_), "TLSv1.3", ""},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    TlsHttpClient client(node_.port(), row.plan);
    EXPECT_EQ(client.secured(), *row.version != '\0');
    if (!client.secured()) continue;
    EXPECT_EQ(client.version(), row.version);
    EXPECT_EQ(client.protocol(), row.protocol);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(client.request("GET", "/livez")->body, "ok\n");
    EXPECT_FALSE(client.got_ticket());
    EXPECT_FALSE(TlsHttpClient(node_.port(), row.plan, 5'000, client.session()).resumed());
  }
  TlsHttpClient again(node_.port(), {.version = TlsVersion::k12});
  ASSERT_TRUE(again.request("GET", "/livez"));
  EXPECT_FALSE(again.renegotiate());
  EXPECT_EQ(HttpClient(node_.port()).exchange("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"),
            std::nullopt)
      << "plain HTTP";
  EXPECT_EQ(get("/livez", trusting()), "ok\n");
}

TEST_F(TlsFrontNode, TellsOfItself) {
  ASSERT_TRUE(start());
  EXPECT_NE(node_.server().output().find("listening on https://127.0.0.1:"), std::string::npos);
  EXPECT_NE(node_.server().output().find("by the certificate of CN=first.example, which ends "),
            std::string::npos);
  EXPECT_EQ(member(get("/v1/server", trusting()), "scheme"), "https");
  const std::string page = get("/metrics", trusting());
  EXPECT_NE(page.find("hourwheel_tls_certificate_not_after_seconds 1"), std::string::npos);
  EXPECT_NE(page.find("hourwheel_target_tls_handshakes_total 0"), std::string::npos);
  EXPECT_NE(page.find("\nhourwheel_tls_handshakes_total "), std::string::npos);
  EXPECT_EQ(page.find("\nhourwheel_tls_handshakes_total 0\n"), std::string::npos) << "its own";
  // The Origin of a page of its own is https.
  TlsHttpClient client(node_.port(), trusting());
  const std::string fields(kJsonFields);
  const char* task = R"({"id":"a","schedule":{"every":"1h"}})";
  EXPECT_EQ(
      client.request("POST", "/v1/tasks", task, fields + "Origin: http://localhost\r\n")->status,
      403);
  EXPECT_EQ(
      client.request("POST", "/v1/tasks", task, fields + "Origin: https://localhost\r\n")->status,
      201);
}

TEST_F(TlsFrontNode, NoRequestIsSmuggledBehindAnother) {
  ASSERT_TRUE(start());
  for (const HostileRequest& hostile : hostile_requests()) {
    SCOPED_TRACE(hostile.name);
    TlsHttpClient client(node_.port(), {});
    ASSERT_TRUE(client.request("GET", "/livez"));
    ASSERT_TRUE(client.send(hostile.bytes));
    const auto answer = client.receive();
    if (hostile.answer_status >= 400) {
      ASSERT_TRUE(answer);
      EXPECT_EQ(answer->status, hostile.answer_status);
    }
    EXPECT_EQ(client.receive_all(), "") << "a second answer";
  }
  EXPECT_EQ(get("/livez", trusting()), "ok\n");
}

TEST_F(TlsFrontNode, ADrainEndsIdleConnections) {
  ASSERT_TRUE(start());
  TlsHttpClient idle(node_.port(), trusting());
  ASSERT_TRUE(idle.request("GET", "/livez"));
  HttpClient silent(node_.port());
  const auto exit = node_.stop();
  ASSERT_TRUE(exit);
  EXPECT_EQ(exit->code, 0);
  EXPECT_TRUE(idle.closed_by_peer());
}

// --- clients with certificates ---

TEST_F(TlsFrontNode, OnlyClientsThatProveThemselvesAreServed) {
  // Without any API key on an address that others reach: the certificate stands in for one.
  ASSERT_TRUE(start_for_certified("0.0.0.0:0"));
  const Certificate foreign = make_certificate(plan({"client"}), &authority_);
  const Certificate expired =
      make_certificate(plan({"client"}, Duration{} - hours(1)), &client_authority_);
  EXPECT_EQ(get("/livez", certified(client_)), "ok\n");
  EXPECT_EQ(get("/livez", trusting()), "none");
  EXPECT_EQ(get("/livez", certified(foreign)), "none");
  EXPECT_EQ(get("/livez", certified(expired)), "none");
  EXPECT_EQ(member(get("/v1/server", certified(client_)), "scheme"), "https");
}

// --- SIGHUP ---

TEST_F(TlsFrontNode, NewFilesAreForNewConnections) {
  ASSERT_TRUE(start());
  TlsHttpClient before(node_.port(), trusting());
  ASSERT_TRUE(before.request("GET", "/livez"));
  const CertificatePlan longer = plan({"second.example", "localhost"}, hours(5));
  const Certificate second = make_certificate(longer, &authority_);
  write("server.pem", second.pem);
  reload_and_await("tls-key");  // only half of it is new
  await_shown(own_);
  write("server.key", second.key_pem, 0640);
  reload_and_await("its mode is 0640");
  await_shown(own_);
  write("server.key", second.key_pem);
  reload_and_await("by the certificate of CN=second.example, which ends ");
  await_shown(second);
  EXPECT_EQ(before.peer(), own_.pem);
  EXPECT_TRUE(before.request("GET", "/livez"));
  EXPECT_NE(get("/metrics", trusting())
                .find("hourwheel_tls_certificate_not_after_seconds " +
                      std::to_string(longer.to.ms / 1000) + "\n"),
            std::string::npos);
}

TEST_F(TlsFrontNode, ClientsThatAreNoLongerTrustedAreOut) {
  ASSERT_TRUE(start_for_certified());
  ASSERT_EQ(get("/livez", certified(client_)), "ok\n");
  write("clients.pem", "");
  reload_and_await("--tls-client-ca: " + file("clients.pem"));
  EXPECT_EQ(get("/livez", trusting()), "none") << "a list that became empty opens nothing";
  const Certificate other_authority = make_certificate(plan({}));
  const Certificate other = make_certificate(plan({"client"}), &other_authority);
  write("clients.pem", other_authority.pem);
  reload_and_await("new connections are served");
  while (get("/livez", certified(client_)) != "none") {
  }
  while (get("/livez", certified(other)) == "none") {
  }
}

TEST(TlsFrontStart, WithoutCertificatesSighupIsTold) {
  Node node;
  ASSERT_TRUE(node.start());
  node.server().send_signal(SIGHUP);
  EXPECT_TRUE(node.server().wait_for_output("SIGHUP: there are no certificates", kPatience));
  EXPECT_EQ(200, node.call("GET", "/livez").status);
}

// --- starts that are refused ---

TEST_F(TlsFrontNode, AStartNamesTheOptionAndTheReason) {
  const Certificate other = make_certificate(plan({"localhost"}), &authority_);
  write("other.key", other.key_pem);
  write("open.key", own_.key_pem, 0644);
  write("nothing.pem", "nothing\n");
  struct Row {
    std::vector<std::string> options;
    int code;
    const char* option;
    const char* reason;
  };
  const std::string pem = file("server.pem");
  const std::string key = file("server.key");
  const Row rows[] = {
      {{"--tls-certificate", pem}, 2, "--tls-certificate", "--tls-key"},
      {{"--tls-key", key}, 2, "--tls-key", "--tls-certificate"},
      {{"--tls-client-ca", pem}, 2, "--tls-client-ca", "--tls-certificate"},
      {{"--tls-certificate", "", "--tls-key", ""}, 2, "--tls-", "no value"},
      {{"--tls-certificate", pem, "--tls-key", key, "--demo"}, 2, "--demo", "--tls-certificate"},
      {{"--tls-certificate", "/nowhere.pem", "--tls-key", key}, 78, "--tls-certificate", "No such"},
      {{"--tls-certificate", "/tmp", "--tls-key", key}, 78, "--tls-certificate", "not a file"},
      {{"--tls-certificate", file("nothing.pem"), "--tls-key", key},
       78,
       "--tls-certificate",
       "no PEM certificate"},
      {{"--tls-certificate", pem, "--tls-key", "/nowhere.key"}, 78, "--tls-key", "No such"},
      {{"--tls-certificate", pem, "--tls-key", file("open.key")}, 78, "--tls-key", "0644"},
      {{"--tls-certificate", pem, "--tls-key", file("other.key")}, 78, "--tls-key", "not the key"},
      {{"--tls-certificate", pem, "--tls-key", key, "--tls-client-ca", file("nothing.pem")},
       78,
       "--tls-client-ca",
       "no PEM certificate"},
  };
  for (const Row& row : rows) {
    std::vector<std::string> arguments = node_.arguments("127.0.0.1:0");
    arguments.insert(arguments.end(), row.options.begin(), row.options.end());
    const Ended ended = run_to_the_end(arguments);
    EXPECT_EQ(ended.code, row.code) << ended.output;
    EXPECT_NE(ended.output.find(row.option), std::string::npos) << ended.output;
    EXPECT_NE(ended.output.find(row.reason), std::string::npos) << ended.output;
  }
}

TEST_F(TlsFrontNode, AnExpiredCertificateIsAWarning) {
  const Certificate past =
      make_certificate(plan({"localhost"}, Duration{} - hours(1)), &authority_);
  write("server.pem", past.pem);
  write("server.key", past.key_pem);
  ASSERT_TRUE(start());
  EXPECT_NE(node_.server().output().find("warning the server's certificate has expired"),
            std::string::npos);
  EXPECT_EQ(get("/livez", {}), "ok\n");
  EXPECT_EQ(get("/livez", trusting()), "none");
}

// --- the command line ---

TEST_F(TlsFrontNode, TheCommandLineTrustsWhomItIsTold) {
  ASSERT_TRUE(start());
  const Ended good = cli({"server", "--ca", file("ca.pem")});
  EXPECT_EQ(good.code, 0) << good.output;
  EXPECT_NE(good.output.find("https"), std::string::npos) << good.output;
  const Ended unknown = cli({"task", "list"});
  EXPECT_EQ(unknown.code, 6);
  EXPECT_NE(unknown.output.find("does not verify by the system's list; --ca FILE"),
            std::string::npos)
      << unknown.output;
  const Ended other = cli({"task", "list", "--ca", file("client.pem")});
  EXPECT_EQ(other.code, 6);
  EXPECT_NE(other.output.find("does not verify by " + file("client.pem")), std::string::npos)
      << other.output;
  const Ended absent = cli({"task", "list", "--ca", "/nowhere.pem"});
  EXPECT_EQ(absent.code, 6);
  EXPECT_NE(absent.output.find("be read from /nowhere.pem"), std::string::npos) << absent.output;
}

TEST_F(TlsFrontNode, TheCommandLineShowsItsCertificate) {
  ASSERT_TRUE(start_for_certified());
  const std::vector<std::string> ca{"task", "list", "--ca", file("ca.pem")};
  std::vector<std::string> shown = ca;
  shown.insert(shown.end(),
               {"--client-certificate", file("client.pem"), "--client-key", file("client.key")});
  const Ended good = cli(shown);
  EXPECT_EQ(good.code, 0) << good.output;
  const Ended without = cli(ca);
  EXPECT_EQ(without.code, 6);
  EXPECT_NE(without.output.find("it may want a --client-certificate"), std::string::npos)
      << without.output;
}

}  // namespace
}  // namespace hourwheel::tls_front_test
