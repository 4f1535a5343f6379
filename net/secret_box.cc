#include "net/secret_box.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <algorithm>
#include <memory>

#include "engine/base/check.h"
#include "engine/limits.h"
#include "net/base64.h"

namespace hourwheel {
namespace {

constexpr std::string_view kPrefix = "hwmk_";
constexpr size_t kKeyBytes = 32;
constexpr size_t kNonceBytes = 12;
constexpr size_t kTagBytes = 16;
constexpr char kFormat = 1;
constexpr size_t kIdAt = 1;
constexpr size_t kNonceAt = kIdAt + MasterKey::kIdBytes;
constexpr size_t kTextAt = kNonceAt + kNonceBytes;

struct ContextDeleter {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, ContextDeleter>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(char* text) {
  return reinterpret_cast<unsigned char*>(text);
}
int length_of(std::string_view text) {
  return static_cast<int>(text.size());
}

// The length of the name comes first: no two places read the same.
std::string associated(const SecretPlace& place) {
  std::string text;
  text.push_back(static_cast<char>(place.name.size()));
  text.append(place.name);
  for (int shift = 56; shift >= 0; shift -= 8) {
    text.push_back(static_cast<char>(place.version.value >> shift));
  }
  return text;
}

MasterKey key_from(std::string& bytes) {
  MasterKey key;
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(bytes_of(bytes), bytes.size(), digest.data());
  std::copy_n(digest.begin(), key.id.size(), key.id.begin());
  key.key = SecretText::taken_from(bytes);
  return key;
}

std::string_view text_of(const MasterKey& key) {
  return {reinterpret_cast<const char*>(key.id.data()), key.id.size()};
}

std::string hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

tl::unexpected<Error> refused(const std::string& source, const std::string& why) {
  return failure(ErrorCode::kValidationFailed, "", source + why);
}
tl::unexpected<Error> damaged() {
  return failure(ErrorCode::kCorrupt, "", "is damaged, or was sealed as another one");
}

}  // namespace

Result<std::vector<MasterKey>> read_master_keys(std::string_view text, const std::string& source) {
  std::vector<MasterKey> keys;
  for (size_t number = 1; !text.empty(); ++number) {
    const size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty() || line.front() == '#') continue;
    auto bytes = line.starts_with(kPrefix) ? decode_base64(line.substr(kPrefix.size()))
                                           : std::optional<std::string>();
    if (!bytes || bytes->size() != kKeyBytes) {  // B2
      if (bytes) wipe(*bytes);
      return refused(source, ", line " + std::to_string(number) +
                                 ": not a key: " + std::string(kPrefix) + " and the base64 of " +
                                 std::to_string(kKeyBytes) + " bytes");
    }
    if (keys.size() == kMaxMasterKeys) {
      wipe(*bytes);
      return refused(source, ", line " + std::to_string(number) + ": more than " +
                                 std::to_string(kMaxMasterKeys) + " keys");
    }
    keys.push_back(key_from(*bytes));
  }
  if (keys.empty()) return refused(source, ": no key in it");
  return keys;
}

Result<SecretText> new_master_key() {
  SecretText key = SecretText::sized(kKeyBytes);
  if (RAND_priv_bytes(bytes_of(key.writable()), static_cast<int>(key.size())) != 1) {
    return failure(ErrorCode::kIo, "", "the system gives no random bytes for a key");
  }
  std::string line(kPrefix);
  line.reserve(line.size() + 2 * kKeyBytes);  // so that no part of it is left where it was
  append_base64(line, key.view());
  return SecretText::taken_from(line);
}

Result<std::string> SecretBox::seal(const SecretPlace& place, const SecretText& value) const {
  HW_CHECK(!keys_.empty(), "B3 there is a key to seal with");
  const MasterKey& key = keys_.front();
  std::string sealed(kTextAt + value.size() + kTagBytes, kFormat);
  std::copy(text_of(key).begin(), text_of(key).end(), sealed.begin() + kIdAt);
  unsigned char* nonce = bytes_of(sealed.data() + kNonceAt);
  if (RAND_bytes(nonce, kNonceBytes) != 1) {
    return failure(ErrorCode::kIo, "", "the system gives no random bytes to seal with");
  }
  unsigned char* text = bytes_of(sealed.data() + kTextAt);
  const std::string around = associated(place);
  const Context context(EVP_CIPHER_CTX_new());
  int size = 0;
  int rest = 0;
  const bool done =
      context != nullptr &&
      EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytes_of(key.key.view()),
                         nonce) == 1 &&
      EVP_EncryptUpdate(context.get(), nullptr, &size, bytes_of(around), length_of(around)) == 1 &&
      EVP_EncryptUpdate(context.get(), text, &size, bytes_of(value.view()),
                        length_of(value.view())) == 1 &&
      EVP_EncryptFinal_ex(context.get(), text + size, &rest) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, text + value.size()) == 1;
  HW_CHECK(done && static_cast<size_t>(size + rest) == value.size(),
           "B1 AES-256-GCM is there and keeps the length");
  return sealed;
}

Result<SecretText> SecretBox::open(const SecretPlace& place, std::string_view sealed) const {
  if (sealed.size() < kTextAt + kTagBytes || sealed.front() != kFormat) return damaged();
  const std::string_view id = sealed.substr(kIdAt, MasterKey::kIdBytes);
  const MasterKey* key = key_of(id);
  if (key == nullptr) {
    return failure(ErrorCode::kForbidden, "",
                   "was sealed with the master key " + hex(id) + ", which is not in " + source_);
  }
  const std::string_view text = sealed.substr(kTextAt, sealed.size() - kTextAt - kTagBytes);
  std::string tag(sealed.substr(sealed.size() - kTagBytes));
  SecretText value = SecretText::sized(text.size());
  const std::string around = associated(place);
  const Context context(EVP_CIPHER_CTX_new());
  int size = 0;
  int rest = 0;
  unsigned char end = 0;
  const bool whole =
      context != nullptr &&
      EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytes_of(key->key.view()),
                         bytes_of(sealed.substr(kNonceAt))) == 1 &&
      EVP_DecryptUpdate(context.get(), nullptr, &size, bytes_of(around), length_of(around)) == 1 &&
      EVP_DecryptUpdate(context.get(), bytes_of(value.writable()), &size, bytes_of(text),
                        length_of(text)) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) == 1 &&
      EVP_DecryptFinal_ex(context.get(), &end, &rest) == 1;
  if (!whole) return damaged();  // B1
  return value;
}

bool SecretBox::is_newest(std::string_view sealed) const {
  return sealed.size() > kNonceAt &&
         sealed.substr(kIdAt, MasterKey::kIdBytes) == text_of(keys_.front());
}

std::vector<SecretText> SecretBox::derive(std::string_view purpose) const {
  std::vector<SecretText> keys;
  for (const MasterKey& key : keys_) {
    keys.push_back(SecretText::sized(kKeyBytes));
    unsigned int size = 0;
    const auto* done =
        HMAC(EVP_sha256(), key.key.view().data(), length_of(key.key.view()), bytes_of(purpose),
             purpose.size(), bytes_of(keys.back().writable()), &size);
    HW_CHECK(done != nullptr && size == kKeyBytes, "HMAC-SHA256 is there and has 32 bytes");
  }
  return keys;
}

const MasterKey* SecretBox::key_of(std::string_view id) const {
  const auto found = std::find_if(keys_.begin(), keys_.end(),
                                  [id](const MasterKey& key) { return text_of(key) == id; });
  return found == keys_.end() ? nullptr : &*found;
}

}  // namespace hourwheel
