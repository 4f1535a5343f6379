#include "engine/base/ids.h"

#include <gtest/gtest.h>

#include <string>

#include "engine/base/siphash.h"

namespace hourwheel::ids_test {
namespace {

TEST(SipHash, MatchesTheReferenceVectors) {
  // vectors_sip128 of the reference implementation: inputs 00 01 02 ... of length n.
  EXPECT_EQ(siphash128("").first, 0xe6a825ba047f81a3u);
  EXPECT_EQ(siphash128("").second, 0x930255c71472f66du);
  EXPECT_EQ(siphash128(std::string_view("\0", 1)).first, 0x44af996bd8c187dau);
  EXPECT_EQ(siphash128(std::string_view("\0", 1)).second, 0x45fc229b11597634u);
}

TEST(TaskKey, OfAGeneratedIdIsItsUuidAndAscendsInTime) {
  Random random(1);
  TaskKey previous;
  for (int64_t ms = 1'700'000'000'000; ms < 1'700'000'000'100; ++ms) {
    std::string id = generate_task_id({ms}, random);
    ASSERT_EQ(id.size(), 30u);
    TaskKey key = task_key(id);
    EXPECT_EQ("tsk_" + base32(key), id);
    EXPECT_EQ(key.high >> 16, static_cast<uint64_t>(ms));
    EXPECT_LT(previous, key);
    previous = key;
  }
}

TEST(TaskKey, IsGeneratedAmongThoseWanted) {
  Random random(3);
  const auto wanted = [](TaskKey key) { return partition_of(key) == 17; };
  for (int i = 0; i < 50; ++i) {
    const TaskKey key = generate_task_key({1'700'000'000'000}, random, 1'000'000, wanted);
    EXPECT_TRUE(wanted(key));
    EXPECT_EQ(task_key(generated_id(key)), key);
  }
  // Where none is, it takes what comes.
  generate_task_key({1'700'000'000'000}, random, 5, [](TaskKey) { return false; });
}

TEST(TaskKey, OfAnyOtherTextCannotEqualAGeneratedOne) {
  // A text of the generated shape whose bits are no UUIDv7 is hashed like any other.
  for (std::string id : {"1", "tsk_", "tsk_00000000000000000000000000", "a.b:c"}) {
    EXPECT_EQ((task_key(id).high >> 12) & 15, 8u) << id;
  }
}

TEST(Base32, RoundTripsAndRefusesWhatItNeverWrites) {
  TaskKey key{0x0123456789abcdef, 0xfedcba9876543210};
  EXPECT_EQ(parse_base32(base32(key)), key);
  EXPECT_EQ(parse_base32("80000000000000000000000000"), std::nullopt);  // 131 bits
  EXPECT_EQ(parse_base32("0000000000000000000000000i"), std::nullopt);  // not in the alphabet
  EXPECT_EQ(parse_base32("000"), std::nullopt);
}

TEST(Partition, SpreadsGeneratedAndChosenIdsEvenly) {
  Random random(2);
  std::vector<int> hits(kPartitions);
  for (int i = 0; i < 102'400; ++i) {
    auto id = i % 2 ? generate_task_id({1'700'000'000'000 + i}, random) : std::to_string(i);
    ++hits[partition_of(task_key(id))];
  }
  for (int h : hits) {
    EXPECT_GT(h, 50);
    EXPECT_LT(h, 160);
  }
}

}  // namespace
}  // namespace hourwheel::ids_test
