#include "tests/support/http_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <charconv>

namespace hourwheel {
namespace {

// 0 when the connect under way has succeeded.
int await_connected(int fd, int timeout_ms) {
  pollfd wait{.fd = fd, .events = POLLOUT, .revents = 0};
  int ready = 0;
  do {
    ready = poll(&wait, 1, timeout_ms);
  } while (ready < 0 && errno == EINTR);
  int error = 0;
  socklen_t size = sizeof error;
  if (ready != 1 || getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) return -1;
  return error == 0 ? 0 : -1;
}

int connect_loopback(uint16_t port, int timeout_ms) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  timeval timeout{.tv_sec = timeout_ms / 1000, .tv_usec = (timeout_ms % 1000) * 1000};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int rc = connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  // Interrupted, it goes on by itself; asking again would be a second connect.
  if (rc != 0 && errno == EINTR) rc = await_connected(fd, timeout_ms);
  if (rc != 0) {
    ::close(fd);
    return -1;
  }
  return fd;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::optional<size_t> number(std::string_view text, int base) {
  size_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end == text.data()) return std::nullopt;
  return value;
}

// "HTTP/1.1 200 OK"
bool parse_status_line(std::string_view line, HttpAnswer& answer) {
  if (line.size() < 12 || !line.starts_with("HTTP/1.")) return false;
  std::optional<size_t> status = number(line.substr(9, 3), 10);
  if (!status) return false;
  answer.status = static_cast<int>(*status);
  if (line.size() > 13) answer.reason = line.substr(13);
  return true;
}

bool parse_field(std::string_view line, HttpAnswer& answer) {
  size_t colon = line.find(':');
  if (colon == std::string_view::npos) return false;
  answer.fields.emplace_back(lower(line.substr(0, colon)),
                             std::string(trimmed(line.substr(colon + 1))));
  return true;
}

}  // namespace

std::string_view HttpAnswer::field(std::string_view name) const {
  for (const auto& [field_name, value] : fields) {
    if (field_name == name) return value;
  }
  return {};
}

HttpClient::HttpClient(uint16_t port, int timeout_ms) : fd_(connect_loopback(port, timeout_ms)) {}
HttpClient::~HttpClient() {
  close();
}
HttpClient::HttpClient(HttpClient&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), buffer_(std::move(other.buffer_)) {}
HttpClient& HttpClient::operator=(HttpClient&& other) noexcept {
  close();
  fd_ = std::exchange(other.fd_, -1);
  buffer_ = std::move(other.buffer_);
  return *this;
}

bool HttpClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t sent = write_some(bytes);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

ssize_t HttpClient::write_some(std::string_view bytes) {
  return ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

ssize_t HttpClient::read_some(char* bytes, size_t size) {
  return recv(fd_, bytes, size, 0);
}

HttpClient::Fill HttpClient::fill() {
  std::array<char, 16 * 1024> chunk;
  for (;;) {
    ssize_t got = read_some(chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return Fill::kTimedOut;
    if (got <= 0) return Fill::kClosed;
    buffer_.append(chunk.data(), static_cast<size_t>(got));
    return Fill::kMore;
  }
}

bool HttpClient::read_line(std::string& line) {
  size_t end;
  while ((end = buffer_.find("\r\n")) == std::string::npos) {
    if (fill() != Fill::kMore) return false;
  }
  line = buffer_.substr(0, end);
  buffer_.erase(0, end + 2);
  return true;
}

bool HttpClient::read_exactly(size_t size, std::string& out) {
  while (buffer_.size() < size) {
    if (fill() != Fill::kMore) {
      out.append(std::exchange(buffer_, {}));
      return false;
    }
  }
  out.append(buffer_, 0, size);
  buffer_.erase(0, size);
  return true;
}

bool HttpClient::read_chunked(std::string& out) {
  std::string line;
  for (;;) {
    if (!read_line(line)) return false;
    std::optional<size_t> size = number(line, 16);
    if (!size) return false;
    if (*size == 0) break;
    if (!read_exactly(*size, out) || !read_line(line) || !line.empty()) return false;
  }
  do {  // trailer
    if (!read_line(line)) return false;
  } while (!line.empty());
  return true;
}

std::optional<HttpAnswer> HttpClient::receive(AnswerTo to) {
  HttpAnswer answer;
  std::string line;
  do {
    answer = HttpAnswer{};
    if (!read_line(line) || !parse_status_line(line, answer)) return std::nullopt;
    while (read_line(line) && !line.empty()) {
      if (!parse_field(line, answer)) return std::nullopt;
    }
    if (!line.empty()) return std::nullopt;
  } while (answer.status == 100);
  if (to == AnswerTo::kHeadRequest || answer.status == 204 || answer.status == 304) {
    answer.complete = true;
  } else if (answer.field("transfer-encoding") == "chunked") {
    answer.complete = read_chunked(answer.body);
  } else if (std::optional<size_t> size = number(answer.field("content-length"), 10)) {
    answer.complete = read_exactly(*size, answer.body);
  } else {  // until the connection closes
    Fill last;
    while ((last = fill()) == Fill::kMore) {
    }
    answer.body = std::exchange(buffer_, {});
    answer.complete = last == Fill::kClosed;
  }
  return answer;
}

std::optional<HttpAnswer> HttpClient::exchange(std::string_view request) {
  if (!send(request)) return std::nullopt;
  return receive();
}

std::optional<HttpAnswer> HttpClient::request(std::string_view method, std::string_view target,
                                              std::string_view body, std::string_view fields) {
  std::string text;
  text.append(method).append(" ").append(target).append(" HTTP/1.1\r\nHost: localhost\r\n");
  text.append(fields);
  bool takes_body = method == "POST" || method == "PUT" || method == "PATCH";
  if (takes_body || !body.empty()) {
    text.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n");
  }
  text.append("\r\n").append(body);
  if (!send(text)) return std::nullopt;
  return receive(method == "HEAD" ? AnswerTo::kHeadRequest : AnswerTo::kRequest);
}

bool HttpClient::closed_by_peer() {
  return buffer_.empty() && fill() == Fill::kClosed;
}

bool HttpClient::closed_by_peer_now() const {
  char byte = 0;
  const ssize_t got = recv(fd_, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

std::string HttpClient::receive_all() {
  while (fill() == Fill::kMore) {
  }
  return std::exchange(buffer_, {});
}

void HttpClient::reset() {
  linger at_once{.l_onoff = 1, .l_linger = 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close();
}

void HttpClient::close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

std::optional<HttpAnswer> http_request(uint16_t port, std::string_view method,
                                       std::string_view target, std::string_view body,
                                       std::string_view fields) {
  HttpClient client(port);
  if (!client.connected()) return std::nullopt;
  return client.request(method, target, body, fields);
}

}  // namespace hourwheel
