// What the command line sends again by itself, when, and what it never does.
#include "tools/hourwheel/repeats.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/tools/asked_program.h"

namespace hourwheel::repeats_test {
namespace {

constexpr TryOutcome kLost{true, 0, 0};

bool is_within(std::optional<Duration> wait, Duration least, Duration most) {
  return wait && *wait >= least && *wait < most;
}

TEST(Repeats, WaitsAreTwiceAsLongEachTimeWithChanceInThemAndThenThereAreNone) {  // R3
  std::vector<int64_t> first;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    Repeats repeats({}, seed);
    const auto wait = repeats.after(kLost);
    EXPECT_TRUE(is_within(wait, milliseconds(100), milliseconds(200))) << seed;
    if (wait) first.push_back(wait->ms);
    EXPECT_TRUE(is_within(repeats.after(kLost), milliseconds(200), milliseconds(400))) << seed;
    EXPECT_TRUE(is_within(repeats.after(kLost), milliseconds(400), milliseconds(800))) << seed;
    EXPECT_EQ(repeats.count(), 3);
    EXPECT_FALSE(repeats.after(kLost)) << seed;
  }
  EXPECT_NE(std::vector<int64_t>(first.size(), first.front()), first);
}

TEST(Repeats, AServerIsWaitedForAsItAsksWithinThePatience) {  // R3
  for (long status : {429L, 503L}) {
    Repeats repeats({}, 1);
    EXPECT_TRUE(is_within(repeats.after({false, status, 2}), seconds(2), milliseconds(2100)));
    EXPECT_TRUE(is_within(repeats.after({false, status, 3600}), seconds(10), milliseconds(10'200)));
    const auto shorter = repeats.after({false, status, 0});
    EXPECT_TRUE(is_within(shorter, milliseconds(400), milliseconds(800)));
  }
}

TEST(Repeats, OnlyWhatMayBeOverInAMomentIsRepeated) {  // R2
  for (long status : {200L, 201L, 302L, 400L, 401L, 404L, 409L, 412L, 422L, 500L, 504L}) {
    EXPECT_FALSE(Repeats({}, 1).after({false, status, 0})) << status;
  }
  EXPECT_FALSE(Repeats({}, 1).after({false, 500, 1}));
  EXPECT_FALSE(Repeats({}, 1).after({false, 0, 0})) << "a server that cannot be found";
  EXPECT_TRUE(Repeats({}, 1).after({false, 409, 1})) << "the try before is being answered";
}

TEST(Repeats, PatienceIsForRefusalsNotForAServerThatIsGone) {  // R3
  Repeats refused({9, seconds(30)}, 1);
  for (int i = 0; i < 9; ++i) {
    EXPECT_TRUE(is_within(refused.after({false, 503, 0}), milliseconds(100), seconds(13))) << i;
  }
  EXPECT_FALSE(refused.after({false, 503, 0}));
  Repeats gone({9, seconds(30)}, 1);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(gone.after(kLost)) << i;
  EXPECT_FALSE(gone.after(kLost));
  EXPECT_FALSE(Repeats({0, {}}, 1).after(kLost));
  EXPECT_FALSE(Repeats({0, {}}, 1).after({false, 503, 1}));
}

TEST(RequestKeys, AreTakenByWhatIsKeptUnderThem) {  // R1
  for (const char* path :
       {"/v1/tasks", "/v1/tasks/a%3Abulk/run", "/v1/tasks/a/pause", "/v1/tasks/a/resume",
        "/v1/tasks:import?mode=upsert", "/v1/tasks:batch", "/v1/runs/r/redrive",
        "/v1/runs/r/cancel", "/v1/tasks:bulk", "/v1/admin/pause"}) {
    EXPECT_TRUE(takes_request_key("POST", path)) << path;
  }
  EXPECT_TRUE(takes_request_key("PATCH", "/v1/tasks/a"));
  for (const char* path : {"/v1/runs:bulk", "/v1/keys", "/v1/admin/resume", "/v1/admin/backup",
                           "/v1/admin/drain", "/none"}) {
    EXPECT_FALSE(takes_request_key("POST", path)) << path;
  }
  for (const char* method : {"GET", "PUT", "DELETE"}) {
    EXPECT_FALSE(takes_request_key(method, "/v1/tasks/a")) << method;
  }
}

// --- of the program ---

constexpr const char* kTask = R"({"id":"t1"})";
const Answer kBusy{503, R"({"code":"overloaded","detail":"too much"})"};

std::string key_in(const std::string& head) {
  const std::string field = "\r\nIdempotency-Key: ";
  const size_t at = head.find(field);
  if (at == std::string::npos) return "";
  const size_t begin = at + field.size();
  return head.substr(begin, head.find("\r\n", begin) - begin);
}

TEST(RepeatedRequests, AGetIsSentThreeTimesMore) {
  Asked twice = ask_all("task get t1 -o name", {kBusy, {200, kTask}});
  EXPECT_EQ(twice.client.output, "t1\n") << "nobody asked for more words";
  Asked never = ask_all("task get t1 -v", {kBusy, kBusy, kBusy, kBusy});
  EXPECT_EQ(never.client.code, 1);
  for (const char* part : {"hourwheel: the server answered 503; repeat 1 in ", "; repeat 3 in ",
                           "hourwheel: overloaded: too much\n"}) {
    EXPECT_TRUE(has(never.client.output, part)) << never.client.output;
  }
  EXPECT_FALSE(has(never.client.output, "repeat 4")) << never.client.output;
}

TEST(RepeatedRequests, AChangeKeepsItsKeyAndTheNextOneHasAnother) {  // R1
  Asked asked = ask_all("task run t1 -o name", {kBusy, {202, R"({"id":"r1"})"}});
  EXPECT_EQ(asked.requests[0], asked.requests[1]);
  const std::string key = key_in(asked.heads[0]);
  EXPECT_EQ(key.size(), 34U) << asked.heads[0];
  EXPECT_TRUE(key.starts_with('"') && key.ends_with('"')) << key;
  EXPECT_EQ(key_in(asked.heads[1]), key);
  EXPECT_EQ(asked.client.output, "r1\n");
  Asked other = ask_all("task run t1", {{202, R"({"id":"r2"})"}});
  EXPECT_NE(key_in(other.heads[0]), key);
}

TEST(RepeatedRequests, ManyTasksAndAPauseOfEverythingHaveKeysToo) {  // R1
  Asked pause = ask_all("pause --reason r -o json", {kBusy, {201, R"({"id":"pause-1"})"}});
  EXPECT_EQ(pause.requests[0], pause.requests[1]);
  EXPECT_EQ(key_in(pause.heads[0]).size(), 34U) << pause.heads[0];
  EXPECT_EQ(key_in(pause.heads[1]), key_in(pause.heads[0]));
  EXPECT_EQ(pause.client.code, 0) << pause.client.output;
  const Answer done{200, R"({"matched":0,"changed":0,"failed":0,"done":true})"};
  Asked many = ask_all("task delete --all --yes", {kBusy, done});
  EXPECT_EQ(many.requests[0], many.requests[1]);
  EXPECT_EQ(key_in(many.heads[0]).size(), 34U) << many.heads[0];
  EXPECT_EQ(key_in(many.heads[1]), key_in(many.heads[0]));
}

TEST(RepeatedRequests, WhatHasNoKeyIsSentOnce) {  // R1
  for (const char* verb :
       {"task delete t1", "run redrive --all --yes", "resume", "key create --name k", "drain"}) {
    Asked asked = ask_all(verb, {kBusy});
    EXPECT_EQ(key_in(asked.heads[0]), "") << verb;
    EXPECT_TRUE(asked.client.output.starts_with("hourwheel: overloaded: too much\n"))
        << verb << ": " << asked.client.output;
    EXPECT_EQ(asked.client.code, 1) << verb;
  }
}

TEST(RepeatedRequests, AConnectionThatIsResetOrBreaksOffIsMadeAgain) {  // R2
  CannedServer server;
  Pipe client = begin_program(program("hourwheel") + " task get t1 -v -o name --server " +
                              server.url() + " 2>&1");
  const std::string request = server.reset();
  EXPECT_EQ(request, "GET /v1/tasks/t1 HTTP/1.1\n");
  EXPECT_EQ(server.break_off(kTask), request);
  EXPECT_EQ(server.answer(200, kTask), request);
  const FinishedProgram done = finish_program(std::move(client));
  EXPECT_TRUE(has(done.output, "no answer from " + server.url())) << done.output;
  EXPECT_TRUE(has(done.output, "; repeat 2 in ")) << done.output;
  EXPECT_TRUE(done.output.ends_with("ms\nt1\n")) << done.output;
}

TEST(RepeatedRequests, ATryThatIsStillBeingAnsweredIsWaitedForAsTheServerAsks) {  // R2, R3
  CannedServer server;
  Pipe client = begin_program(program("hourwheel") + " task run t1 -v -o name --server " +
                              server.url() + " 2>&1");
  server.answer(409, R"({"code":"idempotency-in-progress","detail":"wait"})", "Retry-After: 1\r\n");
  const std::string key = key_in(server.head());
  server.answer(202, R"({"id":"r1"})");
  EXPECT_EQ(key_in(server.head()), key);
  const FinishedProgram done = finish_program(std::move(client));
  const std::string told = "hourwheel: the server answered 409; repeat 1 in ";
  ASSERT_TRUE(done.output.starts_with(told)) << done.output;
  EXPECT_GE(std::stoi(done.output.substr(told.size())), 1000) << done.output;
  EXPECT_TRUE(done.output.ends_with("\nr1\n")) << done.output;
}

TEST(RepeatedRequests, WhatCouldDoubleIsSentOverAConnectionOfItsOwn) {  // R1
  CannedServer server;
  Pipe client = begin_program(program("hourwheel") + " run redrive --all --yes --server " +
                              server.url() + " 2>&1");
  server.answer_and_keep(200, R"({"matched":1,"changed":0,"left":0})");
  EXPECT_TRUE(server.answer(200, R"({"matched":1,"changed":1,"left":0})").starts_with("POST "));
  EXPECT_EQ(finish_program(std::move(client)).code, 0);
}

TEST(RepeatedRequests, AServerThatIsNotThereIsAskedAgainUnlessAChangeCouldDouble) {
  const std::string nobody = " -v --server http://127.0.0.1:1";
  const FinishedProgram list = run_alone("task list" + nobody);
  EXPECT_EQ(list.code, 6);
  EXPECT_TRUE(has(list.output, "; repeat 3 in ")) << list.output;
  const FinishedProgram removal = run_alone("task delete t1" + nobody);
  EXPECT_EQ(removal.code, 6);
  EXPECT_FALSE(has(removal.output, "repeat")) << removal.output;
}

TEST(RepeatedRequests, AnExportIsFetchedAgainOnlyBeforeItHasBegun) {
  CannedServer server;
  auto begin = [&] {
    return begin_program(program("hourwheel") + " task export --server " + server.url() + " 2>&1");
  };
  Pipe late = begin();
  server.answer(503, "");
  server.answer(200, "{\"id\":\"a\"}\n");
  EXPECT_EQ(finish_program(std::move(late)).output, "{\"id\":\"a\"}\n");
  Pipe broken = begin();
  server.break_off("{\"id\":\"a\"}\n");
  const FinishedProgram done = finish_program(std::move(broken));
  EXPECT_EQ(done.code, 1);
  EXPECT_TRUE(has(done.output, "the answer broke off")) << done.output;
}

}  // namespace
}  // namespace hourwheel::repeats_test
