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
    return go_on(head, frame.substr(kFrameHeadBytes));
  }
  // What the unfinished transaction at the end has written so far stays noted (G2).
  ended_ = true;
  add_behind(head, frame);
}

void LogScan::go_on(const Frame& head, std::string_view page) {
  running_ = head.stored;
  ++valid_;
  if (may_fill_up(head, page)) {
    committed_ = valid_;
    return;
  }
  marked_ = marked_ || head.page == kMarkPage;
  if (!end_transaction(head, page)) return;
  committed_ = valid_;
  marked_ = false;
}

// Perhaps the last page of the commit before once more: certainly not if that has come already.
bool LogScan::may_fill_up(const Frame& head, std::string_view page) {
  if (head.pages_after == 0 || head.page != commit_page_ || repeated_) return false;
  repeated_ = page == committed_as_;
  committed_as_ = page;
  return true;
}

bool LogScan::end_transaction(const Frame& head, std::string_view page) {
  commit_page_.reset();
  repeated_ = filled_up_ = false;
  if (head.pages_after == 0) return false;
  commit_page_ = head.page;
  committed_as_ = page;
  return true;
}

void LogScan::add_behind(const Frame& head, std::string_view frame) {
  const bool leads_on = before_ && same_log(head) && follows(before_->stored, head, frame);
  if (leads_on) {
    const uint64_t before = frames_ - 2;
    if (!before_noted_ && in_one_sector(before)) note(*before_, "");  // its page is damaged
    note(head, frame.substr(kFrameHeadBytes));
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
  flushed_ = marked_ = repeated_ = filled_up_ = false;
  commit_page_.reset();
}

void LogScan::note(const Frame& head, std::string_view page) {
  if (may_fill_up(head, page)) {
    if (filled_up_) damaged_ = damaged_ || flushed_;  // not both frames do
    filled_up_ = true;
    flushed_ = flushed_ || (repeated_ && head.page == kMarkPage);  // a commit is what is repeated
    return;
  }
  damaged_ = damaged_ || flushed_;
  marked_ = marked_ || head.page == kMarkPage;
  if (!end_transaction(head, page)) return;
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
