#include "net/secret_box.h"

#include <gtest/gtest.h>

#include <set>

#include "engine/limits.h"
#include "net/base64.h"

namespace hourwheel::secret_box_test {
namespace {

constexpr SecretPlace kPlace{"crm-token", {7}};

std::string line(char fill) {
  std::string text = "hwmk_";
  append_base64(text, std::string(32, fill));
  return text + "\n";
}

std::string base64_of(std::string_view bytes) {
  std::string text;
  append_base64(text, bytes);
  return text;
}

SecretBox box_of(const std::string& lines) {
  auto keys = read_master_keys(lines, "the file");
  EXPECT_TRUE(keys) << keys.error().detail;
  return {std::move(*keys), "the file"};
}

std::string sealed_by(const SecretBox& box, std::string_view value,
                      const SecretPlace& place = kPlace) {
  auto sealed = box.seal(place, SecretText(value));
  EXPECT_TRUE(sealed);
  return *sealed;
}

ErrorCode refusal_of(const SecretBox& box, const SecretPlace& place, std::string_view sealed) {
  auto opened = box.open(place, sealed);
  EXPECT_FALSE(opened);
  return opened ? ErrorCode::kInternal : opened.error().code;
}

TEST(SecretBox, OpensWhatItSealed) {
  const SecretBox box = box_of(line('a'));
  for (const std::string& value :
       {std::string("x"), std::string("\0\xff\r\n", 4), std::string(kMaxSecretValue, 'v')}) {
    const std::string sealed = sealed_by(box, value);
    EXPECT_EQ(sealed.find(value.size() > 1 ? value : "no such text"), std::string::npos);
    auto opened = box.open(kPlace, sealed);
    ASSERT_TRUE(opened) << opened.error().detail;
    EXPECT_EQ(opened->view(), value);
  }
}

// Computed with Python's hmac and hashlib.
TEST(SecretBox, AKeyForAnotherPurposeComesFromEachMasterKey) {  // B2
  const auto keys = box_of(line('b') + line('a')).derive("p");
  ASSERT_EQ(keys.size(), 2U);
  EXPECT_EQ(base64_of(keys[1].view()), "L4PQZ24KExES3m9sA1rpWaR1WK1FAGd+v0hxprjtyOQ=");
  const auto alone = box_of(line('b')).derive("p");
  ASSERT_EQ(alone.size(), 1U);
  EXPECT_EQ(keys[0].view(), alone[0].view());
  EXPECT_NE(box_of(line('b')).derive("q")[0].view(), alone[0].view());
}

TEST(SecretBox, NoTwoSealsAreAlike) {
  const SecretBox box = box_of(line('a'));
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) seen.insert(sealed_by(box, "value").substr(9, 12));
  EXPECT_EQ(seen.size(), 100U) << "a nonce came twice";
}

TEST(SecretBox, EachFlippedBitIsNoticed) {  // B1
  const SecretBox box = box_of(line('a'));
  const std::string sealed = sealed_by(box, "value");
  for (size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    std::string other = sealed;
    other[bit / 8] = static_cast<char>(other[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(box.open(kPlace, other)) << bit;
  }
}

TEST(SecretBox, NoPartOfASealOpens) {
  const SecretBox box = box_of(line('a'));
  const std::string sealed = sealed_by(box, "value");
  for (size_t size = 0; size < sealed.size(); ++size) {
    EXPECT_EQ(refusal_of(box, kPlace, sealed.substr(0, size)), ErrorCode::kCorrupt) << size;
  }
  EXPECT_EQ(refusal_of(box, kPlace, sealed + "x"), ErrorCode::kCorrupt);
}

TEST(SecretBox, AnotherPlaceDoesNotOpen) {  // SE2: rows that were swapped
  const SecretBox box = box_of(line('a'));
  const std::string sealed = sealed_by(box, "value");
  for (const SecretPlace& place :
       {SecretPlace{"crm-tokem", {7}}, SecretPlace{"crm-token", {8}}, SecretPlace{"crm-toke", {7}},
        SecretPlace{"", {7}}, SecretPlace{"crm-token", {uint64_t{7} << 56}}}) {
    EXPECT_EQ(refusal_of(box, place, sealed), ErrorCode::kCorrupt) << place.name;
  }
}

TEST(SecretBox, AKeyThatIsNotThereIsNamedByItsId) {
  const std::string sealed = sealed_by(box_of(line('a')), "value");
  auto opened = box_of(line('b')).open(kPlace, sealed);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::kForbidden);
  // The first bytes of SHA-256("a" * 32).
  EXPECT_NE(opened.error().detail.find("3ba3f5f43b926026"), std::string::npos)
      << opened.error().detail;
  EXPECT_NE(opened.error().detail.find("the file"), std::string::npos);
}

TEST(SecretBox, TheFirstKeySealsAndAllOpen) {  // B3
  const SecretBox old = box_of(line('a'));
  const SecretBox both = box_of("# new\n" + line('b') + "\n" + line('a'));
  const std::string before = sealed_by(old, "value");
  EXPECT_TRUE(old.is_newest(before));
  EXPECT_FALSE(both.is_newest(before));
  EXPECT_EQ(both.open(kPlace, before)->view(), "value");
  const std::string anew = sealed_by(both, "value");
  EXPECT_TRUE(both.is_newest(anew));
  EXPECT_EQ(refusal_of(old, kPlace, anew), ErrorCode::kForbidden);
  EXPECT_EQ(box_of(line('b')).open(kPlace, anew)->view(), "value");
}

TEST(SecretBox, WhatIsNoKeyIsRefusedByItsLine) {
  auto why = [](const std::string& text) {
    auto keys = read_master_keys(text, "F");
    EXPECT_FALSE(keys) << text;
    return keys ? "" : keys.error().detail;
  };
  const std::string good = line('a');
  EXPECT_EQ(why(""), "F: no key in it");
  EXPECT_EQ(why("# hwmk_\n\n"), "F: no key in it");
  for (const std::string& bad :
       {std::string("hwmk_\n"), "whsec_" + good.substr(5), good.substr(0, 40) + "\n",
        good.substr(0, 48) + "==\n", " " + good, std::string("hwmk_eHh4\n")}) {
    const std::string said = why(good + bad);
    EXPECT_TRUE(said.starts_with("F, line 2: not a key")) << said;
    EXPECT_EQ(said.find("YWFh"), std::string::npos) << "B2 " << said;
  }
  std::string many;
  for (size_t i = 0; i <= kMaxMasterKeys; ++i) many += line(static_cast<char>('a' + i));
  EXPECT_EQ(why(many), "F, line 9: more than 8 keys");
}

TEST(SecretBox, ANewKeyIsALineThatCanBeRead) {
  auto first = new_master_key();
  auto second = new_master_key();
  ASSERT_TRUE(first && second);
  EXPECT_TRUE(read_master_keys(first->view(), "F"));
  EXPECT_NE(first->view(), second->view());
}

}  // namespace
}  // namespace hourwheel::secret_box_test
