// Stored secrets: what targets ask for (passwords, tokens, keys to sign with), kept under a name
// and encrypted. Tasks name them; a value is opened only where an attempt is sent.
//
//   SE1  A value leaves its SecretText only sealed, or in the request of an attempt: no log line,
//        answer, error, metric or audit entry has one.
//   SE2  What is sealed opens only as the value of the same name and version (SecretPlace), so that
//        nobody makes one secret of another by moving rows.
// Thread: values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/time.h"

namespace hourwheel {

// A value in the open. Its bytes are wiped before their memory is given back.
class SecretText {
 public:
  SecretText() = default;
  explicit SecretText(std::string_view text) : bytes_(text.begin(), text.end()) {}
  // Wipes what it is taken from.
  static SecretText taken_from(std::string& text);
  // Of so many bytes, to be written into.
  static SecretText sized(size_t size);
  ~SecretText() { wipe(); }
  SecretText(SecretText&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
  SecretText& operator=(SecretText&& other) noexcept {
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  SecretText(const SecretText&) = delete;
  SecretText& operator=(const SecretText&) = delete;

  [[nodiscard]] std::string_view view() const { return {bytes_.data(), bytes_.size()}; }
  [[nodiscard]] char* writable() { return bytes_.data(); }
  [[nodiscard]] size_t size() const { return bytes_.size(); }
  [[nodiscard]] bool empty() const { return bytes_.empty(); }

 private:
  void wipe();
  std::vector<char> bytes_;  // never grows: what it left behind could not be wiped
};

// Overwrites the text in a way that the compiler keeps, and empties it.
void wipe(std::string& text);

// Takes the same time for any two texts of one length.
bool same_text(const SecretText& a, const SecretText& b);

// "[a-z0-9][a-z0-9._-]*", at most kMaxSecretName.
bool is_secret_name(std::string_view name);

// What a value is sealed for.
struct SecretPlace {
  std::string_view name;
  Version version;
};

struct SealedValue {
  Version version;    // under which it was sealed
  std::string bytes;  // empty: there is none
  friend bool operator==(const SealedValue&, const SealedValue&) = default;
};

struct StoredSecret {
  std::string name;
  SealedValue value;     // its version is the secret's; versions ascend over all secrets
  SealedValue previous;  // of a value that was replaced: signs beside the new one for a time
  Instant previous_until;
  std::vector<std::string> hosts;  // lower case: it is sent to these only; empty: to any
  Instant created;
  Instant updated;
  std::string created_by;  // the id of a key; empty: nobody was asked for one
  friend bool operator==(const StoredSecret&, const StoredSecret&) = default;

  [[nodiscard]] SecretPlace place() const { return {name, value.version}; }
  // Whether the value before this one is still of use.
  [[nodiscard]] bool overlaps(Instant now) const {
    return !previous.bytes.empty() && now < previous_until;
  }
};

}  // namespace hourwheel
