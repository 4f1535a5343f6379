#include "engine/secret.h"

#include <algorithm>

#include "engine/limits.h"

namespace hourwheel {
namespace {

// Stores through volatile are effects: they stay although nobody reads them.
void overwrite(char* bytes, size_t size) {
  volatile char* place = bytes;
  for (size_t i = 0; i < size; ++i) place[i] = 0;
}

bool is_small_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

}  // namespace

SecretText SecretText::taken_from(std::string& text) {
  SecretText taken{std::string_view(text)};
  hourwheel::wipe(text);
  return taken;
}

SecretText SecretText::sized(size_t size) {
  SecretText text;
  text.bytes_ = std::vector<char>(size);
  return text;
}

void SecretText::wipe() {
  overwrite(bytes_.data(), bytes_.size());
}

void wipe(std::string& text) {
  overwrite(text.data(), text.size());
  text.clear();
}

bool same_text(const SecretText& a, const SecretText& b) {
  if (a.size() != b.size()) return false;
  unsigned differs = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    differs |= static_cast<unsigned char>(a.view()[i] ^ b.view()[i]);
  }
  return differs == 0;
}

bool is_secret_name(std::string_view name) {
  if (name.empty() || name.size() > kMaxSecretName || !is_small_or_digit(name.front())) {
    return false;
  }
  return std::all_of(name.begin(), name.end(), [](char c) {
    return is_small_or_digit(c) || c == '.' || c == '_' || c == '-';
  });
}

}  // namespace hourwheel
