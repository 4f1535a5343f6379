#include "net/egress_policy.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace hourwheel::egress_policy_test {
namespace {

struct Row {
  const char* ip;
  EgressVerdict verdict;
};
constexpr auto kOk = EgressVerdict::kAllowed;
constexpr auto kNo = EgressVerdict::kNever;
constexpr auto kPriv = EgressVerdict::kPrivate;
constexpr auto kRes = EgressVerdict::kReserved;

const Row kRows[] = {
    // public
    {"1.1.1.1", kOk},
    {"8.8.8.8", kOk},
    {"9.255.255.255", kOk},
    {"11.0.0.0", kOk},
    {"100.63.255.255", kOk},
    {"100.128.0.0", kOk},
    {"126.255.255.255", kOk},
    {"128.0.0.0", kOk},
    {"168.63.129.15", kOk},
    {"168.63.129.17", kOk},
    {"169.253.255.255", kOk},
    {"169.255.0.0", kOk},
    {"172.15.255.255", kOk},
    {"172.32.0.0", kOk},
    {"191.255.255.255", kOk},
    {"192.0.1.0", kOk},
    {"192.0.3.0", kOk},
    {"192.88.98.255", kOk},
    {"192.88.100.0", kOk},
    {"192.167.255.255", kOk},
    {"192.169.0.0", kOk},
    {"198.17.255.255", kOk},
    {"198.20.0.0", kOk},
    {"198.51.99.255", kOk},
    {"198.51.101.0", kOk},
    {"203.0.112.255", kOk},
    {"203.0.114.0", kOk},
    {"223.255.255.255", kOk},
    {"1.0.0.0", kOk},
    {"2606:4700::1111", kOk},
    {"2a00:1450::1", kOk},
    {"2001:200::", kOk},
    {"2001:db7:ffff::", kOk},
    {"2001:db9::", kOk},
    {"2003::1", kOk},
    {"3ffe::1", kOk},
    {"4000::1", kOk},
    {"64:ff9a::1", kOk},
    {"100:0:0:1::", kOk},
    {"5eff::1", kOk},
    {"5f01::1", kOk},
    // never
    {"0.0.0.0", kNo},
    {"0.0.0.1", kNo},
    {"0.255.255.255", kNo},
    {"127.0.0.0", kNo},
    {"127.0.0.1", kNo},
    {"127.0.1.1", kNo},
    {"127.1.2.3", kNo},
    {"127.255.255.255", kNo},
    {"169.254.0.0", kNo},
    {"169.254.169.253", kNo},
    {"169.254.169.254", kNo},
    {"169.254.170.2", kNo},
    {"169.254.255.255", kNo},
    {"168.63.129.16", kNo},
    {"100.100.100.200", kNo},
    {"192.0.0.192", kNo},
    {"224.0.0.0", kNo},
    {"224.0.0.251", kNo},
    {"239.255.255.255", kNo},
    {"255.255.255.255", kNo},
    {"::", kNo},
    {"::1", kNo},
    {"fe80::", kNo},
    {"fe80::1", kNo},
    {"febf:ffff::", kNo},
    {"fd00:ec2::254", kNo},
    {"fd00:ec2::23", kNo},
    {"fd20:ce::254", kNo},
    {"fd00:c1::a9fe:a9fe", kNo},
    {"ff00::", kNo},
    {"ff02::1", kNo},
    {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", kNo},
    // private
    {"10.0.0.0", kPriv},
    {"10.1.2.3", kPriv},
    {"10.255.255.255", kPriv},
    {"172.16.0.0", kPriv},
    {"172.20.0.1", kPriv},
    {"172.31.255.255", kPriv},
    {"192.168.0.0", kPriv},
    {"192.168.1.1", kPriv},
    {"192.168.255.255", kPriv},
    {"100.64.0.0", kPriv},
    {"100.100.100.199", kPriv},
    {"100.100.100.201", kPriv},
    {"100.127.255.255", kPriv},
    {"fc00::", kPriv},
    {"fc00::1", kPriv},
    {"fd00::1", kPriv},
    {"fd00:ec2::253", kPriv},
    {"fd00:ec2::255", kPriv},
    {"fd00:c1::a9fe", kPriv},
    {"fdff:ffff::", kPriv},
    // reserved
    {"192.0.0.0", kRes},
    {"192.0.0.170", kRes},
    {"192.0.0.191", kRes},
    {"192.0.0.193", kRes},
    {"192.0.0.255", kRes},
    {"192.0.2.0", kRes},
    {"192.0.2.255", kRes},
    {"192.88.99.0", kRes},
    {"192.88.99.255", kRes},
    {"198.18.0.0", kRes},
    {"198.19.255.255", kRes},
    {"198.51.100.0", kRes},
    {"198.51.100.255", kRes},
    {"203.0.113.0", kRes},
    {"203.0.113.255", kRes},
    {"240.0.0.0", kRes},
    {"250.1.2.3", kRes},
    {"255.255.255.254", kRes},
    {"100::", kRes},
    {"100::1", kRes},
    {"100::ffff:ffff:ffff:ffff", kRes},
    {"2001::", kRes},
    {"2001:0:1::", kRes},
    {"2001:1ff::", kRes},
    {"2001:db8::", kRes},
    {"2001:db8:ffff::", kRes},
    {"3fff::", kRes},
    {"3fff:fff::", kRes},
    {"5f00::", kRes},
    {"5f00:ffff::", kRes},
    {"fec0::", kRes},
    {"feff::1", kRes},
    {"64:ff9b:1::", kRes},
    {"64:ff9b:1:ffff::7f00:1", kRes},
    {"64:ff9b:1::808:808", kRes},
    // embedded: mapped, compatible, NAT64, 6to4
    {"::ffff:127.0.0.1", kNo},
    {"::ffff:7f00:1", kNo},
    {"::ffff:169.254.169.254", kNo},
    {"::ffff:a9fe:a9fe", kNo},
    {"::ffff:0.0.0.0", kNo},
    {"::ffff:255.255.255.255", kNo},
    {"::ffff:168.63.129.16", kNo},
    {"::ffff:100.100.100.200", kNo},
    {"::ffff:192.0.0.192", kNo},
    {"::ffff:10.0.0.1", kPriv},
    {"::ffff:192.168.0.1", kPriv},
    {"::ffff:100.64.0.1", kPriv},
    {"::ffff:192.0.2.1", kRes},
    {"::ffff:240.0.0.1", kRes},
    {"::ffff:8.8.8.8", kOk},
    {"::127.0.0.1", kNo},
    {"::7f00:1", kNo},
    {"::169.254.169.254", kNo},
    {"::2", kNo},
    {"::10.0.0.1", kPriv},
    {"::192.168.0.1", kPriv},
    {"::8.8.8.8", kOk},
    {"::203.0.113.1", kRes},
    {"64:ff9b::127.0.0.1", kNo},
    {"64:ff9b::7f00:1", kNo},
    {"64:ff9b::169.254.169.254", kNo},
    {"64:ff9b::a9fe:a9fe", kNo},
    {"64:ff9b::10.0.0.1", kPriv},
    {"64:ff9b::172.16.0.1", kPriv},
    {"64:ff9b::8.8.8.8", kOk},
    {"64:ff9b::198.18.0.1", kRes},
    {"2002:7f00:1::", kNo},
    {"2002:7f00:1::1", kNo},
    {"2002:a9fe:a9fe::", kNo},
    {"2002:a00:1::", kPriv},
    {"2002:c0a8:101::1", kPriv},
    {"2002:ac10:1::", kPriv},
    {"2002:808:808::1", kOk},
    {"2002:c000:201::", kRes},
    {"2002::", kNo},
};

Address address(const std::string& ip, uint16_t port = 80) {
  auto parsed = parse_address(ip, port);
  EXPECT_TRUE(parsed) << ip;
  return parsed.value_or(Address{});
}

TEST(EgressPolicy, JudgesEveryRangeAtItsEdges) {
  EgressPolicy policy(EgressMode::kPublicOnly, {});
  EXPECT_GE(std::size(kRows), 150U);
  for (const Row& row : kRows) {
    EXPECT_EQ(policy.judge(address(row.ip)), row.verdict) << row.ip;
    EXPECT_EQ(policy.allows(address(row.ip)), row.verdict == kOk) << row.ip;
  }
}

TEST(EgressPolicy, DevelopmentOpensLoopbackAndPrivateButNothingElse) {
  EgressPolicy policy(EgressMode::kDevelopment, {});
  for (const Row& row : kRows) {
    const bool loopback =
        row.verdict == kNo &&
        (std::string(row.ip).find("127.") != std::string::npos || std::string(row.ip) == "::1" ||
         std::string(row.ip).find("7f00:1") != std::string::npos);
    EgressVerdict expected = loopback || row.verdict == kPriv ? kOk : row.verdict;
    EXPECT_EQ(policy.judge(address(row.ip)), expected) << row.ip;
  }
}

AddressRange range(const char* base, int bits) {
  return {address(base), bits};
}
// All that may be opened.
const std::vector<AddressRange>& everything() {
  static const std::vector<AddressRange> kAll = {range("10.0.0.0", 8), range("172.16.0.0", 12),
                                                 range("192.168.0.0", 16), range("100.64.0.0", 10),
                                                 range("fc00::", 7)};
  return kAll;
}

// EP2: nothing else, and no metadata that lies within.
TEST(EgressPolicy, OpenedNetworksOpenPrivateAddressesAndNothingElse) {
  EgressPolicy policy(EgressMode::kPublicOnly, {}, {}, everything());
  for (const Row& row : kRows) {
    const EgressVerdict expected = row.verdict == kPriv ? kOk : row.verdict;
    EXPECT_EQ(policy.judge(address(row.ip)), expected) << row.ip;
  }
}

TEST(EgressPolicy, AnOpenedRangeEndsWhereItSays) {
  EgressPolicy policy(EgressMode::kPublicOnly, {}, {},
                      {range("10.1.2.0", 23), range("fd00:7::", 33), range("192.168.5.5", 32)});
  for (const char* open :
       {"10.1.2.0", "10.1.3.255", "fd00:7::", "fd00:7:7fff:ffff::1", "192.168.5.5"}) {
    EXPECT_EQ(policy.judge(address(open)), kOk) << open;
  }
  for (const char* shut : {"10.1.1.255", "10.1.4.0", "fd00:6:ffff::", "fd00:7:8000::",
                           "192.168.5.4", "192.168.5.6", "172.16.0.1"}) {
    EXPECT_EQ(policy.judge(address(shut)), kPriv) << shut;
  }
}

// EP3
TEST(EgressPolicy, AnIPv4RangeOpensItsAddressesHoweverTheyAreCarried) {
  EgressPolicy policy(EgressMode::kPublicOnly, {}, {}, {range("10.0.0.0", 8)});
  for (const char* open : {"::ffff:10.0.0.1", "::10.0.0.1", "64:ff9b::10.0.0.1", "2002:a00:1::"}) {
    EXPECT_EQ(policy.judge(address(open)), kOk) << open;
  }
  for (const char* shut : {"::ffff:192.168.0.1", "64:ff9b::172.16.0.1", "2002:c0a8:101::1"}) {
    EXPECT_EQ(policy.judge(address(shut)), kPriv) << shut;
  }
  EgressPolicy v6(EgressMode::kPublicOnly, {}, {}, {range("fc00::", 7)});
  EXPECT_EQ(v6.judge(address("::ffff:10.0.0.1")), kPriv);
  EXPECT_EQ(v6.judge(address("64:ff9b:1::a00:1")), kRes);
}

// EP1
TEST(EgressPolicy, LoopbackIsOpenedByItsOwnRangeOnly) {
  EgressPolicy one(EgressMode::kPublicOnly, {address("127.0.0.1", 8080)}, {},
                   {range("127.0.0.1", 32), range("::1", 128)});
  EXPECT_EQ(one.judge(address("127.0.0.1")), kOk);
  EXPECT_EQ(one.judge(address("::ffff:127.0.0.1")), kOk);
  EXPECT_EQ(one.judge(address("::1")), kOk);
  EXPECT_EQ(one.judge(address("127.0.0.2")), kNo);
  EXPECT_EQ(one.judge(address("127.0.0.1", 8080)), EgressVerdict::kOwn);
  EXPECT_EQ(one.judge(address("10.0.0.1")), kPriv);
  EgressPolicy wide(EgressMode::kPublicOnly, {}, {}, everything());
  EXPECT_EQ(wide.judge(address("127.0.0.1")), kNo);
}

TEST(EgressPolicy, WhatMayBeOpenedLiesWithinOnePrivateNetworkOrLoopback) {
  for (const AddressRange& good : everything()) {
    EXPECT_TRUE(may_be_opened(good)) << to_text(good.base);
  }
  const struct {
    const char* base;
    int bits;
    bool good;
  } kCases[] = {
      {"10.20.30.40", 32, true},
      {"127.0.0.0", 8, true},
      {"127.0.0.1", 32, true},
      {"::1", 128, true},
      {"fd00::", 8, true},
      {"fd00:ec2::", 32, true},       // the metadata in it stay shut
      {"100.100.100.192", 26, true},  // the same
      // wider than what it holds
      {"0.0.0.0", 0, false},
      {"::", 0, false},
      {"10.0.0.0", 7, false},
      {"172.16.0.0", 11, false},
      {"192.168.0.0", 15, false},
      {"100.64.0.0", 9, false},
      {"126.0.0.0", 7, false},
      {"fc00::", 6, false},
      {"::", 127, false},
      // never
      {"0.0.0.0", 32, false},
      {"169.254.0.0", 16, false},
      {"169.254.169.254", 32, false},
      {"100.100.100.200", 32, false},
      {"168.63.129.16", 32, false},
      {"192.0.0.192", 32, false},
      {"fd00:ec2::254", 128, false},
      {"fd20:ce::254", 128, false},
      {"fe80::", 10, false},
      {"fe80::1", 128, false},
      {"224.0.0.0", 4, false},
      {"239.1.2.3", 32, false},
      {"255.255.255.255", 32, false},
      {"ff02::1", 128, false},
      {"::", 128, false},
      // reserved
      {"198.18.0.0", 15, false},
      {"240.0.0.0", 4, false},
      {"2001:db8::", 32, false},
      // what carries IPv4 addresses, which are opened as such (EP3)
      {"::ffff:10.0.0.0", 104, false},
      {"64:ff9b::a00:0", 104, false},
      {"64:ff9b:1::", 48, false},
      {"2002:a00::", 24, false},
      // open anyway
      {"8.8.8.8", 32, false},
      {"2606:4700::", 32, false},
  };
  for (const auto& one : kCases) {
    EXPECT_EQ(may_be_opened(range(one.base, one.bits)), one.good) << one.base << "/" << one.bits;
  }
}

TEST(EgressPolicyDeathTest, WhatMayNotBeOpenedIsABug) {
  EXPECT_DEATH(EgressPolicy(EgressMode::kPublicOnly, {}, {}, {range("0.0.0.0", 0)}), "EP1");
}

TEST(EgressPolicy, OwnAddressesAreRefusedEvenInDevelopment) {
  for (EgressMode mode : {EgressMode::kPublicOnly, EgressMode::kDevelopment}) {
    EgressPolicy policy(mode, {address("127.0.0.1", 8080), address("1.2.3.4", 443)});
    EXPECT_EQ(policy.judge(address("127.0.0.1", 8080)), EgressVerdict::kOwn);
    EXPECT_EQ(policy.judge(address("::ffff:127.0.0.1", 8080)), EgressVerdict::kOwn);
    EXPECT_EQ(policy.judge(address("64:ff9b::127.0.0.1", 8080)), EgressVerdict::kOwn);
    EXPECT_EQ(policy.judge(address("1.2.3.4", 443)), EgressVerdict::kOwn);
    EXPECT_EQ(policy.judge(address("1.2.3.4", 444)), kOk);
    EXPECT_EQ(policy.judge(address("1.2.3.5", 443)), kOk);
  }
  EgressPolicy opened(EgressMode::kPublicOnly, {address("10.0.0.7", 8080)}, {}, everything());
  EXPECT_EQ(opened.judge(address("10.0.0.7", 8080)), EgressVerdict::kOwn);
  EXPECT_EQ(opened.judge(address("::ffff:10.0.0.7", 8080)), EgressVerdict::kOwn);
  EXPECT_EQ(opened.judge(address("10.0.0.7", 8081)), kOk);
  EgressPolicy development(EgressMode::kDevelopment, {address("127.0.0.1", 8080)});
  EXPECT_EQ(development.judge(address("127.0.0.1", 8081)), kOk);
}

TEST(EgressPolicy, AWildcardListenerIsEveryAddressOfThisHost) {
  for (const char* wildcard : {"0.0.0.0", "::"}) {
    EgressPolicy policy(EgressMode::kDevelopment, {address(wildcard, 8080)},
                        {address("192.168.7.7"), address("fd00::7")});
    for (const char* own :
         {"127.0.0.1", "127.9.9.9", "::1", "192.168.7.7", "fd00::7", "::ffff:192.168.7.7"}) {
      EXPECT_EQ(policy.judge(address(own, 8080)), EgressVerdict::kOwn) << own;
      EXPECT_EQ(policy.judge(address(own, 8081)), kOk) << own;
    }
    EXPECT_EQ(policy.judge(address("192.168.7.8", 8080)), kOk);
  }
}

}  // namespace
}  // namespace hourwheel::egress_policy_test
