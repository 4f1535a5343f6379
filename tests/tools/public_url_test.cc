#include "tools/hourwheel/public_url.h"

#include <gtest/gtest.h>

#include <string>

namespace hourwheel::public_url_test {
namespace {

TEST(PublicUrl, IsTakenWithoutTheSlashAtItsEnd) {
  const struct {
    const char* text;
    const char* base;
    const char* authority;
  } kCases[] = {
      {"https://h.example", "https://h.example", "h.example"},
      {"https://h.example/", "https://h.example", "h.example"},
      {"http://h.example:8080/wheel//", "http://h.example:8080/wheel", "h.example:8080"},
      {"HTTPS://H.Example:8443/A/b", "https://h.example:8443/A/b", "h.example:8443"},
      {"https://h.example:443/a", "https://h.example/a", "h.example"},
      {"http://[::1]:80", "http://[::1]", "[::1]"},
  };
  for (const auto& one : kCases) {
    const auto url = parse_public_url(one.text);
    ASSERT_TRUE(url) << one.text << ": " << url.error().detail;
    EXPECT_EQ(url->base, one.base);
    EXPECT_EQ(url->authority, one.authority);
  }
}

TEST(PublicUrl, WhatALinkCannotBeginWithIsRefused) {
  for (const char* text :
       {"", "h.example", "//h.example", "ftp://h.example", "https://", "https://h.example?a=b",
        "https://h.example/?", "https://h.example/#a", "https://me:pw@h.example",
        "https://h.example/a b", "https://h.example:x", "https://0x7f.1"}) {
    const auto url = parse_public_url(text);
    ASSERT_FALSE(url) << text;
    EXPECT_FALSE(url.error().detail.empty()) << text;
  }
}

TEST(PublicUrl, IsByItselfWhereTheServerListensUnlessThatIsEverywhere) {
  auto base = [](const char* ip, uint16_t port, Scheme scheme) {
    const PublicUrl url = public_url_of(*parse_address(ip, port), scheme);
    EXPECT_EQ(url.authority.empty(), url.base.empty());
    return url.base;
  };
  EXPECT_EQ(base("127.0.0.1", 8080, Scheme::kHttp), "http://127.0.0.1:8080");
  EXPECT_EQ(base("192.0.2.7", 8443, Scheme::kHttps), "https://192.0.2.7:8443");
  EXPECT_EQ(base("192.0.2.7", 443, Scheme::kHttps), "https://192.0.2.7");
  EXPECT_EQ(base("::1", 8080, Scheme::kHttp), "http://[::1]:8080");
  EXPECT_EQ(base("0.0.0.0", 8080, Scheme::kHttp), "");
  EXPECT_EQ(base("::", 8080, Scheme::kHttps), "");
}

}  // namespace
}  // namespace hourwheel::public_url_test
