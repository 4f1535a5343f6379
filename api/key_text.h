// API keys as text: "hw_<id>_<secret>_<check>". id: 10 letters and digits; secret: 43 of them,
// which is 256 random bits; check: six, of the SHA-256 of what stands before, so that a scanner for
// leaked keys can tell one from chance. Thread: pure functions, but for new_key_text.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "api/crypto.h"
#include "engine/api_key.h"
#include "engine/base/result.h"

namespace hourwheel {

struct KeyText {
  std::string_view id;
  std::string_view secret;
};
// nullopt: it is no key of ours, or one with a slip. The views are of `text`.
std::optional<KeyText> parse_key_text(std::string_view text);

// What a key's digest is of.
Digest digest_of(const KeyText& key);

// A new key's text; kIo without random bytes.
Result<std::string> new_key_text();
// Gives a key that is made its id and digest; its text, which nothing else holds.
Result<std::string> make_secret(ApiKey& key);

// The word for each right that a key can carry ("tasks:read"), and for each set of them with a
// name ("viewer").
struct RightWord {
  std::string_view word;
  Right right;
};
std::span<const RightWord> right_words();
std::string_view word_of(Right right);
std::optional<Right> parse_right(std::string_view word);
struct RoleWord {
  std::string_view word;
  Rights rights;
};
std::span<const RoleWord> role_words();

}  // namespace hourwheel
