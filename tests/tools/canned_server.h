// A server that takes one request and gives an answer that was written beforehand, so that a test
// of the command line decides what it is told. Thread: the test's; the client is another process.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace hourwheel {

class CannedServer {
 public:
  CannedServer();
  ~CannedServer();
  CannedServer(const CannedServer&) = delete;
  CannedServer& operator=(const CannedServer&) = delete;

  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

  // Waits for the request (10 s at most), answers it and tells what it was: the request line, a
  // line feed and the body. Empty: nobody came. A status of 300 to 399 points elsewhere.
  // Further fields end with CRLF each.
  std::string answer(int status, const std::string& body, const std::string& fields = "");
  // The same, but the connection ends in the middle of a 200, or is reset without an answer.
  std::string break_off(const std::string& body);
  std::string reset();
  // The same over a connection that stays open; what comes over it later is not read.
  std::string answer_and_keep(int status, const std::string& body);
  // Of the request that was answered last.
  [[nodiscard]] const std::string& head() const { return head_; }

 private:
  enum class Then { kClose, kKeep };
  // An empty one: nothing is sent.
  std::string answer_with(const std::string& reply, Then then = Then::kClose);

  std::string head_;
  int listener_ = -1;
  std::vector<int> kept_;
  uint16_t port_ = 0;
};

}  // namespace hourwheel
