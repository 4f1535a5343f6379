#include "net/completion_links.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

#include "engine/base/check.h"
#include "net/base64.h"

namespace hourwheel {
namespace {

constexpr std::string_view kPath = "/v1/completions/";
constexpr uint64_t kEncodingVersion = 1;
constexpr size_t kNamedBytes = 1 + 16 + 8 + 1 + 8 + 4;
constexpr size_t kProofBytes = 16;
constexpr size_t kTokenLength = ((kNamedBytes + kProofBytes) * 8 + 5) / 6;

using Digest = std::array<uint8_t, 32>;

const unsigned char* octets_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Digest hmac(const SecretText& key, std::string_view text) {
  Digest digest{};
  unsigned int size = 0;
  const auto* done = HMAC(EVP_sha256(), key.view().data(), static_cast<int>(key.size()),
                          octets_of(text), text.size(), digest.data(), &size);
  HW_CHECK(done != nullptr && size == digest.size(), "OpenSSL has HMAC-SHA256");
  return digest;
}

void put(std::string& out, uint64_t number, int bytes) {
  for (int i = bytes - 1; i >= 0; --i) out.push_back(static_cast<char>(number >> (8 * i) & 0xff));
}
uint64_t take(std::string_view& text, size_t bytes) {
  uint64_t number = 0;
  for (char c : text.substr(0, bytes)) number = number << 8 | static_cast<unsigned char>(c);
  text.remove_prefix(bytes);
  return number;
}

std::string encode(const CompletionLinks::Named& attempt) {
  std::string out;
  out.reserve(kNamedBytes + kProofBytes);
  put(out, kEncodingVersion, 1);
  put(out, attempt.task.high, 8);
  put(out, attempt.task.low, 8);
  put(out, attempt.run.generation.value, 8);
  put(out, static_cast<uint64_t>(attempt.run.trigger), 1);
  put(out, static_cast<uint64_t>(attempt.run.instant_or_nonce), 8);
  put(out, attempt.attempt, 4);
  HW_CHECK(out.size() == kNamedBytes, "CL2 what a token names has one length");
  return out;
}

bool is_trigger(uint64_t number) {
  return number >= static_cast<uint64_t>(Trigger::kSchedule) &&
         number <= static_cast<uint64_t>(Trigger::kBackfill);
}

// Of what a server proved: another version of it may have written something else.
std::optional<CompletionLinks::Named> decode(std::string_view bytes) {
  if (take(bytes, 1) != kEncodingVersion) return std::nullopt;
  CompletionLinks::Named named;
  named.task.high = take(bytes, 8);
  named.task.low = take(bytes, 8);
  named.run.generation.value = take(bytes, 8);
  const uint64_t trigger = take(bytes, 1);
  if (!is_trigger(trigger)) return std::nullopt;
  named.run.trigger = static_cast<Trigger>(trigger);
  named.run.instant_or_nonce = static_cast<int64_t>(take(bytes, 8));
  named.attempt = static_cast<uint32_t>(take(bytes, 4));
  return named;
}

}  // namespace

HmacCompletionLinks::HmacCompletionLinks(std::vector<SecretText> keys) : keys_(std::move(keys)) {
  HW_CHECK(!keys_.empty(), "CL1 there is a key to prove links by");
}

std::string HmacCompletionLinks::link_to(const Named& attempt) const {
  HW_CHECK(available(), "a link says where to go");
  std::string bytes = encode(attempt);
  const Digest digest = hmac(keys_.front(), bytes);
  bytes.append(reinterpret_cast<const char*>(digest.data()), kProofBytes);
  std::string link;
  link.reserve(base_.size() + kPath.size() + kTokenLength + 2);
  link.append(base_).append(kPath);
  append_base64url(link, bytes);
  return link;
}

std::optional<CompletionLinks::Named> HmacCompletionLinks::read(std::string_view token) const {
  if (token.size() != kTokenLength) return std::nullopt;
  const auto bytes = decode_base64url(token);
  if (!bytes) return std::nullopt;
  const std::string_view named = std::string_view(*bytes).substr(0, kNamedBytes);
  const std::string_view proof = std::string_view(*bytes).substr(kNamedBytes);
  HW_CHECK(proof.size() == kProofBytes, "CL2 a token has one length");
  bool proved = false;
  for (const SecretText& key : keys_) {  // CL3
    const Digest digest = hmac(key, named);
    const bool same = CRYPTO_memcmp(digest.data(), proof.data(), kProofBytes) == 0;
    proved = proved || same;
  }
  return proved ? decode(named) : std::nullopt;
}

}  // namespace hourwheel
