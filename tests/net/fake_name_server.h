// A name server for tests, on a loopback port of its own: it knows what the test tells it.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <string>

#include "net/resolver.h"
#include "tests/net/loop_fixture.h"

namespace hourwheel::test {

inline Address ip(const std::string& text) {
  return *parse_address(text, 0);
}

class FakeNameServer {
 public:
  explicit FakeNameServer(event_base* base)
      : fd_(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0)) {
    sockaddr_in any{};
    any.sin_family = AF_INET;
    any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(fd_, reinterpret_cast<sockaddr*>(&any), sizeof any), 0);
    SocketAddress bound{};
    bound.length = sizeof bound.v6;
    ::getsockname(fd_, &bound.any, &bound.length);
    address_ = *from_sockaddr(bound.any);
    event_.reset(event_new(base, fd_, EV_READ | EV_PERSIST, &on_query, this));
    event_add(event_.get(), nullptr);
  }
  ~FakeNameServer() {
    event_.reset();
    evutil_closesocket(fd_);
  }
  FakeNameServer(const FakeNameServer&) = delete;
  FakeNameServer& operator=(const FakeNameServer&) = delete;

  [[nodiscard]] const Address& address() const { return address_; }
  std::map<std::string, Addresses> names;
  std::map<std::string, std::string> aliases;  // CNAME; not in a circle
  bool silent = false;
  size_t queries = 0;

 private:
  static void on_query(evutil_socket_t fd, short, void* argument) {
    auto* self = static_cast<FakeNameServer*>(argument);
    std::array<char, 1500> packet{};
    sockaddr_storage from{};
    socklen_t length = sizeof from;
    ssize_t n = ::recvfrom(fd, packet.data(), packet.size(), 0, reinterpret_cast<sockaddr*>(&from),
                           &length);
    if (n < 17) return;
    ++self->queries;
    if (self->silent) return;
    std::string answer = self->answer({packet.data(), static_cast<size_t>(n)});
    ::sendto(fd, answer.data(), answer.size(), 0, reinterpret_cast<sockaddr*>(&from), length);
  }
  std::string answer(std::string_view query) {
    size_t at = 12;
    std::string name;
    while (query[at] != 0) {
      auto size = static_cast<size_t>(query[at]);
      if (!name.empty()) name += '.';
      for (size_t i = 1; i <= size; ++i) name += static_cast<char>(std::tolower(query[at + i]));
      at += size + 1;
    }
    const bool wants_v6 = query[at + 2] == 28;
    const size_t question_end = at + 5;
    std::string records;
    char count = 0;
    // The name of a record is that of the question, or of the one its alias leads to.
    std::string owner("\xc0\x0c", 2);
    for (auto alias = aliases.find(name); alias != aliases.end(); alias = aliases.find(name)) {
      name = alias->second;
      const std::string to = encoded(name);
      records += owner + std::string("\x00\x05\x00\x01\x00\x00\x00\x00\x00", 9) +
                 static_cast<char>(to.size()) + to;
      owner = to;
      ++count;
    }
    auto found = names.find(name);
    if (found != names.end()) {
      for (const Address& one : found->second) {
        if ((one.family == AddressFamily::kV6) != wants_v6) continue;
        const size_t size = wants_v6 ? 16 : 4;
        records += owner + std::string("\x00", 1) + (wants_v6 ? '\x1c' : '\x01');
        records += std::string("\x00\x01\x00\x00\x00\x3c\x00", 7) + static_cast<char>(size);
        records.append(reinterpret_cast<const char*>(one.bytes.data()), size);
        ++count;
      }
    }
    const char code = found == names.end() ? '\x83' : '\x80';  // 3: no such name
    std::string head(query.substr(0, 2));
    head += std::string("\x81") + code + std::string("\x00\x01\x00", 3) + count +
            std::string("\x00\x00\x00\x00", 4);
    return head + std::string(query.substr(12, question_end - 12)) + records;
  }

  static std::string encoded(const std::string& name) {
    std::string text;
    for (size_t at = 0; at < name.size();) {
      const size_t end = std::min(name.find('.', at), name.size());
      text += static_cast<char>(end - at);
      text += name.substr(at, end - at);
      at = end + 1;
    }
    return text + '\0';
  }

  int fd_;
  Address address_;
  EventPtr event_;
};

}  // namespace hourwheel::test
