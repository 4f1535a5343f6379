#include "store/log_scan.h"

#include <algorithm>
#include <cstring>

namespace hourwheel {
namespace {

constexpr uint32_t kMagic = 0x377f0682;  // with the last bit: checksums over big-endian words
constexpr uint32_t kSmallestPage = 512;
constexpr uint32_t kLargestPage = 65'536;
constexpr uint64_t kSectorBytes = 512;
constexpr size_t kSumAt = 16;       // in a frame's head
constexpr size_t kSummedBytes = 8;  // of it: the rest of the head is not in the checksum

uint32_t big_endian(std::string_view bytes, size_t at) {
  uint32_t value = 0;
  for (size_t i = at; i < at + 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

}  // namespace

LogScan::LogScan(std::string_view header, uint32_t page_bytes) : page_bytes_(page_bytes) {
  const uint32_t magic = big_endian(header, 0);
  const uint32_t size = big_endian(header, 8);
  const bool sensible = (magic & ~1U) == kMagic && size >= kSmallestPage && size <= kLargestPage &&
                        (size & (size - 1)) == 0;
  if (!sensible) return;
  big_endian_ = (magic & 1) != 0;
  running_ = sum_of({}, header.substr(0, 24));
  header_valid_ = running_ == Sum{big_endian(header, 24), big_endian(header, 28)};
  if (!header_valid_) {
    big_endian_ = false;
    return;
  }
  page_bytes_ = size;
  std::memcpy(salts_, header.data() + 16, sizeof(salts_));
}

LogScan::Sum LogScan::sum_of(Sum sum, std::string_view bytes) const {
  for (size_t at = 0; at + 8 <= bytes.size(); at += 8) {
    uint32_t words[2];
    std::memcpy(words, bytes.data() + at, sizeof(words));
    if (big_endian_) words[0] = __builtin_bswap32(words[0]), words[1] = __builtin_bswap32(words[1]);
    sum[0] += words[0] + sum[1];
    sum[1] += words[1] + sum[0];
  }
  return sum;
}

LogScan::Frame LogScan::read(std::string_view frame) const {
  Frame head;
  head.page = big_endian(frame, 0);
  head.pages_after = big_endian(frame, 4);
  std::memcpy(head.salts, frame.data() + 8, sizeof(head.salts));
  head.stored = {big_endian(frame, kSumAt), big_endian(frame, kSumAt + 4)};
  return head;
}

bool LogScan::follows(Sum before, const Frame& head, std::string_view frame) const {
  if (head.page == 0) return false;
  const Sum sum = sum_of(before, frame.substr(0, kSummedBytes));
  return sum_of(sum, frame.substr(kFrameHeadBytes)) == head.stored;
}

// Without a header, of the same log as the frame before it.
bool LogScan::same_log(const Frame& frame) const {
  const char* salts = header_valid_ || !before_ ? salts_ : before_->salts;
  return std::memcmp(frame.salts, salts, sizeof(salts_)) == 0;
}

void LogScan::add(std::string_view frame) {
  const Frame head = read(frame);
  ++frames_;
  if (!ended_ && header_valid_ && same_log(head) && follows(running_, head, frame)) {
    return go_on(head);
  }
  // What the unfinished transaction at the end has written so far stays noted (G2).
  ended_ = true;
  add_behind(head, frame);
}

void LogScan::go_on(const Frame& frame) {
  running_ = frame.stored;
  ++valid_;
  if (fills_up(frame)) {
    committed_ = valid_;
    return;
  }
  marked_ = marked_ || frame.page == kMarkPage;
  if (!end_transaction(frame)) return;
  committed_ = valid_;
  marked_ = false;
}

// The commit's last page once more. What comes of the same page behind it is another commit.
bool LogScan::fills_up(const Frame& frame) {
  if (frame.pages_after == 0 || frame.page != commit_page_) return false;
  commit_page_.reset();
  return true;
}

bool LogScan::end_transaction(const Frame& frame) {
  commit_page_.reset();
  if (frame.pages_after != 0) commit_page_ = frame.page;
  return commit_page_.has_value();
}

void LogScan::add_behind(const Frame& head, std::string_view frame) {
  const bool leads_on = before_ && same_log(head) && follows(before_->stored, head, frame);
  if (leads_on) {
    const uint64_t before = frames_ - 2;
    if (!before_noted_ && in_one_sector(before)) note(*before_);
    note(head);
  } else if (before_) {
    forget();
  }
  before_noted_ = leads_on;
  before_ = head;
  if (header_valid_ && !same_log(head)) {
    before_.reset();
    forget();
  }
}

// The head of that frame, from 0.
bool LogScan::in_one_sector(uint64_t frame) const {
  const uint64_t begins = (kHeaderBytes + frame * frame_bytes()) % kSectorBytes;
  return begins + kFrameHeadBytes <= kSectorBytes;
}

void LogScan::forget() {
  flushed_ = marked_ = false;
  commit_page_.reset();
}

void LogScan::note(const Frame& frame) {
  if (fills_up(frame)) return;
  damaged_ = damaged_ || flushed_;
  marked_ = marked_ || frame.page == kMarkPage;
  if (!end_transaction(frame)) return;
  flushed_ = marked_;
  marked_ = false;
}

std::optional<uint64_t> LogScan::end() const {
  if (!header_valid_) return std::nullopt;
  return kHeaderBytes + committed_ * frame_bytes();
}

std::optional<uint64_t> LogScan::damaged_at() const {
  if (!damaged_) return std::nullopt;
  return header_valid_ ? kHeaderBytes + valid_ * frame_bytes() : 0;
}

}  // namespace hourwheel
