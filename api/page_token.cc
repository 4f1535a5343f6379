#include "api/page_token.h"

#include <optional>

#include "api/base64.h"
#include "engine/base/siphash.h"

namespace hourwheel {
namespace {

constexpr char kVersion = 1;

void append_fixed(std::string& out, uint64_t value) {
  for (int shift = 0; shift < 64; shift += 8) out += static_cast<char>(value >> shift & 255);
}

void append_varint(std::string& out, uint64_t value) {
  for (; value >= 128; value >>= 7) out += static_cast<char>(value % 128 + 128);
  out += static_cast<char>(value);
}

std::optional<uint64_t> take_varint(std::string_view& bytes) {
  uint64_t value = 0;
  for (int shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
    auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    value |= uint64_t{byte & 127U} << shift;
    if (byte < 128) return value;
  }
  return std::nullopt;
}

std::string head_of(std::string_view asked) {
  std::string head(1, kVersion);
  append_fixed(head, siphash128(asked).first);
  return head;
}

}  // namespace

std::string write_page_token(std::string_view asked, std::span<const uint64_t> positions) {
  std::string bytes = head_of(asked);
  for (uint64_t position : positions) append_varint(bytes, position);
  return base64_encode(bytes, Base64::kUrl);
}

Result<std::vector<uint64_t>> read_page_token(std::string_view token, std::string_view asked,
                                              size_t positions) {
  auto refuse = [] {
    return failure(ErrorCode::kInvalidPageToken, "",
                   "the page token is not one that this list gave for these filters");
  };
  auto decoded = base64_decode(token, Base64::kUrl);
  std::string head = head_of(asked);
  if (!decoded || !decoded->starts_with(head)) return refuse();
  std::string_view bytes = std::string_view(*decoded).substr(head.size());
  std::vector<uint64_t> out;
  while (!bytes.empty() && out.size() <= positions) {
    auto position = take_varint(bytes);
    if (!position) return refuse();
    out.push_back(*position);
  }
  if (out.size() != positions) return refuse();
  return out;
}

}  // namespace hourwheel
