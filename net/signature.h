// Signatures of attempts by Standard Webhooks 1.0.0 (C-7): HMAC-SHA256 over "id.timestamp.body",
// the exact bytes that are sent, with every active secret.
//
// Invariants
//   G1  A secret leaves this file only as signatures, and as the line a new one is stored as: no
//       error quotes one.
// Cost: 0.5 us of CPU a secret and attempt with a body of 200 bytes, 150 us with one of 256 KiB
// (bench/net/signature_bench.cc); the algorithm and the keys are set up once.
// Thread: a Signer is its owner's; everything else may be called by any.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

namespace hourwheel {

inline constexpr size_t kMinSecretBytes = 24;
inline constexpr size_t kMaxSecretBytes = 64;

// The key behind a line "whsec_<base64>".
struct SigningSecret {
  std::string key;
};

// One secret a line; empty lines and those that begin with "#" say nothing. The first one signs
// first. Refused by line: what is not a secret; none at all, and more than kMaxSigningSecrets.
// `source` is what errors call the text.
Result<std::vector<SigningSecret>> read_signing_secrets(std::string_view text,
                                                        const std::string& source);
// A new random secret as its line, without the end of the line.
Result<std::string> new_signing_secret();

class Signer {
 public:
  // Without secrets it signs nothing.
  static Result<std::unique_ptr<Signer>> create(const std::vector<SigningSecret>& secrets);
  ~Signer();
  Signer(const Signer&) = delete;
  Signer& operator=(const Signer&) = delete;

  struct Message {
    std::string_view id;         // without a dot
    std::string_view timestamp;  // seconds, in decimal
    std::string_view body;
  };
  // The value of webhook-signature: "v1,<base64>" for each secret, separated by spaces.
  [[nodiscard]] std::string sign(const Message& message);

 private:
  class Keys;
  explicit Signer(std::unique_ptr<Keys> keys);
  std::unique_ptr<Keys> keys_;
};

}  // namespace hourwheel
