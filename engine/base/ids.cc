#include "engine/base/ids.h"

#include <algorithm>
#include <array>

#include "engine/base/siphash.h"

namespace hourwheel {
namespace {

constexpr std::string_view kAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr std::string_view kTaskPrefix = "tsk_";
constexpr size_t kBase32Length = 26;  // 130 bits; the top two are always zero

// Sets the version nibble and the variant bits of a UUID (RFC 9562, section 4).
TaskKey as_uuid(TaskKey key, uint64_t version) {
  key.high = (key.high & ~uint64_t{0xf000}) | (version << 12);
  key.low = (key.low & ~(uint64_t{3} << 62)) | (uint64_t{2} << 62);
  return key;
}

constexpr std::array<int8_t, 256> decode_table() {
  std::array<int8_t, 256> table{};
  for (auto& entry : table) entry = -1;
  for (size_t i = 0; i < kAlphabet.size(); ++i) {
    table[static_cast<unsigned char>(kAlphabet[i])] = static_cast<int8_t>(i);
  }
  return table;
}

std::string prefixed_base32(std::string_view prefix, TaskKey key) {
  std::string text(prefix.size() + kBase32Length, '0');
  std::copy(prefix.begin(), prefix.end(), text.begin());
  for (size_t i = text.size(); i-- > prefix.size();) {
    text[i] = kAlphabet[key.low & 31];
    key.low = (key.low >> 5) | (key.high << 59);
    key.high >>= 5;
  }
  return text;
}

}  // namespace

std::string base32(TaskKey key) {
  return prefixed_base32("", key);
}

std::optional<TaskKey> parse_base32(std::string_view text) {
  static constexpr auto kDecode = decode_table();
  if (text.size() != kBase32Length || text[0] > '7') return std::nullopt;
  TaskKey key;
  for (char c : text) {
    int8_t digit = kDecode[static_cast<unsigned char>(c)];
    if (digit < 0) return std::nullopt;
    key.high = (key.high << 5) | (key.low >> 59);
    key.low = (key.low << 5) | static_cast<uint64_t>(digit);
  }
  return key;
}

TaskKey task_key(std::string_view id) {
  if (id.starts_with(kTaskPrefix)) {
    auto uuid = parse_base32(id.substr(kTaskPrefix.size()));
    if (uuid && *uuid == as_uuid(*uuid, 7)) return *uuid;
  }
  Hash128 hash = siphash128(id);
  return as_uuid({hash.first, hash.second}, 8);
}

TaskKey generate_task_key(Instant now, Random& random) {
  return as_uuid({(static_cast<uint64_t>(now.ms) << 16) | (random.next() & 0xffff), random.next()},
                 7);
}

std::string generated_id(TaskKey key) {
  return prefixed_base32(kTaskPrefix, key);
}

std::string generate_task_id(Instant now, Random& random) {
  return generated_id(generate_task_key(now, random));
}

}  // namespace hourwheel
