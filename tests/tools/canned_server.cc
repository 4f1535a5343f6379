#include "tests/tools/canned_server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>

namespace hourwheel {
namespace {

constexpr timeval kDeadline{10, 0};

size_t body_size(const std::string& head) {
  const std::string field = "Content-Length: ";
  size_t at = head.find(field);
  return at == std::string::npos ? 0 : std::stoul(head.substr(at + field.size()));
}

}  // namespace

CannedServer::CannedServer() : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* plain = reinterpret_cast<sockaddr*>(&address);
  EXPECT_EQ(0, setsockopt(listener_, SOL_SOCKET, SO_RCVTIMEO, &kDeadline, sizeof(kDeadline)));
  EXPECT_EQ(0, bind(listener_, plain, size));
  EXPECT_EQ(0, listen(listener_, 1));
  EXPECT_EQ(0, getsockname(listener_, plain, &size));
  port_ = ntohs(address.sin_port);
}

CannedServer::~CannedServer() {
  close(listener_);
  for (int client : kept_) close(client);
}

std::string CannedServer::answer(int status, const std::string& body, const std::string& fields) {
  const bool redirects = status >= 300 && status < 400;
  return answer_with("HTTP/1.1 " + std::to_string(status) + " Said\r\n" +
                     (redirects ? "Location: http://u:p@elsewhere/\r\n" : "") + fields +
                     "Content-Length: " + std::to_string(body.size()) +
                     "\r\nConnection: close\r\n\r\n" + body);
}

std::string CannedServer::break_off(const std::string& body) {
  return answer_with("HTTP/1.1 200 Said\r\nContent-Length: " + std::to_string(body.size() + 1) +
                     "\r\nConnection: close\r\n\r\n" + body);
}

std::string CannedServer::reset() {
  return answer_with("");
}

std::string CannedServer::answer_and_keep(int status, const std::string& body) {
  return answer_with("HTTP/1.1 " + std::to_string(status) + " Said\r\nContent-Length: " +
                         std::to_string(body.size()) + "\r\n\r\n" + body,
                     Then::kKeep);
}

std::string CannedServer::answer_with(const std::string& reply, Then then) {
  int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  if (client < 0) return "";
  setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &kDeadline, sizeof(kDeadline));
  std::string request;
  std::array<char, 4096> bytes{};
  size_t end = std::string::npos;
  while (end == std::string::npos || request.size() < end + 4 + body_size(request)) {
    ssize_t got = recv(client, bytes.data(), bytes.size(), 0);
    if (got <= 0) break;
    request.append(bytes.data(), static_cast<size_t>(got));
    end = request.find("\r\n\r\n");
  }
  if (reply.empty()) {
    constexpr linger kReset{1, 0};
    setsockopt(client, SOL_SOCKET, SO_LINGER, &kReset, sizeof(kReset));
  }
  EXPECT_EQ(static_cast<ssize_t>(reply.size()),
            send(client, reply.data(), reply.size(), MSG_NOSIGNAL));
  if (then == Then::kKeep) {
    kept_.push_back(client);
  } else {
    close(client);
  }
  if (end == std::string::npos) return "";
  head_ = request.substr(0, end + 2);
  return request.substr(0, request.find("\r\n")) + "\n" + request.substr(end + 4);
}

}  // namespace hourwheel
