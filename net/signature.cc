#include "net/signature.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <array>
#include <optional>
#include <utility>

#include "engine/base/check.h"
#include "engine/limits.h"
#include "net/base64.h"

namespace hourwheel {
namespace {

constexpr std::string_view kSecretPrefix = "whsec_";
constexpr std::string_view kSignatureVersion = "v1,";
constexpr size_t kNewSecretBytes = 32;
constexpr size_t kDigestBytes = 32;

const unsigned char* message_bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::optional<SigningSecret> secret_of(std::string_view line) {
  constexpr size_t kLongest = (kMaxSecretBytes + 2) / 3 * 4;
  if (!line.starts_with(kSecretPrefix) || line.size() > kSecretPrefix.size() + kLongest) {
    return std::nullopt;
  }
  auto key = decode_base64(line.substr(kSecretPrefix.size()));
  if (!key || key->size() < kMinSecretBytes || key->size() > kMaxSecretBytes) return std::nullopt;
  return SigningSecret{std::move(*key)};
}

tl::unexpected<Error> refused_secret(const std::string& source, const std::string& why) {
  return failure(ErrorCode::kValidationFailed, "", source + why);
}

}  // namespace

Result<std::vector<SigningSecret>> read_signing_secrets(std::string_view text,
                                                        const std::string& source) {
  std::vector<SigningSecret> secrets;
  for (size_t number = 1; !text.empty(); ++number) {
    const size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty() || line.front() == '#') continue;
    auto secret = secret_of(line);
    if (!secret) {  // G1
      return refused_secret(source, ", line " + std::to_string(number) +
                                        ": not a secret: whsec_ and the base64 of " +
                                        std::to_string(kMinSecretBytes) + " to " +
                                        std::to_string(kMaxSecretBytes) + " bytes");
    }
    if (secrets.size() == kMaxSigningSecrets) {
      return refused_secret(source, ", line " + std::to_string(number) + ": more than " +
                                        std::to_string(kMaxSigningSecrets) + " secrets");
    }
    secrets.push_back(std::move(*secret));
  }
  if (secrets.empty()) return refused_secret(source, ": no secret in it");
  return secrets;
}

Result<std::string> new_signing_secret() {
  std::array<unsigned char, kNewSecretBytes> key{};
  if (RAND_bytes(key.data(), static_cast<int>(key.size())) != 1) {
    return failure(ErrorCode::kIo, "", "the system gives no random bytes for a secret");
  }
  std::string line(kSecretPrefix);
  append_base64(line, {reinterpret_cast<const char*>(key.data()), key.size()});
  return line;
}

// One context a secret, with its key set: signing starts it anew without the cost of a key.
class Signer::Keys {
 public:
  Keys() = default;
  ~Keys() {
    for (EVP_MAC_CTX* context : contexts) EVP_MAC_CTX_free(context);
    EVP_MAC_free(mac);
  }
  Keys(const Keys&) = delete;
  Keys& operator=(const Keys&) = delete;

  bool add(std::string_view key) {
    EVP_MAC_CTX* context = EVP_MAC_CTX_new(mac);
    if (context == nullptr) return false;
    contexts.push_back(context);
    std::string digest = "SHA256";
    const std::array<OSSL_PARAM, 2> parameters{
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
        OSSL_PARAM_construct_end()};
    return EVP_MAC_init(context, message_bytes(key), key.size(), parameters.data()) == 1;
  }

  EVP_MAC* mac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  std::vector<EVP_MAC_CTX*> contexts;
};

Signer::Signer(std::unique_ptr<Keys> keys) : keys_(std::move(keys)) {}
Signer::~Signer() = default;

Result<std::unique_ptr<Signer>> Signer::create(const std::vector<SigningSecret>& secrets) {
  auto keys = std::make_unique<Keys>();
  bool good = keys->mac != nullptr;
  for (const SigningSecret& secret : secrets) good = good && keys->add(secret.key);
  if (!good) return failure(ErrorCode::kIo, "", "OpenSSL has no HMAC-SHA256 to sign with");
  return std::unique_ptr<Signer>(new Signer(std::move(keys)));
}

std::string Signer::sign(const Message& message) {
  std::string head;
  head.reserve(message.id.size() + message.timestamp.size() + 2);
  head.append(message.id).append(".").append(message.timestamp).append(".");
  std::string value;
  for (EVP_MAC_CTX* context : keys_->contexts) {
    std::array<unsigned char, kDigestBytes> digest{};
    size_t size = 0;
    const bool done =
        EVP_MAC_init(context, nullptr, 0, nullptr) == 1 &&
        EVP_MAC_update(context, message_bytes(head), head.size()) == 1 &&
        EVP_MAC_update(context, message_bytes(message.body), message.body.size()) == 1 &&
        EVP_MAC_final(context, digest.data(), &size, digest.size()) == 1;
    HW_CHECK(done && size == digest.size(), "a key that was set once signs again");
    if (!value.empty()) value.push_back(' ');
    value.append(kSignatureVersion);
    append_base64(value, {reinterpret_cast<const char*>(digest.data()), size});
  }
  return value;
}

}  // namespace hourwheel
