// Where the real server's attempts go, and where they do not (T-08): redirects are not followed,
// its own port is no target, no proxy of the environment comes between, and of the addresses that
// are not public only those are reached that the operator has opened.
#include "tests/e2e/fixture.h"

namespace hourwheel::egress_test {
namespace {

constexpr const char* kOnce = R"(,"retry":{"max_attempts":1}})";

class Egress : public testing::Test {
 protected:
  void fire(const std::string& id, const std::string& url) {
    const HttpAnswer created =
        node_.call("POST", "/v1/tasks",
                   R"({"id":")" + id + R"(","schedule":")" + to_text(in(milliseconds(100))) +
                       R"(","target":{"kind":"http","url":")" + url + R"("})" + kOnce);
    ASSERT_EQ(201, created.status) << created.body;
  }
  // The answer to a run that is asked for and waited for.
  HttpAnswer run(const std::string& id) {
    HttpClient client(node_.port());
    auto answer = client.request("POST", "/v1/tasks/" + id + "/run", "", "Prefer: wait=20\r\n");
    EXPECT_TRUE(answer);
    return answer ? *answer : HttpAnswer{};
  }

  Node node_;
};

TEST_F(Egress, ARedirectIsAnAnswerAndIsNotFollowed) {
  ASSERT_TRUE(node_.start());
  RecordingTarget elsewhere;
  RecordingTarget target([&](const ReceivedAttempt&) {
    return RecordingTarget::Answer(302, "0\r\nLocation: " + elsewhere.url() + "/moved");
  });
  fire("moved", target.url() + "/old");
  const HttpAnswer ended = run("moved");
  EXPECT_EQ(200, ended.status) << ended.body;
  EXPECT_EQ("dead", member(ended.body, "state")) << ended.body;
  EXPECT_NE(std::string::npos, ended.body.find("the target answered 302")) << ended.body;
  EXPECT_EQ(0U, elsewhere.received().size());
}

TEST_F(Egress, TheServersOwnPortIsNoTarget) {
  ASSERT_TRUE(node_.start());
  fire("self", "http://127.0.0.1:" + std::to_string(node_.port()) + "/v1/tasks");
  const HttpAnswer ended = run("self");
  EXPECT_EQ("dead", member(ended.body, "state")) << ended.body;
  EXPECT_NE(std::string::npos, ended.body.find("address_denied")) << ended.body;
}

TEST_F(Egress, AProxyOfTheEnvironmentIsNotUsed) {
  RecordingTarget proxy;
  RecordingTarget target;
  node_.set_environment({"http_proxy=" + proxy.url(), "HTTP_PROXY=" + proxy.url(),
                         "all_proxy=" + proxy.url(), "no_proxy="});
  ASSERT_TRUE(node_.start());
  fire("direct", target.url() + "/direct");
  ASSERT_TRUE(target.await(1, kPatience));
  EXPECT_EQ(0U, proxy.received().size());
}

// Loopback stands for the networks of others: every machine has it, and it is opened the same way.
TEST_F(Egress, WithoutDevelopmentOnlyWhatIsOpenedIsReached) {
  node_.leave_out_dev();
  ASSERT_TRUE(node_.start());
  RecordingTarget target;
  fire("shut", target.url() + "/shut");
  const HttpAnswer refused = run("shut");
  EXPECT_EQ("dead", member(refused.body, "state")) << refused.body;
  EXPECT_NE(std::string::npos, refused.body.find("address_denied")) << refused.body;
  EXPECT_EQ(0U, target.received().size());
  ASSERT_TRUE(node_.stop());

  node_.add_arguments({"--egress-allow", "10.0.0.0/8", "--egress-allow", "127.0.0.1,fd00::/8"});
  ASSERT_TRUE(node_.start());
  EXPECT_NE(std::string::npos,
            node_.server().output().find("targets in 10.0.0.0/8, 127.0.0.1, fd00::/8 are allowed"))
      << node_.server().output();
  fire("open", target.url() + "/open");
  EXPECT_EQ("succeeded", member(run("open").body, "state"));
  fire("self", "http://127.0.0.1:" + std::to_string(node_.port()) + "/v1/tasks");
  EXPECT_NE(std::string::npos, run("self").body.find("address_denied")) << "its own port";
  ASSERT_TRUE(node_.stop());

  node_.add_arguments({"--egress-allow", "10.0.0.0/8"});
  ASSERT_TRUE(node_.start());
  fire("other", target.url() + "/other");
  EXPECT_NE(std::string::npos, run("other").body.find("address_denied")) << "another range";
}

TEST_F(Egress, WhatMayNotBeOpenedIsAReasonNotToStart) {
  for (const char* wrong : {"0.0.0.0/0", "169.254.169.254", "fd00:ec2::254", "10.0.0.1/8"}) {
    const Ended ended = run_to_the_end({"serve", "--listen", "nowhere", "--egress-allow", wrong});
    EXPECT_EQ(2, ended.code) << wrong << ended.output;
    EXPECT_NE(std::string::npos, ended.output.find("--egress-allow")) << ended.output;
  }
}

}  // namespace
}  // namespace hourwheel::egress_test
