// The links by which targets report on their attempts (engine/completion.h), as tokens that carry
// what they name and a proof that this server wrote it: nothing of them is stored.
//
//   token   base64url of a version, the task's key, the run, the attempt (all of fixed length) and
//           the first 128 bits of their HMAC-SHA256
//
// Invariants
//   CL1  Only whoever has a key can make a token that is read. The keys come from the master keys,
//        which never leave the server: targets know the signing secrets.
//   CL2  An attempt has one token under each key, with one spelling.
//   CL3  The first key makes tokens; each of them reads, so that the links that are out go on
//        working while the keys are changed.
// Cost: one HMAC of 38 bytes to write; one for each key to read, and none of what has not the right
// length.
// Thread: const, any.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/ports.h"
#include "engine/secret.h"

namespace hourwheel {

class HmacCompletionLinks final : public CompletionLinks {
 public:
  // What the keys are derived for (SecretBox::derive).
  static constexpr std::string_view kPurpose = "hourwheel completion links v1";

  // Requires: at least one key.
  explicit HmacCompletionLinks(std::vector<SecretText> keys);

  // Where the server is reached, as "https://h.example/prefix"; empty: that is not known. Before
  // anything else asks.
  void set_base(std::string base) { base_ = std::move(base); }

  [[nodiscard]] bool available() const override { return !base_.empty(); }
  [[nodiscard]] std::string link_to(const Named& attempt) const override;
  [[nodiscard]] std::optional<Named> read(std::string_view token) const override;

 private:
  std::vector<SecretText> keys_;
  std::string base_;
};

}  // namespace hourwheel
