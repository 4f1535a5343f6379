// The floor of lateness: attempts that leave a bare epoll client at instants it has known all
// along, woken by one timer. What a sink then sees is what this machine, at this load, allows
// anybody.
//
//   paced_sender ADDRESS RATE_PER_SECOND SECONDS      the instants are drawn evenly, as of a seed
//   paced_sender ADDRESS FILE                         ... are so many ms after the first, a line
//   each
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "engine/base/check.h"
#include "engine/base/random.h"
#include "engine/schedule/time_text.h"
#include "tools/wire/address.h"
#include "tools/wire/clock.h"

namespace hourwheel {
namespace {

constexpr size_t kConnections = 64;
constexpr int64_t kLeadUs = 200'000;  // between connecting and the first instant

class PacedSender {
 public:
  explicit PacedSender(const std::string& sink) : sink_(sink), poll_(::epoll_create1(0)) {
    auto address = parse_address(sink);
    HW_CHECK(address.has_value(), "the sink's address is ADDRESS:PORT");
    for (int& fd : peers_) {
      fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      HW_CHECK(::connect(fd, address->get(), static_cast<socklen_t>(address->size())) == 0,
               "the sink listens");
      watch(fd);
    }
    timer_ = ::timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
    watch(timer_);
  }

  void draw(uint64_t rate, uint64_t seconds) {
    Random random(1);
    const int64_t first = first_ms();
    for (uint64_t i = 0; i < rate * seconds; ++i) {
      due_ms_.push_back(first + static_cast<int64_t>(random.below(seconds * 1000)));
    }
    std::sort(due_ms_.begin(), due_ms_.end());
  }

  // Ascending offsets.
  void read(const char* path) {
    std::ifstream file(path);
    const int64_t first = first_ms();
    for (int64_t offset = 0; file >> offset;) due_ms_.push_back(first + offset);
    HW_CHECK(!due_ms_.empty(), "the file has offsets");
  }

  void run() {
    uint64_t answers = 0;
    std::array<epoll_event, kConnections + 1> ready{};
    std::array<char, 64 * 1024> buffer{};
    while (answers < due_ms_.size()) {
      send_due();
      int count = ::epoll_wait(poll_, ready.data(), static_cast<int>(ready.size()), 5'000);
      HW_CHECK(count > 0, "the sink answers");
      for (int i = 0; i < count; ++i) {
        int fd = ready[static_cast<size_t>(i)].data.fd;
        ssize_t size = ::recv(fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (fd != timer_ && size > 0) answers += answers_in({buffer.data(), size_t(size)});
      }
    }
    std::printf("{\"sent\":%zu}\n", due_ms_.size());
  }

 private:
  void watch(int fd) const {
    epoll_event one{};
    one.events = EPOLLIN;
    one.data.fd = fd;
    HW_CHECK(::epoll_ctl(poll_, EPOLL_CTL_ADD, fd, &one) == 0, "epoll takes a descriptor");
  }

  static int64_t first_ms() { return (wall_us() + kLeadUs) / 1000; }

  // The sink's answers are small and alike; one head each.
  static uint64_t answers_in(std::string_view bytes) {
    uint64_t heads = 0;
    for (size_t at = bytes.find("HTTP/1.1 "); at != bytes.npos;
         at = bytes.find("HTTP/1.1 ", at + 1))
      ++heads;
    return heads;
  }

  void send_due() {
    const int64_t now_ms = wall_us() / 1000;
    for (; next_ < due_ms_.size() && due_ms_[next_] <= now_ms; ++next_) {
      const std::string request = attempt(next_);
      ssize_t sent =
          ::send(peers_[next_ % kConnections], request.data(), request.size(), MSG_NOSIGNAL);
      HW_CHECK(sent == static_cast<ssize_t>(request.size()), "the sink keeps up");
    }
    itimerspec at{};  // after the last one: disarmed
    if (next_ < due_ms_.size()) {
      at.it_value.tv_sec = due_ms_[next_] / 1000;
      at.it_value.tv_nsec = due_ms_[next_] % 1000 * 1'000'000;
    }
    ::timerfd_settime(timer_, TFD_TIMER_ABSTIME, &at, nullptr);
  }

  [[nodiscard]] std::string attempt(size_t number) const {
    const std::string payload = "{\"fill\":\"" + std::string(189, 'x') + "\"}";
    return "POST / HTTP/1.1\r\nHost: " + sink_ +
           "\r\nContent-Length: " + std::to_string(payload.size()) +
           "\r\nContent-Type: application/json\r\nwebhook-id: floor-" +
           std::to_string(due_ms_.front()) + "-" + std::to_string(number) +
           "\r\nHourwheel-Attempt: 1\r\nHourwheel-Due: " + to_text(Instant{due_ms_[number]}) +
           "\r\n\r\n" + payload;
  }

  std::string sink_;
  int poll_;
  int timer_ = -1;
  std::array<int, kConnections> peers_{};
  std::vector<int64_t> due_ms_;
  size_t next_ = 0;
};

}  // namespace
}  // namespace hourwheel

int main(int argc, char** argv) {
  if (argc != 3 && argc != 4) {
    std::fprintf(stderr, "usage: paced_sender ADDRESS RATE_PER_SECOND SECONDS | ADDRESS FILE\n");
    return 2;
  }
  hourwheel::PacedSender sender(argv[1]);
  if (argc == 3) {
    sender.read(argv[2]);
  } else {
    sender.draw(std::strtoul(argv[2], nullptr, 10), std::strtoul(argv[3], nullptr, 10));
  }
  sender.run();
  return 0;
}
