// Seals stored secrets with AES-256-GCM (NIST SP 800-38D): a random nonce of 96 bits for each, and
// the place of the secret as associated data. A file of master keys says what with.
//
//   sealed: 0x01 | id of the key, 8 bytes | nonce, 12 | ciphertext | tag, 16
//
// Invariants
//   B1  What was sealed opens only for the same place (SE2) and unchanged to the last bit.
//   B2  No master key leaves this file, but as the line a new one is stored as, and as keys for
//       other purposes that do not tell it (HMAC-SHA256); the id, the first bytes of the key's
//       SHA-256, may be shown.
//   B3  The first key seals, every key opens: a new one is put in front, and the old one is taken
//       out once nothing is sealed with it any more.
// Cost: some 2 us for a value of 4 KiB. Thread: any, also several at once.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/ports.h"

namespace hourwheel {

struct MasterKey {
  static constexpr size_t kIdBytes = 8;
  SecretText key;  // 32 bytes
  std::array<uint8_t, kIdBytes> id{};
};

// One key a line, "hwmk_<base64 of 32 bytes>"; empty lines and those that begin with "#" say
// nothing. Refused by line: what is no key, and more than kMaxMasterKeys; and none at all. `source`
// is what errors call the text.
Result<std::vector<MasterKey>> read_master_keys(std::string_view text, const std::string& source);
// A new random key as its line, without the end of the line.
Result<SecretText> new_master_key();

class SecretBox final : public Sealer {
 public:
  // Requires: one key at least. `source` is where they are from, for errors.
  SecretBox(std::vector<MasterKey> keys, std::string source)
      : keys_(std::move(keys)), source_(std::move(source)) {}

  // kIo: OpenSSL has no random bytes.
  [[nodiscard]] Result<std::string> seal(const SecretPlace& place,
                                         const SecretText& value) const override;
  [[nodiscard]] Result<SecretText> open(const SecretPlace& place,
                                        std::string_view sealed) const override;
  [[nodiscard]] bool is_newest(std::string_view sealed) const override;

  // A key of 32 bytes from each master key, in their order, for that purpose only.
  [[nodiscard]] std::vector<SecretText> derive(std::string_view purpose) const;

 private:
  [[nodiscard]] const MasterKey* key_of(std::string_view id) const;

  std::vector<MasterKey> keys_;
  std::string source_;
};

}  // namespace hourwheel
