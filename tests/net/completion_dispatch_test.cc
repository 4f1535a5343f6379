// What the dispatcher does for targets that report later: the link that goes out with an attempt,
// and the response that says so.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/completion_links.h"
#include "net/webhook_dispatcher.h"
#include "tests/net/loop_fixture.h"

namespace hourwheel::completion_dispatch_test {
namespace {

using test::Target;
using testing::HasSubstr;

HmacCompletionLinks make_links() {
  std::vector<SecretText> keys;
  keys.emplace_back(std::string(32, 'k'));
  return HmacCompletionLinks(std::move(keys));
}

class CompletionDispatch : public testing::TestWithParam<IoBackend> {
 protected:
  CompletionDispatch() {
    resolver_ = *Resolver::create(loop_.base(), {});
    dispatcher_.emplace(loop_.io(), *resolver_, policy_, *signer_, *tls_);
    dispatcher_->set_now(now_);
  }
  AttemptStart start_of(const TaskSpec& spec) {
    return {.token = {1, 0, 7},
            .spec = spec,
            .task = task_key(spec.id),
            .run = {{3}, Trigger::kSchedule, now_.utc.ms},
            .task_version = {5},
            .due = now_.utc,
            .now = now_.utc,
            .attempt = 2};
  }
  // Sends one attempt of the task, which is answered so.
  AttemptOutcome send(const TaskSpec& spec, const std::string& answer) {
    answer_ = answer;
    request_.clear();
    std::vector<AttemptEnded> ended;
    dispatcher_->start(start_of(spec));
    auto turn = [&] {
      dispatcher_->set_now(now_);
      dispatcher_->reap();
      dispatcher_->take_ended(ended);
    };
    loop_.run_until(turn, [&] { return !ended.empty(); });
    EXPECT_EQ(ended.size(), 1U);
    return ended.empty() ? AttemptOutcome{} : std::move(ended[0].outcome);
  }
  TaskSpec spec() {
    TaskSpec made;
    made.id = "t1";
    made.target.kind = TargetKind::kHttp;
    made.target.url = "http://" + to_text(target_.address()) + "/hook";
    return made;
  }
  // The request of an attempt of that task has the field.
  bool offers(const TaskSpec& of) {
    EXPECT_EQ(send(of, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").status, 200);
    return request_.find("\r\nHourwheel-Completion-Url: ") != std::string::npos;
  }
  bool is_deferred(const std::string& status, const std::string& line) {
    TaskSpec with = spec();
    with.target.completion = CompletionPolicy{minutes(5)};
    const std::string head = "HTTP/1.1 " + status + "\r\n" + line;
    return send(with, head + "Content-Length: 0\r\n\r\n").deferred;
  }

  test::Loop loop_{GetParam()};
  std::string answer_;
  std::string request_;
  Target target_{loop_.base(), [this](Target::Peer& peer) {
                   if (peer.received.find("\r\n\r\n") == std::string::npos) return;
                   request_ = std::exchange(peer.received, {});
                   peer.say(answer_);
                 }};
  EgressPolicy policy_{EgressMode::kDevelopment, {}};
  std::unique_ptr<Resolver> resolver_;
  std::unique_ptr<Signer> signer_ = *Signer::create({});
  std::unique_ptr<TlsClient> tls_ = *TlsClient::create({});
  std::optional<WebhookDispatcher> dispatcher_;
  Now now_{Instant{1'716'478'200'123}, Monotonic{50'000}};
};

TEST_P(CompletionDispatch, ATargetGetsALinkIfItsTaskLetsItAndTheServerKnowsWhere) {
  HmacCompletionLinks links = make_links();
  TaskSpec with = spec();
  with.target.completion = CompletionPolicy{minutes(5)};
  EXPECT_FALSE(offers(with)) << "nobody has links";
  dispatcher_->set_links(links);
  EXPECT_FALSE(offers(with)) << "nobody knows where";
  links.set_base("https://h.example");
  EXPECT_FALSE(offers(spec())) << "its response is what counts";
  EXPECT_TRUE(offers(with));
  const AttemptStart start = start_of(with);
  EXPECT_THAT(request_, HasSubstr("\r\nHourwheel-Completion-Url: " +
                                  links.link_to({start.task, start.run, 2}) + "\r\n"));
}

TEST_P(CompletionDispatch, OnlyA202IsDeferred) {
  const std::string line = "Hourwheel-Completion: deferred\r\n";
  EXPECT_FALSE(is_deferred("202 Accepted", line)) << "it has no link to report by";
  HmacCompletionLinks links = make_links();
  links.set_base("https://h.example");
  dispatcher_->set_links(links);
  EXPECT_TRUE(is_deferred("202 Accepted", line));
  EXPECT_FALSE(is_deferred("202 Accepted", "")) << "the response before on this connection was";
  for (const char* status : {"200 OK", "203 Other", "500 No"}) {
    EXPECT_FALSE(is_deferred(status, line)) << status;
  }
  EXPECT_EQ(target_.accepted(), 1U);
}

INSTANTIATE_TEST_SUITE_P(Backends, CompletionDispatch,
                         testing::ValuesIn(test::available_backends()), test::backend_name);

}  // namespace
}  // namespace hourwheel::completion_dispatch_test
