#include "net/completion_links.h"

#include <gtest/gtest.h>

#include <limits>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace hourwheel::completion_links_test {
namespace {

using Named = CompletionLinks::Named;

constexpr std::string_view kPath = "/v1/completions/";
constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// A key for each letter.
HmacCompletionLinks links_of(std::string_view letters) {
  std::vector<SecretText> keys;
  for (char c : letters) keys.emplace_back(std::string(32, c));
  return HmacCompletionLinks(std::move(keys));
}

Named example() {
  return {
      {0x0102030405060708, 0x090a0b0c0d0e0f10}, {{77}, Trigger::kSchedule, 1'716'478'200'123}, 3};
}

std::string token_of(std::string_view letters, const Named& attempt) {
  HmacCompletionLinks links = links_of(letters);
  links.set_base("http://h");
  const std::string link = links.link_to(attempt);
  return link.substr(link.rfind('/') + 1);
}

void expect_same(const std::optional<Named>& read, const Named& wanted) {
  ASSERT_TRUE(read);
  EXPECT_EQ(read->task, wanted.task);
  EXPECT_EQ(read->run, wanted.run);
  EXPECT_EQ(read->attempt, wanted.attempt);
}

TEST(CompletionLinks, ALinkIsTheBaseThePathAndAToken) {
  HmacCompletionLinks links = links_of("a");
  EXPECT_FALSE(links.available());
  links.set_base("https://h.example:8443/wheel");
  EXPECT_TRUE(links.available());
  const std::string link = links.link_to(example());
  const std::string before = "https://h.example:8443/wheel" + std::string(kPath);
  ASSERT_TRUE(link.starts_with(before)) << link;
  const std::string token = link.substr(before.size());
  EXPECT_EQ(token.find_first_not_of(kAlphabet), std::string::npos) << "one segment of a path";
  expect_same(links.read(token), example());
}

// Computed with Python's hmac, hashlib and base64: links that are out must be read by the next
// version of the server, too.
TEST(CompletionLinks, AnOldTokenIsStillRead) {
  constexpr const char* kToken =
      "AQECAwQFBgcICQoLDA0ODxAAAAAAAAAATQEAAAGPphLJOwAAAAPAQPgHaJBhnB2AsmLG6jXw";
  EXPECT_EQ(token_of("a", example()), kToken);
  expect_same(links_of("a").read(kToken), example());
}

TEST(CompletionLinks, WhateverIsNamedReadsBackAndHasATokenOfItsOwn) {
  constexpr uint64_t kMost = std::numeric_limits<uint64_t>::max();
  constexpr int64_t kFarthest = std::numeric_limits<int64_t>::max();
  constexpr int64_t kEarliest = std::numeric_limits<int64_t>::min();
  const Named cases[] = {
      example(),
      {{}, {{0}, Trigger::kSchedule, 0}, 0},
      {{kMost, kMost}, {{kMost}, Trigger::kBackfill, kFarthest}, UINT32_MAX},
      {{1, 0}, {{1}, Trigger::kManual, kEarliest}, 1},
      {{0, 1}, {{1}, Trigger::kManual, -1}, 1},
      {{0, 1}, {{1}, Trigger::kManual, 0}, 1},
      {{0, 1}, {{1}, Trigger::kSchedule, 0}, 1},
      {{0, 1}, {{1}, Trigger::kSchedule, 0}, 2},
      {{0, 1}, {{2}, Trigger::kSchedule, 0}, 1},
  };
  const HmacCompletionLinks links = links_of("a");
  std::set<std::string> tokens;
  for (const Named& named : cases) {
    const std::string token = token_of("a", named);
    expect_same(links.read(token), named);
    tokens.insert(token);
  }
  EXPECT_EQ(tokens.size(), std::size(cases));
}

TEST(CompletionLinks, WithAnyBitOfItChangedATokenIsRefused) {  // CL1, CL2
  const HmacCompletionLinks links = links_of("ab");
  const std::string token = token_of("a", example());
  ASSERT_TRUE(links.read(token));
  for (size_t at = 0; at < token.size(); ++at) {
    const size_t digit = kAlphabet.find(token[at]);
    for (size_t bit = 1; bit < kAlphabet.size(); bit *= 2) {
      std::string changed = token;
      changed[at] = kAlphabet[digit ^ bit];
      EXPECT_FALSE(links.read(changed)) << "place " << at << ", bit " << bit;
    }
  }
}

TEST(CompletionLinks, ATokenHasOneSpelling) {  // CL2
  const HmacCompletionLinks links = links_of("a");
  const std::string token = token_of("a", example());
  std::vector<std::string> others = {"",          token + "=",  token + "A",
                                     " " + token, token + "\n", token + token};
  for (size_t size = 0; size < token.size(); ++size) others.push_back(token.substr(0, size));
  for (size_t at = 0; at < token.size(); ++at) {
    for (char c : std::string_view("+/=% \n\0\xff", 8)) {
      others.push_back(token);
      others.back()[at] = c;
    }
  }
  for (const std::string& other : others) {
    EXPECT_FALSE(links.read(other)) << testing::PrintToString(other);
  }
  // With the digits of the other alphabet of base64 in place of its own.
  for (int i = 0; i < 64; ++i) {
    Named named = example();
    named.attempt = static_cast<uint32_t>(i);
    std::string standard = token_of("a", named);
    ASSERT_TRUE(links.read(standard));
    bool differs = false;
    for (char& c : standard) {
      differs = differs || c == '-' || c == '_';
      c = c == '-' ? '+' : c == '_' ? '/' : c;
    }
    EXPECT_EQ(links.read(standard).has_value(), !differs) << standard;
  }
}

TEST(CompletionLinks, TheFirstKeyMakesThemAndEachReadsThem) {  // CL3
  const std::string by_a = token_of("ab", example());
  EXPECT_EQ(by_a, token_of("a", example()));
  EXPECT_NE(by_a, token_of("ba", example()));
  EXPECT_TRUE(links_of("ba").read(by_a)) << "being changed";
  EXPECT_FALSE(links_of("bc").read(by_a)) << "it is gone";
}

TEST(CompletionLinks, WithoutABaseTheyAreReadAllTheSame) {
  const HmacCompletionLinks links = links_of("a");
  EXPECT_TRUE(links.read(token_of("a", example())));
}

}  // namespace
}  // namespace hourwheel::completion_links_test
