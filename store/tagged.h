// Tagged fields: how rows are written so that later versions can add to them. A field is a varint
// (tag << 1 | form) followed by its value: form 0 a varint (signed numbers zigzag), form 1 a varint
// length and that many bytes (text, or fields again). A reader skips tags it does not know and
// keeps the default of those that are absent. Tags are never used again for something else.
//
// Cost: one pass, no allocation but the output's. Thread: values, any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hourwheel {

class FieldWriter {
 public:
  explicit FieldWriter(std::string& out) : out_(out) {}

  void number(uint32_t tag, uint64_t value) {
    varint(static_cast<uint64_t>(tag) << 1);
    varint(value);
  }
  void signed_number(uint32_t tag, int64_t value) {
    number(tag, (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63));
  }
  void bytes(uint32_t tag, std::string_view value) {
    varint((static_cast<uint64_t>(tag) << 1) | 1);
    varint(value.size());
    out_.append(value);
  }
  // Fields within a field: write(FieldWriter&) fills it. The length is put in front afterwards, so
  // that nothing is measured twice; a long one moves what it is the length of.
  template <class Write>
  void fields(uint32_t tag, Write&& write) {
    varint((static_cast<uint64_t>(tag) << 1) | 1);
    const size_t at = out_.size();
    out_.push_back('\0');
    write(*this);
    const size_t length = out_.size() - at - 1;
    if (length < 0x80) {
      out_[at] = static_cast<char>(length);
      return;
    }
    std::string size;
    FieldWriter(size).varint(length);
    out_.replace(at, 1, size);
  }

 private:
  void varint(uint64_t value) {
    for (; value >= 0x80; value >>= 7) out_.push_back(static_cast<char>(value | 0x80));
    out_.push_back(static_cast<char>(value));
  }

  std::string& out_;
};

class FieldReader {
 public:
  explicit FieldReader(std::string_view bytes) : left_(bytes) {}

  // Moves to the next field. False at the end, and for good once something does not decode.
  bool next() {
    if (bad_ || left_.empty()) return false;
    uint64_t head = varint();
    if (bad_ || (head >> 1) > UINT32_MAX) return fail();
    tag_ = static_cast<uint32_t>(head >> 1);
    number_ = varint();
    bytes_ = {};
    if (bad_) return false;
    if ((head & 1) != 0) {
      if (number_ > left_.size()) return fail();
      bytes_ = left_.substr(0, static_cast<size_t>(number_));
      left_.remove_prefix(bytes_.size());
    }
    return true;
  }
  [[nodiscard]] uint32_t tag() const { return tag_; }
  [[nodiscard]] uint64_t number() const { return number_; }
  [[nodiscard]] int64_t signed_number() const {
    return static_cast<int64_t>(number_ >> 1) ^ -static_cast<int64_t>(number_ & 1);
  }
  [[nodiscard]] std::string_view bytes() const { return bytes_; }
  [[nodiscard]] bool good() const { return !bad_; }
  // What was read makes no sense: next() and good() are false from now on.
  bool fail() {
    bad_ = true;
    return false;
  }

 private:
  uint64_t varint() {
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (left_.empty()) break;
      auto byte = static_cast<unsigned char>(left_.front());
      left_.remove_prefix(1);
      if (shift == 63 && byte > 1) break;
      value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    bad_ = true;
    return 0;
  }

  std::string_view left_;
  std::string_view bytes_;
  uint64_t number_ = 0;
  uint32_t tag_ = 0;
  bool bad_ = false;
};

}  // namespace hourwheel
