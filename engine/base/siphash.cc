#include "engine/base/siphash.h"

#include <bit>
#include <cstddef>
#include <cstring>

namespace hourwheel {
namespace {

struct State {
  uint64_t v0, v1, v2, v3;

  void round() {
    v0 += v1;
    v1 = std::rotl(v1, 13) ^ v0;
    v0 = std::rotl(v0, 32);
    v2 += v3;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1;
    v1 = std::rotl(v1, 17) ^ v2;
    v2 = std::rotl(v2, 32);
  }
  void absorb(uint64_t word) {
    v3 ^= word;
    round();
    round();
    v0 ^= word;
  }
  uint64_t finish() {
    for (int i = 0; i < 4; ++i) round();
    return v0 ^ v1 ^ v2 ^ v3;
  }
};

}  // namespace

Hash128 siphash128(std::string_view bytes) {
  static_assert(std::endian::native == std::endian::little, "words are read in place");
  constexpr uint64_t kKey0 = 0x0706050403020100;
  constexpr uint64_t kKey1 = 0x0f0e0d0c0b0a0908;
  State s{kKey0 ^ 0x736f6d6570736575, kKey1 ^ 0x646f72616e646f6d ^ 0xee, kKey0 ^ 0x6c7967656e657261,
          kKey1 ^ 0x7465646279746573};
  size_t whole = bytes.size() / 8;
  for (size_t i = 0; i < whole; ++i) {
    uint64_t word = 0;
    std::memcpy(&word, bytes.data() + i * 8, 8);
    s.absorb(word);
  }
  uint64_t last = static_cast<uint64_t>(bytes.size()) << 56;
  for (size_t i = whole * 8; i < bytes.size(); ++i) {
    last |= static_cast<uint64_t>(static_cast<unsigned char>(bytes[i])) << ((i % 8) * 8);
  }
  s.absorb(last);
  s.v2 ^= 0xee;
  Hash128 out;
  out.first = s.finish();
  s.v1 ^= 0xdd;
  out.second = s.finish();
  return out;
}

}  // namespace hourwheel
