// Whole requests as a client sends them, through h2o, the head guard, the routes and the API to
// shards that answer. What comes back is answers and nothing else, none of them an internal error;
// of a connection whose first head the guard refuses nothing gets through, and one answer comes.
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "net/event_loop.h"
#include "net/head_guard.h"
#include "net/http_server.h"
#include "tests/fuzz/fake_engine.h"

using namespace hourwheel;  // NOLINT(google-build-using-namespace): a program of its own

namespace {

// h2o needs a few turns for a request; pipelined ones some each.
constexpr int kMaxTurns = 400;
constexpr size_t kMaxInput = 8'192;

class Server final : public HttpHandler {
 public:
  Server()
      : loop_(std::move(*EventLoop::create())),
        connections_({}),
        http_(*loop_, connections_, *this),
        api_({http_, engine_, engine_, engine_, limits_, engine_, engine_, quotas_}, 0, 1) {
    api_.set_now({kFuzzNow, {}});
  }
  // Sends the bytes, ends the sending side, and returns all that comes until the server closes.
  std::string exchange(std::string_view bytes) {
    std::array<int, 2> ends{};
    HW_CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) == 0,
             "a pair of sockets");
    auto [mine, servers] = ends;
    auto connection = connections_.admit(servers, PeerAddress{});
    HW_CHECK(connection.has_value(), "one at a time");
    http_.accept(servers, *connection);
    HW_CHECK(write(mine, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()),
             "a socket takes a small input");
    std::string got;
    shutdown(mine, SHUT_WR);
    for (int turn = 0; turn < kMaxTurns && connections_.open() > 0; ++turn) {
      take_turn();
      read_into(got, mine);
    }
    read_into(got, mine);
    close(mine);
    for (int turn = 0; turn < kMaxTurns && connections_.open() > 0; ++turn) take_turn();
    HW_CHECK(connections_.open() == 0, "a client that is gone is let go");
    HW_CHECK(http_.requests_in_flight() == 0, "R1 every request is answered");
    return got;
  }
  size_t take_posted() { return engine_.take_posted(); }

 private:
  void on_request(HttpToken token, const HttpRequest& request) override {
    api_.on_request(token, request);
  }
  void on_writable(HttpToken token) override { api_.on_writable(token); }
  void on_closed(HttpToken token) override { api_.on_closed(token); }
  [[nodiscard]] HttpResponse refusal(const Error& why, std::string_view path) override {
    return api_.refusal(why, path);
  }

  void take_turn() {
    loop_->wait({.utc = Instant{0}, .mono = std::nullopt});  // polls
    engine_.answer_all(api_);
    api_.end_turn();
  }
  static void read_into(std::string& got, int fd) {
    std::array<char, 65'536> bytes{};
    for (ssize_t size = 0; (size = read(fd, bytes.data(), bytes.size())) > 0;) {
      got.append(bytes.data(), static_cast<size_t>(size));
    }
  }

  std::unique_ptr<EventLoop> loop_;
  Connections connections_;
  FakeEngine engine_;
  HttpServer http_;
  RateLimits limits_;
  TaskQuotas quotas_;
  Api api_;
};

// Takes one answer off the front. Only its length is looked at here, and its status.
int take_answer(std::string_view& bytes, bool to_head) {
  constexpr std::string_view kVersion = "HTTP/1.1 ";
  HW_CHECK(bytes.starts_with(kVersion), "an answer begins where the one before it ended");
  int status = 0;
  std::from_chars(bytes.data() + kVersion.size(), bytes.data() + kVersion.size() + 3, status);
  const size_t end = bytes.find("\r\n\r\n");
  HW_CHECK(end != std::string_view::npos, "an answer has a whole head");
  const std::string_view head = bytes.substr(0, end + 2);
  bytes.remove_prefix(end + 4);
  constexpr std::string_view kLength = "\r\ncontent-length: ";
  const size_t at = head.find(kLength);
  if (status == 100 || status == 204 || status == 304 || to_head) return status;
  if (at == std::string_view::npos) {  // chunked, or until the close
    const size_t last = bytes.find("0\r\n\r\n");
    bytes.remove_prefix(last == std::string_view::npos ? bytes.size() : last + 5);
    return status;
  }
  size_t length = 0;
  std::from_chars(head.data() + at + kLength.size(), head.data() + head.size(), length);
  HW_CHECK(length <= bytes.size(), "an answer has its whole body");
  bytes.remove_prefix(length);
  return status;
}

void check_answers(std::string_view answers, bool refused, bool to_head) {
  int count = 0;
  while (!answers.empty()) {
    const int status = take_answer(answers, to_head);
    HW_CHECK(status >= 100 && status <= 599 && status != 500, "no request is an internal error");
    if (status == 100) continue;  // h2o's own, before anybody has looked at the head
    HW_CHECK(!refused || status >= 400, "what the guard refuses is refused");
    ++count;
    HW_CHECK(!refused || count <= 1, "nothing follows what the guard refuses");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  static const std::unique_ptr<Server> server = [] {
    std::signal(SIGPIPE, SIG_IGN);
    return std::make_unique<Server>();
  }();
  if (size > kMaxInput) return 0;
  std::string_view input(reinterpret_cast<const char*>(bytes), size);
  static_cast<void>(server->take_posted());
  const std::string answers = server->exchange(input);
  // h2o skips empty lines before a request line; the guard sees them as part of the head.
  const bool whole_head = input.find("\r\n\r\n") != std::string_view::npos;
  const bool refused = whole_head && inspect_head(input).refusal.has_value();
  // A HEAD makes lengths mean nothing; where there is one only the statuses' count is lost.
  const bool has_head = input.find("HEAD") != std::string_view::npos;
  if (refused) HW_CHECK(server->take_posted() == 0, "nothing of a refused head gets through");
  if (!has_head) check_answers(answers, refused, false);
  return 0;
}
