// Reactors, store threads, the control thread and their mailboxes in one process under requests of
// every kind from many clients. By itself it shows that all of it is answered and that the server
// stops cleanly; built with the thread sanitizer (./hw check tsan), that nothing of it races.
#include <atomic>
#include <thread>
#include <vector>

#include "tests/e2e/fixture.h"
#include "tests/e2e/mixed_load.h"

namespace hourwheel::threads_test {
namespace {

constexpr int kClients = 4;
constexpr int kChanges = 400;  // of each client
// io_uring is not what is looked at, and the sanitizer does not know what the kernel writes.
constexpr Backend kBackend{"libevent", ServerProcess::Confinement::kNone, "libevent"};

// What changes nothing, or crosses all threads, over and over until the others are done.
void look_and_pause(uint16_t port, const std::atomic<int>& busy) {
  HttpClient client(port, 20'000);
  auto ask = [&](const char* method, const char* path, const char* body, int status) {
    auto answer = client.request(method, path, body, *body == '\0' ? "" : kJsonFields);
    ASSERT_TRUE(answer) << method << " " << path;
    EXPECT_EQ(status, answer->status) << method << " " << path << ": " << answer->body;
  };
  while (busy.load() > 0 && !testing::Test::HasFailure()) {
    ask("GET", "/metrics", "", 200);
    ask("GET", "/v1/tasks?page_size=100", "", 200);
    ask("GET", "/tasks", "", 200);
    ask("POST", "/v1/admin/pause", R"({"labels":{"nobody":"has"},"reason":"test"})", 201);
    ask("POST", "/v1/admin/resume", "", 200);
    ask("POST", "/v1/tasks:batch",
        R"({"operations":[{"op":"create","task":{"schedule":"1h"}},{"op":"delete","id":"none"}]})",
        200);
    ask("POST", "/v1/tasks:bulk", R"({"filter":{"label":"nobody:has"},"action":"delete"})", 200);
    ask("GET", "/v1/tasks:export", "", 200);
  }
}

TEST(Threads, RequestsOfEveryKindFromManyClientsRaceNowhere) {
  RecordingTarget target;
  Node node(kBackend);
  ASSERT_TRUE(node.start());
  std::atomic<int> busy{kClients};
  std::vector<std::thread> clients;
  for (int number = 0; number < kClients; ++number) {
    clients.emplace_back([&, number] {
      MixedLoad load("c" + std::to_string(number), static_cast<uint64_t>(number) + 1, target);
      HttpClient client(node.port(), 20'000);
      int done = 0;
      while (done < kChanges && load.change_something(client)) ++done;
      EXPECT_EQ(kChanges, done) << "the server stopped answering";
      --busy;
    });
  }
  clients.emplace_back([&] { look_and_pause(node.port(), busy); });
  for (std::thread& client : clients) client.join();
  auto exit = node.stop();
  ASSERT_TRUE(exit);
  EXPECT_EQ(0, exit->code.value_or(-1));
  EXPECT_EQ(std::string::npos, node.server().output().find("Sanitizer")) << node.server().output();
  EXPECT_GT(target.count(), 0U);
}

}  // namespace
}  // namespace hourwheel::threads_test
