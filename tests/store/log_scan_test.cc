// Logs made by hand: torn writes of a log that was begun anew over an older one.
#include "store/log_scan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

namespace hourwheel::log_scan_test {
namespace {

constexpr uint32_t kPageBytes = 512;
constexpr uint64_t kSector = 512;
constexpr size_t kSumAt = 16;

void put(std::string& bytes, size_t at, uint32_t value) {
  for (size_t i = 0; i < 4; ++i) bytes[at + i] = static_cast<char>(value >> (24 - 8 * i));
}

// A log as SQLite writes it (fileformat2.html, 4.1 to 4.3), with checksums over little-endian
// words.
class Log {
 public:
  explicit Log(uint32_t salt) : bytes_(LogScan::kHeaderBytes, '\0'), salt_(salt) {
    put(bytes_, 0, 0x377f0682);
    put(bytes_, 8, kPageBytes);
    put(bytes_, 16, salt);
    add_up(std::string_view(bytes_).substr(0, 24));
    put(bytes_, 24, sum_[0]);
    put(bytes_, 28, sum_[1]);
  }
  // pages_after: not 0 for a commit.
  void add(uint32_t page, uint32_t pages_after, char content) {
    std::string frame(LogScan::kFrameHeadBytes, '\0');
    put(frame, 0, page);
    put(frame, 4, pages_after);
    put(frame, 8, salt_);
    frame.append(kPageBytes, content);
    add_up(std::string_view(frame).substr(0, 8));
    add_up(std::string_view(frame).substr(LogScan::kFrameHeadBytes));
    put(frame, kSumAt, sum_[0]);
    put(frame, kSumAt + 4, sum_[1]);
    bytes_ += frame;
    ++frames_;
  }
  // A commit of three pages, the first of them the mark's.
  void add_commit(char content) {
    add(LogScan::kMarkPage, 0, content);
    add(7, 0, content);
    add(8, 9, content);
  }
  [[nodiscard]] const std::string& bytes() const { return bytes_; }
  [[nodiscard]] size_t frames() const { return frames_; }

 private:
  void add_up(std::string_view bytes) {
    for (size_t at = 0; at < bytes.size(); at += 8) {
      uint32_t words[2];
      std::memcpy(words, bytes.data() + at, sizeof(words));
      sum_[0] += words[0] + sum_[1];
      sum_[1] += words[1] + sum_[0];
    }
  }
  std::string bytes_;
  uint32_t salt_;
  uint32_t sum_[2] = {};
  size_t frames_ = 0;
};

std::optional<uint64_t> damage_in(const std::string& log) {
  LogScan scan(std::string_view(log).substr(0, LogScan::kHeaderBytes), kPageBytes);
  for (size_t at = LogScan::kHeaderBytes; at + scan.frame_bytes() <= log.size();
       at += scan.frame_bytes()) {
    scan.add(std::string_view(log).substr(at, scan.frame_bytes()));
  }
  return scan.damaged_at();
}

// What a power cut leaves when the log was begun anew over `before`: flushed up to `flushed`, and
// of the sectors behind it, those that `survives` names.
template <class Survives>
std::string torn(const Log& before, const Log& after, size_t flushed, Survives survives) {
  std::string left = before.bytes();
  left.resize(std::max(left.size(), after.bytes().size()));
  std::memcpy(left.data(), after.bytes().data(), flushed);
  for (size_t at = flushed; at < after.bytes().size();) {
    const size_t next = std::min((at / kSector + 1) * kSector, after.bytes().size());
    if (survives(at / kSector)) std::memcpy(left.data() + at, after.bytes().data() + at, next - at);
    at = next;
  }
  return left;
}

// Of two commits of a fold's and one of three pages, of which none is flushed, and which begin at
// that frame in a log begun anew over an older one.
void tear_commits_at(size_t frame, uint32_t old_page, uint32_t old_pages_after) {
  Log before(1);
  while (before.frames() < frame + 8) before.add(old_page, old_pages_after, 'a');
  Log after(2);
  while (after.frames() < frame) after.add(LogScan::kMarkPage, 9, 'b');
  const size_t flushed = after.bytes().size();
  after.add(5, 9, 'c');
  after.add(6, 9, 'd');
  after.add_commit('e');
  const uint64_t first = flushed / kSector;
  const uint64_t last = (after.bytes().size() - 1) / kSector;
  for (uint32_t mask = 0; mask < 1U << (last - first + 1); ++mask) {
    const std::string left = torn(before, after, flushed, [&](uint64_t sector) {
      return (mask >> (sector - first) & 1) != 0;
    });
    ASSERT_EQ(damage_in(left), std::nullopt)
        << "at frame " << frame << ", sectors " << mask << ", over page " << old_page;
  }
}

// The heads of 64 frames in a row lie at every place that they can have in a sector.
TEST(LogScan, OfTornCommitsAnySectorsMayBeMissing) {
  for (size_t frame = 0; frame < 64; ++frame) {
    for (uint32_t old_page : {LogScan::kMarkPage, 5U}) {
      for (uint32_t old_pages_after : {0U, 9U}) tear_commits_at(frame, old_page, old_pages_after);
    }
  }
}

// Commits of the mark's page alone, as of a send mark, each with a frame that fills up its sector.
Log log_of_marks(size_t commits) {
  Log log(1);
  for (size_t i = 0; i < 2 * commits; ++i) log.add(LogScan::kMarkPage, 9, static_cast<char>(i / 2));
  return log;
}

// C-23: whether they fill up or not.
TEST(LogScan, DamageInACommitOfTheMarkAloneIsFoundByTheNext) {
  const Log log = log_of_marks(4);
  const size_t frame_bytes = LogScan::kFrameHeadBytes + kPageBytes;
  for (size_t frame = 1; frame < log.frames() - 2; ++frame) {
    const size_t begin = LogScan::kHeaderBytes + frame * frame_bytes;
    std::string damaged = log.bytes() + std::string(frame_bytes, '\0');
    damaged[begin + LogScan::kFrameHeadBytes + 5] ^= 4;
    EXPECT_EQ(damage_in(damaged).has_value(), frame < log.frames() - 3) << frame;
  }
}

// What fills up need not be there each time, and is not flushed to its end (found by a simulated
// power cut).
TEST(LogScan, WhatFillsUpMayBeTornWithACommitBehindIt) {
  for (size_t without = 0; without < 5; ++without) {
    Log before(1);
    for (size_t i = 0; i < without; ++i) {
      before.add(LogScan::kMarkPage, 9, static_cast<char>('a' + i));
    }
    before.add(LogScan::kMarkPage, 9, 'z');
    Log after = before;
    after.add(LogScan::kMarkPage, 9, 'z');
    after.add(5, 0, 'c');
    after.add(6, 9, 'd');
    const size_t flushed = before.bytes().size();
    const size_t first = flushed / kSector;
    const size_t sectors = (after.bytes().size() - 1) / kSector - first + 1;
    for (uint32_t mask = 0; mask < 1U << sectors; ++mask) {
      const std::string left = torn(before, after, flushed, [&](uint64_t sector) {
        return (mask >> (sector - first) & 1) != 0;
      });
      EXPECT_EQ(damage_in(left), std::nullopt) << without << ", sectors " << mask;
    }
  }
}

// What is not flushed of the last one may be missing, whatever of it is there.
TEST(LogScan, ATornCommitOfTheMarkAloneIsNoDamage) {
  const Log before = log_of_marks(2);
  const Log after = log_of_marks(3);
  const size_t flushed = before.bytes().size();
  const size_t sectors = (after.bytes().size() - flushed) / kSector + 1;
  for (uint32_t mask = 0; mask < 1U << sectors; ++mask) {
    const std::string left = torn(before, after, flushed, [&](uint64_t sector) {
      return (mask >> (sector - flushed / kSector) & 1) != 0;
    });
    EXPECT_EQ(damage_in(left), std::nullopt) << mask;
  }
}

}  // namespace
}  // namespace hourwheel::log_scan_test
