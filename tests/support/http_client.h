// A blocking HTTP/1.1 client for tests: raw bytes out, parsed answers in. It sends exactly what it
// is given, so that broken requests can be written down as they are; it keeps the connection, so
// that keep-alive and pipelining can be seen. Every wait ends by SO_RCVTIMEO.
//
// Thread: one at a time.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hourwheel {

struct HttpAnswer {
  int status = 0;
  std::string reason;
  std::vector<std::pair<std::string, std::string>> fields;  // names in lower case
  std::string body;                                         // chunks put together
  // The body ended as its framing says; false after a connection that closed in the middle of it.
  bool complete = false;

  // The first field of that name (lower case), or empty.
  [[nodiscard]] std::string_view field(std::string_view name) const;
};

// What an answer belongs to: the body of an answer to HEAD is not sent.
enum class AnswerTo : uint8_t { kRequest, kHeadRequest };

class HttpClient {
 public:
  static constexpr int kDefaultTimeoutMs = 5'000;

  // Connects to 127.0.0.1:port; connected() tells.
  explicit HttpClient(uint16_t port, int timeout_ms = kDefaultTimeoutMs);
  virtual ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;
  HttpClient(HttpClient&& other) noexcept;
  HttpClient& operator=(HttpClient&& other) noexcept;

  [[nodiscard]] bool connected() const { return fd_ >= 0; }
  [[nodiscard]] int fd() const { return fd_; }
  // Sends all bytes; false when the connection is gone.
  bool send(std::string_view bytes);
  // The next answer; nullopt when the connection closed or the time-out passed before its head was
  // complete. Interim answers (100) are passed over.
  std::optional<HttpAnswer> receive(AnswerTo to = AnswerTo::kRequest);
  std::optional<HttpAnswer> exchange(std::string_view request);
  // "GET /x HTTP/1.1" and so on with Host, and Content-Length where there is a body. `fields` are
  // whole lines, each ending in CRLF.
  std::optional<HttpAnswer> request(std::string_view method, std::string_view target,
                                    std::string_view body = "", std::string_view fields = "");
  // Waits for the peer's close: true if it came, false on the time-out or when bytes came instead.
  bool closed_by_peer();
  // Without waiting: the peer has closed, with nothing left to read.
  [[nodiscard]] bool closed_by_peer_now() const;
  // Every byte until the peer closes or the time-out passes.
  std::string receive_all();
  // Closes with a reset instead of a FIN.
  void reset();
  void close();

 protected:
  // As send() and recv() do; of TLS, what it carries (tls_http_client.h).
  virtual ssize_t write_some(std::string_view bytes);
  virtual ssize_t read_some(char* bytes, size_t size);

 private:
  enum class Fill : uint8_t { kMore, kClosed, kTimedOut };
  Fill fill();
  bool read_line(std::string& line);
  bool read_exactly(size_t size, std::string& out);
  bool read_chunked(std::string& out);

  int fd_ = -1;
  std::string buffer_;  // received and not yet consumed
};

// One request on a connection of its own.
std::optional<HttpAnswer> http_request(uint16_t port, std::string_view method,
                                       std::string_view target, std::string_view body = "",
                                       std::string_view fields = "");

}  // namespace hourwheel
