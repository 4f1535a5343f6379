#include "api/key_text.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "api/network.h"

namespace hourwheel::key_text_test {
namespace {

TEST(KeyText, WhatIsMadeCanBeRead) {
  std::set<std::string> all;
  for (int i = 0; i < 100; ++i) {
    auto text = new_key_text();
    ASSERT_TRUE(text);
    auto key = parse_key_text(*text);
    ASSERT_TRUE(key) << *text;
    EXPECT_EQ(*text, "hw_" + std::string(key->id) + "_" + std::string(key->secret) +
                         text->substr(text->size() - 7));
    EXPECT_EQ(digest_of(*key), sha256(key->secret));
    all.insert(std::move(*text));
  }
  EXPECT_EQ(all.size(), 100U);
}

TEST(KeyText, ASlipAnywhereIsFound) {
  const std::string text = *new_key_text();
  for (size_t i = 0; i < text.size(); ++i) {
    std::string slip = text;
    slip[i] = slip[i] == 'x' ? 'y' : 'x';
    EXPECT_FALSE(parse_key_text(slip)) << slip;
  }
  EXPECT_FALSE(parse_key_text(text.substr(1)));
  EXPECT_FALSE(parse_key_text(text + "x"));
  EXPECT_FALSE(parse_key_text(""));
  EXPECT_FALSE(parse_key_text(std::string(text.size(), '\0')));
}

TEST(KeyText, EveryRightButTheOpenOneHasAWord) {
  Rights rights;
  for (const RightWord& one : right_words()) {
    EXPECT_EQ(parse_right(one.word), one.right);
    EXPECT_EQ(word_of(one.right), one.word);
    rights.add(one.right);
  }
  EXPECT_EQ(rights, Rights::all());
  EXPECT_FALSE(rights.has(Right::kOpen));
  EXPECT_FALSE(parse_right("tasks:all"));
}

TEST(KeyText, EachRoleMayWhatTheOneBeforeMay) {
  Rights before;
  for (const RoleWord& role : role_words()) {
    EXPECT_TRUE(before.within(role.rights)) << role.word;
    EXPECT_NE(before, role.rights) << role.word;
    before = role.rights;
  }
  EXPECT_EQ(before, Rights::all());
}

Address address(std::string_view text) {
  return parse_network(text)->base;
}

TEST(Network, HoldsWhatItsPrefixSays) {
  const struct {
    const char* network;
    const char* address;
    bool holds;
  } kCases[] = {
      {"10.0.0.0/8", "10.255.255.255", true},
      {"10.0.0.0/8", "11.0.0.0", false},
      {"10.1.2.3", "10.1.2.3", true},
      {"10.1.2.3", "10.1.2.2", false},
      {"0.0.0.0/0", "255.255.255.255", true},
      {"0.0.0.0/0", "::1", false},
      {"10.0.0.0/8", "::ffff:10.1.1.1", true},
      {"10.0.0.0/8", "::ffff:11.1.1.1", false},
      {"2001:db8::/33", "2001:db8:7fff::1", true},
      {"2001:db8::/33", "2001:db8:8000::1", false},
      {"::/0", "fe80::1", true},
      {"::/0", "10.0.0.1", false},
  };
  for (const auto& one : kCases) {
    EXPECT_EQ(parse_network(one.network)->contains(address(one.address)), one.holds)
        << one.network << " " << one.address;
  }
}

TEST(Network, RefusesWhatIsNone) {
  for (std::string_view text :
       {"", "10", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8x", "10.0.0.1/8", "::1/129",
        "::1/64", "fe80::1%eth0", "host/8", "10.0.0.0/8/8", "/8"}) {
    EXPECT_FALSE(parse_network(text)) << text;
  }
  EXPECT_FALSE(parse_network(std::string_view("10.0.0.1\0x", 10)));
}

TEST(Network, TellsAnAddressWithoutItsPort) {
  EXPECT_EQ(ip_text(address("::ffff:10.1.1.1")), "10.1.1.1");
  EXPECT_EQ(ip_text(address("2001:db8::1")), "2001:db8::1");
}

}  // namespace
}  // namespace hourwheel::key_text_test
