// Which of the sockets that a supervisor passes is listened on.
#include "tools/hourwheel/passed_socket.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

namespace hourwheel::passed_socket_test {
namespace {

constexpr int64_t kPid = 4242;
constexpr int kNumber = 503;  // the 501st that is passed; nothing else in this process has it

Result<std::optional<int>> passed(const std::string& pid, const std::string& fds,
                                  const std::string& names = "") {
  return passed_socket({pid, fds, names}, kPid);
}

// Names of so many, and then this one.
std::string names_before(const std::string& last) {
  std::string names;
  for (int i = 3; i < kNumber; ++i) names += "other:";
  return names + last;
}

TEST(PassedSocket, NoneIsForThisProcess) {
  for (const auto& [pid, fds] :
       {std::pair("", ""), std::pair("4242", ""), std::pair("", "1"), std::pair("1", "1"),
        std::pair("4242x", "1"), std::pair("4242", "0")}) {
    const auto none = passed(pid, fds);
    ASSERT_TRUE(none) << pid << " " << fds;
    EXPECT_EQ(*none, std::nullopt) << pid << " " << fds;
  }
}

TEST(PassedSocket, OfSeveralItIsTheOneNamedHttp) {
  const int made = socket(AF_INET, SOCK_STREAM, 0);
  ASSERT_EQ(dup2(made, kNumber), kNumber);
  close(made);
  const auto found = passed("4242", "501", names_before("http"));
  ASSERT_TRUE(found) << found.error().detail;
  EXPECT_EQ(*found, kNumber);
  EXPECT_EQ(fcntl(kNumber, F_GETFD), FD_CLOEXEC) << "programs that are started do not get it";
  close(kNumber);
  EXPECT_FALSE(passed("4242", "501", names_before("http"))) << "it is not open";
}

TEST(PassedSocket, WhatIsNotClearIsRefused) {
  for (const char* count : {"one", "-1", "1x", "1001", "99999999999999999999"}) {
    EXPECT_FALSE(passed("4242", count)) << count;
  }
  for (const char* names : {"", "a:b", "http:http", "a:b:http", "https:a"}) {
    const auto refused = passed("4242", "2", names);
    ASSERT_FALSE(refused) << names;
    EXPECT_NE(refused.error().detail.find("LISTEN_FDS=2"), std::string::npos);
  }
}

}  // namespace
}  // namespace hourwheel::passed_socket_test
