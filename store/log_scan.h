// Reads a write-ahead log of SQLite frame by frame and says where it ends, and whether that end is
// a torn write or damage at rest (C-23). SQLite ends a log at the first frame whose checksum is
// wrong and drops what is behind without a word.
//
// The checksums run through the whole log, but each frame has the sum up to it: with that, a frame
// behind a damaged one can be verified. A power cut, too, can leave such frames, as what was not
// flushed reaches the disk in any order. The proof of damage is a commit that had been flushed:
//   G1  A transaction that writes kMarkPage is flushed before anything is written behind it
//       (Database::commit marks those of Flush::kNow, no other writes that page). What one that
//       failed has left, another one is written over (D4).
//   G2  At a start nothing is left behind the end, so what a life finds there is the last one's.
//   So: behind the end, frames of this log that verify from one to the next, a commit among them
//   that wrote kMarkPage, and a frame behind that commit. No torn write looks so.
// A frame that verifies shows that the sum in the head before it was written, and with it whatever
// else of that head is in the same sector (disks write whole ones, of 512 bytes or more). A head
// that lies in two may be half of an older log's: what it says is not gone by.
// What it cannot tell from a torn write: damage in the last commit, or in the one before, from the
// head of its frame of kMarkPage on (or from the frame before that, if this head lies in two
// sectors). (A commit's last page written again only fills up a sector, and may not have been
// flushed: it proves nothing. It may be left out, and comes once at most, as a frame is larger than
// a sector: of the page, what stands behind a frame that repeats another is a commit.) Cost: one
// pass over the log, about 1 ms/MiB. Thread: any.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hourwheel {

class LogScan {
 public:
  static constexpr size_t kHeaderBytes = 32;
  static constexpr size_t kFrameHeadBytes = 24;
  static constexpr uint32_t kMarkPage = 2;  // where every schema's first table, meta, begins

  // `page_bytes` is what a damaged header no longer tells. Requires: kHeaderBytes of header.
  LogScan(std::string_view header, uint32_t page_bytes);

  [[nodiscard]] size_t frame_bytes() const { return kFrameHeadBytes + page_bytes_; }
  // The next frame, head and page.
  void add(std::string_view frame);

  // Up to the end of the last commit that SQLite goes by; none without a valid header.
  [[nodiscard]] std::optional<uint64_t> end() const;
  // The first byte that does not verify, if flushed commits stand behind it.
  [[nodiscard]] std::optional<uint64_t> damaged_at() const;

 private:
  using Sum = std::array<uint32_t, 2>;
  struct Frame {
    uint32_t page = 0;
    uint32_t pages_after = 0;  // not 0: a commit
    char salts[8] = {};
    Sum stored{};
  };

  [[nodiscard]] Sum sum_of(Sum sum, std::string_view bytes) const;
  [[nodiscard]] Frame read(std::string_view frame) const;
  [[nodiscard]] bool follows(Sum before, const Frame& head, std::string_view frame) const;
  [[nodiscard]] bool same_log(const Frame& frame) const;
  void go_on(const Frame& head, std::string_view page);
  void add_behind(const Frame& head, std::string_view frame);
  void note(const Frame& head, std::string_view page);
  // True: a commit.
  bool end_transaction(const Frame& head, std::string_view page);
  bool may_fill_up(const Frame& head, std::string_view page);
  void forget();
  [[nodiscard]] bool in_one_sector(uint64_t frame) const;

  bool header_valid_ = false;
  bool big_endian_ = false;  // of the checksums
  uint32_t page_bytes_ = 0;
  char salts_[8] = {};
  uint64_t frames_ = 0;     // looked at
  uint64_t valid_ = 0;      // of them, from the front
  uint64_t committed_ = 0;  // of them, up to the last commit
  Sum running_{};
  bool ended_ = false;

  // Behind the end.
  std::optional<Frame> before_;
  bool before_noted_ = false;
  bool flushed_ = false;  // a commit behind the end was
  bool damaged_ = false;

  bool marked_ = false;                  // the transaction under way has written kMarkPage
  std::optional<uint32_t> commit_page_;  // of the frame before, if that was a commit
  std::string committed_as_;             // that page
  bool repeated_ = false;                // the frame before repeats the one before it
  bool filled_up_ = false;               // perhaps, of those noted
};

}  // namespace hourwheel
