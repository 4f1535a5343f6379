#include "api/key_text.h"

#include <algorithm>
#include <array>

#include "engine/base/check.h"

namespace hourwheel {
namespace {

constexpr std::string_view kPrefix = "hw_";
constexpr size_t kIdLetters = 10;
constexpr size_t kSecretLetters = 43;
constexpr size_t kCheckLetters = 6;
constexpr std::string_view kLetters =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

constexpr RightWord kRights[] = {
    {"tasks:read", Right::kTasksRead},       {"tasks:write", Right::kTasksWrite},
    {"tasks:trigger", Right::kTasksTrigger}, {"runs:read", Right::kRunsRead},
    {"metrics:read", Right::kMetricsRead},   {"cluster:admin", Right::kAdmin},
    {"keys:admin", Right::kKeysAdmin},       {"audit:read", Right::kAuditRead},
    {"secrets:write", Right::kSecretsWrite},
};

constexpr Rights rights_of(std::initializer_list<Right> all) {
  Rights rights;
  for (Right right : all) rights.add(right);
  return rights;
}
constexpr Rights kViewer = rights_of({Right::kTasksRead, Right::kRunsRead, Right::kMetricsRead});
constexpr Rights kOperator =
    rights_of({Right::kTasksRead, Right::kRunsRead, Right::kMetricsRead, Right::kTasksTrigger});
constexpr Rights kEditor = rights_of({Right::kTasksRead, Right::kRunsRead, Right::kMetricsRead,
                                      Right::kTasksTrigger, Right::kTasksWrite});
constexpr RoleWord kRoles[] = {
    {"viewer", kViewer}, {"operator", kOperator}, {"editor", kEditor}, {"admin", Rights::all()}};

bool is_letters(std::string_view text) {
  return text.find_first_not_of(kLetters) == std::string_view::npos;
}

std::string check_of(std::string_view text) {
  const Digest digest = sha256(text);
  uint64_t number = 0;
  for (size_t i = 0; i < sizeof number; ++i) number = number << 8 | digest[i];
  std::string check;
  for (size_t i = 0; i < kCheckLetters; ++i) {
    check += kLetters[number % kLetters.size()];
    number /= kLetters.size();
  }
  return check;
}

// Letters that are all as likely: a byte beyond the last whole round of them is passed over.
Status append_random_letters(std::string& text, size_t count) {
  constexpr size_t kRounds = 256 / kLetters.size() * kLetters.size();
  while (count > 0) {
    auto bytes = random_bytes();
    if (!bytes) return failure(std::move(bytes.error()));
    for (uint8_t byte : *bytes) {
      if (count == 0 || byte >= kRounds) continue;
      text += kLetters[byte % kLetters.size()];
      --count;
    }
  }
  return {};
}

}  // namespace

std::optional<KeyText> parse_key_text(std::string_view text) {
  constexpr size_t kBeforeCheck = kPrefix.size() + kIdLetters + 1 + kSecretLetters;
  if (text.size() != kBeforeCheck + 1 + kCheckLetters || !text.starts_with(kPrefix) ||
      text[kPrefix.size() + kIdLetters] != '_' || text[kBeforeCheck] != '_') {
    return std::nullopt;
  }
  const KeyText key{text.substr(kPrefix.size(), kIdLetters),
                    text.substr(kPrefix.size() + kIdLetters + 1, kSecretLetters)};
  if (!is_letters(key.id) || !is_letters(key.secret) ||
      check_of(text.substr(0, kBeforeCheck)) != text.substr(kBeforeCheck + 1)) {
    return std::nullopt;
  }
  return key;
}

Digest digest_of(const KeyText& key) {
  return sha256(key.secret);
}

Result<std::string> new_key_text() {
  std::string text(kPrefix);
  if (auto id = append_random_letters(text, kIdLetters); !id) return failure(std::move(id.error()));
  text += '_';
  if (auto secret = append_random_letters(text, kSecretLetters); !secret) {
    return failure(std::move(secret.error()));
  }
  const std::string check = check_of(text);
  return text.append("_").append(check);
}

Result<std::string> make_secret(ApiKey& key) {
  auto text = new_key_text();
  if (!text) return text;
  const auto parsed = parse_key_text(*text);
  HW_CHECK(parsed, "what is made can be read");
  key.id = std::string(parsed->id);
  key.digest = digest_of(*parsed);
  return text;
}

std::span<const RightWord> right_words() {
  return kRights;
}

std::string_view word_of(Right right) {
  for (const RightWord& one : kRights) {
    if (one.right == right) return one.word;
  }
  return "";
}

std::optional<Right> parse_right(std::string_view word) {
  for (const RightWord& one : kRights) {
    if (one.word == word) return one.right;
  }
  return std::nullopt;
}

std::span<const RoleWord> role_words() {
  return kRoles;
}

}  // namespace hourwheel
